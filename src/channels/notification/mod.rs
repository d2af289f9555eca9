//! Telling teams that a ticket waits for them: by a signed webhook, by mail. Not a customer's channel; it uses the same ways out.

mod mail;
mod webhook;

pub use mail::TeamMail;
pub use webhook::{SIGNATURE_HEADER, TIME_HEADER, Webhook, signature};

use crate::{
    domain::{channel_health::HealthState, notification::NotificationWay},
    ports::{
        clock::Clock,
        link_health::LinksHealth,
        notifications::{Notifications, Notifier},
        store::{AfterFailure, StoreError},
    },
};
use jiff::SignedDuration;
use std::{collections::HashMap, sync::Arc, time::Duration};
use tokio_util::sync::CancellationToken;

/// A note that is tried for longer than this is tried by whoever comes next.
const LEASE: SignedDuration = SignedDuration::from_secs(120);
/// How often it looks for notes: their writers are many.
const LOOK_EVERY: Duration = Duration::from_millis(500);
const AFTER_STORE_FAILURE: Duration = Duration::from_secs(1);

/// Takes notes out of their queue and tries them.
pub struct TeamNotes {
    pub queue: Arc<dyn Notifications>,
    pub ways: HashMap<NotificationWay, Arc<dyn Notifier>>,
    pub board: Arc<dyn LinksHealth>,
    pub clock: Arc<dyn Clock>,
}

/// The name under which health reports show a way.
fn name(way: NotificationWay) -> &'static str {
    match way {
        NotificationWay::Webhook => "webhook",
        NotificationWay::Mail => "team_mail",
    }
}

impl TeamNotes {
    /// Works until `stop`; a note that is under way then is tried again after its lease.
    pub async fn run(self, stop: CancellationToken) {
        loop {
            let pause = match self.work().await {
                Ok(true) => continue,
                Ok(false) => LOOK_EVERY,
                Err(error) => {
                    tracing::error!(%error, "teams' notes cannot be read or recorded");
                    AFTER_STORE_FAILURE
                }
            };
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = stop.cancelled() => return,
            }
        }
    }

    /// Tries one note; false when none is due.
    ///
    /// # Errors
    /// When the store cannot be used; the note is due again after its lease.
    pub async fn work(&self) -> Result<bool, StoreError> {
        let Some(note) = self.queue.lease_notification(self.clock.now(), LEASE).await? else {
            return Ok(false);
        };
        let escalation = &note.escalation.escalation;
        let result = match self.ways.get(&note.way) {
            Some(way) => way.notify(&note).await,
            // The way was switched off since: nobody waits for it any more.
            None => Ok(()),
        };
        let now = self.clock.now();
        match result {
            Ok(()) => {
                self.queue.notification_sent(&note, now).await?;
                self.board.note(name(note.way), HealthState::Ok, None);
                tracing::info!(%escalation, way = note.way.as_str(), attempt = note.attempt, "the team was told");
            }
            Err(error) => {
                let after = self.queue.notification_failed(&note, &error, now).await?;
                self.board.note(name(note.way), HealthState::Failing, Some(&error.to_string()));
                let given_up = after == AfterFailure::DeadLetter;
                tracing::warn!(%escalation, way = note.way.as_str(), attempt = note.attempt, given_up, %error, "the team was not told");
            }
        }
        Ok(true)
    }
}
