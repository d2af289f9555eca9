//! Getting a reply out of a mailbox exactly once: paced, recorded before it leaves, and looked for where the answer was lost.

use super::{
    Mailbox,
    journal::{Journal, Stage},
    outgoing::{Composed, compose},
    pace::Pace,
};
use crate::{
    channels::health::{HealthBoard, SENDING},
    domain::{channel::Channel, channel_health::HealthState, message::DeliveryStatus},
    ports::{
        delivery::{DeliveryError, DeliveryReceipt, OutboundChannel, OutboundMessage},
        store::StoreError,
    },
};
use async_trait::async_trait;
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use tokio::{sync::Mutex, time::Instant};

/// A wait up to this long is waited; a longer one gives the message back to the outbox.
const SHORT_WAIT: Duration = Duration::from_secs(5);

/// How handing a mail to a server ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Handed {
    /// The provider's ids of it, beside its Message-ID.
    Taken(Vec<String>),
    /// The server certainly does not have it.
    NotTaken { error: DeliveryError, failing: bool },
    /// The server may have it.
    Unknown(String),
}

/// What is found of a mail whose answer was lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Evidence {
    Taken,
    NotTaken,
    /// Nothing was found, and that proves nothing.
    None,
}

/// A way out of one mailbox.
#[async_trait]
pub trait Carrier: Send + Sync {
    /// Makes sure that a mail can be handed over now, before it is noted as under way: a server that is down is no doubt about a mail.
    ///
    /// # Errors
    /// Why it cannot.
    async fn prepare(&self) -> Result<(), Handed>;
    /// Hands the mail over, once; the ledger is written first.
    async fn hand_over(&self, mail: &Composed, message: &OutboundMessage) -> Handed;
    /// Looks for a mail in the mailbox.
    async fn evidence(&self, mail: &Composed) -> Evidence;
    /// After the server took it: a copy among the sent mails, where the provider makes none. Never fails a delivery.
    async fn file(&self, mail: &Composed);
}

/// One mailbox's way out.
pub struct Sender {
    pub mailbox: Arc<Mailbox>,
    pub carrier: Box<dyn Carrier>,
    pub journal: Journal,
    pub pace: Mutex<Pace>,
    /// One mail at a time: the journal has one writer, and the server one connection.
    pub turn: Mutex<()>,
    pub board: Arc<HealthBoard>,
}

/// Every mailbox's way out.
pub struct EmailOut {
    pub senders: BTreeMap<String, Sender>,
}

#[async_trait]
impl OutboundChannel for EmailOut {
    fn channel(&self) -> Channel {
        Channel::Email
    }

    async fn deliver(&self, message: &OutboundMessage) -> Result<DeliveryReceipt, DeliveryError> {
        // A ticket that began elsewhere names no mailbox: the first one writes.
        let sender = match self.senders.get(&message.account) {
            Some(sender) => Some(sender),
            None if message.account.is_empty() => self.senders.values().next(),
            None => None,
        };
        let sender = sender.ok_or_else(|| DeliveryError::Permanent {
            reason: format!("there is no mailbox named {:?} any more", message.account),
        })?;
        sender.deliver(message).await
    }
}

impl Sender {
    async fn deliver(&self, message: &OutboundMessage) -> Result<DeliveryReceipt, DeliveryError> {
        let mail = compose(message, &self.mailbox)
            .map_err(|error| DeliveryError::Permanent { reason: error.to_string() })?;
        let wait = self.pace.lock().await.wait(message.outbox_id, Instant::now());
        if wait > SHORT_WAIT {
            return Err(DeliveryError::Retryable {
                reason: "the mailbox sends no faster (sends_per_minute)".to_owned(),
                retry_after_ms: Some(wait.as_millis() as u64),
            });
        }
        tokio::time::sleep(wait).await;
        let _turn = self.turn.lock().await;
        let entries = self.journal.load().await.map_err(not_kept)?;
        match entries.stage(message.message_id) {
            Some(Stage::Taken) => Ok(receipt(&mail, Vec::new())),
            Some(Stage::Handing) => self.settle(&mail, message, "the box stopped while it was sent").await,
            Some(Stage::Asked) | None => {
                if let Err(Handed::NotTaken { error, failing }) = self.carrier.prepare().await {
                    return Err(self.not_taken(error, failing).await);
                }
                self.keep(message, Some(Stage::Handing)).await.map_err(not_kept)?;
                match self.carrier.hand_over(&mail, message).await {
                    Handed::Taken(ids) => self.taken(&mail, message, ids).await,
                    Handed::NotTaken { error, failing } => {
                        self.keep(message, None).await.map_err(not_kept)?;
                        Err(self.not_taken(error, failing).await)
                    }
                    Handed::Unknown(reason) => self.settle(&mail, message, &reason).await,
                }
            }
        }
    }

    async fn not_taken(&self, error: DeliveryError, failing: bool) -> DeliveryError {
        if failing {
            self.note(HealthState::Failing, Some(&reason(&error))).await;
        } else {
            self.note(HealthState::Ok, None).await;
        }
        error
    }

    /// Finds out what became of a mail; where that cannot be found out, a person is asked.
    async fn settle(
        &self,
        mail: &Composed,
        message: &OutboundMessage,
        reason: &str,
    ) -> Result<DeliveryReceipt, DeliveryError> {
        match self.carrier.evidence(mail).await {
            Evidence::Taken => {
                tracing::info!(account = %self.mailbox.account, outbox = %message.outbox_id, "a mail whose answer was lost had been taken");
                self.taken(mail, message, Vec::new()).await
            }
            Evidence::NotTaken => {
                self.keep(message, None).await.map_err(not_kept)?;
                let reason = format!("{reason}; the mailbox shows that it was not sent");
                Err(DeliveryError::Retryable { reason, retry_after_ms: None })
            }
            Evidence::None => {
                self.keep(message, Some(Stage::Asked)).await.map_err(not_kept)?;
                self.note(HealthState::Failing, Some(reason)).await;
                Err(DeliveryError::Unknown {
                    reason: format!(
                        "{reason}; the mailbox holds no trace of it: ask the customer, or send it again"
                    ),
                })
            }
        }
    }

    async fn taken(
        &self,
        mail: &Composed,
        message: &OutboundMessage,
        ids: Vec<String>,
    ) -> Result<DeliveryReceipt, DeliveryError> {
        // If this cannot be kept, the next attempt looks for the mail before it sends anything.
        if let Err(error) = self.keep(message, Some(Stage::Taken)).await {
            tracing::warn!(%error, outbox = %message.outbox_id, "that a mail was taken could not be kept");
        }
        self.note(HealthState::Ok, None).await;
        self.carrier.file(mail).await;
        Ok(receipt(mail, ids))
    }

    async fn keep(&self, message: &OutboundMessage, stage: Option<Stage>) -> Result<(), StoreError> {
        let entries = self.journal.load().await?.with(message.message_id, stage);
        self.journal.save(&entries).await
    }

    async fn note(&self, state: HealthState, reason: Option<&str>) {
        self.board.note(Channel::Email, &self.mailbox.account, SENDING, state, reason).await;
    }
}

fn reason(error: &DeliveryError) -> String {
    match error {
        DeliveryError::Retryable { reason, .. }
        | DeliveryError::Permanent { reason }
        | DeliveryError::Unknown { reason } => reason.clone(),
    }
}

fn receipt(mail: &Composed, mut ids: Vec<String>) -> DeliveryReceipt {
    ids.insert(0, mail.message_id.clone());
    DeliveryReceipt { status: DeliveryStatus::Sent, provider_message_ids: ids }
}

/// Nothing was sent, for what cannot be noted beforehand is not sent.
fn not_kept(error: StoreError) -> DeliveryError {
    DeliveryError::Retryable { reason: format!("the store cannot be used: {error}"), retry_after_ms: None }
}
