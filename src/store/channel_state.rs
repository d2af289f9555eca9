//! A channel's memory between two looks.

use super::{Store, values::micros};
use crate::domain::channel::Channel;
use crate::ports::{channel_state::ChannelState, store::StoreError};
use async_trait::async_trait;
use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};

#[async_trait]
impl ChannelState for Store {
    async fn load(&self, channel: Channel, account: &str, name: &str) -> Result<Option<String>, StoreError> {
        let (account, name) = (account.to_owned(), name.to_owned());
        self.read(move |connection| {
            let sql = "SELECT value FROM channel_state WHERE channel = ?1 AND account = ?2 AND name = ?3";
            let values = params![channel.as_str(), account, name];
            Ok(connection.prepare_cached(sql)?.query_row(values, |row| row.get(0)).optional()?)
        })
        .await
    }

    async fn save(
        &self,
        channel: Channel,
        account: &str,
        name: &str,
        value: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let (account, name, value) = (account.to_owned(), name.to_owned(), value.to_owned());
        self.write(move |connection| {
            let sql = "INSERT INTO channel_state (channel, account, name, value, updated_at) VALUES (?1, ?2, ?3, ?4, ?5)
                       ON CONFLICT (channel, account, name)
                       DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at";
            let values = params![channel.as_str(), account, name, value, micros(now)];
            connection.prepare_cached(sql)?.execute(values)?;
            Ok(())
        })
        .await
    }
}
