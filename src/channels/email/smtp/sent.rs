//! The folder of sent mails: copies are put there, and a mail whose answer was lost is looked for.

use crate::{
    channels::email::{
        credential::Credential,
        imap::session::{ImapError, Session, open, within},
    },
    config::ImapConfig,
    egress::Dialer,
};
use async_imap::types::NameAttribute;
use futures_util::TryStreamExt as _;
use std::time::Duration;
use tokio::sync::Mutex;

/// Reached by a connection of its own, which is kept open between two mails.
pub struct SentFolder {
    pub dialer: Dialer,
    pub settings: ImapConfig,
    pub credential: Credential,
    pub open: Mutex<Option<Opened>>,
}

pub struct Opened {
    session: Session,
    folder: String,
}

impl SentFolder {
    /// Puts a copy there, marked as read.
    ///
    /// # Errors
    /// When the mailbox cannot be reached or does not take it.
    pub async fn append(&self, bytes: &[u8]) -> Result<(), ImapError> {
        let mut held = self.open.lock().await;
        if let Some(opened) = held.as_mut()
            && self.append_to(opened, bytes).await.is_ok()
        {
            return Ok(());
        }
        // Servers close connections that say nothing for a while: once more on a new one.
        *held = None;
        let mut opened = self.connect().await?;
        self.append_to(&mut opened, bytes).await?;
        *held = Some(opened);
        Ok(())
    }

    async fn append_to(&self, opened: &mut Opened, bytes: &[u8]) -> Result<(), ImapError> {
        within(self.limit(), opened.session.append(&opened.folder, Some("(\\Seen)"), None, bytes)).await
    }

    /// Whether the mailbox shows that a mail was taken: it lies among the sent ones, or something that came in answers it.
    ///
    /// # Errors
    /// When the mailbox cannot be reached.
    pub async fn holds(&self, message_id: &str) -> Result<bool, ImapError> {
        *self.open.lock().await = None;
        let mut opened = self.connect().await?;
        let id = message_id.replace(['"', '\\', '\r', '\n'], "");
        let own = format!("HEADER Message-ID \"<{id}>\"");
        let answers = format!("OR HEADER In-Reply-To \"<{id}>\" HEADER References \"<{id}>\"");
        for (folder, query) in [(opened.folder.clone(), &own), (self.settings.folder.clone(), &answers)] {
            within(self.limit(), opened.session.examine(&folder)).await?;
            if !within(self.limit(), opened.session.uid_search(query)).await?.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn connect(&self) -> Result<Opened, ImapError> {
        let mut session = open(&self.dialer, &self.settings, &self.credential).await?;
        let folder = self.find(&mut session).await?;
        Ok(Opened { session, folder })
    }

    /// By its special use (RFC 6154), else by a usual name; made when there is none.
    async fn find(&self, session: &mut Session) -> Result<String, ImapError> {
        if !self.settings.sent_folder.is_empty() {
            return Ok(self.settings.sent_folder.clone());
        }
        let listing = async { session.list(Some(""), Some("*")).await?.try_collect::<Vec<_>>().await };
        let names = within(self.limit(), listing).await?;
        let special = names.iter().find(|name| name.attributes().contains(&NameAttribute::Sent));
        let usual = || {
            names.iter().find(|name| {
                let last = name.name().rsplit(['/', '.']).next().unwrap_or_default();
                ["sent", "sent items", "sent mail", "sent messages"]
                    .iter()
                    .any(|usual| last.eq_ignore_ascii_case(usual))
            })
        };
        if let Some(found) = special.or_else(usual) {
            return Ok(found.name().to_owned());
        }
        within(self.limit(), session.create("Sent")).await?;
        Ok("Sent".to_owned())
    }

    fn limit(&self) -> Duration {
        Duration::from_millis(self.settings.timeout_ms)
    }
}
