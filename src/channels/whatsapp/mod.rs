//! WhatsApp through Twilio or Meta's Cloud API: signed webhooks in, a rate-limited outbox out. Both providers share everything but
//! their forms: what a message is once read, how files are fetched, and how parts are sent without ever being sent twice.

mod courier;
mod media;
mod meta;
mod reception;
mod refusals;
mod signature;
#[cfg(test)]
mod tests;
pub mod trial;
mod twilio;
mod twilio_form;
mod unanswered;
mod window;

use crate::{
    config::{WhatsappConfig, WhatsappProvider},
    egress::Client,
    ports::{
        clock::Clock,
        delivery::OutboundChannel,
        sent_parts::SentParts,
        store::{DeliveryReports, Inbox},
        webhook::{Webhook, WebhookAnswer, WebhookCall, Webhooks},
    },
};
use async_trait::async_trait;
use courier::Courier;
use reception::Reception;
use reqwest::Url;
use std::sync::Arc;
use tokio::sync::Notify;

/// Where messages come in.
pub const MESSAGES_PATH: &str = "/webhooks/whatsapp";
/// Where Twilio reports what became of ours. (Meta reports on the first path.)
pub const STATUS_PATH: &str = "/webhooks/whatsapp/status";

/// What the channel stands on.
pub struct Parts {
    pub inbox: Arc<dyn Inbox>,
    pub reports: Arc<dyn DeliveryReports>,
    pub sent_parts: Arc<dyn SentParts>,
    pub clock: Arc<dyn Clock>,
    pub client: Client,
    /// Told when a message was accepted.
    pub wake: Arc<Notify>,
}

/// The channel's ways in and, where it can send, its way out.
pub struct Opened {
    pub webhooks: Webhooks,
    pub outbound: Option<Arc<dyn OutboundChannel>>,
}

/// Builds the channel. One that is off or lacks its secret refuses everything that comes in.
///
/// # Errors
/// When a configured address is no URL.
pub fn open(config: &WhatsappConfig, server_url: &str, parts: Parts) -> Result<Opened, url::ParseError> {
    let reception = Arc::new(Reception {
        inbox: parts.inbox,
        reports: parts.reports,
        clock: parts.clock.clone(),
        wake: parts.wake,
        account: config.account.clone(),
    });
    let public_url = if config.public_url.is_empty() { server_url } else { &config.public_url };
    let (webhook, outbound): (Arc<dyn Webhook>, Option<Arc<dyn OutboundChannel>>) = match config.provider {
        WhatsappProvider::Twilio if config.twilio.auth_token.is_set() => {
            let base: Url = config.twilio.api_url.parse()?;
            let media = media::Media::new(config, base.clone(), parts.client.clone());
            let api = twilio::Api::new(config, base, public_url, parts.client);
            (
                Arc::new(twilio::Hook::new(config, public_url, reception, media)),
                Some(Arc::new(Courier::new(config, api, parts.sent_parts, parts.clock))),
            )
        }
        WhatsappProvider::Meta if config.meta.app_secret.is_set() => {
            let base: Url = config.meta.api_url.parse()?;
            let media = media::Media::new(config, base.clone(), parts.client.clone());
            let api = meta::Api::new(config, base, parts.client);
            let hook = meta::Hook::new(config, reception, media, api.clone(), parts.sent_parts.clone());
            (Arc::new(hook), Some(Arc::new(Courier::new(config, api, parts.sent_parts, parts.clock))))
        }
        WhatsappProvider::Off => (Arc::new(Closed), None),
        WhatsappProvider::Twilio | WhatsappProvider::Meta => {
            tracing::error!("channels.whatsapp has no secret to check signatures with, so WhatsApp is off");
            (Arc::new(Closed), None)
        }
    };
    Ok(Opened { webhooks: [(MESSAGES_PATH, webhook.clone()), (STATUS_PATH, webhook)].into(), outbound })
}

/// A channel that is off: nothing can be proven, so nothing comes in.
struct Closed;

#[async_trait]
impl Webhook for Closed {
    async fn receive(&self, _: WebhookCall) -> WebhookAnswer {
        WebhookAnswer::Forbidden
    }
}
