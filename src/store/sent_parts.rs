//! Which parts of an outgoing message a provider has.

use super::{
    Store,
    values::{micros, time},
};
use crate::domain::{channel::Channel, ids::OutboxId};
use crate::ports::{
    sent_parts::{SentPart, SentParts},
    store::StoreError,
};
use async_trait::async_trait;
use jiff::Timestamp;
use rusqlite::{Connection, params};

#[async_trait]
impl SentParts for Store {
    async fn sent_parts(&self, outbox: OutboxId) -> Result<Vec<SentPart>, StoreError> {
        self.read(move |connection| {
            let sql = "SELECT number, provider_message_id, attempted_at FROM sent_parts WHERE outbox_id = ?1 ORDER BY number";
            let mut statement = connection.prepare_cached(sql)?;
            let rows = statement.query_map([outbox.0.into_bytes()], |row| {
                Ok(SentPart {
                    number: row.get("number")?,
                    provider_message_id: row.get("provider_message_id")?,
                    attempted_at: time(row, "attempted_at")?,
                })
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
        .await
    }

    async fn part_attempted(&self, outbox: OutboxId, number: u32, now: Timestamp) -> Result<(), StoreError> {
        self.write(move |connection| {
            let sql = "INSERT INTO sent_parts (outbox_id, number, attempted_at) VALUES (?1, ?2, ?3)
                       ON CONFLICT (outbox_id, number) DO UPDATE SET attempted_at = excluded.attempted_at
                       WHERE provider_message_id IS NULL";
            connection.prepare_cached(sql)?.execute(params![outbox.0.into_bytes(), number, micros(now)])?;
            Ok(())
        })
        .await
    }

    async fn part_sent(
        &self,
        channel: Channel,
        outbox: OutboxId,
        number: u32,
        provider_message_id: &str,
    ) -> Result<(), StoreError> {
        let id = provider_message_id.to_owned();
        self.write(move |connection| {
            let sql = "UPDATE sent_parts SET provider_message_id = ?3 WHERE outbox_id = ?1 AND number = ?2";
            connection.prepare_cached(sql)?.execute(params![outbox.0.into_bytes(), number, id])?;
            // At once, and not when the whole message is out: a provider's word on the first part may come before.
            let sql = "INSERT INTO delivery_receipts (channel, provider_message_id, message_id)
                       SELECT ?2, ?3, message_id FROM outbox WHERE id = ?1 ON CONFLICT DO NOTHING";
            connection.prepare_cached(sql)?.execute(params![outbox.0.into_bytes(), channel.as_str(), id])?;
            Ok(())
        })
        .await
    }

    async fn part_refused(&self, outbox: OutboxId, number: u32) -> Result<(), StoreError> {
        self.write(move |connection| {
            let sql =
                "DELETE FROM sent_parts WHERE outbox_id = ?1 AND number = ?2 AND provider_message_id IS NULL";
            connection.prepare_cached(sql)?.execute(params![outbox.0.into_bytes(), number])?;
            Ok(())
        })
        .await
    }
}

/// An operator wants the message sent again, whatever went out before.
pub(super) fn forget(connection: &Connection, outbox: OutboxId) -> Result<(), StoreError> {
    connection
        .prepare_cached("DELETE FROM sent_parts WHERE outbox_id = ?1")?
        .execute([outbox.0.into_bytes()])?;
    Ok(())
}
