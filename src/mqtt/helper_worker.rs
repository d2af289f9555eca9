//! The helper box's side: takes drafts on offer, has its own model write them, and answers. Knows no ticket and keeps nothing.

use super::{
    drafting::{Figures, Offer, Presence, Reply, VERSION, failed},
    link::{Link, Outgoing, Received},
    topics::Topics,
};
use crate::ports::model::{ChatModel, ChatRequest, GenerationEvent, ModelError, ModelState};
use futures_util::StreamExt as _;
use std::{sync::Arc, time::Duration};
use tokio::sync::{Semaphore, mpsc};
use tokio_util::sync::CancellationToken;

/// A sign of life this often, while a draft is made.
const SIGN_OF_LIFE: Duration = Duration::from_secs(1);
const AFTER_FAILURE: Duration = Duration::from_secs(1);

/// A helper box.
pub struct HelperWorker {
    /// Its name on the broker.
    pub id: String,
    pub link: Arc<Link>,
    pub topics: Topics,
    pub chat: Arc<dyn ChatModel>,
    /// Drafts at once.
    pub slots: usize,
}

impl HelperWorker {
    /// Works until `stop`.
    pub async fn run(self, mut offers: mpsc::Receiver<Received>, stop: CancellationToken) {
        let worker = Arc::new(self);
        let slots = Arc::new(Semaphore::new(worker.slots));
        let work = async {
            while let Some(offer) = offers.recv().await {
                let Ok(slot) = slots.clone().acquire_owned().await else { return };
                let worker = worker.clone();
                tokio::spawn(async move {
                    worker.take(&offer).await;
                    offer.confirm().await;
                    drop(slot);
                });
            }
        };
        tokio::select! {
            () = work => {}
            () = worker.be_seen() => {}
            () = stop.cancelled() => {}
        }
    }

    /// Says on every connection that it is there, once its model is.
    async fn be_seen(&self) {
        loop {
            let connection = self.link.connected().await;
            match self.chat.state() {
                ModelState::Ready(info) => {
                    let presence = Presence { version: VERSION, slots: self.slots, model: info.id };
                    let payload = serde_json::to_vec(&presence).unwrap_or_default();
                    let said =
                        self.link.publish(Outgoing::retained(self.topics.helper(&self.id), payload)).await;
                    match said {
                        Ok(()) => self.link.gone(connection).await,
                        Err(error) => tracing::warn!(%error, "the box could not be told of this helper"),
                    }
                }
                state => tracing::debug!(?state, "the model is not there yet"),
            }
            tokio::time::sleep(AFTER_FAILURE).await;
        }
    }

    async fn take(&self, offer: &Received) {
        // Answers go to the site's own topic alone: an offer must not have us write elsewhere.
        if offer.response_topic.as_deref() != Some(self.topics.replies().as_str()) {
            tracing::warn!("an offer names another topic for its answer; it is left");
            return;
        }
        let request = serde_json::from_slice::<Offer>(&offer.payload)
            .map_err(|_| "it cannot be read")
            .and_then(Offer::into_request);
        match request {
            Ok(request) => {
                let reply = self.draft(offer, request).await.unwrap_or_else(|error| failed(&error));
                self.say(offer, &reply).await;
            }
            Err(reason) => {
                tracing::warn!(reason, "an offer makes no sense");
                self.say(offer, &Reply::Failed { error: format!("the offer makes no sense: {reason}") })
                    .await;
            }
        }
    }

    async fn draft(&self, offer: &Received, request: ChatRequest) -> Result<Reply, ModelError> {
        let mut events = self.chat.generate(request)?;
        let mut life = tokio::time::interval(SIGN_OF_LIFE);
        let mut text = String::new();
        loop {
            let event = tokio::select! {
                event = events.next() => event,
                _ = life.tick() => {
                    self.say(offer, &Reply::Working { helper: self.id.clone() }).await;
                    continue;
                }
            };
            match event {
                Some(Ok(GenerationEvent::Text(piece))) => text.push_str(&piece),
                Some(Ok(GenerationEvent::Done(stats))) => {
                    tracing::info!(tokens = stats.generated_tokens, "a draft was made for the box");
                    return Ok(Reply::Done { text, figures: Figures::from(stats) });
                }
                Some(Err(error)) => return Err(error),
                None => return Err(ModelError::Failed("the model stopped without an end".to_owned())),
            }
        }
    }

    async fn say(&self, offer: &Received, reply: &Reply) {
        let payload = serde_json::to_vec(reply).unwrap_or_default();
        let message = Outgoing {
            correlation: offer.correlation.clone(),
            ..Outgoing::new(self.topics.replies(), payload)
        };
        if let Err(error) = self.link.publish(message).await {
            tracing::warn!(%error, "the box was not answered; it does without");
        }
    }
}
