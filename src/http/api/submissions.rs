//! `POST /support/submit`: a form becomes a ticket before the customer hears anything.

use crate::{
    domain::{
        channel::Channel,
        customer::{Identifier, IdentifierKind},
        inbound::{Extras, Inbound},
        sla,
        submission::{Submission, SubmissionFields, validate},
    },
    http::{client_address::client_address, error::Problem, extract::Body, state::HttpState},
    pipeline::fault,
};
use axum::{
    Json,
    extract::{ConnectInfo, State},
    http::HeaderMap,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::net::SocketAddr;

const IDEMPOTENCY_KEY: &str = "idempotency-key";
const MAX_KEY_CHARS: usize = 128;

#[derive(Deserialize, Serialize)]
pub struct SubmitRequest {
    #[serde(default)]
    name: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    subject: String,
    category: Option<String>,
    #[serde(default)]
    message: String,
    priority: Option<String>,
    plan: Option<String>,
}

#[derive(Serialize)]
pub struct SubmitResponse {
    ticket_id: String,
    status_token: String,
    status_url: String,
    message: &'static str,
    estimated_response_time: &'static str,
    status: &'static str,
}

pub async fn submit(
    State(state): State<HttpState>,
    peer: Option<axum::Extension<ConnectInfo<SocketAddr>>>,
    headers: HeaderMap,
    Body(request): Body<SubmitRequest>,
) -> Result<Json<SubmitResponse>, Problem> {
    let address = client_address(peer.map(|peer| peer.0.0), &headers, state.server.behind_proxy);
    state.submissions.check(address).map_err(Problem::too_many)?;
    let key = idempotency_key(&headers)?;
    let raw = serde_json::to_vec(&request).map_err(|_| Problem::internal())?;
    let submission = validate(&fields(request)).map_err(Problem::invalid_fields)?;
    let inbound = inbound(submission, raw, key.as_deref(), state.clock.now());
    let accepted = state.inbox.accept(inbound).await?;
    fault::point("accept.committed").await;
    if !accepted.duplicate {
        tracing::info!(ticket = %accepted.reference, channel = "web", "accepted");
        state.wake.notify_one();
    }
    let status_token = state.tokens.token(accepted.ticket_id);
    Ok(Json(SubmitResponse {
        status_url: format!("/status/{}#{status_token}", accepted.reference),
        ticket_id: accepted.reference.to_string(),
        status_token,
        message: "We have your message. The answer appears on your ticket's page.",
        estimated_response_time: sla::first_response_promise(accepted.plan),
        status: "received",
    }))
}

fn fields(request: SubmitRequest) -> SubmissionFields {
    SubmissionFields {
        name: request.name,
        email: request.email,
        subject: request.subject,
        category: request.category,
        message: request.message,
        priority: request.priority,
        plan: request.plan,
    }
}

/// The client's key, if it sent one.
pub fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(value) = headers.get(IDEMPOTENCY_KEY) else { return Ok(None) };
    let key = value.to_str().unwrap_or_default().trim();
    if key.is_empty() || key.chars().count() > MAX_KEY_CHARS {
        return Err(Problem::bad_request(
            "invalid_idempotency_key",
            "An Idempotency-Key has 1 to 128 visible ASCII characters.",
        ));
    }
    Ok(Some(key.to_owned()))
}

/// The id that makes a repeat the same message. It covers the content, so that a key reused for another message (or guessed by another
/// person) neither swallows that message nor opens this ticket.
pub fn message_id(key: Option<&str>, content: &[&str]) -> String {
    let Some(key) = key else { return format!("web-{}", uuid::Uuid::new_v4()) };
    let mut hash = Sha256::new();
    for piece in std::iter::once(&key).chain(content) {
        hash.update((piece.len() as u64).to_be_bytes());
        hash.update(piece.as_bytes());
    }
    format!("key-{}", hex::encode(hash.finalize()))
}

fn inbound(submission: Submission, raw: Vec<u8>, key: Option<&str>, now: jiff::Timestamp) -> Inbound {
    Inbound {
        channel: Channel::Web,
        account: String::new(),
        provider_message_id: message_id(key, &[&submission.email, &submission.subject, &submission.message]),
        // Typing an address proves nothing.
        identifiers: vec![Identifier {
            kind: IdentifierKind::Email,
            value: submission.email,
            verified: false,
        }],
        customer_name: Some(submission.name),
        plan: submission.plan,
        subject: Some(submission.subject),
        text: submission.message,
        raw,
        category: submission.category,
        priority: submission.priority,
        ticket: None,
        received_at: now,
        extras: Extras::default(),
    }
}
