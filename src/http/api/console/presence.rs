//! `PUT /api/presence`: who looks at what, and who is typing.

use super::fields;
use crate::http::{
    console_live::Presence, error::Problem, extract::Body, operator::Viewer, state::HttpState,
};
use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PresenceRequest {
    /// Null: looks at no conversation.
    reference: Option<String>,
    typing: bool,
}

/// Says where one is; to be repeated every 20 seconds.
#[utoipa::path(put, path = "/api/presence", tag = "live", request_body = PresenceRequest, responses((status = 204)))]
pub async fn put(
    Viewer(actor): Viewer,
    State(state): State<HttpState>,
    Body(request): Body<PresenceRequest>,
) -> Result<StatusCode, Problem> {
    let reference = request.reference.as_deref().map(fields::reference).transpose()?;
    let presence = Presence {
        operator: actor.name,
        typing: request.typing && reference.is_some(),
        reference: reference.map(|reference| reference.to_string()),
    };
    state.console.hub.arrive(presence, state.clock.now());
    Ok(StatusCode::NO_CONTENT)
}
