//! Meta's way out, and the way to customers' files.

use super::super::{
    courier::{Found, Part, Provider},
    refusals,
    twilio::retry_after,
    unanswered::unanswered,
};
use crate::{
    config::{Secret, WhatsappConfig},
    domain::ids::TicketId,
    egress::{Answer, Client},
    ports::{delivery::DeliveryError, egress::Purpose},
};
use async_trait::async_trait;
use jiff::Timestamp;
use reqwest::{Method, RequestBuilder, Url};
use serde::Deserialize;
use serde_json::json;
use std::time::Duration;

const MAX_ANSWER_BYTES: usize = 64 * 1024;
/// Where a file lies is told within this, or it counts as missing: Meta waits for our answer.
const FILE_PATIENCE: Duration = Duration::from_secs(4);

/// The Graph API of one number. Cheap to clone.
#[derive(Clone)]
pub struct Api {
    client: Client,
    base: Url,
    version: String,
    phone_number_id: String,
    access_token: Secret,
    template: String,
    template_language: String,
}

#[derive(Deserialize)]
struct Sent {
    messages: Vec<SentMessage>,
}

#[derive(Deserialize)]
struct SentMessage {
    id: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct ErrorBody {
    error: ErrorDetails,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct ErrorDetails {
    code: i64,
    message: String,
}

#[derive(Deserialize)]
struct FilePlace {
    url: String,
}

impl Api {
    pub fn new(config: &WhatsappConfig, base: Url, client: Client) -> Self {
        let meta = &config.meta;
        Self {
            client,
            base,
            version: meta.api_version.clone(),
            phone_number_id: meta.phone_number_id.clone(),
            access_token: meta.access_token.clone(),
            template: config.template.clone(),
            template_language: config.template_language.clone(),
        }
    }

    fn url(&self, segments: &[&str]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().push(&self.version).extend(segments);
        }
        url
    }

    /// Adds the access token.
    pub fn sign(&self, request: RequestBuilder) -> RequestBuilder {
        request.bearer_auth(self.access_token.expose())
    }

    /// Where a file lies for the next minutes.
    pub async fn file_url(&self, id: &str) -> Option<Url> {
        let request = self.sign(self.client.request(Method::GET, self.url(&[id])));
        let asking = self.client.fetch(Purpose::Whatsapp, None, request, MAX_ANSWER_BYTES);
        let answer = tokio::time::timeout(FILE_PATIENCE, asking).await.ok()?;
        match answer {
            Ok(answer) if answer.status == 200 => serde_json::from_slice::<FilePlace>(&answer.body)
                .ok()
                .and_then(|place| place.url.parse().ok()),
            Ok(answer) => {
                tracing::warn!(status = answer.status, "Meta does not say where a customer's file lies");
                None
            }
            Err(error) => {
                tracing::warn!(%error, "Meta does not say where a customer's file lies");
                None
            }
        }
    }

    async fn ask(&self, ticket: TicketId, request: RequestBuilder) -> Result<Answer, DeliveryError> {
        let answer = self
            .client
            .fetch(Purpose::Whatsapp, Some(ticket), self.sign(request), MAX_ANSWER_BYTES)
            .await
            .map_err(|error| unanswered(&error))?;
        if (200..300).contains(&answer.status) {
            return Ok(answer);
        }
        let body: ErrorBody = serde_json::from_slice(&answer.body).unwrap_or_default();
        Err(refusals::meta(answer.status, retry_after(&answer), body.error.code, &body.error.message))
    }

    /// The request's body. A user id goes into `recipient`: Meta takes one in `to` with 200 and drops the message.
    pub fn body(&self, part: Part<'_>) -> serde_json::Value {
        let mut body = json!({
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            "biz_opaque_callback_data": part.mark,
        });
        match part.recipient.strip_prefix('+') {
            Some(digits) => body["to"] = json!(digits),
            None => body["recipient"] = json!(part.recipient),
        }
        if part.as_template {
            body["type"] = json!("template");
            body["template"] = json!({
                "name": self.template,
                "language": { "code": self.template_language },
                "components": [{ "type": "body", "parameters": [{ "type": "text", "text": part.text }] }],
            });
        } else {
            body["type"] = json!("text");
            body["text"] = json!({ "body": part.text, "preview_url": false });
        }
        body
    }
}

#[async_trait]
impl Provider for Api {
    async fn send(&self, part: Part<'_>) -> Result<String, DeliveryError> {
        let url = self.url(&[&self.phone_number_id, "messages"]);
        let request = self.client.request(Method::POST, url).json(&self.body(part));
        let answer = self.ask(part.ticket, request).await?;
        let sent: Option<Sent> = serde_json::from_slice(&answer.body).ok();
        sent.and_then(|sent| sent.messages.into_iter().next())
            .map(|message| message.id)
            .ok_or_else(|| DeliveryError::Unknown { reason: "Meta's answer names no message".to_owned() })
    }

    /// Meta lists no messages; a status update that carries our mark is noted when it comes.
    async fn look_for(&self, _: Part<'_>, _: Timestamp, _: &[String]) -> Result<Found, DeliveryError> {
        Ok(Found::CannotTell)
    }
}
