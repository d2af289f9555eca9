//! Gmail's HTTP API: the few calls we need, and what its errors mean.

use super::shapes::{HistoryPage, ListPage, Message, Profile, PullAnswer, SendAnswer, WatchAnswer};
use crate::{
    channels::email::oauth::{TokenError, Tokens},
    config::GmailConfig,
    domain::ids::TicketId,
    egress::{Answer, Client, EgressError},
    ports::egress::Purpose,
};
use base64::{
    Engine as _,
    engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD},
};
use reqwest::{Method, Url};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};

/// The largest answer that is no mail.
const ANSWER_LIMIT: usize = 4 * 1024 * 1024;

/// Why a call led to nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApiError {
    /// A person must act: signing in again, or allowing something.
    #[error("{0}")]
    Refused(String),
    /// Not before the given time, if Google named one.
    #[error("Gmail asks for a pause")]
    Limited { retry_after: Option<Duration> },
    #[error("Gmail does not know it")]
    NotFound,
    #[error("Gmail does not take it: {0}")]
    Rejected(String),
    #[error("the answer is larger than asked for")]
    TooLarge,
    /// Certainly nothing was done.
    #[error("{0}")]
    NotSent(String),
    /// It may have been done.
    #[error("{0}")]
    NoAnswer(String),
}

impl From<TokenError> for ApiError {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Refused(reason) => Self::Refused(reason),
            TokenError::Unavailable(reason) => Self::NotSent(reason),
        }
    }
}

impl From<EgressError> for ApiError {
    fn from(error: EgressError) -> Self {
        match error {
            EgressError::TooLarge { .. } => Self::TooLarge,
            EgressError::NoAnswer { .. } => Self::NoAnswer(error.to_string()),
            other => Self::NotSent(other.to_string()),
        }
    }
}

/// Calls for one mailbox.
#[derive(Clone)]
pub struct Api {
    pub client: Client,
    pub tokens: Arc<Tokens>,
    pub settings: GmailConfig,
}

impl Api {
    /// # Errors
    /// [`ApiError`], here and in all calls below.
    pub async fn profile(&self) -> Result<Profile, ApiError> {
        self.get(&self.users("profile"), &[]).await
    }

    /// A page of what came since `start`. `NotFound` when Google keeps no history from so long ago.
    pub async fn history(&self, start: &str, page: Option<&str>) -> Result<HistoryPage, ApiError> {
        let mut query = vec![
            ("startHistoryId", start),
            ("historyTypes", "messageAdded"),
            ("labelId", "INBOX"),
            ("maxResults", "200"),
        ];
        query.extend(page.map(|page| ("pageToken", page)));
        self.get(&self.users("history"), &query).await
    }

    /// A page of mails that a search finds, newest first.
    pub async fn list(&self, search: &str, page: Option<&str>) -> Result<ListPage, ApiError> {
        let mut query = vec![("q", search), ("maxResults", "200")];
        query.extend(page.map(|page| ("pageToken", page)));
        self.get(&self.users("messages"), &query).await
    }

    /// A mail as it came. `limit_bytes` is for the mail itself.
    pub async fn raw(&self, id: &str, limit_bytes: usize) -> Result<Vec<u8>, ApiError> {
        let url = self.users(&format!("messages/{}", safe(id)));
        // Base64 makes four bytes of three; the rest of the answer is small.
        let limit = limit_bytes / 3 * 4 + 256 * 1024;
        let answer = self.call(Method::GET, &url, &[("format", "raw")], None, None, limit).await?;
        let message: Message = read(&answer)?;
        let text = message.raw.unwrap_or_default();
        let bytes = URL_SAFE.decode(&text).or_else(|_| URL_SAFE_NO_PAD.decode(&text));
        bytes.map_err(|_| ApiError::NoAnswer("Gmail's answer cannot be read".to_owned()))
    }

    /// A mail's headers as bytes, and its size.
    pub async fn head(&self, id: &str) -> Result<(Vec<u8>, u64), ApiError> {
        let url = self.users(&format!("messages/{}", safe(id)));
        let message: Message = self.get(&url, &[("format", "metadata")]).await?;
        let headers = message.payload.unwrap_or_default().headers;
        let lines: String = headers
            .iter()
            .map(|header| format!("{}: {}\r\n", header.name, header.value.replace(['\r', '\n'], " ")))
            .collect();
        Ok((format!("{lines}\r\n").into_bytes(), message.size_estimate))
    }

    /// Sends a mail, in a thread of Gmail's where one is known.
    pub async fn send(
        &self,
        bytes: &[u8],
        thread: Option<&str>,
        ticket: TicketId,
    ) -> Result<SendAnswer, ApiError> {
        let mut body = json!({ "raw": URL_SAFE.encode(bytes) });
        if let Some(thread) = thread {
            body["threadId"] = Value::from(thread);
        }
        let url = self.users("messages/send");
        let answer = self.call(Method::POST, &url, &[], Some(&body), Some(ticket), ANSWER_LIMIT).await?;
        read(&answer)
    }

    /// Has Gmail announce new mail at the topic of the settings.
    pub async fn watch(&self) -> Result<WatchAnswer, ApiError> {
        let body = json!({ "topicName": self.settings.topic, "labelIds": ["INBOX"], "labelFilterBehavior": "INCLUDE" });
        self.post(&self.users("watch"), &body).await
    }

    /// Waits at the subscription of the settings for announcements, as long as Google likes; ids to be acknowledged.
    pub async fn pull(&self) -> Result<Vec<String>, ApiError> {
        let answer: PullAnswer =
            self.post(&self.subscription("pull"), &json!({ "maxMessages": 100 })).await?;
        Ok(answer.received_messages.into_iter().map(|received| received.ack_id).collect())
    }

    pub async fn acknowledge(&self, ids: &[String]) -> Result<(), ApiError> {
        let _: Value = self.post(&self.subscription("acknowledge"), &json!({ "ackIds": ids })).await?;
        Ok(())
    }

    fn users(&self, path: &str) -> String {
        format!("{}/gmail/v1/users/me/{path}", self.settings.api_url.trim_end_matches('/'))
    }

    fn subscription(&self, verb: &str) -> String {
        format!("{}/v1/{}:{verb}", self.settings.pubsub_url.trim_end_matches('/'), self.settings.subscription)
    }

    async fn get<T: DeserializeOwned>(&self, url: &str, query: &[(&str, &str)]) -> Result<T, ApiError> {
        read(&self.call(Method::GET, url, query, None, None, ANSWER_LIMIT).await?)
    }

    async fn post<T: DeserializeOwned>(&self, url: &str, body: &Value) -> Result<T, ApiError> {
        read(&self.call(Method::POST, url, &[], Some(body), None, ANSWER_LIMIT).await?)
    }

    /// One call. A token that is refused before its time is renewed, once.
    async fn call(
        &self,
        method: Method,
        url: &str,
        query: &[(&str, &str)],
        body: Option<&Value>,
        ticket: Option<TicketId>,
        limit_bytes: usize,
    ) -> Result<Answer, ApiError> {
        let address =
            Url::parse(url).map_err(|_| ApiError::Refused("gmail.api_url is no address".to_owned()))?;
        let mut renewed = false;
        loop {
            let token = self.tokens.access().await?;
            let mut request =
                self.client.request(method.clone(), address.clone()).query(query).bearer_auth(token);
            if let Some(body) = body {
                request = request.json(body);
            }
            let answer = self.client.fetch(Purpose::Mail, ticket, request, limit_bytes).await?;
            match answer.status {
                401 if !renewed => {
                    renewed = true;
                    self.tokens.forget().await;
                }
                200..=299 => return Ok(answer),
                _ => return Err(fault(&answer)),
            }
        }
    }
}

/// Ids are Google's own; in an address they must stay one step of the path.
fn safe(id: &str) -> String {
    id.chars().filter(|character| character.is_ascii_alphanumeric() || "-_".contains(*character)).collect()
}

fn read<T: DeserializeOwned>(answer: &Answer) -> Result<T, ApiError> {
    serde_json::from_slice(&answer.body)
        .map_err(|_| ApiError::NoAnswer("Gmail's answer cannot be read".to_owned()))
}

/// What an error answer means. Google puts its reason into the body.
fn fault(answer: &Answer) -> ApiError {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let reason = body["error"]["errors"][0]["reason"]
        .as_str()
        .or_else(|| body["error"]["status"].as_str())
        .unwrap_or_default();
    let limited = reason.to_ascii_lowercase().contains("ratelimit")
        || reason == "quotaExceeded"
        || reason == "dailyLimitExceeded"
        || reason == "RESOURCE_EXHAUSTED";
    match answer.status {
        429 => ApiError::Limited { retry_after: retry_after(answer) },
        403 if limited => ApiError::Limited { retry_after: retry_after(answer) },
        401 => ApiError::Refused("Google refused the sign-in: sign in again with `frontdesk channels connect gmail`".to_owned()),
        403 => ApiError::Refused(
            "Google does not allow it: check that the Gmail API is switched on and that the sign-in covers reading and sending".to_owned(),
        ),
        404 => ApiError::NotFound,
        status @ 500.. => ApiError::NoAnswer(format!("Google answered {status}")),
        status => {
            let reason: String = reason.chars().filter(char::is_ascii_alphanumeric).take(60).collect();
            ApiError::Rejected(format!("{status} {reason}"))
        }
    }
}

fn retry_after(answer: &Answer) -> Option<Duration> {
    let seconds = answer.headers.get("retry-after")?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> Answer {
        let mut headers = reqwest::header::HeaderMap::new();
        headers.insert("retry-after", "17".parse().expect("a value"));
        Answer { status, headers, body: body.as_bytes().to_vec() }
    }

    #[test]
    fn errors_are_told_apart() {
        let pause = ApiError::Limited { retry_after: Some(Duration::from_secs(17)) };
        assert_eq!(fault(&answer(429, "")), pause);
        let limited = r#"{"error":{"errors":[{"reason":"userRateLimitExceeded"}]}}"#;
        assert_eq!(fault(&answer(403, limited)), pause);
        assert!(matches!(
            fault(&answer(403, r#"{"error":{"status":"PERMISSION_DENIED"}}"#)),
            ApiError::Refused(_)
        ));
        assert!(matches!(fault(&answer(401, "")), ApiError::Refused(_)));
        assert_eq!(fault(&answer(404, "")), ApiError::NotFound);
        assert!(matches!(fault(&answer(400, "")), ApiError::Rejected(_)));
        assert!(matches!(fault(&answer(503, "<html>")), ApiError::NoAnswer(_)));
    }
}
