//! The tools that do something. Each builds one effect, which the store carries out once, with its record.

use super::{
    Caller, CreateTicket, EscalateToHuman, Reach, SendResponse, Tool, ToolError, Toolbox, arguments::text,
};
use crate::{
    domain::{
        channel::Channel,
        customer::{Identifier, IdentifierKind},
        decision::hand_over,
        escalation::{EscalationCategory, Urgency},
        formatting::{ReplyContext, ReplyKind, format_reply},
        ids::{EscalationId, MessageId},
        inbound::{Extras, Inbound},
        message::Role,
        submission::{SubmissionFields, validate},
        text::strip_markdown,
        ticket::{Category, Priority},
        triage::Triage,
    },
    ports::{
        console::ReplyContextRecord,
        store::NewReply,
        tools::{Effect, Effected, Once},
    },
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Longest key, in characters.
const KEY_CHARS: usize = 128;

impl Toolbox {
    pub(super) async fn create_ticket(
        &self,
        caller: &Caller,
        asked: CreateTicket,
    ) -> Result<Value, ToolError> {
        if let Reach::Ticket { reference, .. } = caller.reach() {
            // The message that is being answered has its ticket; a second one would split the matter.
            let row = self.inbox.row(reference, self.clock.now()).await?;
            return Ok(
                json!({ "ticket": reference.as_str(), "status": row.status.as_str(), "created": false }),
            );
        }
        let fields = SubmissionFields {
            name: asked.name.clone().unwrap_or_default(),
            email: asked.email.clone().unwrap_or_default(),
            subject: asked.subject.clone(),
            category: Some(asked.category.unwrap_or(Category::General).as_str().to_owned()),
            message: asked.issue.clone(),
            priority: Some(asked.priority.unwrap_or(Priority::Medium).as_str().to_owned()),
            plan: None,
        };
        let submission = validate(&fields).map_err(|errors| {
            let faults: Vec<String> =
                errors.into_iter().map(|error| format!("{}: {}", error.field, error.message)).collect();
            ToolError::Arguments(faults.join(" "))
        })?;
        let pieces = [&submission.email, &submission.name, &submission.subject, &submission.message];
        let once =
            once(caller, Tool::CreateTicket, asked.idempotency_key.as_deref(), &pieces.map(String::as_str))?;
        let inbound = Inbound {
            channel: Channel::Web,
            account: String::new(),
            provider_message_id: format!("tool-{}", MessageId::new()),
            // Whoever wrote it into a call proved nothing.
            identifiers: vec![Identifier {
                kind: IdentifierKind::Email,
                value: submission.email,
                verified: false,
            }],
            customer_name: Some(submission.name),
            plan: None,
            subject: Some(submission.subject),
            raw: submission.message.clone().into_bytes(),
            text: submission.message,
            category: submission.category,
            priority: submission.priority,
            ticket: None,
            received_at: self.clock.now(),
            extras: Extras::default(),
        };
        let (done, repeated) = self.carry_out(caller, once, Effect::Open(Box::new(inbound)), true).await?;
        Ok(json!({
            "ticket": done.ticket,
            "status": done.status.as_str(),
            "created": !repeated,
            "status_page": self.desk.status_link(&done.ticket, done.ticket_id),
        }))
    }

    pub(super) async fn escalate(&self, caller: &Caller, asked: EscalateToHuman) -> Result<Value, ToolError> {
        let ticket = caller.ticket(asked.ticket.as_deref())?;
        let reason = text("reason", &asked.reason, 1, 500)?;
        let summary = asked.context_summary.as_deref().map(|given| text("context_summary", given, 0, 2_000));
        let summary = summary.transpose()?.filter(|given| !given.is_empty());
        let category = asked.category.unwrap_or(EscalationCategory::General);
        let urgency = asked.urgency.unwrap_or(Urgency::Normal);
        let context = self.inbox.reply_context(&ticket).await?;
        let mut record = hand_over(
            category,
            urgency,
            format!("{}: {reason}", caller.name()),
            &Triage::of_mood(context.sentiment),
            &context.subject,
            &context.newest_text,
            Vec::new(),
        );
        if let Some(summary) = summary {
            record.summary = format!("{summary}\n{}", record.summary);
        }
        let route = self.desk.route(category, urgency, self.clock.now());
        let pieces =
            [ticket.as_str(), reason, summary.unwrap_or_default(), category.as_str(), urgency.as_str()];
        let once = once(caller, Tool::EscalateToHuman, asked.idempotency_key.as_deref(), &pieces)?;
        let hand_over = Box::new((EscalationId::new(), record, route));
        let by_assistant = by_assistant(caller);
        let effect = Effect::Escalate { ticket, hand_over, by_assistant };
        let (done, repeated) = self.carry_out(caller, once, effect, false).await?;
        let Some(handed) = done.escalation else {
            return Err(ToolError::Failed("no hand-over was recorded".to_owned()));
        };
        Ok(json!({
            "ticket": done.ticket,
            "escalation": handed.reference,
            "team": handed.team,
            "promise": handed.promise,
            "due_at": handed.due_at.to_string(),
            "repeated": repeated,
        }))
    }

    pub(super) async fn send(&self, caller: &Caller, asked: SendResponse) -> Result<Value, ToolError> {
        let ticket = caller.ticket(asked.ticket.as_deref())?;
        let message = text("message", &asked.message, 1, 10_000)?;
        let context = self.inbox.reply_context(&ticket).await?;
        let reply = self.format(&context, message)?;
        let seen = match caller.reach() {
            Reach::Ticket { newest_message, .. } => Some(*newest_message),
            Reach::Desk => asked.seen_message_id,
        };
        let once =
            once(caller, Tool::SendResponse, asked.idempotency_key.as_deref(), &[ticket.as_str(), message])?;
        let (channel, text) = (reply.channel, reply.parts.join("\n\n"));
        let reply = Box::new(reply);
        let effect = Effect::Reply { ticket, reply, seen, by_assistant: by_assistant(caller) };
        let (done, repeated) = self.carry_out(caller, once, effect, true).await?;
        Ok(json!({
            "ticket": done.ticket,
            "message_id": done.message_id,
            "channel": channel.as_str(),
            "delivery": "queued",
            "text": text,
            "repeated": repeated,
        }))
    }

    /// The one formatter puts it together; nobody approved it, so it says that an AI wrote it.
    fn format(&self, context: &ReplyContextRecord, message: &str) -> Result<NewReply, ToolError> {
        let presentation = self.desk.presentation();
        let contact = &context.contact;
        let circumstances = ReplyContext {
            channel: contact.channel,
            customer_name: contact.customer_name.as_deref(),
            reference: context.reference.as_str(),
            subject: &context.subject,
            sentiment: context.sentiment,
            company: &presentation.company,
            support_email: &presentation.support_email,
            automatic: true,
            earlier_contact: None,
            rating_url: None,
        };
        let body = strip_markdown(message);
        let kind = ReplyKind::Answer { body: &body, sources: &[] };
        let formatted = format_reply(&kind, &circumstances, &presentation.voice)
            .map_err(|error| ToolError::Failed(error.to_string()))?;
        Ok(NewReply {
            message_id: MessageId::new(),
            role: Role::Assistant,
            channel: contact.channel,
            recipient: contact.recipient.clone(),
            subject: formatted.subject,
            parts: formatted.parts,
            sources: Vec::new(),
            automatic: true,
        })
    }

    async fn carry_out(
        &self,
        caller: &Caller,
        once: Once,
        effect: Effect,
        message: bool,
    ) -> Result<(Effected, bool), ToolError> {
        let (done, repeated) = self.store.effect_once(once, effect, caller.name(), self.clock.now()).await?;
        if !repeated {
            self.desk.changed(done.ticket_id, message);
        }
        Ok((done, repeated))
    }
}

fn by_assistant(caller: &Caller) -> bool {
    matches!(caller.reach(), Reach::Ticket { .. })
}

/// What makes it the same call. A model names no key: the message it answers and what it says are one.
fn once(caller: &Caller, tool: Tool, key: Option<&str>, pieces: &[&str]) -> Result<Once, ToolError> {
    let mut digest = Sha256::new();
    for piece in pieces {
        digest.update((piece.len() as u64).to_be_bytes());
        digest.update(piece.as_bytes());
    }
    let arguments_sha256: [u8; 32] = digest.finalize().into();
    let key = match (caller.reach(), key) {
        (Reach::Ticket { newest_message, .. }, _) => {
            format!("{newest_message}:{}:{}", tool.name(), hex::encode(arguments_sha256))
        }
        (Reach::Desk, Some(key)) => text("idempotency_key", key, 1, KEY_CHARS)?.to_owned(),
        // Without a key every call is another one.
        (Reach::Desk, None) => MessageId::new().to_string(),
    };
    Ok(Once { caller: caller.name().to_owned(), key, tool: tool.name(), arguments_sha256 })
}
