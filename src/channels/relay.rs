//! The box's side of the relay: asks a public machine for providers' requests, hands them to the channels as if they had come here,
//! and brings the answers back. Only outbound connections; signatures are checked here as always.

use crate::{
    config::{RelayConfig, Secret},
    egress::{Answer, Client, EgressError},
    ports::{
        clock::Clock,
        egress::Purpose,
        relay::{
            ANSWER_PATH, HELD_FOR_S, NEXT_PATH, NONCE_HEADER, PROOF_HEADER, RelayedAnswer, RelayedCall,
            TIME_HEADER, fits, proof,
        },
        webhook::{WebhookAnswer, Webhooks},
    },
};
use reqwest::{Method, Url};
use std::{sync::Arc, time::Duration};
use tokio_util::sync::CancellationToken;

/// For a client that asks the relay: longer than the relay holds a question.
pub const PATIENCE: Duration = Duration::from_secs(HELD_FOR_S + 20);
/// Pauses after the relay could not be reached: first and longest.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(15);
/// The relay's own limit on bodies, as Base64, and the headers.
const MAX_CALL_BYTES: usize = 6 * 1024 * 1024;

/// The box's side.
pub struct Relayed {
    next: Url,
    answer: Url,
    key: Secret,
    client: Client,
    clock: Arc<dyn Clock>,
    webhooks: Arc<Webhooks>,
}

#[derive(Debug, thiserror::Error)]
enum RelayError {
    #[error(transparent)]
    Egress(#[from] EgressError),
    #[error("the relay answered {0}")]
    Refused(u16),
    #[error("the relay's answer carries no proof that fits: is relay.key the same on both sides?")]
    Unproven,
    #[error("the relay's answer cannot be read")]
    Unreadable,
}

impl Relayed {
    /// # Errors
    /// When the address is no URL.
    pub fn new(
        config: &RelayConfig,
        client: Client,
        clock: Arc<dyn Clock>,
        webhooks: Arc<Webhooks>,
    ) -> Result<Self, url::ParseError> {
        let url = |path: &str| format!("{}{path}", config.url).parse();
        Ok(Self {
            next: url(NEXT_PATH)?,
            answer: url(ANSWER_PATH)?,
            key: config.key.clone(),
            client,
            clock,
            webhooks,
        })
    }

    /// Asks until `stop`. What goes wrong is said in the log and tried again.
    pub async fn run(self, stop: CancellationToken) {
        let relayed = Arc::new(self);
        let mut pause = FIRST_PAUSE;
        loop {
            let asked = tokio::select! {
                asked = relayed.ask() => asked,
                () = stop.cancelled() => return,
            };
            match asked {
                Ok(call) => {
                    pause = FIRST_PAUSE;
                    if let Some(call) = call {
                        let relayed = relayed.clone();
                        tokio::spawn(async move { relayed.work(call).await });
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, "the relay cannot be asked; trying again");
                    tokio::select! {
                        () = tokio::time::sleep(pause) => {}
                        () = stop.cancelled() => return,
                    }
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
            }
        }
    }

    async fn ask(&self) -> Result<Option<RelayedCall>, RelayError> {
        let (nonce, answer) = self.post(&self.next, NEXT_PATH, Vec::new()).await?;
        let given =
            answer.headers.get(PROOF_HEADER).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if answer.status != 200 && answer.status != 202 {
            return Err(RelayError::Refused(answer.status));
        }
        if !fits(self.key.expose(), &[b"call", nonce.as_bytes(), &answer.body], given) {
            return Err(RelayError::Unproven);
        }
        if answer.status == 202 {
            return Ok(None);
        }
        serde_json::from_slice(&answer.body).map(Some).map_err(|_| RelayError::Unreadable)
    }

    async fn work(&self, call: RelayedCall) {
        let id = call.id.clone();
        let answer = self.answer_of(call).await;
        let (content_type, body) = match &answer {
            WebhookAnswer::Done { content_type, body } => (*content_type, body.clone()),
            _ => ("text/plain", String::new()),
        };
        let relayed =
            RelayedAnswer { id, status: answer.status(), content_type: content_type.to_owned(), body };
        let Ok(text) = serde_json::to_vec(&relayed) else { return };
        if let Err(error) = self.post(&self.answer, ANSWER_PATH, text).await {
            tracing::warn!(%error, "an answer did not reach the relay; the provider sends its request again");
        }
    }

    async fn answer_of(&self, call: RelayedCall) -> WebhookAnswer {
        let Some(call) = call.into_call() else { return WebhookAnswer::Unreadable };
        match self.webhooks.get(call.path.as_str()) {
            Some(webhook) => webhook.receive(call).await,
            None => WebhookAnswer::Forbidden,
        }
    }

    async fn post(&self, url: &Url, path: &str, body: Vec<u8>) -> Result<(String, Answer), RelayError> {
        let time = self.clock.now().as_second().to_string();
        let nonce = uuid::Uuid::new_v4().simple().to_string();
        let proof = proof(self.key.expose(), &[path.as_bytes(), time.as_bytes(), nonce.as_bytes(), &body]);
        let request = self
            .client
            .request(Method::POST, url.clone())
            .header(TIME_HEADER, time)
            .header(NONCE_HEADER, &nonce)
            .header(PROOF_HEADER, proof)
            .body(body);
        let answer = self.client.fetch(Purpose::Whatsapp, None, request, MAX_CALL_BYTES).await?;
        Ok((nonce, answer))
    }
}
