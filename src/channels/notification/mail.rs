//! A hand-over as a mail to the team, through the mailbox that answers customers.

use crate::{
    domain::{
        ids::{MessageId, OutboxId},
        notification::{Notification, mail_text},
    },
    ports::{
        delivery::{DeliveryError, OutboundChannel, OutboundMessage},
        notifications::{Notifier, NotifyError},
    },
};
use async_trait::async_trait;
use std::sync::Arc;

/// The way to the team's mailbox.
pub struct TeamMail {
    pub email: Arc<dyn OutboundChannel>,
    /// Where operators reach the console.
    pub public_url: String,
}

#[async_trait]
impl Notifier for TeamMail {
    async fn notify(&self, note: &Notification) -> Result<(), NotifyError> {
        let (subject, text) = mail_text(&note.escalation, &self.public_url);
        // The note's id stands for the message's: every attempt is the same mail, sent once whatever answer was lost.
        let message = OutboundMessage {
            outbox_id: OutboxId(note.id.0),
            message_id: MessageId(note.id.0),
            ticket_id: note.ticket_id,
            account: String::new(),
            idempotency_key: note.id.to_string(),
            recipient: Some(note.recipient.clone()),
            subject: Some(subject),
            parts: vec![text],
            automatic: true,
            last_inbound_at: None,
            references: Vec::new(),
        };
        match self.email.deliver(&message).await {
            Ok(_) => Ok(()),
            Err(DeliveryError::Retryable { reason, retry_after_ms }) => {
                Err(NotifyError::Retryable { reason, retry_after_ms })
            }
            Err(error @ (DeliveryError::Permanent { .. } | DeliveryError::Unknown { .. })) => {
                Err(NotifyError::Permanent { reason: error.to_string() })
            }
        }
    }
}
