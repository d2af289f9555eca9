//! Reading back: the audit log, customers' ratings, and questions the documents do not answer.

use super::{
    Store,
    audit::note,
    values::{from_json, micros, time},
};
use crate::domain::{decision::UNANSWERED, ids::TicketId};
use crate::ports::{
    console::{AuditEntry, AuditFilter, ConsoleReports, Gap, RatingView},
    store::StoreError,
};
use async_trait::async_trait;
use jiff::Timestamp;
use rusqlite::params;

#[async_trait]
impl ConsoleReports for Store {
    async fn record(
        &self,
        actor: &str,
        action: &'static str,
        subject: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let (actor, subject) = (actor.to_owned(), subject.to_owned());
        self.write(move |connection| note(connection, &actor, action, &subject, &serde_json::json!({}), now))
            .await
    }

    async fn audit(&self, filter: AuditFilter, limit: usize) -> Result<Vec<AuditEntry>, StoreError> {
        self.read(move |connection| {
            let sql = format!(
                "SELECT * FROM audit WHERE (?1 IS NULL OR actor = ?1) AND (?2 IS NULL OR substr(action, 1, length(?2)) = ?2)
                   AND (?3 IS NULL OR subject = ?3) AND (?4 IS NULL OR id < ?4) ORDER BY id DESC LIMIT {limit}"
            );
            let mut statement = connection.prepare_cached(&sql)?;
            let rows = statement.query_map(
                params![filter.actor, filter.action, filter.subject, filter.before],
                |row| {
                    Ok(AuditEntry {
                        id: row.get("id")?,
                        at: time(row, "at")?,
                        actor: row.get("actor")?,
                        action: row.get("action")?,
                        subject: row.get("subject")?,
                        details: from_json(row, "details")?,
                    })
                },
            )?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
        .await
    }

    async fn rate(&self, ticket: TicketId, score: u8, now: Timestamp) -> Result<(), StoreError> {
        self.write(move |connection| {
            let sql = "INSERT INTO ratings (ticket_id, score, rated_at) SELECT id, ?2, ?3 FROM tickets WHERE id = ?1
                       ON CONFLICT (ticket_id) DO UPDATE SET score = excluded.score, rated_at = excluded.rated_at";
            let rated = connection.prepare_cached(sql)?.execute(params![
                ticket.0.into_bytes(),
                score,
                micros(now)
            ])?;
            if rated == 0 { Err(StoreError::NotFound("ticket")) } else { Ok(()) }
        })
        .await
    }

    async fn ratings(&self, before: Option<i64>, limit: usize) -> Result<Vec<RatingView>, StoreError> {
        self.read(move |connection| {
            let sql = format!(
                "SELECT reference, subject, score, rated_at,
                        (SELECT author FROM messages WHERE ticket_id = tickets.id AND direction = 'outbound'
                           AND created_at <= rated_at ORDER BY sequence DESC LIMIT 1) AS operator
                 FROM ratings JOIN tickets ON tickets.id = ticket_id WHERE ?1 IS NULL OR rated_at < ?1
                 ORDER BY rated_at DESC LIMIT {limit}"
            );
            let mut statement = connection.prepare_cached(&sql)?;
            let rows = statement.query_map([before], |row| {
                Ok(RatingView {
                    reference: row.get("reference")?,
                    subject: row.get("subject")?,
                    score: row.get("score")?,
                    rated_at: time(row, "rated_at")?,
                    operator: row.get("operator")?,
                })
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
        .await
    }

    async fn gaps(&self, since: Timestamp, limit: usize) -> Result<Vec<Gap>, StoreError> {
        self.read(move |connection| {
            let sql = format!(
                "SELECT tickets.reference, messages.content, messages.created_at
                 FROM messages JOIN triage_results ON triage_results.message_id = messages.id
                 JOIN tickets ON tickets.id = messages.ticket_id
                 WHERE messages.created_at >= ?1 AND substr(triage_results.reason, 1, length(?2)) = ?2
                 ORDER BY messages.sequence DESC LIMIT {limit}"
            );
            let mut statement = connection.prepare_cached(&sql)?;
            let rows = statement.query_map(params![micros(since), UNANSWERED], |row| {
                Ok(Gap {
                    reference: row.get("reference")?,
                    question: row.get("content")?,
                    at: time(row, "created_at")?,
                })
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
        .await
    }
}
