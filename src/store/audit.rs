//! The audit log's one way in.

use super::values::{cut, json, micros};
use crate::{domain::exemplar::OPERATOR_CHARS, ports::store::StoreError};
use jiff::Timestamp;
use rusqlite::{Connection, params};

/// Notes who did what to what. Details hold ids, names and settings, never a message's text.
pub(super) fn note(
    connection: &Connection,
    actor: &str,
    action: &str,
    subject: &str,
    details: &serde_json::Value,
    at: Timestamp,
) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO audit (at, actor, action, subject, details) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![micros(at), cut(actor, OPERATOR_CHARS), action, subject, json(details)?])?;
    Ok(())
}
