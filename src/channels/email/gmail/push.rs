//! Announcements that Google pushes to `POST /webhooks/gmail`. One says only that something came: what came is then fetched.

use super::{
    announcement::{self, Announced},
    api::ApiError,
    fetch::{GmailFetcher, RoundError},
    keys::{Expected, Keys, TokenFault},
};
use crate::ports::webhook::{Webhook, WebhookAnswer, WebhookCall};
use async_trait::async_trait;
use std::sync::Arc;

/// One mailbox whose announcements are pushed.
pub struct Pushed {
    pub address: String,
    pub expected: Expected,
    pub keys: Arc<Keys>,
    pub fetcher: Arc<GmailFetcher>,
}

/// The way in for all of them.
pub struct GmailPush {
    pub mailboxes: Vec<Pushed>,
}

#[async_trait]
impl Webhook for GmailPush {
    async fn receive(&self, call: WebhookCall) -> WebhookAnswer {
        let proven = match self.proven(&call).await {
            Ok(proven) => proven,
            Err(answer) => return answer,
        };
        let address = match announcement::read(&call.body) {
            Some(Announced::Mailbox(address)) => address,
            Some(Announced::Nothing) => return done("no_data"),
            None => return WebhookAnswer::Unreadable,
        };
        let Some(pushed) = proven.into_iter().find(|pushed| pushed.address == address) else {
            // Proven, but for a mailbox this box does not have: sending it again would not help.
            return done("unknown_mailbox");
        };
        match pushed.fetcher.look().await {
            Ok(()) => done("ok"),
            // A ledger that cannot be written lets nothing out, and so looks like a way to Google that is not there.
            Err(error @ (RoundError::Store(_) | RoundError::Api(ApiError::NotSent(_)))) => {
                tracing::warn!(%error, "an announcement waits: Google is to send it again");
                WebhookAnswer::Unavailable
            }
            // The mailbox's own loop tries on, with its pauses; the announcement has done its part.
            Err(RoundError::Api(error)) => {
                tracing::info!(%error, "an announcement's mail is fetched later");
                pushed.fetcher.announced.notify_one();
                done("later")
            }
        }
    }
}

impl GmailPush {
    /// The mailboxes for which the call's token speaks.
    async fn proven(&self, call: &WebhookCall) -> Result<Vec<&Pushed>, WebhookAnswer> {
        let token = call
            .header("authorization")
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token.trim())
            .ok_or(WebhookAnswer::Forbidden)?;
        let (mut proven, mut unsure) = (Vec::new(), false);
        for pushed in &self.mailboxes {
            match pushed.keys.check(token, &pushed.expected).await {
                Ok(()) => proven.push(pushed),
                Err(TokenFault::NoKeys) => unsure = true,
                Err(TokenFault::Refused) => {}
            }
        }
        match (proven.is_empty(), unsure) {
            (false, _) => Ok(proven),
            (true, true) => Err(WebhookAnswer::Unavailable),
            (true, false) => Err(WebhookAnswer::Forbidden),
        }
    }
}

fn done(status: &str) -> WebhookAnswer {
    WebhookAnswer::Done {
        content_type: "application/json",
        body: serde_json::json!({ "status": status }).to_string(),
    }
}
