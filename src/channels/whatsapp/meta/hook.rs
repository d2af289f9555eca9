//! Meta's way in.

use super::{
    super::{
        media::{Media, Wanted},
        reception::{Received, Reception, answer},
        signature::meta_fits,
    },
    api::Api,
    form::{Contact, Message, Notification, Status, Value},
};
use crate::{
    config::{Secret, WhatsappConfig},
    domain::{channel::Channel, ids::OutboxId},
    ports::{
        sent_parts::SentParts,
        store::StoreError,
        webhook::{Webhook, WebhookAnswer, WebhookCall},
    },
};
use async_trait::async_trait;
use std::{collections::HashMap, sync::Arc};
use subtle::ConstantTimeEq;

const SIGNATURE: &str = "x-hub-signature-256";
/// A request that needs more is answered with 503 after it: what is stored by then is a duplicate when it comes again.
const MAX_MESSAGES: usize = 1_000;

/// The way in: one path for messages, statuses and the question whether we are who Meta was told.
pub struct Hook {
    app_secret: Secret,
    verify_token: Secret,
    phone_number_id: String,
    reception: Arc<Reception>,
    media: Media,
    api: Api,
    sent_parts: Arc<dyn SentParts>,
}

impl Hook {
    pub fn new(
        config: &WhatsappConfig,
        reception: Arc<Reception>,
        media: Media,
        api: Api,
        sent_parts: Arc<dyn SentParts>,
    ) -> Self {
        Self {
            app_secret: config.meta.app_secret.clone(),
            verify_token: config.meta.verify_token.clone(),
            phone_number_id: config.meta.phone_number_id.clone(),
            reception,
            media,
            api,
            sent_parts,
        }
    }

    /// Meta asks once, when the webhook is set up, and wants its question back.
    fn challenge(&self, query: &str) -> WebhookAnswer {
        let fields: HashMap<_, _> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let field = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
        let ours = self.verify_token.expose().as_bytes();
        let fits: bool = ours.ct_eq(field("hub.verify_token").as_bytes()).into();
        let question = field("hub.challenge");
        let is_plain =
            question.len() <= 200 && question.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'<');
        if fits && self.verify_token.is_set() && field("hub.mode") == "subscribe" && is_plain {
            WebhookAnswer::Done { content_type: "text/plain", body: question.to_owned() }
        } else {
            WebhookAnswer::Forbidden
        }
    }

    async fn take(&self, notification: Notification) -> Result<(), StoreError> {
        let changes = notification.entry.into_iter().flat_map(|entry| entry.changes);
        let ours = changes.filter(|change| {
            change.field == "messages" && change.value.metadata.phone_number_id == self.phone_number_id
        });
        let mut left = MAX_MESSAGES;
        for change in ours {
            let Value { contacts, messages, statuses, .. } = change.value;
            for message in messages {
                left = left.checked_sub(1).ok_or(StoreError::Busy)?;
                self.message(message, &contacts).await?;
            }
            for status in statuses {
                self.status(&status).await?;
            }
        }
        Ok(())
    }

    async fn message(&self, raw: serde_json::Value, contacts: &[Contact]) -> Result<(), StoreError> {
        // One of a form we cannot read is kept as far as it goes: a person sees that something came.
        let message: Message = Message::deserialize_lenient(&raw);
        if message.is_aside() {
            return Ok(());
        }
        let contact = contact(&message, contacts);
        let (attachments, missing) = match message.file() {
            Some((file, _)) => match self.api.file_url(&file.id).await {
                Some(url) => {
                    let wanted = Wanted {
                        url,
                        name: file.filename.clone().unwrap_or_default(),
                        claimed_type: file.mime_type.chars().take(100).collect(),
                    };
                    self.media.fetch_all(vec![wanted], |request| self.api.sign(request)).await
                }
                None => (Vec::new(), vec![file.mime_type.chars().take(100).collect()]),
            },
            None => (Vec::new(), Vec::new()),
        };
        let named = |name: &Option<String>| name.clone().filter(|name| !name.trim().is_empty());
        let received = Received {
            provider_message_id: message.id.clone(),
            phone: message.from.clone().unwrap_or_default(),
            user_id: message
                .from_user_id
                .clone()
                .or(contact.and_then(|c| c.user_id.clone()))
                .unwrap_or_default(),
            name: contact
                .and_then(|contact| named(&contact.profile.name).or(named(&contact.profile.username))),
            text: message.words(),
            attachments,
            missing,
            without_words: message.without_words(),
            raw: raw.to_string().into_bytes(),
        };
        self.reception.accept(received).await
    }

    async fn status(&self, status: &Status) -> Result<(), StoreError> {
        // The mark ties a message to ours even when the answer to our request was lost.
        let mark = status.biz_opaque_callback_data.as_deref().and_then(|mark| mark.split_once('/'));
        if let Some((outbox, number)) = mark
            && let (Ok(outbox), Ok(number)) = (outbox.parse::<OutboxId>(), number.parse())
        {
            let parts = self.sent_parts.sent_parts(outbox).await?;
            if parts.iter().any(|part| part.number == number && part.provider_message_id.is_none()) {
                self.sent_parts.part_sent(Channel::Whatsapp, outbox, number, &status.id).await?;
            }
        }
        match status.report() {
            Some(report) => self.reception.report(&status.id, report).await,
            None => Ok(()),
        }
    }
}

/// The contact a message is from: by number or user id; the only one if there is just one.
fn contact<'a>(message: &Message, contacts: &'a [Contact]) -> Option<&'a Contact> {
    let same = |contact: &&Contact| {
        (message.from.is_some() && contact.wa_id == message.from)
            || (message.from_user_id.is_some() && contact.user_id == message.from_user_id)
    };
    contacts.iter().find(same)
}

#[async_trait]
impl Webhook for Hook {
    async fn receive(&self, call: WebhookCall) -> WebhookAnswer {
        if call.method == "GET" {
            return self.challenge(&call.query);
        }
        if !meta_fits(self.app_secret.expose(), &call.body, call.header(SIGNATURE).unwrap_or_default()) {
            tracing::warn!(path = call.path, "a request without Meta's signature was refused");
            return WebhookAnswer::Forbidden;
        }
        match serde_json::from_slice(&call.body) {
            Ok(notification) => answer(self.take(notification).await, "text/plain", ""),
            Err(error) => {
                tracing::error!(%error, "a signed request of Meta's cannot be read");
                WebhookAnswer::Unreadable
            }
        }
    }
}
