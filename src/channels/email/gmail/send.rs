//! Sending mail by Gmail's API.

use super::api::{Api, ApiError};
use crate::{
    channels::email::{
        outgoing::Composed,
        sending::{Carrier, Evidence, Handed},
    },
    ports::delivery::{DeliveryError, OutboundMessage},
};
use async_trait::async_trait;
use std::time::Duration;

/// Looks for a mail whose answer was lost: Gmail's search knows a mail a moment after it was sent.
const LOOKS: u32 = 3;
const BETWEEN_LOOKS: Duration = Duration::from_secs(2);

/// Sends by Gmail.
pub struct GmailCarrier {
    pub account: String,
    pub api: Api,
}

#[async_trait]
impl Carrier for GmailCarrier {
    async fn prepare(&self) -> Result<(), Handed> {
        self.api.tokens.access().await.map(|_| ()).map_err(|error| handed(error.into()))
    }

    async fn hand_over(&self, mail: &Composed, message: &OutboundMessage) -> Handed {
        let thread = match message.references.last() {
            Some(answered) => match self.find(answered).await {
                Ok(found) => found.map(|(_, thread)| thread),
                // Nothing was sent yet.
                Err(ApiError::NoAnswer(reason)) => return handed(ApiError::NotSent(reason)),
                Err(error) => return handed(error),
            },
            None => None,
        };
        let sent = self.api.send(&mail.bytes, thread.as_deref(), message.ticket_id).await;
        match sent {
            Ok(sent) => Handed::Taken(vec![sent.id]),
            // The thread was deleted: without it, Gmail files the mail by its headers.
            Err(ApiError::NotFound) if thread.is_some() => {
                match self.api.send(&mail.bytes, None, message.ticket_id).await {
                    Ok(sent) => Handed::Taken(vec![sent.id]),
                    Err(error) => handed(error),
                }
            }
            Err(error) => handed(error),
        }
    }

    async fn evidence(&self, mail: &Composed) -> Evidence {
        for look in 0..LOOKS {
            if look > 0 {
                tokio::time::sleep(BETWEEN_LOOKS).await;
            }
            match self.find(&mail.message_id).await {
                Ok(Some(_)) => return Evidence::Taken,
                Ok(None) => {}
                Err(error) => {
                    tracing::warn!(account = %self.account, %error, "the mailbox cannot be looked through");
                    return Evidence::None;
                }
            }
        }
        Evidence::NotTaken
    }

    /// Gmail files sent mails itself.
    async fn file(&self, _: &Composed) {}
}

impl GmailCarrier {
    /// Gmail's id and thread of the mail with this Message-ID.
    async fn find(&self, message_id: &str) -> Result<Option<(String, String)>, ApiError> {
        let id: String = message_id.chars().filter(|letter| !letter.is_whitespace()).collect();
        let page = self.api.list(&format!("rfc822msgid:{id}"), None).await?;
        Ok(page.messages.into_iter().next().map(|found| (found.id, found.thread_id)))
    }
}

fn handed(error: ApiError) -> Handed {
    let retryable = |reason: String, wait: Option<Duration>, failing: bool| Handed::NotTaken {
        error: DeliveryError::Retryable { reason, retry_after_ms: wait.map(|wait| wait.as_millis() as u64) },
        failing,
    };
    let reason = error.to_string();
    match error {
        ApiError::Limited { retry_after } => retryable(reason, retry_after, false),
        ApiError::Refused(_) => retryable(reason, Some(Duration::from_mins(10)), true),
        ApiError::NotSent(_) => retryable(reason, None, true),
        ApiError::NoAnswer(_) | ApiError::TooLarge => Handed::Unknown(reason),
        ApiError::Rejected(_) | ApiError::NotFound => {
            Handed::NotTaken { error: DeliveryError::Permanent { reason }, failing: false }
        }
    }
}
