//! Tickets that devices open. Confirmed to the broker only once stored; what cannot be read is a dead letter with its reason.

use super::{
    device_ticket::{DeviceTicket, read},
    link::{Link, Outgoing, Received},
    topics::Topics,
};
use crate::{
    domain::{
        channel::Channel,
        customer::{Identifier, IdentifierKind},
        event::{DeadLetterEvent, Event, EventBody, GivenUp},
        inbound::{Accepted, Extras, Inbound},
    },
    ports::{
        clock::Clock,
        event_outbox::EventOutbox,
        store::{Inbox, StoreError},
    },
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::{sync::Arc, time::Duration};
use tokio::sync::Notify;

/// The account of messages that devices bring.
const ACCOUNT: &str = "device";
/// The store could not take it: the broker keeps the message meanwhile.
const AFTER_STORE_FAILURE: Duration = Duration::from_secs(1);

/// Devices' way in.
pub struct Devices {
    pub link: Arc<Link>,
    pub topics: Topics,
    pub inbox: Arc<dyn Inbox>,
    pub outbox: Arc<dyn EventOutbox>,
    pub clock: Arc<dyn Clock>,
    /// Told when a message was accepted.
    pub wake: Arc<Notify>,
}

impl Devices {
    /// Deals with one message, however long the store takes, and confirms it.
    pub async fn receive(&self, received: Received) {
        let answer = match read(&received.payload) {
            Ok(ticket) => match self.accept(&ticket, &received.payload).await {
                Ok(accepted) => json!({
                    "event_id": ticket.event_id,
                    "status": "received",
                    "ticket": accepted.reference.to_string(),
                    "duplicate": accepted.duplicate,
                }),
                Err(error) => self.refuse(&received, "refused", &error.to_string()).await,
            },
            Err(error) => self.refuse(&received, error.code(), &error.to_string()).await,
        };
        self.answer(&received, &answer).await;
        received.confirm().await;
    }

    /// Stores it; a store that is busy or full is asked again until it can.
    async fn accept(&self, ticket: &DeviceTicket, raw: &[u8]) -> Result<Accepted, StoreError> {
        loop {
            match self.inbox.accept(self.inbound(ticket, raw)).await {
                Ok(accepted) => {
                    if !accepted.duplicate {
                        tracing::info!(ticket = %accepted.reference, channel = "web", device = %ticket.device, "accepted");
                        self.wake.notify_one();
                    }
                    return Ok(accepted);
                }
                Err(StoreError::Busy | StoreError::Unwritable(_)) => {
                    tokio::time::sleep(AFTER_STORE_FAILURE).await;
                }
                Err(error) => return Err(error),
            }
        }
    }

    fn inbound(&self, ticket: &DeviceTicket, raw: &[u8]) -> Inbound {
        let form = ticket.submission.clone();
        Inbound {
            channel: Channel::Web,
            account: ACCOUNT.to_owned(),
            provider_message_id: message_id(ticket),
            // A device proves nothing of who stands before it.
            identifiers: vec![Identifier { kind: IdentifierKind::Email, value: form.email, verified: false }],
            customer_name: Some(form.name),
            plan: form.plan,
            subject: Some(form.subject),
            text: form.message,
            raw: raw.to_vec(),
            category: form.category,
            priority: form.priority,
            ticket: None,
            received_at: self.clock.now(),
            extras: Extras::default(),
        }
    }

    async fn refuse(&self, received: &Received, code: &'static str, detail: &str) -> Value {
        tracing::warn!(code, bytes = received.payload.len(), "a device's message was refused");
        let body = EventBody::DeadLetter(DeadLetterEvent {
            work: GivenUp::DeviceMessage,
            ticket: None,
            attempts: None,
            reason: code.to_owned(),
            detail: Some(detail.to_owned()),
            bytes: Some(received.payload.len() as u64),
            sha256: Some(hex::encode(Sha256::digest(&received.payload))),
        });
        if let Err(error) = self.outbox.record_event(Event::new(body, self.clock.now())).await {
            tracing::error!(%error, "that a device's message was refused could not be recorded");
        }
        json!({ "status": "refused", "code": code, "detail": detail })
    }

    async fn answer(&self, received: &Received, answer: &Value) {
        let Some(topic) = &received.response_topic else { return };
        if !self.topics.is_device_topic(topic) {
            tracing::warn!("a device asked to be answered outside of its branch; it was not");
            return;
        }
        let message = Outgoing {
            correlation: received.correlation.clone(),
            ..Outgoing::new(topic.clone(), answer.to_string())
        };
        if let Err(error) = self.link.publish(message).await {
            tracing::debug!(%error, "a device was not answered");
        }
    }
}

/// One id for one event of one device, whatever their lengths.
fn message_id(ticket: &DeviceTicket) -> String {
    let mut hash = Sha256::new();
    hash.update((ticket.device.len() as u64).to_be_bytes());
    hash.update(&ticket.device);
    hash.update(&ticket.event_id);
    format!("device-{}", hex::encode(hash.finalize()))
}
