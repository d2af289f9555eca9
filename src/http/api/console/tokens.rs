//! Tokens of programs, for administrators.

use super::{fields, paging::Items};
use crate::{
    domain::operator::TokenScope,
    http::{
        error::Problem,
        extract::{Body, Path},
        operator::Administrator,
        sign_in,
        state::HttpState,
    },
    ports::operators::TokenView,
};
use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Tokens, revoked ones included.
#[utoipa::path(get, path = "/api/tokens", tag = "settings", responses((status = 200, body = Items<TokenView>)))]
pub async fn list(
    _administrator: Administrator,
    State(state): State<HttpState>,
) -> Result<Json<Items<TokenView>>, Problem> {
    Ok(Json(Items { items: state.console.operators.tokens().await? }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    name: String,
    scope: TokenScope,
}

#[derive(Serialize, ToSchema)]
pub struct MadeToken {
    #[serde(flatten)]
    token: TokenView,
    /// Shown this once.
    secret: String,
}

/// Makes a token; its secret is shown this once.
#[utoipa::path(post, path = "/api/tokens", tag = "settings", request_body = NewToken, responses((status = 201, body = MadeToken)))]
pub async fn create(
    Administrator(actor): Administrator,
    State(state): State<HttpState>,
    Body(request): Body<NewToken>,
) -> Result<(StatusCode, Json<MadeToken>), Problem> {
    let name = fields::name("name", &request.name)?;
    let secret = format!("fd_{}", sign_in::random_token());
    let (digest, now) = (sign_in::digest(&secret), state.clock.now());
    let token = state.console.operators.create_token(name, request.scope, digest, &actor.name, now).await?;
    Ok((StatusCode::CREATED, Json(MadeToken { token, secret })))
}

/// Revokes a token.
#[utoipa::path(delete, path = "/api/tokens/{id}", tag = "settings", params(("id" = Uuid, Path)), responses((status = 204)))]
pub async fn revoke(
    Administrator(actor): Administrator,
    State(state): State<HttpState>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let id = fields::uuid(&id)?;
    state.console.operators.revoke_token(id, &actor.name, state.clock.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}
