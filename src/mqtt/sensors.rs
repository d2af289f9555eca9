//! The box as the house sees it: online, its figures, and how to find them. Said anew on every connection.

use super::{
    discovery::discovery_messages,
    link::{Link, Outgoing, PublishError},
    topics::{ONLINE, Topics},
};
use crate::ports::{
    clock::Clock,
    event_outbox::{DeskFigures, EventOutbox},
};
use async_trait::async_trait;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};
use tokio_util::sync::CancellationToken;

const LOOK_EVERY: Duration = Duration::from_secs(5);
const AFTER_FAILURE: Duration = Duration::from_secs(1);
/// What the broker refuses is offered again this often.
const AFTER_REFUSAL: Duration = Duration::from_mins(1);

/// Whether the box can truly work: what `/health/ready` says.
#[async_trait]
pub trait BoxHealth: Send + Sync {
    /// `ready` or `not_ready`.
    async fn status(&self) -> &'static str;
}

/// Keeps the retained messages true.
pub struct Sensors {
    pub link: Arc<Link>,
    pub outbox: Arc<dyn EventOutbox>,
    pub health: Arc<dyn BoxHealth>,
    pub topics: Topics,
    /// Home Assistant's prefix; `None` describes nothing.
    pub discovery_prefix: Option<String>,
    pub clock: Arc<dyn Clock>,
}

/// What stands on the figures' topic.
pub fn figures_message(figures: DeskFigures, health: &str, at: Timestamp) -> Value {
    json!({
        "version": 1,
        "at": at,
        "health": health,
        "open_tickets": figures.open_tickets,
        "waiting": figures.waiting,
        "escalations": figures.escalations,
        "dead_letters": figures.dead_letters,
        "unpublished_events": figures.unpublished_events,
    })
}

impl Sensors {
    /// Publishes until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        tokio::select! {
            () = self.publish() => {}
            () = stop.cancelled() => {}
        }
    }

    async fn publish(&self) {
        loop {
            let connection = self.link.connected().await;
            let ended = tokio::select! {
                result = self.while_connected() => result,
                () = self.link.gone(connection) => Ok(()),
            };
            let pause = match ended {
                Err(PublishError::Refused(reason)) => {
                    tracing::warn!(%reason, "the broker refuses the box's status or figures: check its access list");
                    AFTER_REFUSAL
                }
                Err(error) => {
                    tracing::debug!(%error, "the box's figures were not published");
                    AFTER_FAILURE
                }
                Ok(()) => AFTER_FAILURE,
            };
            tokio::time::sleep(pause).await;
        }
    }

    async fn while_connected(&self) -> Result<(), PublishError> {
        self.link.publish(Outgoing::retained(self.topics.status(), ONLINE)).await?;
        if let Some(prefix) = &self.discovery_prefix {
            for (topic, sensor) in discovery_messages(&self.topics, prefix) {
                self.link.publish(Outgoing::retained(topic, sensor.to_string())).await?;
            }
        }
        let mut said = None;
        loop {
            if let Ok(figures) = self.outbox.desk_figures().await {
                let now = (DeskFigures { unpublished_events: 0, ..figures }, self.health.status().await);
                if said != Some(now) {
                    let message = figures_message(figures, now.1, self.clock.now());
                    self.link.publish(Outgoing::retained(self.topics.figures(), message.to_string())).await?;
                    said = Some(now);
                }
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
}
