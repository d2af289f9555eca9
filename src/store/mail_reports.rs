//! Mail servers' later word on mails we sent.

use super::{Store, escalations, outbox, tickets, values::{id, micros}};
use crate::domain::{
    ids::TicketId,
    mail::{DeliveryReport, ReportedStatus},
    message::DeliveryStatus,
};
use crate::ports::{mail::MailReports, store::StoreError};
use async_trait::async_trait;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

#[async_trait]
impl MailReports for Store {
    async fn record_report(&self, report: &DeliveryReport, now: Timestamp) -> Result<bool, StoreError> {
        let (report, route) = (report.clone(), self.options().failure_route.clone());
        self.write(move |connection| record(connection, &report, &route, now)).await
    }
}

fn record(
    connection: &Connection,
    report: &DeliveryReport,
    route: &super::FailureRoute,
    now: Timestamp,
) -> Result<bool, StoreError> {
    // The id in the report bears our signature; whether the server's answer to it was ever seen does not matter.
    let sql = "SELECT id, ticket_id, attempts FROM outbox WHERE message_id = ?1 AND channel = 'email'";
    let found = connection
        .prepare_cached(sql)?
        .query_row([report.message_id.0.into_bytes()], |row| {
            Ok((row.get::<_, [u8; 16]>("id")?, TicketId(id(row, "ticket_id")?), row.get::<_, i64>("attempts")?))
        })
        .optional()?;
    let Some((entry, ticket, attempts)) = found else { return Ok(false) };
    let (outcome, status) = match report.status {
        ReportedStatus::Failed => ("failed", Some(DeliveryStatus::Failed)),
        ReportedStatus::Delayed => ("retry", None),
        ReportedStatus::Delivered => ("delivered", Some(DeliveryStatus::Delivered)),
    };
    let note = format!("reported by a mail server: {}", report.code);
    let known = connection
        .prepare_cached("SELECT 1 FROM deliveries WHERE outbox_id = ?1 AND outcome = ?2 AND error = ?3")?
        .exists(params![entry, outcome, note])?;
    if known {
        return Ok(true);
    }
    let sql = "INSERT INTO deliveries (outbox_id, attempt, outcome, error, finished_at) VALUES (?1, ?2, ?3, ?4, ?5)";
    connection.prepare_cached(sql)?.execute(params![entry, attempts, outcome, note, micros(now)])?;
    if let Some(status) = status {
        outbox::raise_status(connection, report.message_id, status)?;
    }
    if report.status == ReportedStatus::Failed {
        let place = tickets::head(connection, ticket)?.place;
        let reason = format!("a reply came back undelivered ({})", report.code);
        escalations::insert_for_failure(connection, place, route, &reason, now)?;
    }
    Ok(true)
}
