//! The board on which channels note how their connections stand. Kept in memory for health reports and in the store for
//! `frontdesk channels list`, which is another process.

use crate::{
    domain::{
        channel::Channel,
        channel_health::{ChannelHealth, HealthState},
    },
    ports::{channel_health::ChannelsHealth, channel_state::ChannelState},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

/// The directions a connection can have.
pub const RECEIVING: &str = "receiving";
pub const SENDING: &str = "sending";

/// The notes of all connections.
pub struct HealthBoard {
    state: Arc<dyn ChannelState>,
    notes: Mutex<BTreeMap<(Channel, String, &'static str), ChannelHealth>>,
}

/// A note as the store keeps it.
#[derive(Serialize, Deserialize)]
struct Kept {
    state: HealthState,
    reason: Option<String>,
    since: Timestamp,
}

impl HealthBoard {
    pub fn new(state: Arc<dyn ChannelState>) -> Self {
        Self { state, notes: Mutex::default() }
    }

    /// Notes how a connection stands; the time it stands so is kept while nothing changes.
    pub async fn note(
        &self,
        channel: Channel,
        account: &str,
        direction: &'static str,
        state: HealthState,
        reason: Option<&str>,
    ) {
        let note = {
            let mut notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
            let key = (channel, account.to_owned(), direction);
            let before = notes.get(&key);
            if before.is_some_and(|note| note.state == state && note.reason.as_deref() == reason) {
                return;
            }
            // A reason in other words does not make the failure a new one.
            let since =
                before.filter(|note| note.state == state).map_or_else(Timestamp::now, |note| note.since);
            let note = ChannelHealth {
                channel,
                account: account.to_owned(),
                direction,
                state,
                reason: reason.map(str::to_owned),
                since,
            };
            notes.insert(key, note.clone());
            note
        };
        match state {
            HealthState::Failing => {
                tracing::warn!(%channel, account, direction, reason = reason.unwrap_or_default(), "a channel fails");
            }
            HealthState::Ok => tracing::info!(%channel, account, direction, "a channel works"),
            HealthState::Connecting => tracing::debug!(%channel, account, direction, "a channel connects"),
        }
        let kept = Kept { state, reason: note.reason, since: note.since };
        let text = serde_json::to_string(&kept).unwrap_or_default();
        // A store that cannot be written is told of elsewhere; the note in memory stands.
        if let Err(error) =
            self.state.save(channel, account, &state_name(direction), &text, Timestamp::now()).await
        {
            tracing::debug!(%error, "a channel's health was not kept");
        }
    }
}

impl ChannelsHealth for HealthBoard {
    fn report(&self) -> Vec<ChannelHealth> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }
}

fn state_name(direction: &str) -> String {
    format!("health_{direction}")
}

/// What the last run of the server noted of a connection.
///
/// # Errors
/// When the store cannot be read.
pub async fn last_noted(
    state: &dyn ChannelState,
    channel: Channel,
    account: &str,
    direction: &'static str,
) -> Result<Option<ChannelHealth>, crate::ports::store::StoreError> {
    let text = state.load(channel, account, &state_name(direction)).await?;
    let kept: Option<Kept> = text.and_then(|text| serde_json::from_str(&text).ok());
    Ok(kept.map(|kept| ChannelHealth {
        channel,
        account: account.to_owned(),
        direction,
        state: kept.state,
        reason: kept.reason,
        since: kept.since,
    }))
}
