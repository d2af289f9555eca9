//! What could not be done, listed and sent round again; and providers' later word on what was sent.

use super::{
    Store, audit, escalations, jobs, outbox, tickets,
    values::{id, time},
};
use crate::domain::{
    channel::Channel,
    ids::{JobId, OutboxId, TicketId},
    message::DeliveryStatus,
};
use crate::ports::store::{DeadLetter, DeadLetters, DeadWork, DeliveryReports, StoreError};
use async_trait::async_trait;
use jiff::Timestamp;
use rusqlite::{Connection, Row};

#[async_trait]
impl DeadLetters for Store {
    async fn dead_letters(&self, limit: usize) -> Result<Vec<DeadLetter>, StoreError> {
        self.read(move |connection| list(connection, limit)).await
    }

    async fn replay(&self, work: DeadWork, operator: &str, now: Timestamp) -> Result<(), StoreError> {
        let operator = operator.to_owned();
        self.write(move |connection| replay(connection, work, &operator, now)).await
    }
}

#[async_trait]
impl DeliveryReports for Store {
    async fn delivery_status(
        &self,
        channel: Channel,
        provider_message_id: &str,
        status: DeliveryStatus,
    ) -> Result<bool, StoreError> {
        let provider_message_id = provider_message_id.to_owned();
        self.write(move |connection| outbox::update_status(connection, channel, &provider_message_id, status))
            .await
    }

    async fn delivery_failed_later(
        &self,
        channel: Channel,
        provider_message_id: &str,
        reason: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let route = self.options().failure_route.clone();
        let (id, reason) = (provider_message_id.to_owned(), reason.to_owned());
        self.write(move |connection| outbox::failed_later(connection, channel, &id, &reason, &route, now))
            .await
    }
}

fn list(connection: &Connection, limit: usize) -> Result<Vec<DeadLetter>, StoreError> {
    let sql = "SELECT jobs.id AS job, NULL AS outbox, ticket_id, reference, attempts, last_error, finished_at
               FROM jobs JOIN tickets ON tickets.id = ticket_id WHERE state = 'dead'
               UNION ALL
               SELECT NULL, outbox.id, ticket_id, reference, attempts, last_error, finished_at
               FROM outbox JOIN tickets ON tickets.id = ticket_id WHERE state = 'dead'
               ORDER BY finished_at DESC LIMIT ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([i64::try_from(limit).unwrap_or(i64::MAX)], read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn read(row: &Row<'_>) -> rusqlite::Result<DeadLetter> {
    let work = match row.get::<_, Option<i64>>("job")? {
        Some(job) => DeadWork::Job(JobId(job)),
        None => DeadWork::Delivery(OutboxId(id(row, "outbox")?)),
    };
    Ok(DeadLetter {
        work,
        ticket_id: TicketId(id(row, "ticket_id")?),
        reference: tickets::reference(row)?,
        attempts: row.get("attempts")?,
        error: row.get::<_, Option<String>>("last_error")?.unwrap_or_default(),
        failed_at: time(row, "finished_at")?,
    })
}

fn replay(connection: &Connection, work: DeadWork, operator: &str, now: Timestamp) -> Result<(), StoreError> {
    let ticket = match work {
        DeadWork::Job(job) => jobs::revive(connection, job, now)?,
        DeadWork::Delivery(delivery) => outbox::revive(connection, delivery, now)?,
    };
    let ticket = ticket.ok_or(StoreError::NotFound("dead letter"))?;
    let place = tickets::head(connection, ticket)?.place;
    escalations::settle_failure(connection, place, operator, now)?;
    let details = match work {
        DeadWork::Job(job) => serde_json::json!({ "job": job.0 }),
        DeadWork::Delivery(outbox) => serde_json::json!({ "delivery": outbox.to_string() }),
    };
    audit::note(connection, operator, "replay", &ticket.to_string(), &details, now)
}
