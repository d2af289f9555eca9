//! What operators do to a ticket, save for replying.

use super::fields;
use crate::{
    domain::{
        decision::hand_over,
        escalation::{EscalationAssessment, EscalationCategory, Urgency},
        ids::{EscalationId, OperatorId},
        sentiment::Sentiment,
        triage::{InjectionScreen, Intent, MessageKind, Triage},
    },
    http::{
        error::Problem,
        extract::Body,
        operator::{Actor, Operator},
        state::HttpState,
    },
    ports::console::{Action, PendingReply, Row},
};
use axum::{
    Json,
    extract::{Path, State},
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// The ticket afterwards, and how to call a reply back.
#[derive(Serialize, ToSchema)]
pub struct ActionResult {
    row: Row,
    undo: Option<PendingReply>,
}

/// Does it, tells the live streams, and shows the ticket afterwards.
///
/// # Errors
/// The store's refusals as 409 with their codes.
pub async fn act(
    state: &HttpState,
    actor: &Actor,
    reference: &str,
    action: Action,
) -> Result<Json<ActionResult>, Problem> {
    let reference = fields::reference(reference)?;
    let message =
        matches!(action, Action::Approve { .. } | Action::Reply { .. } | Action::Note(_) | Action::Undo(_));
    let sends = matches!(action, Action::Approve { .. } | Action::Reply { .. });
    let console = &state.console;
    let acted = console.actions.act(&reference, action, &actor.name, actor.id, state.clock.now()).await?;
    console.hub.ticket_changed(acted.ticket, message);
    if sends {
        state.wake.notify_one();
    }
    Ok(Json(ActionResult { row: acted.row, undo: acted.undo }))
}

#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Discard {
    draft_id: Uuid,
    reason: String,
}

/// The draft is no use; a person answers.
#[utoipa::path(post, path = "/api/conversations/{reference}/discard", tag = "conversation", request_body = Discard,
    params(("reference" = String, Path)), responses((status = 200, body = ActionResult), (status = 409, description = "draft_void or draft_decided")))]
pub async fn discard(
    Operator(actor): Operator,
    State(state): State<HttpState>,
    Path(reference): Path<String>,
    Body(request): Body<Discard>,
) -> Result<Json<ActionResult>, Problem> {
    let reason = fields::text("reason", &request.reason, 1, 500)?;
    act(&state, &actor, &reference, Action::Discard { draft: request.draft_id, reason }).await
}

#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TakeOver {
    force: bool,
}

/// The assistant is silent from now on.
#[utoipa::path(post, path = "/api/conversations/{reference}/take-over", tag = "conversation", request_body = TakeOver,
    params(("reference" = String, Path)), responses((status = 200, body = ActionResult), (status = 409, description = "taken_over")))]
pub async fn take_over(
    Operator(actor): Operator,
    State(state): State<HttpState>,
    Path(reference): Path<String>,
    Body(request): Body<TakeOver>,
) -> Result<Json<ActionResult>, Problem> {
    act(&state, &actor, &reference, Action::TakeOver { force: request.force }).await
}

/// The assistant answers again from the next message on.
#[utoipa::path(post, path = "/api/conversations/{reference}/hand-back", tag = "conversation", request_body = Nothing,
    params(("reference" = String, Path)), responses((status = 200, body = ActionResult)))]
pub async fn hand_back(
    Operator(actor): Operator,
    State(state): State<HttpState>,
    Path(reference): Path<String>,
    _nothing: Body<Nothing>,
) -> Result<Json<ActionResult>, Problem> {
    act(&state, &actor, &reference, Action::HandBack).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Escalate {
    category: EscalationCategory,
    urgency: Urgency,
    reason: String,
}

/// Hands it to the team of a category.
#[utoipa::path(post, path = "/api/conversations/{reference}/escalate", tag = "conversation", request_body = Escalate,
    params(("reference" = String, Path)), responses((status = 200, body = ActionResult), (status = 409, description = "escalated_already")))]
pub async fn escalate(
    Operator(actor): Operator,
    State(state): State<HttpState>,
    Path(reference): Path<String>,
    Body(request): Body<Escalate>,
) -> Result<Json<ActionResult>, Problem> {
    let reason = fields::text("reason", &request.reason, 1, 500)?;
    let context = state.console.inbox.reply_context(&fields::reference(&reference)?).await?;
    let now = state.clock.now();
    let reason = format!("{}: {reason}", actor.name);
    let record = hand_over(
        request.category,
        request.urgency,
        reason,
        &known_mood(context.sentiment),
        &context.subject,
        &context.newest_text,
        Vec::new(),
    );
    let route = state.console.desk.now().route(request.category, request.urgency, now);
    let escalation = Box::new((EscalationId::new(), record, route));
    act(&state, &actor, &reference, Action::Escalate(escalation)).await
}

/// What the hand-over record wants to know of triage where an operator decides: the mood.
fn known_mood(score: f32) -> Triage {
    Triage {
        kind: MessageKind::Request,
        language: None,
        language_served: true,
        sentiment: Sentiment { score, confidence: 1.0 },
        intent: Intent::General,
        injection: InjectionScreen { score: 0.0, flagged: false, evidence: Vec::new() },
        escalation: EscalationAssessment::none(),
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Assign {
    operator_id: Option<OperatorId>,
}

/// Gives it to an operator, or to nobody.
#[utoipa::path(post, path = "/api/conversations/{reference}/assign", tag = "conversation", request_body = Assign,
    params(("reference" = String, Path)), responses((status = 200, body = ActionResult), (status = 404)))]
pub async fn assign(
    Operator(actor): Operator,
    State(state): State<HttpState>,
    Path(reference): Path<String>,
    Body(request): Body<Assign>,
) -> Result<Json<ActionResult>, Problem> {
    act(&state, &actor, &reference, Action::Assign(request.operator_id)).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Labels {
    labels: Vec<String>,
}

/// Replaces the labels.
#[utoipa::path(post, path = "/api/conversations/{reference}/labels", tag = "conversation", request_body = Labels,
    params(("reference" = String, Path)), responses((status = 200, body = ActionResult)))]
pub async fn labels(
    Operator(actor): Operator,
    State(state): State<HttpState>,
    Path(reference): Path<String>,
    Body(request): Body<Labels>,
) -> Result<Json<ActionResult>, Problem> {
    if request.labels.len() > 20 {
        return Err(Problem::invalid_field("labels", "At most 20 labels."));
    }
    let labels: Vec<String> =
        request.labels.iter().map(|label| fields::text("labels", label, 1, 50)).collect::<Result<_, _>>()?;
    act(&state, &actor, &reference, Action::Labels(labels)).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Snooze {
    #[schema(value_type = Option<String>, format = DateTime)]
    until: Option<Timestamp>,
}

/// Puts it aside until a time; a customer's message wakes it.
#[utoipa::path(post, path = "/api/conversations/{reference}/snooze", tag = "conversation", request_body = Snooze,
    params(("reference" = String, Path)), responses((status = 200, body = ActionResult)))]
pub async fn snooze(
    Operator(actor): Operator,
    State(state): State<HttpState>,
    Path(reference): Path<String>,
    Body(request): Body<Snooze>,
) -> Result<Json<ActionResult>, Problem> {
    let now = state.clock.now();
    let far = SignedDuration::from_hours(24 * 366);
    let wrong = |until: Timestamp| until <= now || until.duration_since(now) > far;
    if request.until.is_some_and(wrong) {
        return Err(Problem::invalid_field("until", "A time to come, within a year."));
    }
    act(&state, &actor, &reference, Action::Snooze(request.until)).await
}

#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Close {
    notes: Option<String>,
}

/// Done. A customer's message opens it again.
#[utoipa::path(post, path = "/api/conversations/{reference}/close", tag = "conversation", request_body = Close,
    params(("reference" = String, Path)), responses((status = 200, body = ActionResult)))]
pub async fn close(
    Operator(actor): Operator,
    State(state): State<HttpState>,
    Path(reference): Path<String>,
    Body(request): Body<Close>,
) -> Result<Json<ActionResult>, Problem> {
    let notes = request.notes.map(|notes| fields::text("notes", &notes, 0, 5_000)).transpose()?;
    act(&state, &actor, &reference, Action::Close { notes }).await
}

/// Not done after all.
#[utoipa::path(post, path = "/api/conversations/{reference}/reopen", tag = "conversation", request_body = Nothing,
    params(("reference" = String, Path)), responses((status = 200, body = ActionResult)))]
pub async fn reopen(
    Operator(actor): Operator,
    State(state): State<HttpState>,
    Path(reference): Path<String>,
    _nothing: Body<Nothing>,
) -> Result<Json<ActionResult>, Problem> {
    act(&state, &actor, &reference, Action::Reopen).await
}

/// Nobody needs to answer this.
#[utoipa::path(post, path = "/api/conversations/{reference}/spam", tag = "conversation", request_body = Nothing,
    params(("reference" = String, Path)), responses((status = 200, body = ActionResult)))]
pub async fn spam(
    Operator(actor): Operator,
    State(state): State<HttpState>,
    Path(reference): Path<String>,
    _nothing: Body<Nothing>,
) -> Result<Json<ActionResult>, Problem> {
    act(&state, &actor, &reference, Action::Spam(true)).await
}

/// It is no spam.
#[utoipa::path(post, path = "/api/conversations/{reference}/not-spam", tag = "conversation", request_body = Nothing,
    params(("reference" = String, Path)), responses((status = 200, body = ActionResult)))]
pub async fn not_spam(
    Operator(actor): Operator,
    State(state): State<HttpState>,
    Path(reference): Path<String>,
    _nothing: Body<Nothing>,
) -> Result<Json<ActionResult>, Problem> {
    act(&state, &actor, &reference, Action::Spam(false)).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Note {
    text: String,
}

/// A note for colleagues; it never leaves.
#[utoipa::path(post, path = "/api/conversations/{reference}/notes", tag = "conversation", request_body = Note,
    params(("reference" = String, Path)), responses((status = 200, body = ActionResult)))]
pub async fn note(
    Operator(actor): Operator,
    State(state): State<HttpState>,
    Path(reference): Path<String>,
    Body(request): Body<Note>,
) -> Result<Json<ActionResult>, Problem> {
    let text = fields::text("text", &request.text, 1, 10_000)?;
    act(&state, &actor, &reference, Action::Note(text)).await
}
