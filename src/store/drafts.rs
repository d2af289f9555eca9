//! The assistant's drafts and what became of them.

use super::values::{bounded, json, micros};
use crate::domain::{
    draft::Draft,
    ids::{DraftId, MessageId, TicketId},
};
use crate::ports::store::StoreError;
use jiff::Timestamp;
use rusqlite::{Connection, params};

/// Keeps a draft under the decision that was made on it.
pub(super) fn insert(
    connection: &Connection,
    ticket: TicketId,
    message: MessageId,
    draft: &Draft,
    decision: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    let state = match decision {
        "sent" | "flagged" | "held" => decision,
        _ => "unused",
    };
    let sql = "INSERT INTO drafts (id, ticket_id, message_id, body, origin, sources, sentences, confidence, state, created_at)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    connection.prepare_cached(sql)?.execute(params![
        DraftId::new().0.into_bytes(),
        ticket.0.into_bytes(),
        message.0.into_bytes(),
        draft.body,
        draft.origin.as_str(),
        json(&draft.sources)?,
        json(&draft.sentences)?,
        bounded(draft.confidence, 0.0, 1.0),
        state,
        micros(at)
    ])?;
    Ok(())
}

/// A newer turn speaks for the ticket: drafts still waiting for approval are out of date.
pub(super) fn supersede_held(
    connection: &Connection,
    ticket: TicketId,
    at: Timestamp,
) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "UPDATE drafts SET state = 'superseded', decided_at = ?2 WHERE ticket_id = ?1 AND state = 'held'",
        )?
        .execute(params![ticket.0.into_bytes(), micros(at)])?;
    Ok(())
}
