//! What went out by itself lately, and what came: the counts that end a loop of machines.

use super::values::{count, micros, time};
use crate::domain::{
    ids::{MessageId, TicketId},
    loop_guard::AutomaticTraffic,
};
use crate::ports::store::StoreError;
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, params};

const AUTOMATIC: &str =
    "SELECT count(*) FROM outbox WHERE automatic = 1 AND channel = 'email' AND state <> 'cancelled'";

/// Mails that went out by themselves, or are about to, since then.
pub(super) fn automatic_since(connection: &Connection, since: Timestamp) -> Result<usize, StoreError> {
    let sql = format!("{AUTOMATIC} AND created_at >= ?1");
    Ok(connection.prepare_cached(&sql)?.query_row([micros(since)], |row| count(row, 0))?)
}

/// The traffic around a mail; `None` for a message of another channel. Spans are counted back from when the mail came.
pub(super) fn read(
    connection: &Connection,
    ticket: TicketId,
    message: MessageId,
) -> Result<Option<AutomaticTraffic>, StoreError> {
    let sql = "SELECT sender, created_at, sequence, coalesce(model_text, content) AS said
               FROM messages WHERE id = ?1 AND channel = 'email'";
    let read = |row: &Row<'_>| {
        let sender: Option<String> = row.get("sender")?;
        Ok((sender.unwrap_or_default(), time(row, "created_at")?, row.get("sequence")?, row.get("said")?))
    };
    let found: Option<(String, Timestamp, i64, String)> =
        connection.prepare_cached(sql)?.query_row([message.0.into_bytes()], read).optional()?;
    let Some((sender, came_at, sequence, said)) = found else { return Ok(None) };
    let before = |span: SignedDuration| micros(came_at.saturating_sub(span).unwrap_or(Timestamp::MIN));
    let day = before(SignedDuration::from_hours(24));
    let number = |sql: &str, values: &[&dyn rusqlite::ToSql]| -> Result<usize, StoreError> {
        Ok(connection.prepare_cached(sql)?.query_row(values, |row| count(row, 0))?)
    };
    let sent = AUTOMATIC;
    Ok(Some(AutomaticTraffic {
        in_thread: number(&format!("{sent} AND ticket_id = ?1"), params![ticket.0.into_bytes()])?,
        to_sender_in_a_day: number(
            &format!("{sent} AND created_at >= ?1 AND recipient = ?2"),
            params![day, sender],
        )?,
        same_text_in_a_day: number(
            "SELECT count(*) FROM messages
             WHERE sender = ?1 AND channel = 'email' AND created_at >= ?2 AND sequence < ?3
               AND coalesce(model_text, content) = ?4",
            params![sender, day, sequence, said],
        )?,
    }))
}
