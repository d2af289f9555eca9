//! Reading JSON bodies with errors that say what is wrong.

use super::error::Problem;
use axum::{
    Json,
    extract::{FromRequest, Request, rejection::JsonRejection},
    http::StatusCode,
};
use serde::de::DeserializeOwned;

/// A JSON body; every fault becomes a problem.
pub struct Body<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        Json::<T>::from_request(request, state)
            .await
            .map(|Json(value)| Self(value))
            .map_err(|rejection| explain(&rejection))
    }
}

fn explain(rejection: &JsonRejection) -> Problem {
    match rejection {
        JsonRejection::MissingJsonContentType(_) => Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "not_json",
            "The request is not JSON",
            "Send JSON with the header content-type: application/json.",
        ),
        JsonRejection::JsonDataError(error) => Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "invalid_body",
            "The body has a wrong form",
            source(error),
        ),
        JsonRejection::JsonSyntaxError(error) => Problem::bad_request("invalid_json", source(error)),
        other if other.status() == StatusCode::PAYLOAD_TOO_LARGE => Problem::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too_large",
            "The message is too large",
            "Please shorten it or split it.",
        ),
        _ => Problem::bad_request("unreadable", "The body could not be read."),
    }
}

/// The parser's own words: where it stopped and what it wanted.
fn source(error: &dyn std::error::Error) -> String {
    let mut innermost = error;
    while let Some(next) = innermost.source() {
        innermost = next;
    }
    innermost.to_string()
}
