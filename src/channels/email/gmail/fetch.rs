//! Fetching mail by Gmail's history: every mail once, from where the last look ended.

use super::{
    api::{Api, ApiError},
    shapes::Reference,
};
use crate::{
    channels::{
        email::{
            backoff::{NETWORK, REFUSED},
            intake::Intake,
        },
        health::{HealthBoard, RECEIVING},
    },
    config::MailboxConfig,
    domain::{channel::Channel, channel_health::HealthState},
    ports::{channel_state::ChannelState, store::StoreError},
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::{Mutex, Notify},
    time::Instant,
};
use tokio_util::sync::CancellationToken;

const CURSOR: &str = "gmail_cursor";
const WATCH: &str = "gmail_watch";
/// Google ends a watch after seven days and asks for a renewal every day.
const RENEW_WATCH_AFTER: SignedDuration = SignedDuration::from_hours(24);
/// Looked through again when the history is lost, before the last look.
const MARGIN: SignedDuration = SignedDuration::from_hours(48);

/// Where the last look ended.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Cursor {
    history_id: String,
    at: Timestamp,
}

/// Why a look was not finished; what was accepted until then stays accepted.
#[derive(Debug, thiserror::Error)]
pub enum RoundError {
    #[error(transparent)]
    Api(#[from] ApiError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Fetches the mails of one Gmail mailbox.
pub struct GmailFetcher {
    pub account: String,
    pub settings: MailboxConfig,
    pub api: Api,
    pub intake: Intake,
    pub state: Arc<dyn ChannelState>,
    pub board: Arc<HealthBoard>,
    /// One look at a time: announcements and the clock may ask for one together.
    pub turn: Mutex<()>,
    /// Told when an announcement came another way.
    pub announced: Notify,
}

impl GmailFetcher {
    /// Fetches until `stop`.
    pub async fn run(self: Arc<Self>, stop: CancellationToken) {
        tokio::select! {
            () = self.keep_on() => {}
            () = stop.cancelled() => {}
        }
    }

    async fn keep_on(&self) {
        self.note(HealthState::Connecting, None).await;
        let (mut failures, mut pulled) = (0u32, Vec::new());
        loop {
            match self.look().await {
                Ok(()) => {
                    failures = 0;
                    if !pulled.is_empty() {
                        // One that is not acknowledged is announced again, and finds nothing new.
                        let _ = self.api.acknowledge(&std::mem::take(&mut pulled)).await;
                    }
                    match self.renew_watch().await {
                        Ok(()) => self.note(HealthState::Ok, None).await,
                        Err(error) => {
                            let reason = format!("mail is fetched, but Gmail announces none: {error}");
                            self.note(HealthState::Failing, Some(&reason)).await;
                        }
                    }
                    pulled = self.wait().await;
                }
                Err(error) => {
                    failures += 1;
                    self.note(HealthState::Failing, Some(&error.to_string())).await;
                    self.rest(&error, failures).await;
                }
            }
        }
    }

    /// Until an announcement or the next look by the clock; ids of announcements to be acknowledged.
    async fn wait(&self) -> Vec<String> {
        let pulling = async {
            if self.settings.gmail.subscription.is_empty() {
                return std::future::pending().await;
            }
            let begun = Instant::now();
            match self.api.pull().await {
                Ok(ids) if !ids.is_empty() => ids,
                // Where Google answers at once with nothing, or not at all, the clock decides when to look again.
                _ => {
                    let pause = Duration::from_secs(self.settings.gmail.poll_seconds.min(10));
                    tokio::time::sleep(pause.saturating_sub(begun.elapsed())).await;
                    Vec::new()
                }
            }
        };
        tokio::select! {
            ids = pulling => ids,
            () = self.announced.notified() => Vec::new(),
            () = tokio::time::sleep(Duration::from_secs(self.settings.gmail.poll_seconds)) => Vec::new(),
        }
    }

    async fn rest(&self, error: &RoundError, failures: u32) {
        let wait = match error {
            RoundError::Api(ApiError::Limited { retry_after: Some(wait) }) => *wait,
            RoundError::Api(ApiError::Refused(_)) => {
                let end = Instant::now() + REFUSED.wait(failures, rand::random());
                // A new sign-in ends the wait; while the stored one is the refused one, nobody is asked.
                while Instant::now() < end {
                    tokio::time::sleep(Duration::from_secs(5)).await;
                    if self.api.tokens.renewed_since().await {
                        return;
                    }
                }
                return;
            }
            _ => NETWORK.wait(failures, rand::random()),
        };
        tokio::time::sleep(wait).await;
    }

    /// Takes in everything that came since the last look.
    ///
    /// # Errors
    /// [`RoundError`]; the next look goes on where this one ended.
    pub async fn look(&self) -> Result<(), RoundError> {
        let _turn = self.turn.lock().await;
        let text = self.state.load(Channel::Email, &self.account, CURSOR).await?;
        let Some(cursor) = text.and_then(|text| serde_json::from_str::<Cursor>(&text).ok()) else {
            let days = self.settings.backlog_days;
            let search = (days > 0).then(|| format!("in:inbox is:unread newer_than:{days}d"));
            return self.look_through(search).await;
        };
        match self.follow(&cursor).await {
            // Google keeps history for about a week: mails are then found by their date, and known ones recognised.
            Err(RoundError::Api(ApiError::NotFound)) => {
                let since = (cursor.at - MARGIN).as_second();
                tracing::warn!(account = %self.account, "Gmail's history is gone; mails are looked through by date");
                self.look_through(Some(format!("in:inbox after:{since}"))).await
            }
            other => other,
        }
    }

    async fn follow(&self, cursor: &Cursor) -> Result<(), RoundError> {
        let mut page: Option<String> = None;
        loop {
            let found = self.api.history(&cursor.history_id, page.as_deref()).await?;
            let mut seen = std::collections::HashSet::new();
            for added in found.history.iter().flat_map(|record| &record.messages_added) {
                if added.message.is_wanted() && seen.insert(added.message.id.as_str()) {
                    self.take(&added.message).await?;
                }
            }
            page = found.next_page_token;
            // In between, the last record of the page is the place; at the end, Google names it.
            let reached = match &page {
                Some(_) => found.history.last().map(|record| record.id.clone()),
                None => found.history_id,
            };
            if let Some(reached) = reached.filter(|reached| *reached != cursor.history_id) {
                self.save(reached).await?;
            }
            if page.is_none() {
                return Ok(());
            }
        }
    }

    /// Mails found by a search, oldest first; from then on the history is followed.
    async fn look_through(&self, search: Option<String>) -> Result<(), RoundError> {
        // Asked first: what comes while mails are looked through is then found in the history.
        let begin = self.api.profile().await?.history_id;
        let mut found: Vec<Reference> = Vec::new();
        let mut page: Option<String> = None;
        while let Some(search) = &search {
            let listed = self.api.list(search, page.as_deref()).await?;
            found.extend(listed.messages);
            page = listed.next_page_token;
            if page.is_none() {
                break;
            }
        }
        for message in found.iter().rev() {
            self.take(message).await?;
        }
        self.save(begin).await
    }

    async fn take(&self, message: &Reference) -> Result<(), RoundError> {
        let limit = self.settings.max_message_bytes as usize;
        let taken = match self.api.raw(&message.id, limit).await {
            Ok(bytes) if bytes.len() <= limit => self.intake.take(Arc::new(bytes)).await,
            Ok(_) | Err(ApiError::TooLarge) => {
                let (head, size_bytes) = self.api.head(&message.id).await?;
                self.intake.take_oversized(Arc::new(head), size_bytes).await
            }
            // Removed for good meanwhile.
            Err(ApiError::NotFound) => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        match taken {
            Ok(taken) => tracing::debug!(account = %self.account, ?taken, "a mail was taken in"),
            Err(error @ (StoreError::Busy | StoreError::Unwritable(_) | StoreError::DiskLow { .. })) => {
                return Err(error.into());
            }
            Err(error) => {
                tracing::error!(account = %self.account, id = %message.id, %error, "a mail cannot be stored; it stays in the mailbox, look at it there");
            }
        }
        Ok(())
    }

    async fn save(&self, history_id: String) -> Result<(), RoundError> {
        let now = Timestamp::now();
        let text = serde_json::to_string(&Cursor { history_id, at: now })
            .map_err(|error| StoreError::Failed(Box::new(error)))?;
        self.state.save(Channel::Email, &self.account, CURSOR, &text, now).await?;
        Ok(())
    }

    /// Keeps Gmail announcing, where the settings name a topic.
    async fn renew_watch(&self) -> Result<(), RoundError> {
        if self.settings.gmail.topic.is_empty() {
            return Ok(());
        }
        let now = Timestamp::now();
        // The topic is part of the note: another one is watched at once.
        let text = self.state.load(Channel::Email, &self.account, WATCH).await?;
        let kept: Option<(String, Timestamp)> = text.and_then(|text| serde_json::from_str(&text).ok());
        let is_fresh = |(topic, renewed): &(String, Timestamp)| {
            *topic == self.settings.gmail.topic && now.duration_since(*renewed) < RENEW_WATCH_AFTER
        };
        if kept.as_ref().is_some_and(is_fresh) {
            return Ok(());
        }
        let answer = self.api.watch().await?;
        tracing::info!(account = %self.account, expires_ms = %answer.expiration, "Gmail announces new mail");
        let text = serde_json::to_string(&(&self.settings.gmail.topic, now))
            .map_err(|error| StoreError::Failed(Box::new(error)))?;
        self.state.save(Channel::Email, &self.account, WATCH, &text, now).await?;
        Ok(())
    }

    async fn note(&self, state: HealthState, reason: Option<&str>) {
        self.board.note(Channel::Email, &self.account, RECEIVING, state, reason).await;
    }
}
