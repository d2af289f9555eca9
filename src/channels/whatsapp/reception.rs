//! What both providers' messages become, and what they are told when it is stored.

use crate::{
    domain::{
        address::normalise_phone,
        attachment::Attachment,
        channel::Channel,
        customer::{Identifier, IdentifierKind},
        inbound::{Extras, Inbound},
        message::DeliveryStatus,
        ticket::{Category, Priority},
    },
    ports::{
        clock::Clock,
        store::{DeliveryReports, Inbox, StoreError},
        webhook::WebhookAnswer,
    },
};
use jiff::Timestamp;
use std::sync::Arc;
use tokio::sync::Notify;

/// The inner side of the ways in.
pub struct Reception {
    pub inbox: Arc<dyn Inbox>,
    pub reports: Arc<dyn DeliveryReports>,
    pub clock: Arc<dyn Clock>,
    pub wake: Arc<Notify>,
    pub account: String,
}

/// A message as a provider's form told it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Received {
    pub provider_message_id: String,
    /// As the provider wrote it; empty when it hides the number.
    pub phone: String,
    /// The business-scoped user id, where the provider names one.
    pub user_id: String,
    pub name: Option<String>,
    pub text: String,
    pub attachments: Vec<Attachment>,
    /// Files that came along but could not be fetched, by kind.
    pub missing: Vec<String>,
    /// What the customer sent instead of words (`a picture`), when no words came along.
    pub without_words: Option<&'static str>,
    pub raw: Vec<u8>,
}

/// What became of a message of ours, as the provider says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Report {
    Status(DeliveryStatus),
    Failed(String),
}

impl Reception {
    /// Stores a message. Done means that it cannot be lost.
    pub async fn accept(&self, received: Received) -> Result<(), StoreError> {
        let Some(inbound) = inbound(received, &self.account, self.clock.now()) else {
            tracing::warn!("a WhatsApp message without any sender was left out");
            return Ok(());
        };
        let accepted = self.inbox.accept(inbound).await?;
        if !accepted.duplicate {
            tracing::info!(ticket = %accepted.reference, channel = "whatsapp", "accepted");
            self.wake.notify_one();
        }
        Ok(())
    }

    /// Keeps a provider's word on a message of ours. One that is none of ours (sent by another program) is no error.
    pub async fn report(&self, provider_message_id: &str, report: Report) -> Result<(), StoreError> {
        let known = match report {
            Report::Status(status) => {
                self.reports.delivery_status(Channel::Whatsapp, provider_message_id, status).await?
            }
            Report::Failed(reason) => {
                tracing::warn!(%reason, "WhatsApp gave up on a message of ours");
                let now = self.clock.now();
                self.reports
                    .delivery_failed_later(Channel::Whatsapp, provider_message_id, &reason, now)
                    .await?
            }
        };
        if !known {
            tracing::debug!("a status of a message that is none of ours");
        }
        Ok(())
    }
}

/// What it is to the desk; `None` when it names no sender or has no id.
pub fn inbound(received: Received, account: &str, received_at: Timestamp) -> Option<Inbound> {
    let identifiers = identifiers(&received.phone, &received.user_id);
    if identifiers.is_empty() || received.provider_message_id.is_empty() {
        return None;
    }
    let held = received.without_words.map(|what| format!("the customer sent {what} without words"));
    Some(Inbound {
        channel: Channel::Whatsapp,
        account: account.to_owned(),
        text: words(&received),
        provider_message_id: received.provider_message_id,
        identifiers,
        customer_name: received.name.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()),
        plan: None,
        subject: None,
        raw: received.raw,
        category: Category::General,
        priority: Priority::Medium,
        ticket: None,
        received_at,
        extras: Extras { attachments: received.attachments, held, ..Extras::default() },
    })
}

/// Both came in a signed request: the provider vouches for them.
fn identifiers(phone: &str, user_id: &str) -> Vec<Identifier> {
    let phone = phone.trim().trim_start_matches("whatsapp:");
    let number = normalise_phone(phone).or_else(|_| normalise_phone(&format!("+{phone}"))).ok();
    let is_user_id = |id: &str| !id.is_empty() && id.len() <= 200 && !id.chars().any(char::is_whitespace);
    let user_id = Some(user_id.trim()).filter(|id| is_user_id(id));
    // A customer with a username may come with an id in the number's place.
    let user_id = user_id.or((number.is_none() && is_user_id(phone)).then_some(phone));
    let of = |kind, value: String| Identifier { kind, value, verified: true };
    let phone = number.map(|number| of(IdentifierKind::Phone, number));
    phone.into_iter().chain(user_id.map(|id| of(IdentifierKind::Whatsapp, id.to_owned()))).collect()
}

/// The customer's words, and a line for what else came.
fn words(received: &Received) -> String {
    let mut lines: Vec<String> = Vec::new();
    let text = received.text.trim();
    if !text.is_empty() {
        lines.push(text.to_owned());
    }
    if let Some(what) = received.without_words {
        lines.push(format!("(The customer sent {what}.)"));
    }
    lines.extend(received.missing.iter().map(|kind| format!("(A file could not be fetched: {kind}.)")));
    lines.join("\n")
}

/// What a provider is told: only what is stored is confirmed.
pub fn answer(stored: Result<(), StoreError>, content_type: &'static str, body: &str) -> WebhookAnswer {
    match stored {
        Ok(()) => WebhookAnswer::Done { content_type, body: body.to_owned() },
        Err(error) => {
            tracing::error!(%error, "a WhatsApp request could not be stored; the provider is to send it again");
            WebhookAnswer::Unavailable
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("whatsapp:+491711234567", "", &[("phone", "+491711234567")])]
    #[case("491711234567", "DE.123", &[("phone", "+491711234567"), ("whatsapp", "DE.123")])]
    #[case("", "DE.123", &[("whatsapp", "DE.123")])]
    #[case("whatsapp:DE.456", "", &[("whatsapp", "DE.456")])]
    #[case("", "", &[])]
    fn a_sender_is_a_number_or_a_user_id(
        #[case] phone: &str,
        #[case] user_id: &str,
        #[case] expected: &[(&str, &str)],
    ) {
        let found = identifiers(phone, user_id);
        let found: Vec<_> = found.iter().map(|id| (id.kind.as_str(), id.value.as_str())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn what_came_without_words_is_said() {
        let received = Received {
            without_words: Some("a picture"),
            missing: vec!["image/jpeg".to_owned()],
            ..Received::default()
        };
        assert_eq!(
            words(&received),
            "(The customer sent a picture.)\n(A file could not be fetched: image/jpeg.)"
        );
    }
}
