//! The timers of tickets: what is due is done, one transaction a ticket, and the loop sleeps until the next is.

use super::Assistant;
use crate::{
    config::{Config, LifecycleConfig},
    domain::{
        escalation::{EscalationCategory, Urgency},
        lifecycle::{ClockWatch, Rules, SlaStage, Step},
        progress::TicketEvent,
        sla::urgency_for,
    },
    pipeline::LiveSettings,
    ports::{
        clock::Clock,
        events::TicketEvents,
        lifecycle::{DueTicket, LifecycleStore, Measures},
        store::StoreError,
    },
};
use jiff::{SignedDuration, Timestamp};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio_util::sync::CancellationToken;

/// The longest sleep: another process or a changed setting may have made something due sooner.
const LONGEST_SLEEP: Duration = Duration::from_mins(1);
/// Steps taken at a time, so that a backlog leaves room for customers' messages.
const AT_A_TIME: usize = 200;

/// Moves tickets along as time passes.
pub struct Timekeeper {
    pub store: Arc<dyn LifecycleStore>,
    pub desk: LiveSettings,
    pub settings: LifecycleConfig,
    pub clock: Arc<dyn Clock>,
    pub events: Arc<dyn TicketEvents>,
    pub watch: ClockWatch,
}

/// What a look at the clock led to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ticked {
    pub steps: usize,
    /// Promises found missed.
    pub missed: usize,
    /// When there is more to do, as far as is known.
    pub next_at: Option<Timestamp>,
}

/// Starts the timers; they end with `stop`.
pub(super) fn start(
    config: &Config,
    assistant: &Assistant,
    desk: LiveSettings,
    clock: Arc<dyn Clock>,
    events: Arc<dyn TicketEvents>,
    stop: CancellationToken,
) {
    let store = Arc::new(assistant.store.clone());
    let (settings, watch) = (config.lifecycle.clone(), ClockWatch::default());
    let keeper = Timekeeper { store, desk, settings, clock, events, watch };
    tokio::spawn(async move {
        tokio::select! {
            () = keep(keeper) => {}
            () = stop.cancelled() => {}
        }
    });
}

async fn keep(mut keeper: Timekeeper) {
    let started = Instant::now();
    loop {
        let sleep = match keeper.tick(started.elapsed()).await {
            Ok(ticked) => {
                if ticked.missed > 0 {
                    tracing::warn!(
                        count = ticked.missed,
                        "promises to customers were missed: see the escalations"
                    );
                }
                let until = ticked.next_at.map(|at| at.duration_since(keeper.clock.now()));
                until.map_or(LONGEST_SLEEP, |until| {
                    Duration::try_from(until).unwrap_or_default().min(LONGEST_SLEEP)
                })
            }
            Err(error) => {
                tracing::error!(%error, "the timers of tickets cannot be read");
                LONGEST_SLEEP
            }
        };
        // Never in a tight circle, whatever the store answers.
        tokio::time::sleep(sleep.max(Duration::from_millis(100))).await;
    }
}

impl Timekeeper {
    /// Does what is due. `steady` is the time since the start by a clock that is never set.
    ///
    /// # Errors
    /// When the store cannot be read or written; what was done stays done, and the rest is due again.
    pub async fn tick(&mut self, steady: Duration) -> Result<Ticked, StoreError> {
        let now = self.clock.now();
        if !self.watch.trusts(now, steady) {
            tracing::debug!("the clock jumped; tickets are left alone until it has settled");
            return Ok(Ticked::default());
        }
        let rules = self.rules();
        let found = self.store.due_tickets(&rules, now).await?;
        let more = found.due.len() > AT_A_TIME;
        let mut ticked =
            Ticked { next_at: if more { Some(now) } else { found.next_at }, ..Ticked::default() };
        for due in found.due.into_iter().take(AT_A_TIME) {
            let measures = self.measures(&due, now);
            let assigned_to = measures.route.as_ref().map(|route| route.team.clone());
            let Some(status) = self.store.advance(&due, &rules, measures, now).await? else { continue };
            ticked.steps += 1;
            let missed = matches!(due.timer.step, Step::FollowUp(stage) if stage > SlaStage::Reminded);
            ticked.missed += usize::from(missed || due.timer.step == Step::HandOver);
            tracing::info!(ticket = %due.reference, step = ?due.timer.step, "moved along by time");
            self.events.publish(due.ticket, TicketEvent::Status { status, assigned_to });
            // One step may make the next one due.
            ticked.next_at = Some(now);
        }
        Ok(ticked)
    }

    fn rules(&self) -> Rules {
        let hours = |count: u32| (count > 0).then(|| SignedDuration::from_hours(i64::from(count)));
        Rules {
            idle_after: hours(self.settings.idle_hours),
            close_after: hours(self.settings.close_after_hours),
            hours: self.desk.now().hours.clone(),
        }
    }

    fn measures(&self, due: &DueTicket, now: Timestamp) -> Measures {
        let desk = self.desk.now();
        match due.timer.step {
            Step::HandOver => {
                let urgency = urgency_for(due.plan, Urgency::Normal);
                Measures { route: Some(desk.route(EscalationCategory::General, urgency, now)), told: None }
            }
            Step::FollowUp(stage) if stage > SlaStage::Reminded => {
                let category = due.category.unwrap_or(EscalationCategory::General);
                let time = usize::from(stage == SlaStage::MissedAgain);
                let told = desk.routing.next_in_line(category, time).map(str::to_owned);
                Measures { route: None, told }
            }
            Step::FollowUp(_) | Step::Wake | Step::Resolve | Step::Close => Measures::default(),
        }
    }
}

#[cfg(test)]
#[path = "lifecycle_tests.rs"]
mod tests;
