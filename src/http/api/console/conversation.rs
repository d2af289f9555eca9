//! One conversation with all that stands beside it.

use super::fields;
use crate::{
    http::{
        console_live::Presence,
        error::Problem,
        extract::Path,
        operator::{Operator, Viewer},
        state::HttpState,
    },
    ports::console::ConversationDetail,
};
use axum::{
    Json,
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
pub struct DetailBody {
    #[serde(flatten)]
    detail: ConversationDetail,
    viewers: Vec<Presence>,
    /// Where the customer rates it from 1 to 5: append `/5`.
    rating_url: String,
}

/// The thread, the customer, the assistant's draft and reasons, hand-overs, and who looks at it.
#[utoipa::path(get, path = "/api/conversations/{reference}", tag = "conversation",
    params(("reference" = String, Path)), responses((status = 200, body = DetailBody), (status = 404)))]
pub async fn read(
    _viewer: Viewer,
    State(state): State<HttpState>,
    Path(reference): Path<String>,
) -> Result<Json<DetailBody>, Problem> {
    let (reference, now) = (fields::reference(&reference)?, state.clock.now());
    let detail = state.console.inbox.conversation_detail(&reference, now).await?;
    let viewers = state.console.hub.viewers(reference.as_str(), now);
    let ticket = crate::domain::ids::TicketId(uuid::Uuid::from_bytes(detail.row.position.id));
    let rating_url = format!("{}/support/rate/{}", state.server.public_url, state.tokens.rating(ticket));
    Ok(Json(DetailBody { detail, viewers, rating_url }))
}

/// What came in, untouched, as plain text.
#[utoipa::path(get, path = "/api/conversations/{reference}/messages/{id}/raw", tag = "conversation",
    params(("reference" = String, Path), ("id" = String, Path)), responses((status = 200, body = String, content_type = "text/plain")))]
pub async fn raw(
    _operator: Operator,
    State(state): State<HttpState>,
    Path((reference, id)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let reference = fields::reference(&reference)?;
    let message = crate::domain::ids::MessageId(fields::uuid(&id)?);
    let found = state.console.inbox.raw_message(&reference, message).await?;
    let bytes = found.ok_or_else(|| Problem::not_found("message"))?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let kind = HeaderValue::from_static("text/plain; charset=utf-8");
    Ok(([(header::CONTENT_TYPE, kind)], text).into_response())
}
