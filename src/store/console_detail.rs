//! One conversation as the console shows it, read in one go from one state of the file.

use super::{
    escalation_list, inbox, messages, tickets,
    tickets::TicketHead,
    values::{from_json, from_micros, id, micros, named, optional_name, time},
};
use crate::domain::{
    ids::{ConversationId, CustomerId, MessageId, OutboxId, TicketId},
    knowledge::Source,
    ticket::TicketReference,
    triage::InjectionScreen,
};
use crate::ports::{
    console::{
        AssistantPanel, ConversationDetail, CustomerPanel, CustomerTicket, DecisionView, DraftView,
        EgressView, MergeView, MoodPoint, PendingReply, ReplyContextRecord, ThreadEvent, ThreadItem,
        ThreadMessage, ThreadNote, TicketContact, TriageEscalation, TriageView,
    },
    store::StoreError,
};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

/// At most so many messages, notes and events of each kind.
const THREAD: i64 = 300;

pub(super) fn read(
    connection: &Connection,
    reference: &TicketReference,
    now: Timestamp,
) -> Result<ConversationDetail, StoreError> {
    let ticket =
        tickets::head_by_reference(connection, reference)?.ok_or(StoreError::NotFound("conversation"))?;
    let newest_message_id =
        messages::newest_inbound(connection, ticket.place.ticket)?.ok_or(StoreError::NotFound("message"))?;
    Ok(ConversationDetail {
        row: inbox::row(connection, reference, now)?,
        newest_message_id,
        thread: thread(connection, ticket.place.conversation)?,
        customer: customer(connection, ticket.place.customer, ticket.place.conversation)?,
        assistant: assistant(connection, ticket.place.ticket, newest_message_id)?,
        escalations: escalation_list::of_ticket(connection, ticket.place.ticket, now)?,
        pending: pending(connection, ticket.place.ticket, now)?,
    })
}

fn thread(connection: &Connection, conversation: ConversationId) -> Result<Vec<ThreadItem>, StoreError> {
    let key = conversation.0.into_bytes();
    let sql = "SELECT messages.*, tickets.reference, outbox.state AS outbox_state, outbox.last_error
               FROM messages JOIN tickets ON tickets.id = messages.ticket_id
               LEFT JOIN outbox ON outbox.message_id = messages.id
               WHERE messages.conversation_id = ?1 ORDER BY messages.sequence DESC LIMIT ?2";
    let mut items: Vec<ThreadItem> = connection
        .prepare_cached(sql)?
        .query_map(params![key, THREAD], read_message)?
        .collect::<rusqlite::Result<_>>()?;
    let sql = "SELECT notes.*, tickets.reference FROM notes JOIN tickets ON tickets.id = notes.ticket_id
               WHERE tickets.conversation_id = ?1 ORDER BY notes.created_at DESC LIMIT ?2";
    let notes = connection
        .prepare_cached(sql)?
        .query_map(params![key, THREAD], |row| {
            Ok(ThreadItem::Note(ThreadNote {
                id: id(row, "id")?,
                reference: row.get("reference")?,
                author: row.get("author")?,
                text: row.get("text")?,
                at: time(row, "created_at")?,
            }))
        })?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    let sql = "SELECT audit.* FROM audit WHERE subject IN (SELECT reference FROM tickets WHERE conversation_id = ?1)
                 AND action LIKE 'conversation.%' AND action <> 'conversation.note' ORDER BY id DESC LIMIT ?2";
    let events = connection
        .prepare_cached(sql)?
        .query_map(params![key, THREAD], read_event)?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    items.extend(notes);
    items.extend(events);
    // Messages are in their order of acceptance already; the sort is stable.
    items.reverse();
    items.sort_by_key(ThreadItem::at);
    Ok(items)
}

fn read_message(row: &Row<'_>) -> rusqlite::Result<ThreadItem> {
    let cancelled = row.get::<_, Option<String>>("outbox_state")?.as_deref() == Some("cancelled");
    let delivery: Option<String> = row.get("delivery_status")?;
    Ok(ThreadItem::Message(ThreadMessage {
        id: MessageId(id(row, "id")?),
        reference: row.get("reference")?,
        role: named(row, "role")?,
        channel: named(row, "channel")?,
        text: row.get("content")?,
        at: time(row, "created_at")?,
        sentiment: row.get("sentiment_score")?,
        automatic: row.get("automatic")?,
        author: row.get("author")?,
        delivery: if cancelled { Some("cancelled".to_owned()) } else { delivery },
        delivery_error: row.get("last_error")?,
        sources: from_json(row, "sources")?,
        attachments: Vec::new(),
    }))
}

fn read_event(row: &Row<'_>) -> rusqlite::Result<ThreadItem> {
    let (actor, action): (String, String) = (row.get("actor")?, row.get("action")?);
    let details: serde_json::Value = from_json(row, "details")?;
    let action = action.trim_start_matches("conversation.").to_owned();
    Ok(ThreadItem::Event(ThreadEvent {
        id: format!("audit-{}", row.get::<_, i64>("id")?),
        reference: row.get("subject")?,
        at: time(row, "at")?,
        text: in_words(&actor, &action, &details),
        actor,
        action,
    }))
}

/// One clause for the thread.
fn in_words(actor: &str, action: &str, details: &serde_json::Value) -> String {
    let detail = |name: &str| details[name].as_str().unwrap_or_default().to_owned();
    match action {
        "approve" => format!("{actor} approved the draft"),
        "discard" => format!("{actor} discarded the draft: {}", detail("reason")),
        "reply" => format!("{actor} replied"),
        "take_over" => format!("{actor} took it over"),
        "hand_back" => format!("{actor} gave it back to the assistant"),
        "escalate" => format!("{actor} handed it to the {}", detail("team")),
        "assign" if details["assignee"].is_null() => format!("{actor} took the assignment off"),
        "assign" => format!("{actor} assigned it to {}", detail("assignee")),
        "labels" => format!("{actor} changed the labels"),
        "snooze" if details["until"].is_null() => format!("{actor} woke it"),
        "snooze" => format!("{actor} put it aside until {}", detail("until")),
        "close" => format!("{actor} closed it"),
        "reopen" => format!("{actor} opened it again"),
        "spam" => format!("{actor} marked it as spam"),
        "not_spam" => format!("{actor} took it out of spam"),
        "undo" => format!("{actor} called a reply back"),
        other => super::lifecycle::in_words(other, details).unwrap_or_else(|| format!("{actor}: {other}")),
    }
}

fn customer(
    connection: &Connection,
    customer: CustomerId,
    conversation: ConversationId,
) -> Result<CustomerPanel, StoreError> {
    let key = customer.0.into_bytes();
    let sql = "SELECT customers.*, conversations.sentiment_trend,
                   (SELECT json_group_array(json_object('kind', kind, 'value', value,
                           'verified', json(CASE WHEN verified THEN 'true' ELSE 'false' END)))
                    FROM identifiers WHERE customer_id = ?1) AS identifiers
               FROM customers JOIN conversations ON conversations.id = ?2 WHERE customers.id = ?1";
    let mut panel = connection
        .prepare_cached(sql)?
        .query_row(params![key, conversation.0.into_bytes()], |row| {
            Ok(CustomerPanel {
                id: customer,
                name: row.get("name")?,
                plan: optional_name(row, "plan")?,
                identifiers: from_json(row, "identifiers")?,
                first_contact_at: time(row, "created_at")?,
                last_contact_at: time(row, "last_contact_at")?,
                tickets: Vec::new(),
                sentiment: Vec::new(),
                trend: named(row, "sentiment_trend")?,
                merges: Vec::new(),
            })
        })
        .optional()?
        .ok_or(StoreError::NotFound("customer"))?;
    let sql = "SELECT reference, subject, status, channel, created_at FROM tickets WHERE customer_id = ?1
               ORDER BY created_at DESC LIMIT 20";
    panel.tickets = connection
        .prepare_cached(sql)?
        .query_map([key], |row| {
            Ok(CustomerTicket {
                reference: row.get("reference")?,
                subject: row.get("subject")?,
                status: named(row, "status")?,
                channel: named(row, "channel")?,
                created_at: time(row, "created_at")?,
            })
        })?
        .collect::<rusqlite::Result<_>>()?;
    let sql = "SELECT created_at, sentiment_score FROM messages WHERE conversation_id = ?1 AND direction = 'inbound'
                 AND sentiment_score IS NOT NULL ORDER BY sequence DESC LIMIT 50";
    panel.sentiment = connection
        .prepare_cached(sql)?
        .query_map([conversation.0.into_bytes()], |row| {
            Ok(MoodPoint { at: time(row, "created_at")?, score: row.get("sentiment_score")? })
        })?
        .collect::<rusqlite::Result<_>>()?;
    panel.sentiment.reverse();
    let sql = "SELECT customer_merges.*, customers.name FROM customer_merges JOIN customers ON customers.id = loser_id
               WHERE winner_id = ?1 AND undone_at IS NULL ORDER BY merged_at DESC";
    panel.merges = connection
        .prepare_cached(sql)?
        .query_map([key], |row| {
            Ok(MergeView {
                id: id(row, "id")?,
                merged_customer_id: CustomerId(id(row, "loser_id")?),
                merged_name: row.get("name")?,
                at: time(row, "merged_at")?,
                by: row.get("merged_by")?,
            })
        })?
        .collect::<rusqlite::Result<_>>()?;
    Ok(panel)
}

fn assistant(
    connection: &Connection,
    ticket: TicketId,
    newest: MessageId,
) -> Result<AssistantPanel, StoreError> {
    let key = ticket.0.into_bytes();
    let sql = "SELECT * FROM drafts WHERE ticket_id = ?1 ORDER BY created_at DESC, rowid DESC LIMIT 1";
    let draft = connection
        .prepare_cached(sql)?
        .query_row([key], |row| {
            let state: String = row.get("state")?;
            let overtaken = MessageId(id(row, "message_id")?) != newest;
            Ok(DraftView {
                id: id(row, "id")?,
                void: state == "superseded" || (state == "held" && overtaken),
                state,
                body: row.get("body")?,
                origin: row.get("origin")?,
                confidence: row.get("confidence")?,
                sources: from_json(row, "sources")?,
                sentences: from_json(row, "sentences")?,
                created_at: time(row, "created_at")?,
                decided_by: row.get("decided_by")?,
                decided_at: row.get::<_, Option<i64>>("decided_at")?.map(from_micros).transpose()?,
            })
        })
        .optional()?;
    let sql =
        "SELECT * FROM triage_results WHERE ticket_id = ?1 ORDER BY decided_at DESC, rowid DESC LIMIT 1";
    let read = connection.prepare_cached(sql)?.query_row([key], read_triage).optional()?;
    let (decision, triage) = match read {
        Some((decision, mut triage)) => {
            triage.escalation.signals = signals(connection, decision.message_id)?;
            (Some(decision), Some(triage))
        }
        None => (None, None),
    };
    let sql =
        "SELECT at, destination, model, purpose, redactions, request_text FROM egress WHERE ticket_id = ?1
               ORDER BY id DESC LIMIT 20";
    let egress = connection
        .prepare_cached(sql)?
        .query_map([key], |row| {
            Ok(EgressView {
                at: time(row, "at")?,
                destination: row.get("destination")?,
                model: row.get("model")?,
                purpose: row.get("purpose")?,
                redactions: row.get("redactions")?,
                request_text: row.get("request_text")?,
            })
        })?
        .collect::<rusqlite::Result<_>>()?;
    Ok(AssistantPanel { draft, decision, triage, egress })
}

fn read_triage(row: &Row<'_>) -> rusqlite::Result<(DecisionView, TriageView)> {
    let decision = DecisionView {
        decision: row.get("decision")?,
        reason: row.get("reason")?,
        at: time(row, "decided_at")?,
        message_id: MessageId(id(row, "message_id")?),
    };
    let triage = TriageView {
        kind: named(row, "kind")?,
        language: row.get("language")?,
        language_served: row.get("language_served")?,
        intent: named(row, "intent")?,
        sentiment: crate::domain::sentiment::Sentiment {
            score: row.get("sentiment_score")?,
            confidence: row.get("sentiment_confidence")?,
        },
        injection: InjectionScreen {
            score: row.get("injection_score")?,
            flagged: row.get("injection_flagged")?,
            evidence: from_json(row, "injection_evidence")?,
        },
        escalation: TriageEscalation {
            score: row.get("escalation_score")?,
            category: named(row, "escalation_category")?,
            urgency: named(row, "escalation_urgency")?,
            signals: Vec::new(),
        },
    };
    Ok((decision, triage))
}

fn signals(
    connection: &Connection,
    message: MessageId,
) -> Result<Vec<crate::domain::escalation::Signal>, StoreError> {
    let sql = "SELECT * FROM triage_signals WHERE message_id = ?1 ORDER BY position";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([message.0.into_bytes()], |row| {
        Ok(crate::domain::escalation::Signal {
            name: row.get("name")?,
            category: named(row, "category")?,
            class: named(row, "class")?,
            source: named(row, "source")?,
            weight: row.get("weight")?,
            evidence: row.get("evidence")?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Replies that wait and can be called back.
fn pending(
    connection: &Connection,
    ticket: TicketId,
    now: Timestamp,
) -> Result<Vec<PendingReply>, StoreError> {
    let sql =
        "SELECT outbox.id, message_id, due_at FROM outbox JOIN undoable_replies ON outbox_id = outbox.id
               WHERE ticket_id = ?1 AND state = 'waiting' AND due_at > ?2 ORDER BY sequence";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map(params![ticket.0.into_bytes(), micros(now)], |row| {
        Ok(PendingReply {
            outbox_id: OutboxId(id(row, "id")?),
            message_id: MessageId(id(row, "message_id")?),
            until: time(row, "due_at")?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn raw_message(
    connection: &Connection,
    reference: &TicketReference,
    message: MessageId,
) -> Result<Option<Vec<u8>>, StoreError> {
    let sql = "SELECT raw FROM message_raw JOIN messages ON messages.id = message_id
               JOIN tickets ON tickets.conversation_id = messages.conversation_id
               WHERE message_id = ?1 AND tickets.reference = ?2";
    Ok(connection
        .prepare_cached(sql)?
        .query_row(params![message.0.into_bytes(), reference.as_str()], |row| row.get(0))
        .optional()?)
}

/// What formatting a reply needs: the channel the customer wrote on last, and their address there.
pub(super) fn reply_context(
    connection: &Connection,
    reference: &TicketReference,
) -> Result<ReplyContextRecord, StoreError> {
    let ticket: TicketHead =
        tickets::head_by_reference(connection, reference)?.ok_or(StoreError::NotFound("conversation"))?;
    let key = ticket.place.ticket.0.into_bytes();
    let sql = "SELECT id, channel, content FROM messages WHERE ticket_id = ?1 AND direction = 'inbound'
               ORDER BY sequence DESC LIMIT 1";
    let (newest_message_id, channel, newest_text) = connection
        .prepare_cached(sql)?
        .query_row([key], |row| {
            Ok((MessageId(id(row, "id")?), named(row, "channel")?, row.get::<_, String>("content")?))
        })
        .optional()?
        .ok_or(StoreError::NotFound("message"))?;
    let channel: crate::domain::channel::Channel = channel;
    let sql = "SELECT sender FROM messages WHERE ticket_id = ?1 AND channel = ?2 AND sender IS NOT NULL
               ORDER BY sequence DESC LIMIT 1";
    let recipient = connection
        .prepare_cached(sql)?
        .query_row(params![key, channel.as_str()], |row| row.get(0))
        .optional()?;
    let sql = "SELECT id, body, sources FROM drafts WHERE ticket_id = ?1 ORDER BY created_at DESC, rowid DESC LIMIT 1";
    let draft = connection
        .prepare_cached(sql)?
        .query_row([key], |row| {
            Ok((id(row, "id")?, row.get("body")?, from_json::<Vec<Source>>(row, "sources")?))
        })
        .optional()?;
    let (subject, sentiment): (String, Option<f32>) = connection
        .prepare_cached("SELECT subject, sentiment FROM tickets WHERE id = ?1")?
        .query_row([key], |row| Ok((row.get("subject")?, row.get("sentiment")?)))?;
    Ok(ReplyContextRecord {
        reference: reference.clone(),
        subject,
        contact: TicketContact { channel, recipient, customer_name: ticket.requester_name },
        sentiment: sentiment.unwrap_or_default(),
        newest_message_id,
        draft,
        newest_text,
    })
}
