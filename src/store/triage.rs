//! What triage found in a message and what was decided on it: kept so that an operator can see why.

use super::{
    messages,
    values::{bounded, json, micros},
};
use crate::domain::{
    ids::{MessageId, TicketId},
    triage::Triage,
};
use crate::ports::store::StoreError;
use jiff::Timestamp;
use rusqlite::{Connection, params};

/// Keeps the result of a message, in place of an earlier one of the same message.
pub(super) fn record(
    connection: &Connection,
    message: MessageId,
    ticket: TicketId,
    triage: &Triage,
    (decision, reason): (&str, &str),
    at: Timestamp,
) -> Result<(), StoreError> {
    messages::record_reading(connection, message, triage.sentiment, triage.intent)?;
    connection
        .prepare_cached("DELETE FROM triage_results WHERE message_id = ?1")?
        .execute([message.0.into_bytes()])?;
    let sql = "INSERT INTO triage_results (message_id, ticket_id, kind, language, language_served, intent,
                   sentiment_score, sentiment_confidence, injection_score, injection_flagged, injection_evidence,
                   escalation_score, escalation_category, escalation_urgency, decision, reason, decided_at)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)";
    connection.prepare_cached(sql)?.execute(params![
        message.0.into_bytes(),
        ticket.0.into_bytes(),
        triage.kind.as_str(),
        triage.language,
        triage.language_served,
        triage.intent.as_str(),
        bounded(triage.sentiment.score, -1.0, 1.0),
        bounded(triage.sentiment.confidence, 0.0, 1.0),
        bounded(triage.injection.score, 0.0, 1.0),
        triage.injection.flagged,
        json(&triage.injection.evidence)?,
        bounded(triage.escalation.score, 0.0, 1.0),
        triage.escalation.category.as_str(),
        triage.escalation.urgency.as_str(),
        decision,
        reason,
        micros(at)
    ])?;
    let sql =
        "INSERT INTO triage_signals (message_id, position, name, category, class, source, weight, evidence)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    for (position, signal) in triage.escalation.signals.iter().enumerate() {
        connection.prepare_cached(sql)?.execute(params![
            message.0.into_bytes(),
            position as i64,
            signal.name,
            signal.category.as_str(),
            signal.class.as_str(),
            signal.source.as_str(),
            bounded(signal.weight, -1.0, 1.0),
            signal.evidence
        ])?;
    }
    Ok(())
}
