//! What the hosted model would be shown of a conversation, before anything leaves.

use super::fields;
use crate::{
    http::{error::Problem, operator::Viewer, state::HttpState},
    pipeline::preview_hosted,
};
use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use serde::Serialize;
use utoipa::ToSchema;

/// The exact payload, or why there is none.
#[derive(Serialize, ToSchema)]
pub struct HostedPreview {
    /// Whether anything would leave for the newest message, were it a hard case.
    would_leave: bool,
    /// Why nothing would: a rule, an address nobody is sure of, no passage to answer from.
    reason: Option<String>,
    /// Host and port.
    destination: Option<String>,
    /// How many things were taken out.
    redactions: usize,
    /// The request's body, word for word.
    #[schema(value_type = Option<Object>)]
    payload: Option<serde_json::Value>,
}

/// Shows what would leave the box for the hosted model, redacted. Nothing is sent.
#[utoipa::path(get, path = "/api/conversations/{reference}/hosted-preview", tag = "conversation",
    params(("reference" = String, Path)),
    responses((status = 200, body = HostedPreview), (status = 404), (status = 409, description = "hosted_off")))]
pub async fn preview(
    _viewer: Viewer,
    State(state): State<HttpState>,
    Path(reference): Path<String>,
) -> Result<Json<HostedPreview>, Problem> {
    let console = &state.console;
    let context = console.inbox.newest_turn(&fields::reference(&reference)?).await?;
    let hosted = console.hosted.as_ref().ok_or_else(|| {
        let detail = "No hosted model is set up (hosted.provider), so nothing would leave.";
        Problem::new(StatusCode::CONFLICT, "hosted_off", "Not as things stand", detail)
    })?;
    let shown =
        preview_hosted(&console.answerer, console.triager.as_ref(), hosted.as_ref(), &context).await?;
    Ok(Json(match shown {
        Ok(payload) => HostedPreview {
            would_leave: true,
            reason: None,
            destination: Some(payload.destination),
            redactions: payload.redactions,
            payload: Some(payload.body),
        },
        Err(reason) => HostedPreview {
            would_leave: false,
            reason: Some(reason),
            destination: None,
            redactions: 0,
            payload: None,
        },
    }))
}
