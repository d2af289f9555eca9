//! From a fetched mail to an accepted message. Nothing that was fetched is lost: what cannot be read goes to a person as it is.

use super::{Mailbox, incoming};
use crate::{
    domain::{
        channel::Channel,
        customer::{Identifier, IdentifierKind},
        inbound::{Extras, Inbound},
        ticket::{Category, Priority},
    },
    ports::{
        mail::MailReports,
        store::{Inbox, StoreError},
    },
};
use incoming::Incoming;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use std::{sync::Arc, time::Duration};
use tokio::sync::Notify;

/// How long to wait while the store takes nothing.
const STORE_WAIT: Duration = Duration::from_secs(2);
/// The sender of a mail that names none.
const NOBODY: &str = "unknown-sender@invalid";

/// Whether the store's refusal passes by itself; any other would meet the same mail again and again.
fn passes(error: &StoreError) -> bool {
    matches!(error, StoreError::Busy | StoreError::Unwritable(_) | StoreError::DiskLow { .. })
}

/// What became of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// A new message.
    Message,
    /// Accepted before, a report on a mail of ours, or our own mail: nothing new for the desk.
    Nothing,
    /// It could not be read and lies before a person as it is.
    Unreadable,
}

/// Takes in the mails of one mailbox.
#[derive(Clone)]
pub struct Intake {
    pub mailbox: Arc<Mailbox>,
    pub inbox: Arc<dyn Inbox>,
    pub reports: Arc<dyn MailReports>,
    /// Told when a message was accepted.
    pub wake: Arc<Notify>,
}

impl Intake {
    /// Takes in one mail. When it returns, the mail cannot be lost and need not be fetched again.
    ///
    /// # Errors
    /// When the store takes nothing now: try again.
    pub async fn take(&self, raw: Arc<Vec<u8>>) -> Result<Taken, StoreError> {
        let now = Timestamp::now();
        let (bytes, mailbox) = (raw.clone(), self.mailbox.clone());
        // A thread of its own: reading a large mail takes a while, and a fault in it must cost one mail, not the mailbox.
        let read = tokio::task::spawn_blocking(move || incoming::read(&bytes, &mailbox, now)).await;
        let reason = match read {
            Ok(Ok(Incoming::Ours)) => return Ok(Taken::Nothing),
            Ok(Ok(Incoming::Report(report))) => match self.reports.record_report(&report, now).await {
                Ok(_) => return Ok(Taken::Nothing),
                Err(error) if passes(&error) => return Err(error),
                Err(error) => error.to_string(),
            },
            Ok(Ok(Incoming::Message(inbound))) => match self.accept(*inbound).await {
                Ok(taken) => return Ok(taken),
                Err(error) if passes(&error) => return Err(error),
                Err(error) => error.to_string(),
            },
            Ok(Err(error)) => error.to_string(),
            Err(_) => "reading it broke off".to_owned(),
        };
        tracing::warn!(account = %self.mailbox.account, %reason, "a mail cannot be read; a person gets it as it is");
        let text =
            format!("A mail came that cannot be read: {reason}. Its original is kept with this message.");
        self.accept(self.note(None, &raw, text, now)).await?;
        Ok(Taken::Unreadable)
    }

    /// As [`Intake::take`], waiting as long as the store takes nothing: a full disk or many writers delay mail, they never skip it.
    ///
    /// # Errors
    /// Only what waiting cannot change.
    pub async fn take_patiently(&self, raw: Arc<Vec<u8>>) -> Result<Taken, StoreError> {
        loop {
            match self.take(raw.clone()).await {
                Err(error) if passes(&error) => {
                    tracing::warn!(account = %self.mailbox.account, %error, "mail waits for the store");
                    tokio::time::sleep(STORE_WAIT).await;
                }
                other => return other,
            }
        }
    }

    /// A mail that is too large to be fetched: a person is told whose it is and where it lies. `head` are its headers.
    ///
    /// # Errors
    /// As [`Intake::take_patiently`].
    pub async fn take_oversized(&self, head: Arc<Vec<u8>>, size_bytes: u64) -> Result<Taken, StoreError> {
        let now = Timestamp::now();
        let read = incoming::read(&head, &self.mailbox, now).ok();
        let text = format!(
            "A mail of {} MB came, which is larger than this box takes in. It lies in the mailbox, unread.",
            size_bytes.div_ceil(1_000_000)
        );
        let inbound = match read {
            Some(Incoming::Message(inbound)) => self.note(Some(*inbound), &head, text, now),
            _ => self.note(None, &head, text, now),
        };
        loop {
            match self.accept(inbound.clone()).await {
                Err(error) if passes(&error) => tokio::time::sleep(STORE_WAIT).await,
                Err(error) => return Err(error),
                Ok(_) => return Ok(Taken::Unreadable),
            }
        }
    }

    async fn accept(&self, inbound: Inbound) -> Result<Taken, StoreError> {
        let accepted = self.inbox.accept(inbound).await?;
        if accepted.duplicate {
            return Ok(Taken::Nothing);
        }
        self.wake.notify_one();
        Ok(Taken::Message)
    }

    /// A message for a person only, in the place of a mail. `known` is what could be read of it.
    fn note(&self, known: Option<Inbound>, raw: &[u8], text: String, now: Timestamp) -> Inbound {
        let held = Some("the mail could not be taken in whole".to_owned());
        if let Some(known) = known {
            return Inbound { text, extras: Extras { held, model_text: None, ..known.extras }, ..known };
        }
        Inbound {
            channel: Channel::Email,
            account: self.mailbox.account.clone(),
            provider_message_id: format!("{}:raw:{}", self.mailbox.account, hex::encode(Sha256::digest(raw))),
            identifiers: vec![Identifier {
                kind: IdentifierKind::Email,
                value: NOBODY.to_owned(),
                verified: false,
            }],
            customer_name: None,
            plan: None,
            subject: Some("A mail that cannot be read".to_owned()),
            text,
            raw: raw.to_vec(),
            category: Category::General,
            priority: Priority::Medium,
            ticket: None,
            received_at: now,
            extras: Extras { held, ..Extras::default() },
        }
    }
}
