//! What was said and done in a conversation, as the console shows it.

use super::values::{count, from_json, id, named, time};
use crate::domain::ids::{ConversationId, MessageId};
use crate::ports::{
    console::{AttachmentView, ThreadEvent, ThreadItem, ThreadMessage, ThreadNote},
    store::StoreError,
};
use rusqlite::{Connection, Row, params};
use std::collections::HashMap;

/// At most so many messages, notes and events of each kind.
const THREAD: i64 = 300;

/// Messages with their files, notes and what was done, oldest first.
pub(super) fn read(
    connection: &Connection,
    conversation: ConversationId,
) -> Result<Vec<ThreadItem>, StoreError> {
    let key = conversation.0.into_bytes();
    let sql = "SELECT messages.*, tickets.reference, outbox.state AS outbox_state, outbox.last_error,
                   messages.html IS NOT NULL AS formatted, mail_headers.authenticated
               FROM messages JOIN tickets ON tickets.id = messages.ticket_id
               LEFT JOIN outbox ON outbox.message_id = messages.id
               LEFT JOIN mail_headers ON mail_headers.message_id = messages.id AND messages.direction = 'inbound'
               WHERE messages.conversation_id = ?1 ORDER BY messages.sequence DESC LIMIT ?2";
    let mut items: Vec<ThreadItem> = connection
        .prepare_cached(sql)?
        .query_map(params![key, THREAD], read_message)?
        .collect::<rusqlite::Result<_>>()?;
    attach(connection, conversation, &mut items)?;
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
        formatted: row.get("formatted")?,
        verified: row.get::<_, Option<String>>("authenticated")?.map(|found| found == "pass"),
        held: row.get("held")?,
        automatic_mail: row.get("automatic_mail")?,
    }))
}

/// Puts the conversation's files to their messages.
fn attach(
    connection: &Connection,
    conversation: ConversationId,
    items: &mut [ThreadItem],
) -> Result<(), StoreError> {
    let sql = "SELECT attachments.id, message_id, name, media_type, byte_length FROM attachments
               JOIN messages ON messages.id = message_id WHERE messages.conversation_id = ?1
               ORDER BY message_id, position";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([conversation.0.into_bytes()], |row| {
        let view = AttachmentView {
            id: id(row, "id")?.to_string(),
            name: row.get("name")?,
            media_type: row.get("media_type")?,
            bytes: count(row, "byte_length")?,
        };
        Ok((MessageId(id(row, "message_id")?), view))
    })?;
    let mut files: HashMap<MessageId, Vec<AttachmentView>> = HashMap::new();
    for row in rows {
        let (message, view) = row?;
        files.entry(message).or_default().push(view);
    }
    for item in items {
        if let ThreadItem::Message(message) = item {
            message.attachments = files.remove(&message.id).unwrap_or_default();
        }
    }
    Ok(())
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
