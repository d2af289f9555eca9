//! What others may read of the store: tickets, conversations, figures, and whether it can be written at all.

use super::{
    Store, messages, metrics, tickets,
    values::{count, from_micros, micros},
};
use crate::domain::{
    channel::Channel,
    ids::ConversationId,
    ticket::{TicketReference, TicketView},
};
use crate::ports::store::{ConversationView, MetricSummary, QueueFigures, Reports, StoreError};
use async_trait::async_trait;
use jiff::Timestamp;
use rusqlite::Connection;

/// At most so many messages of a conversation are read; the newest ones.
const CONVERSATION_MESSAGES: usize = 500;

#[async_trait]
impl Reports for Store {
    async fn ticket(&self, reference: &TicketReference) -> Result<Option<TicketView>, StoreError> {
        let reference = reference.clone();
        self.read(move |connection| {
            let ticket = tickets::head_by_reference(connection, &reference)?;
            ticket.map(|ticket| tickets::view(connection, ticket.place.ticket)).transpose()
        })
        .await
    }

    async fn conversation(&self, id: ConversationId) -> Result<Option<ConversationView>, StoreError> {
        self.read(move |connection| {
            let exists = connection
                .prepare_cached("SELECT 1 FROM conversations WHERE id = ?1")?
                .exists([id.0.into_bytes()])?;
            if !exists {
                return Ok(None);
            }
            let messages = messages::of_conversation(connection, id, CONVERSATION_MESSAGES)?;
            Ok(Some(ConversationView {
                id,
                messages: messages.into_iter().map(|stored| stored.message).collect(),
            }))
        })
        .await
    }

    async fn queue_figures(&self, now: Timestamp) -> Result<QueueFigures, StoreError> {
        self.read(move |connection| queue_figures(connection, now)).await
    }

    async fn metrics(
        &self,
        channel: Option<Channel>,
        since: Timestamp,
    ) -> Result<Vec<MetricSummary>, StoreError> {
        self.read(move |connection| metrics::summaries(connection, channel, since)).await
    }

    async fn check_writable(&self) -> Result<(), StoreError> {
        self.write(|connection| {
            let sql = "INSERT INTO settings (name, value, updated_at) VALUES ('write_check', zeroblob(16), 0)
                       ON CONFLICT (name) DO UPDATE SET value = excluded.value";
            connection.prepare_cached(sql)?.execute([])?;
            connection.prepare_cached("DELETE FROM settings WHERE name = 'write_check'")?.execute([])?;
            Ok(())
        })
        .await
    }

    async fn accepts_work(&self) -> Result<(), StoreError> {
        self.require_space()
    }

    async fn instance_secret(&self) -> Result<[u8; 32], StoreError> {
        self.read(|connection| {
            let sql = "SELECT value FROM settings WHERE name = 'instance_secret'";
            Ok(connection.query_row(sql, [], |row| row.get(0))?)
        })
        .await
    }
}

fn queue_figures(connection: &Connection, now: Timestamp) -> Result<QueueFigures, StoreError> {
    let jobs = "SELECT count(*) FILTER (WHERE state = 'waiting' OR leased_until <= ?1) AS waiting,
                       count(*) FILTER (WHERE state = 'leased' AND leased_until > ?1) AS leased,
                       min(due_at) FILTER (WHERE state = 'waiting' AND due_at <= ?1) AS oldest_due
                FROM jobs WHERE state IN ('waiting', 'leased')";
    let mut figures = connection.prepare_cached(jobs)?.query_row([micros(now)], |row| {
        Ok(QueueFigures {
            waiting: count(row, "waiting")?,
            leased: count(row, "leased")?,
            oldest_due: row.get::<_, Option<i64>>("oldest_due")?.map(from_micros).transpose()?,
            ..QueueFigures::default()
        })
    })?;
    let rows = |condition: &str| -> Result<u64, StoreError> {
        let sql = format!("SELECT count(*) FROM {condition}");
        Ok(connection.prepare_cached(&sql)?.query_row([], |row| count(row, 0))?)
    };
    figures.dead = rows("jobs WHERE state = 'dead'")?;
    figures.outbox_waiting = rows("outbox WHERE state IN ('waiting', 'leased')")?;
    figures.outbox_dead = rows("outbox WHERE state = 'dead'")?;
    Ok(figures)
}
