//! Events from the outbox to the broker: in order, each until it was confirmed.

use super::{
    link::{Confirmation, Link, Outgoing, PublishError},
    topics::Topics,
};
use crate::{
    domain::channel_health::HealthState,
    ports::{
        clock::Clock,
        event_outbox::{EventOutbox, PendingEvent},
        link_health::LinksHealth,
        store::StoreError,
    },
};
use jiff::SignedDuration;
use std::{sync::Arc, time::Duration};
use tokio_util::sync::CancellationToken;

/// The name under which health reports show it.
const NAME: &str = "mqtt_events";
/// Events read and sent at once.
const AT_ONCE: usize = 64;
/// How often it looks for new events: their writers are many, and some are other processes.
const LOOK_EVERY: Duration = Duration::from_millis(200);
const AFTER_FAILURE: Duration = Duration::from_secs(1);
/// What the broker refuses is offered again this often.
const AFTER_REFUSAL: Duration = Duration::from_secs(10);
/// Confirmed events are kept so long, for whoever asks what was told.
const KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);
/// What no broker took for so long is nobody's news any more.
const WAITED_FOR: SignedDuration = SignedDuration::from_hours(30 * 24);
const TIDY_EVERY: SignedDuration = SignedDuration::from_hours(1);

/// The publisher.
pub struct Publisher {
    pub link: Arc<Link>,
    pub outbox: Arc<dyn EventOutbox>,
    pub topics: Topics,
    pub board: Arc<dyn LinksHealth>,
    pub clock: Arc<dyn Clock>,
}

/// How a round ended.
enum Round {
    Idle,
    Published,
    Refused(String),
    /// The connection broke, or something in the way of the ledger.
    Failed(String),
}

impl Publisher {
    /// Publishes until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        tokio::select! {
            () = self.publish_all() => {}
            () = stop.cancelled() => {}
        }
    }

    async fn publish_all(&self) {
        let mut tidied = jiff::Timestamp::MIN;
        loop {
            let now = self.clock.now();
            if now.duration_since(tidied) >= TIDY_EVERY {
                tidied = now;
                self.tidy(now).await;
            }
            self.link.connected().await;
            let pause = match self.round().await {
                Ok(Round::Published) => {
                    self.board.note(NAME, HealthState::Ok, None);
                    continue;
                }
                Ok(Round::Idle) => LOOK_EVERY,
                Ok(Round::Refused(reason)) => {
                    self.board.note(NAME, HealthState::Failing, Some(&reason));
                    AFTER_REFUSAL
                }
                Ok(Round::Failed(reason)) => {
                    tracing::warn!(%reason, "events wait for the broker");
                    AFTER_FAILURE
                }
                Err(error) => {
                    tracing::warn!(%error, "events cannot be read or marked; what was sent is sent again");
                    AFTER_FAILURE
                }
            };
            tokio::time::sleep(pause).await;
        }
    }

    /// Sends what waits and marks what the broker confirmed. An event counts once every topic of it is confirmed.
    async fn round(&self) -> Result<Round, StoreError> {
        let pending = self.outbox.pending_events(AT_ONCE).await?;
        if pending.is_empty() {
            return Ok(Round::Idle);
        }
        let (mut handed, mut fault) = (Vec::new(), None);
        for event in &pending {
            match self.hand_over(event).await {
                Ok(confirmations) => handed.push((event.sequence, confirmations)),
                Err(error) => {
                    fault = Some(Round::Failed(error.to_string()));
                    break;
                }
            }
        }
        let mut published = Vec::new();
        for (sequence, confirmations) in handed {
            match all(confirmations).await {
                Ok(()) => published.push(sequence),
                Err(PublishError::Refused(reason)) => {
                    fault = Some(Round::Refused(PublishError::Refused(reason).to_string()));
                }
                Err(error) => fault = fault.or(Some(Round::Failed(error.to_string()))),
            }
        }
        if !published.is_empty() {
            self.outbox.events_published(published, self.clock.now()).await?;
        }
        Ok(fault.unwrap_or(Round::Published))
    }

    async fn hand_over(&self, event: &PendingEvent) -> Result<Vec<Confirmation>, PublishError> {
        let mut confirmations = Vec::new();
        for topic in self.topics.of_event(event.kind, event.channel) {
            let message = Outgoing {
                ticket: event.ticket,
                correlation: Some(event.id.0.as_bytes().to_vec()),
                ..Outgoing::new(topic, event.payload.clone())
            };
            confirmations.push(self.link.hand_over(message).await?);
        }
        Ok(confirmations)
    }

    async fn tidy(&self, now: jiff::Timestamp) {
        let ago = |time: SignedDuration| now.saturating_sub(time).unwrap_or(jiff::Timestamp::MIN);
        match self.outbox.forget_events(ago(KEPT), ago(WAITED_FOR)).await {
            Ok(0) => {}
            Ok(count) => tracing::info!(count, "old events were removed"),
            Err(error) => tracing::debug!(%error, "old events were not removed"),
        }
    }
}

async fn all(confirmations: Vec<Confirmation>) -> Result<(), PublishError> {
    for confirmation in confirmations {
        confirmation.await.unwrap_or(Err(PublishError::Lost))?;
    }
    Ok(())
}
