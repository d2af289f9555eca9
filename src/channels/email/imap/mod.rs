//! Fetching mail by IMAP: every mail once, oldest first, whatever happens to the connection.

pub mod cursor;
mod folder;
pub mod session;

use super::{
    backoff::{NETWORK, REFUSED},
    credential::Credential,
    intake::Intake,
};
use crate::{
    channels::health::{HealthBoard, RECEIVING},
    config::MailboxConfig,
    domain::{channel::Channel, channel_health::HealthState},
    egress::Dialer,
    ports::{channel_state::ChannelState, store::StoreError},
};
use cursor::Cursor;
pub use folder::Folder;
use folder::Found;
use jiff::{SignedDuration, Timestamp};
use session::ImapError;
use std::{convert::Infallible, sync::Arc, time::Duration};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

const CURSOR: &str = "imap_cursor";
/// Mails between two savings of the cursor: so many are fetched again after a crash, and recognised.
const BATCH: usize = 25;

/// Fetches the mails of one mailbox.
pub struct Fetcher {
    pub account: String,
    pub settings: MailboxConfig,
    pub dialer: Dialer,
    pub credential: Credential,
    pub intake: Intake,
    pub state: Arc<dyn ChannelState>,
    pub board: Arc<HealthBoard>,
}

impl Fetcher {
    /// Fetches until `stop`, through lost connections and refused passwords.
    pub async fn run(self, stop: CancellationToken) {
        tokio::select! {
            () = self.keep_on() => {}
            () = stop.cancelled() => {}
        }
    }

    async fn keep_on(&self) {
        self.note(HealthState::Connecting, None).await;
        let (mut failures, mut refusals) = (0, 0);
        loop {
            let Err(error) = self.watch(&mut failures, &mut refusals).await;
            let wait = if let ImapError::Refused(_) = error {
                refusals += 1;
                REFUSED.wait(refusals, rand::random())
            } else {
                failures += 1;
                NETWORK.wait(failures, rand::random())
            };
            self.note(HealthState::Failing, Some(&error.to_string())).await;
            self.rest(wait, matches!(error, ImapError::Refused(_))).await;
        }
    }

    /// Waits; a new sign-in by tokens ends the wait, for it is what a person was asked for.
    async fn rest(&self, wait: Duration, refused: bool) {
        let end = Instant::now() + wait;
        let look_every = Duration::from_secs(5);
        while refused && matches!(self.credential, Credential::Tokens { .. }) && Instant::now() < end {
            tokio::time::sleep(look_every.min(end - Instant::now())).await;
            if self.credential.renewed().await {
                return;
            }
        }
        tokio::time::sleep_until(end).await;
    }

    async fn watch(&self, failures: &mut u32, refusals: &mut u32) -> Result<Infallible, ImapError> {
        let settings = &self.settings.imap;
        let session = session::open(&self.dialer, settings, &self.credential).await?;
        let limit = Duration::from_millis(settings.timeout_ms);
        let mut folder = Folder::open(session, &settings.folder, limit).await?;
        let kept = self.load_cursor().await?;
        let mut cursor = Cursor::resume(kept, folder.numbering, self.settings.backlog_days, Timestamp::now());
        self.save_cursor(&cursor).await?;
        loop {
            cursor = self.catch_up(&mut folder, cursor).await?;
            (*failures, *refusals) = (0, 0);
            self.note(HealthState::Ok, None).await;
            folder = folder.wait(Duration::from_secs(settings.poll_seconds)).await?;
        }
    }

    /// Takes in everything new, a batch at a time, and returns where it came to.
    async fn catch_up(&self, folder: &mut Folder, mut cursor: Cursor) -> Result<Cursor, ImapError> {
        folder.forget_announcements();
        let mut uids = Vec::new();
        for search in cursor.searches() {
            uids.extend(folder.search(&search.query, search.from).await?);
        }
        uids.sort_unstable();
        uids.dedup();
        for batch in uids.chunks(BATCH) {
            for found in folder.sizes(batch).await? {
                self.take(folder, found).await?;
            }
            if let Some(last) = batch.last() {
                cursor = cursor.moved(*last, Timestamp::now());
                self.save_cursor(&cursor).await?;
            }
        }
        let caught_up = cursor.caught_up(Timestamp::now());
        // The time of the last look counts where the folder is numbered anew.
        let is_old = Timestamp::now().duration_since(cursor.at) > SignedDuration::from_mins(30);
        if caught_up != cursor || is_old {
            cursor = caught_up.moved(0, Timestamp::now());
            self.save_cursor(&cursor).await?;
        }
        Ok(cursor)
    }

    async fn take(&self, folder: &mut Folder, found: Found) -> Result<(), ImapError> {
        let oversized = found.size_bytes > u64::from(self.settings.max_message_bytes);
        let Some(bytes) = folder.read(found.uid, oversized).await? else { return Ok(()) };
        let bytes = Arc::new(bytes);
        let taken = if oversized {
            self.intake.take_oversized(bytes, found.size_bytes).await
        } else {
            self.intake.take_patiently(bytes).await
        };
        match taken {
            Ok(taken) => {
                tracing::debug!(account = %self.account, uid = found.uid, ?taken, "a mail was taken in")
            }
            // Not even its raw bytes can be stored: it stays in the mailbox, and those behind it must not wait for ever.
            Err(error) => {
                tracing::error!(account = %self.account, uid = found.uid, %error, "a mail cannot be stored; it stays in the mailbox, look at it there");
            }
        }
        Ok(())
    }

    async fn load_cursor(&self) -> Result<Option<Cursor>, ImapError> {
        loop {
            match self.state.load(Channel::Email, &self.account, CURSOR).await {
                Ok(text) => return Ok(text.and_then(|text| serde_json::from_str(&text).ok())),
                Err(error) => self.store_failed(&error).await,
            }
        }
    }

    /// Waits for the store: going on without the cursor kept would only fetch the same again.
    async fn save_cursor(&self, cursor: &Cursor) -> Result<(), ImapError> {
        let text = serde_json::to_string(cursor).map_err(|error| ImapError::Lost(error.to_string()))?;
        while let Err(error) =
            self.state.save(Channel::Email, &self.account, CURSOR, &text, Timestamp::now()).await
        {
            self.store_failed(&error).await;
        }
        Ok(())
    }

    async fn store_failed(&self, error: &StoreError) {
        tracing::warn!(account = %self.account, %error, "fetching mail waits for the store");
        tokio::time::sleep(Duration::from_secs(2)).await;
    }

    async fn note(&self, state: HealthState, reason: Option<&str>) {
        self.board.note(Channel::Email, &self.account, RECEIVING, state, reason).await;
    }
}
