//! A ticket for its owner: reading it, adding to it, and saying whether the answer helped.

use super::submissions::{idempotency_key, message_id};
use crate::{
    domain::{
        channel::Channel,
        customer::{Identifier, IdentifierKind},
        escalation::{EscalationCategory, HandOver, Urgency},
        ids::EscalationId,
        inbound::{Extras, Inbound},
        message::{DeliveryStatus, Message, Role},
        progress::{Stage, TicketEvent},
        sentiment::Sentiment,
        submission::{FieldError, MESSAGE_CHARS},
        ticket::{Feedback, TicketReference, TicketView},
    },
    http::{client_address::client_address, error::Problem, extract::Body, state::HttpState},
};
use axum::{
    Json,
    extract::{ConnectInfo, Path, Query, State},
    http::HeaderMap,
};
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;

/// Messages shown at most, the newest.
const MAX_MESSAGES: usize = 50;
const MAX_COMMENT_CHARS: usize = 2000;

#[derive(Deserialize)]
pub struct Access {
    token: Option<String>,
}

#[derive(Serialize)]
pub struct TicketBody {
    ticket_id: String,
    status: &'static str,
    created_at: String,
    subject: String,
    category: &'static str,
    priority: &'static str,
    assigned_to: Option<String>,
    progress: ProgressBody,
    messages: Vec<MessageBody>,
    feedback: Option<&'static str>,
}

#[derive(Serialize)]
pub struct ProgressBody {
    pub stage: &'static str,
    pub label: &'static str,
    pub at: String,
}

#[derive(Serialize)]
pub struct MessageBody {
    id: String,
    role: &'static str,
    content: String,
    channel: &'static str,
    created_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    delivery_status: Option<&'static str>,
    sources: Vec<SourceBody>,
}

#[derive(Serialize)]
struct SourceBody {
    title: String,
    section: String,
    url: String,
}

impl ProgressBody {
    pub fn new(stage: Stage, at: jiff::Timestamp) -> Self {
        Self { stage: stage.as_str(), label: stage.label(), at: at.to_string() }
    }
}

impl From<&Message> for MessageBody {
    fn from(message: &Message) -> Self {
        let sources = message.sources.iter();
        Self {
            id: message.id.to_string(),
            role: message.role.as_str(),
            content: message.content.clone(),
            channel: message.channel.as_str(),
            created_at: message.created_at.to_string(),
            delivery_status: message.delivery_status.map(DeliveryStatus::as_str),
            sources: sources
                .map(|s| SourceBody {
                    title: s.title.clone(),
                    section: s.section.clone(),
                    url: s.url.clone(),
                })
                .collect(),
        }
    }
}

impl From<&TicketView> for TicketBody {
    fn from(ticket: &TicketView) -> Self {
        let visible: Vec<&Message> = ticket.messages.iter().filter(|message| shown(message)).collect();
        Self {
            ticket_id: ticket.reference.to_string(),
            status: ticket.status.as_str(),
            created_at: ticket.created_at.to_string(),
            subject: ticket.subject.clone(),
            category: ticket.category.as_str(),
            priority: ticket.priority.as_str(),
            assigned_to: ticket.assigned_to.clone(),
            progress: ProgressBody::new(ticket.stage, ticket.stage_at),
            messages: visible
                .iter()
                .skip(visible.len().saturating_sub(MAX_MESSAGES))
                .map(|message| (*message).into())
                .collect(),
            feedback: ticket.feedback.map(Feedback::as_str),
        }
    }
}

/// A reply is there for its owner once it is delivered; internal records never are.
pub fn shown(message: &Message) -> bool {
    message.role != Role::System
        && message.delivery_status.is_none_or(|status| {
            matches!(status, DeliveryStatus::Sent | DeliveryStatus::Delivered | DeliveryStatus::Read)
        })
}

/// The ticket, if the token opens it. A wrong token and an unknown reference look the same.
pub async fn open(state: &HttpState, reference: &str, access: &Access) -> Result<TicketView, Problem> {
    let reference: TicketReference =
        reference.parse().map_err(|error: crate::domain::ticket::InvalidReference| {
            Problem::bad_request("invalid_reference", error.to_string())
        })?;
    let Some(token) = access.token.as_deref().filter(|token| !token.is_empty()) else {
        return Err(Problem::unauthorised(
            "Open your ticket by the link you were given; it carries the token.",
        ));
    };
    let ticket = state.reports.ticket(&reference).await?;
    ticket.filter(|ticket| state.tokens.matches(ticket.id, token)).ok_or_else(|| Problem::not_found("ticket"))
}

pub async fn read(
    State(state): State<HttpState>,
    Path(reference): Path<String>,
    Query(access): Query<Access>,
) -> Result<Json<TicketBody>, Problem> {
    Ok(Json((&open(&state, &reference, &access).await?).into()))
}

#[derive(Deserialize, Serialize)]
pub struct FollowUpRequest {
    message: String,
}

#[derive(Serialize)]
pub struct FollowUpResponse {
    message_id: String,
    status: &'static str,
}

pub async fn follow_up(
    State(state): State<HttpState>,
    Path(reference): Path<String>,
    Query(access): Query<Access>,
    peer: Option<axum::Extension<ConnectInfo<SocketAddr>>>,
    headers: HeaderMap,
    Body(request): Body<FollowUpRequest>,
) -> Result<Json<FollowUpResponse>, Problem> {
    let address = client_address(peer.map(|peer| peer.0.0), &headers, state.server.behind_proxy);
    state.submissions.check(address).map_err(Problem::too_many)?;
    let ticket = open(&state, &reference, &access).await?;
    let text = bounded(&request.message, "message", MESSAGE_CHARS.1)?;
    let key = idempotency_key(&headers)?;
    let inbound = Inbound {
        channel: Channel::Web,
        account: String::new(),
        provider_message_id: message_id(key.as_deref(), &[ticket.reference.as_str(), &text]),
        // The token proved the ticket; the address stays what was typed.
        identifiers: vec![Identifier { kind: IdentifierKind::Email, value: String::new(), verified: false }],
        customer_name: None,
        plan: None,
        subject: None,
        text,
        raw: serde_json::to_vec(&request).map_err(|_| Problem::internal())?,
        category: ticket.category,
        priority: ticket.priority,
        ticket: Some(ticket.reference.clone()),
        received_at: state.clock.now(),
        extras: Extras::default(),
    };
    let accepted = state.inbox.accept(inbound).await?;
    if !accepted.duplicate {
        tracing::info!(ticket = %accepted.reference, channel = "web", "follow-up accepted");
        state.wake.notify_one();
    }
    Ok(Json(FollowUpResponse { message_id: accepted.message_id.to_string(), status: "received" }))
}

#[derive(Deserialize)]
pub struct FeedbackRequest {
    helped: bool,
    comment: Option<String>,
}

#[derive(Serialize)]
pub struct FeedbackResponse {
    status: &'static str,
    feedback: &'static str,
}

pub async fn feedback(
    State(state): State<HttpState>,
    Path(reference): Path<String>,
    Query(access): Query<Access>,
    Body(request): Body<FeedbackRequest>,
) -> Result<Json<FeedbackResponse>, Problem> {
    let ticket = open(&state, &reference, &access).await?;
    let comment = request.comment.filter(|comment| !comment.trim().is_empty());
    let comment = comment.map(|comment| bounded(&comment, "comment", MAX_COMMENT_CHARS)).transpose()?;
    let now = state.clock.now();
    let (feedback, escalation) = if request.helped {
        (Feedback::Helped, None)
    } else {
        let route = state.console.desk.now().route(EscalationCategory::General, Urgency::Normal, now);
        (Feedback::NotHelped, Some((EscalationId::new(), unhelped(&ticket), route)))
    };
    let team = escalation.as_ref().map(|(_, _, route)| route.team.clone());
    let changed = state.inbox.record_feedback(&ticket.reference, feedback, comment, escalation, now).await?;
    if team.is_some() {
        state.publish(ticket.id, TicketEvent::Progress { stage: Stage::WithAPerson, at: now });
    }
    state.publish(
        ticket.id,
        TicketEvent::Status { status: changed.status, assigned_to: changed.assigned_to.clone() },
    );
    Ok(Json(FeedbackResponse { status: changed.status.as_str(), feedback: feedback.as_str() }))
}

/// The record for a person when an answer did not help.
fn unhelped(ticket: &TicketView) -> HandOver {
    let attempts = ticket
        .messages
        .iter()
        .filter(|m| m.role == Role::Assistant)
        .map(|m| m.content.chars().take(160).collect())
        .collect();
    HandOver {
        category: EscalationCategory::General,
        urgency: Urgency::Normal,
        reason: "the customer says the answer did not help".to_owned(),
        summary: format!("{}: the answer did not help.", ticket.subject),
        attempts,
        sentiment: Sentiment { score: -0.3, confidence: 0.3 },
        suggested_next_step: "Read the thread and answer what the assistant missed.".to_owned(),
    }
}

fn bounded(text: &str, field: &'static str, max: usize) -> Result<String, Problem> {
    let text = text.trim();
    let chars = text.chars().count();
    let fault = if chars == 0 {
        Some(("required", "Write something first.".to_owned()))
    } else if chars > max {
        Some(("too_long", format!("At most {max} characters; this has {chars}.")))
    } else if text.contains('\0') {
        Some(("invalid", "It holds a character that cannot be stored.".to_owned()))
    } else {
        None
    };
    match fault {
        Some((code, message)) => Err(Problem::invalid_fields(vec![FieldError { field, code, message }])),
        None => Ok(text.to_owned()),
    }
}
