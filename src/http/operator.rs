//! The operators' bearer token.

use super::{error::Problem, state::HttpState};
use axum::{
    extract::FromRequestParts,
    http::{header::AUTHORIZATION, request::Parts},
};
use subtle::ConstantTimeEq;

/// Proof that the request carries the operators' token.
pub struct Operator;

impl FromRequestParts<HttpState> for Operator {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &HttpState) -> Result<Self, Problem> {
        if !state.operator_token.is_set() {
            return Err(Problem::unauthorised(
                "No operator token is set on this box; set server.operator_token and restart.",
            ));
        }
        let header =
            parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let given = header.strip_prefix("Bearer ").unwrap_or_default();
        if bool::from(given.as_bytes().ct_eq(state.operator_token.expose().as_bytes())) {
            Ok(Self)
        } else {
            Err(Problem::unauthorised("Send the operators' token: authorization: Bearer …"))
        }
    }
}
