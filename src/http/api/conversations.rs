//! `GET /conversations/{id}`, for operators.

use crate::{
    http::{error::Problem, extract::Path, operator::Operator, state::HttpState},
    ports::store::ConversationView,
};
use axum::{Json, extract::State};
use serde::Serialize;

#[derive(Serialize)]
pub struct ConversationBody {
    conversation_id: String,
    message_count: usize,
    messages: Vec<MessageBody>,
}

#[derive(Serialize)]
struct MessageBody {
    id: String,
    role: &'static str,
    content: String,
    channel: &'static str,
    direction: &'static str,
    sentiment_score: Option<f32>,
    created_at: String,
}

pub async fn read(
    _: Operator,
    State(state): State<HttpState>,
    Path(id): Path<String>,
) -> Result<Json<ConversationBody>, Problem> {
    let id = id.parse().map_err(|_| Problem::bad_request("invalid_id", "A conversation's id is a UUID."))?;
    let found: Option<ConversationView> = state.reports.conversation(id).await?;
    let conversation = found.ok_or_else(|| Problem::not_found("conversation"))?;
    let messages: Vec<MessageBody> = conversation
        .messages
        .into_iter()
        .map(|message| MessageBody {
            id: message.id.to_string(),
            role: message.role.as_str(),
            content: message.content,
            channel: message.channel.as_str(),
            direction: if message.delivery_status.is_some() { "outbound" } else { "inbound" },
            sentiment_score: message.sentiment,
            created_at: message.created_at.to_string(),
        })
        .collect();
    Ok(Json(ConversationBody {
        conversation_id: conversation.id.to_string(),
        message_count: messages.len(),
        messages,
    }))
}
