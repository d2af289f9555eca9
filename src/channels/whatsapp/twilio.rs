//! Twilio: signed forms in, REST out.

use super::{
    MESSAGES_PATH, STATUS_PATH,
    courier::{Found, Part, Provider},
    media::{Media, Wanted},
    reception::{Received, Reception, Report, answer},
    refusals,
    signature::twilio_fits,
    twilio_form::{Form, MAX_FIELDS},
    unanswered::unanswered,
};
use crate::{
    config::{Secret, WhatsappConfig},
    domain::{ids::TicketId, message::DeliveryStatus},
    egress::{Answer, Client},
    ports::{
        delivery::DeliveryError,
        egress::Purpose,
        webhook::{Webhook, WebhookAnswer, WebhookCall},
    },
};
use async_trait::async_trait;
use jiff::{Timestamp, fmt::rfc2822};
use reqwest::{Method, Url, header};
use serde::Deserialize;
use std::sync::Arc;

const SIGNATURE: &str = "x-twilio-signature";
/// What Twilio takes as "nothing to say now".
const NO_REPLY: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response></Response>";
/// An answer of Twilio's is a few kilobytes; a list of fifty messages some hundred.
const MAX_ANSWER_BYTES: usize = 1024 * 1024;
/// Our clock and Twilio's may differ by so much.
const CLOCKS_DIFFER_S: i64 = 30;

/// The way in: messages on one path, statuses on another.
pub struct Hook {
    token: Secret,
    account_sid: String,
    public_url: String,
    reception: Arc<Reception>,
    media: Media,
}

impl Hook {
    pub fn new(config: &WhatsappConfig, public_url: &str, reception: Arc<Reception>, media: Media) -> Self {
        Self {
            token: config.twilio.auth_token.clone(),
            account_sid: config.twilio.account_sid.clone(),
            public_url: public_url.to_owned(),
            reception,
            media,
        }
    }

    /// The URL that Twilio was given: the configured one, never what the request says of itself.
    fn signed_url(&self, call: &WebhookCall) -> String {
        let query = if call.query.is_empty() { String::new() } else { format!("?{}", call.query) };
        format!("{}{}{query}", self.public_url, call.path)
    }

    async fn message(&self, form: &Form, raw: Vec<u8>) -> WebhookAnswer {
        let wanted: Vec<Wanted> = form.files().into_iter().map(wanted).collect();
        let kinds = media_kinds(&wanted);
        let sign = |request: reqwest::RequestBuilder| {
            request.basic_auth(&self.account_sid, Some(self.token.expose()))
        };
        let (attachments, missing) = self.media.fetch_all(wanted, sign).await;
        let text = form.text();
        let received = Received {
            provider_message_id: form.get("MessageSid").to_owned(),
            phone: form.get("From").to_owned(),
            user_id: form.get("ExternalUserId").to_owned(),
            name: Some(form.get("ProfileName").to_owned()),
            without_words: kinds.filter(|_| text.trim().is_empty()),
            text,
            attachments,
            missing,
            raw,
        };
        answer(self.reception.accept(received).await, "text/xml", NO_REPLY)
    }

    async fn status(&self, form: &Form) -> WebhookAnswer {
        let stored = match report(form.get("MessageStatus"), form.get("ErrorCode"), form.get("ErrorMessage"))
        {
            Some(report) => self.reception.report(form.get("MessageSid"), report).await,
            None => Ok(()),
        };
        answer(stored, "text/xml", NO_REPLY)
    }
}

#[async_trait]
impl Webhook for Hook {
    async fn receive(&self, call: WebhookCall) -> WebhookAnswer {
        let form = Form::parse(&call.body);
        let signature = call.header(SIGNATURE).unwrap_or_default();
        let fits = call.method == "POST"
            && form.0.len() <= MAX_FIELDS
            && twilio_fits(self.token.expose(), &self.signed_url(&call), &form.0, signature);
        if !fits {
            tracing::warn!(
                path = call.path,
                "a request without Twilio's signature was refused (is channels.whatsapp.public_url the address Twilio calls?)"
            );
            return WebhookAnswer::Forbidden;
        }
        let account = form.get("AccountSid");
        if form.get("MessageSid").is_empty() || !(account.is_empty() || account == self.account_sid) {
            return WebhookAnswer::Unreadable;
        }
        match call.path.as_str() {
            // A status callback set to the wrong one of both addresses must not become a customer's empty message.
            MESSAGES_PATH if form.get("MessageStatus").is_empty() => self.message(&form, call.body).await,
            MESSAGES_PATH | STATUS_PATH => self.status(&form).await,
            _ => WebhookAnswer::Unreadable,
        }
    }
}

/// Twilio tells no names of files.
fn wanted((url, claimed_type): (Url, String)) -> Wanted {
    Wanted { url, name: String::new(), claimed_type }
}

/// What a message is that is nothing but files.
fn media_kinds(wanted: &[Wanted]) -> Option<&'static str> {
    let first = &wanted.first()?.claimed_type;
    Some(match first.split('/').next() {
        _ if wanted.len() > 1 => "several files",
        Some("image") => "a picture",
        Some("audio") => "a voice message",
        Some("video") => "a video",
        _ => "a file",
    })
}

/// A status in our words; `None` for steps on the way that say nothing new.
fn report(status: &str, error_code: &str, error_message: &str) -> Option<Report> {
    Some(match status {
        "sent" => Report::Status(DeliveryStatus::Sent),
        "delivered" => Report::Status(DeliveryStatus::Delivered),
        "read" => Report::Status(DeliveryStatus::Read),
        "failed" | "undelivered" | "canceled" => {
            let hint = error_code.parse().ok().and_then(refusals::twilio_hint);
            let words: String = hint.unwrap_or(error_message).chars().take(200).collect();
            Report::Failed(format!("Twilio gave up ({status}), error {error_code}: {words}"))
        }
        _ => return None,
    })
}

/// The way out.
pub struct Api {
    client: Client,
    base: Url,
    account_sid: String,
    token: Secret,
    from: String,
    template: String,
    status_url: String,
}

#[derive(Deserialize)]
struct SentMessage {
    sid: String,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    date_created: Option<String>,
}

#[derive(Deserialize)]
struct MessageList {
    messages: Vec<SentMessage>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct ErrorBody {
    code: i64,
    message: String,
}

impl Api {
    pub fn new(config: &WhatsappConfig, base: Url, public_url: &str, client: Client) -> Self {
        Self {
            client,
            base,
            account_sid: config.twilio.account_sid.clone(),
            token: config.twilio.auth_token.clone(),
            from: config.twilio.from.clone(),
            template: config.template.clone(),
            status_url: format!("{public_url}{STATUS_PATH}"),
        }
    }

    fn messages_url(&self) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(["2010-04-01", "Accounts", &self.account_sid, "Messages.json"]);
        }
        url
    }

    async fn ask(&self, ticket: TicketId, request: reqwest::RequestBuilder) -> Result<Answer, DeliveryError> {
        let request = request.basic_auth(&self.account_sid, Some(self.token.expose()));
        let answer = self
            .client
            .fetch(Purpose::Whatsapp, Some(ticket), request, MAX_ANSWER_BYTES)
            .await
            .map_err(|error| unanswered(&error))?;
        if (200..300).contains(&answer.status) {
            return Ok(answer);
        }
        let body: ErrorBody = serde_json::from_slice(&answer.body).unwrap_or_default();
        Err(refusals::twilio(answer.status, retry_after(&answer), body.code, &body.message))
    }
}

/// Whole seconds, if the provider named some.
pub fn retry_after(answer: &Answer) -> Option<u64> {
    answer.headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()
}

#[async_trait]
impl Provider for Api {
    async fn send(&self, part: Part<'_>) -> Result<String, DeliveryError> {
        let (to, from) = (format!("whatsapp:{}", part.recipient), format!("whatsapp:{}", self.from));
        let variables = serde_json::json!({ "1": part.text }).to_string();
        let mut form = vec![("To", to.as_str()), ("From", &from), ("StatusCallback", &self.status_url)];
        if part.as_template {
            form.extend([("ContentSid", self.template.as_str()), ("ContentVariables", &variables)]);
        } else {
            form.push(("Body", part.text));
        }
        let answer =
            self.ask(part.ticket, self.client.request(Method::POST, self.messages_url()).form(&form)).await?;
        let sent: Result<SentMessage, _> = serde_json::from_slice(&answer.body);
        sent.map(|message| message.sid)
            .map_err(|_| DeliveryError::Unknown { reason: "Twilio's answer names no message".to_owned() })
    }

    async fn look_for(
        &self,
        part: Part<'_>,
        since: Timestamp,
        known: &[String],
    ) -> Result<Found, DeliveryError> {
        let (to, from) = (format!("whatsapp:{}", part.recipient), format!("whatsapp:{}", self.from));
        let query = [("To", to.as_str()), ("From", &from), ("PageSize", "50")];
        let request = self.client.request(Method::GET, self.messages_url()).query(&query);
        // Looking changes nothing: whatever came of it, it may be done again.
        let again = |reason: String| DeliveryError::Retryable { reason, retry_after_ms: None };
        let answer = match self.ask(part.ticket, request).await {
            Err(DeliveryError::Unknown { reason }) => return Err(again(reason)),
            other => other?,
        };
        let list: MessageList = serde_json::from_slice(&answer.body)
            .map_err(|_| again("Twilio's list of messages cannot be read".to_owned()))?;
        let from_second = since.as_second() - CLOCKS_DIFFER_S;
        let recent = |message: &SentMessage| {
            let at = message.date_created.as_deref().and_then(|text| rfc2822::parse(text).ok());
            at.is_none_or(|at| at.timestamp().as_second() >= from_second)
        };
        let says_it = |message: &SentMessage| {
            let body = message.body.as_deref().map(str::trim).unwrap_or_default();
            // A template's text stands around ours.
            body == part.text.trim() || part.as_template && body.contains(part.text.trim())
        };
        let is_ours =
            |message: &&SentMessage| says_it(message) && recent(message) && !known.contains(&message.sid);
        Ok(list
            .messages
            .iter()
            .find(is_ours)
            .map_or(Found::NotSent, |message| Found::Sent(message.sid.clone())))
    }
}
