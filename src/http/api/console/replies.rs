//! Replies of operators: their own, or the assistant's draft approved. Each waits ten seconds and can be called back as long.

use super::{
    actions::{ActionResult, act},
    fields,
};
use crate::{
    domain::{
        formatting::{ReplyContext, ReplyKind, format_reply},
        ids::{MessageId, OutboxId},
        knowledge::Source,
        message::Role,
        text::strip_markdown,
    },
    http::{
        error::Problem,
        extract::{Body, Path},
        operator::Operator,
        state::HttpState,
    },
    ports::{
        console::{Action, NewPersonalReply, ReplyContextRecord},
        store::NewReply,
    },
};
use axum::{Json, extract::State};
use jiff::SignedDuration;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// How long a reply can be called back.
const UNDO_FOR: SignedDuration = SignedDuration::from_secs(10);
/// Longest reply, in characters.
const REPLY_CHARS: usize = 20_000;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Approve {
    draft_id: Uuid,
    /// The newest customer message that was seen.
    seen_message_id: MessageId,
    /// Markdown in place of the draft.
    body: Option<String>,
    #[serde(default)]
    force: bool,
}

/// Sends the draft, as it is or edited.
#[utoipa::path(post, path = "/api/conversations/{reference}/approve", tag = "conversation", request_body = Approve,
    params(("reference" = String, Path)),
    responses((status = 200, body = ActionResult), (status = 409, description = "draft_void, draft_decided or taken_over")))]
pub async fn approve(
    Operator(actor): Operator,
    State(state): State<HttpState>,
    Path(reference): Path<String>,
    Body(request): Body<Approve>,
) -> Result<Json<ActionResult>, Problem> {
    let context = state.console.inbox.reply_context(&fields::reference(&reference)?).await?;
    let draft = context.draft.as_ref().filter(|(id, _, _)| *id == request.draft_id);
    let (_, body, sources) = draft.ok_or_else(|| Problem::not_found("draft"))?;
    let edited = request
        .body
        .map(|edited| fields::text("body", &edited, 1, REPLY_CHARS))
        .transpose()?
        .filter(|edited| edited != body)
        .map(|edited| strip_markdown(&edited));
    let (role, kind) = match &edited {
        Some(body) => (Role::Operator, ReplyKind::Answer { body, sources }),
        None => (Role::Assistant, ReplyKind::Answer { body, sources }),
    };
    let reply = format(&state, &context, &kind, role, sources.clone())?;
    let action = Action::Approve {
        draft: request.draft_id,
        reply: pending(&state, reply, Some(request.seen_message_id), request.force),
        edited: edited.is_some(),
    };
    act(&state, &actor, &reference, action).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reply {
    /// Markdown.
    text: String,
    seen_message_id: Option<MessageId>,
    #[serde(default)]
    close: bool,
    #[serde(default)]
    force: bool,
}

/// Sends one's own words, and takes the ticket over.
#[utoipa::path(post, path = "/api/conversations/{reference}/reply", tag = "conversation", request_body = Reply,
    params(("reference" = String, Path)),
    responses((status = 200, body = ActionResult), (status = 409, description = "draft_void or taken_over")))]
pub async fn reply(
    Operator(actor): Operator,
    State(state): State<HttpState>,
    Path(reference): Path<String>,
    Body(request): Body<Reply>,
) -> Result<Json<ActionResult>, Problem> {
    let text = fields::text("text", &request.text, 1, REPLY_CHARS)?;
    let context = state.console.inbox.reply_context(&fields::reference(&reference)?).await?;
    let kind = ReplyKind::Personal { body: &text };
    let reply = format(&state, &context, &kind, Role::Operator, Vec::new())?;
    let reply = pending(&state, reply, request.seen_message_id, request.force);
    act(&state, &actor, &reference, Action::Reply { reply, close: request.close }).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Undo {
    outbox_id: Uuid,
}

/// Calls a reply back that still waits.
#[utoipa::path(post, path = "/api/conversations/{reference}/undo", tag = "conversation", request_body = Undo,
    params(("reference" = String, Path)), responses((status = 200, body = ActionResult), (status = 409, description = "too_late")))]
pub async fn undo(
    Operator(actor): Operator,
    State(state): State<HttpState>,
    Path(reference): Path<String>,
    Body(request): Body<Undo>,
) -> Result<Json<ActionResult>, Problem> {
    act(&state, &actor, &reference, Action::Undo(OutboxId(request.outbox_id))).await
}

/// The one formatter puts it together; a person stands behind it, so it carries no disclosure.
fn format(
    state: &HttpState,
    context: &ReplyContextRecord,
    kind: &ReplyKind<'_>,
    role: Role,
    sources: Vec<Source>,
) -> Result<NewReply, Problem> {
    let desk = state.console.desk.now();
    let contact = &context.contact;
    let rating_url = desk.rating_url(context.ticket);
    let circumstances = ReplyContext {
        channel: contact.channel,
        customer_name: contact.customer_name.as_deref(),
        reference: context.reference.as_str(),
        subject: &context.subject,
        sentiment: context.sentiment,
        company: &desk.company,
        support_email: &desk.support_email,
        automatic: false,
        earlier_contact: None,
        rating_url: rating_url.as_deref(),
    };
    let formatted = format_reply(kind, &circumstances, &desk.voice).map_err(|error| {
        tracing::error!(%error, "a reply could not be formatted");
        Problem::internal()
    })?;
    Ok(NewReply {
        message_id: MessageId::new(),
        role,
        channel: contact.channel,
        recipient: contact.recipient.clone(),
        subject: formatted.subject,
        parts: formatted.parts,
        sources,
        automatic: false,
    })
}

fn pending(state: &HttpState, reply: NewReply, seen: Option<MessageId>, force: bool) -> NewPersonalReply {
    let now = state.clock.now();
    NewPersonalReply { reply, due_at: now.checked_add(UNDO_FOR).unwrap_or(now), seen, force }
}
