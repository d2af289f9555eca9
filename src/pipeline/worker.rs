//! The loops behind the desk: take work, do it, never lose it. A panic in a turn costs one attempt, not the process.

use super::{
    delivery::Courier,
    fault,
    turn::{Desk, TurnEnd},
};
use crate::ports::store::{AfterFailure, LeasedJob, StoreError};
use jiff::SignedDuration;
use std::{sync::Arc, time::Duration};
use tokio::{sync::Notify, task::JoinSet};
use tokio_util::sync::CancellationToken;

/// How the loops run.
#[derive(Debug, Clone, Copy)]
pub struct WorkersSettings {
    /// Conversations worked on at once.
    pub workers: usize,
    pub lease: SignedDuration,
}

/// Messages delivered at once.
const COURIERS: usize = 4;
/// How long a loop sleeps at most when nothing wakes it: the bound on noticing work another process queued.
const IDLE: Duration = Duration::from_millis(500);
/// How long it waits after the store failed, so that a full disk is not hammered.
const AFTER_STORE_FAILURE: Duration = Duration::from_secs(1);

/// The running loops.
pub struct Workers {
    tasks: JoinSet<()>,
    stop: CancellationToken,
}

impl Workers {
    /// Starts the loops. `wake` is notified when a message was accepted.
    pub fn start(
        desk: Arc<Desk>,
        courier: Arc<Courier>,
        settings: WorkersSettings,
        wake: Arc<Notify>,
        stop: CancellationToken,
    ) -> Self {
        let mut tasks = JoinSet::new();
        let outbox_wake = Arc::new(Notify::new());
        for _ in 0..settings.workers {
            tasks.spawn(work(desk.clone(), settings, wake.clone(), outbox_wake.clone(), stop.clone()));
        }
        // Several, so that one provider's pauses hold up no other channel; the store keeps the order within a ticket.
        for _ in 0..COURIERS {
            tasks.spawn(deliver(courier.clone(), settings, outbox_wake.clone(), stop.clone()));
        }
        Self { tasks, stop }
    }

    /// Stops taking work and waits for what is under way to be given back.
    pub async fn stop(mut self) {
        self.stop.cancel();
        while self.tasks.join_next().await.is_some() {}
    }
}

async fn work(
    desk: Arc<Desk>,
    settings: WorkersSettings,
    wake: Arc<Notify>,
    outbox_wake: Arc<Notify>,
    stop: CancellationToken,
) {
    while !stop.is_cancelled() {
        match desk.queue.lease_job(desk.clock.now(), settings.lease).await {
            Ok(Some(job)) => {
                // More may be due: another worker looks.
                wake.notify_one();
                fault::point("job.leased").await;
                run(&desk, job, settings, &stop).await;
                outbox_wake.notify_one();
            }
            Ok(None) => idle(&wake, IDLE, &stop).await,
            Err(error) => {
                tracing::error!(%error, "the queue cannot be read");
                idle(&wake, AFTER_STORE_FAILURE, &stop).await;
            }
        }
    }
}

/// Runs one turn in a task of its own, so that a panic is caught, and keeps its lease alive meanwhile.
async fn run(desk: &Arc<Desk>, job: LeasedJob, settings: WorkersSettings, stop: &CancellationToken) {
    let (turn_desk, turn_job) = (desk.clone(), job.clone());
    let mut turn = tokio::spawn(async move { turn_desk.work(&turn_job).await });
    let renew_every = Duration::try_from(settings.lease).unwrap_or(IDLE) / 3;
    let result = loop {
        tokio::select! {
            result = &mut turn => break result,
            () = tokio::time::sleep(renew_every) => {
                let until = desk.clock.now().checked_add(settings.lease).unwrap_or(desk.clock.now());
                if let Err(error) = desk.queue.renew_job(job.id, &job.lease, until).await {
                    tracing::warn!(%error, "a lease could not be renewed");
                }
            }
            () = stop.cancelled() => {
                turn.abort();
                let _ = (&mut turn).await;
                give_back(desk, &job).await;
                return;
            }
        }
    };
    let error = match result {
        Ok(Ok(TurnEnd::Committed { .. } | TurnEnd::Overtaken | TurnEnd::Waiting)) => return,
        Ok(Err(error)) => error.to_string(),
        Err(panic) => format!("the turn broke off: {panic}"),
    };
    match desk.queue.fail_job(&job, &error, desk.clock.now()).await {
        Ok(AfterFailure::RetryAt(at)) => {
            tracing::warn!(%error, attempt = job.attempt, retry_at = %at, "a turn failed")
        }
        Ok(AfterFailure::DeadLetter) => {
            tracing::error!(%error, attempt = job.attempt, "a turn failed for good; a person has it")
        }
        Err(StoreError::Conflict) => {
            tracing::info!("a failed turn's lease had run out; it is taken up again")
        }
        Err(store) => {
            tracing::error!(%error, %store, "a failed turn could not be recorded; its lease runs out")
        }
    }
}

/// Shutdown: the job goes back undone and is due at once after the restart.
async fn give_back(desk: &Desk, job: &LeasedJob) {
    if let Err(error) = desk.queue.release_job(job, desk.clock.now()).await {
        tracing::debug!(%error, "a job was not given back; its lease runs out");
    }
}

async fn deliver(
    courier: Arc<Courier>,
    settings: WorkersSettings,
    wake: Arc<Notify>,
    stop: CancellationToken,
) {
    while !stop.is_cancelled() {
        match courier.queue.lease_delivery(courier.clock.now(), settings.lease).await {
            Ok(Some(delivery)) => {
                wake.notify_one();
                if let Err(error) = courier.deliver(&delivery).await {
                    tracing::error!(%error, "a delivery could not be recorded");
                    idle(&wake, AFTER_STORE_FAILURE, &stop).await;
                }
            }
            Ok(None) => idle(&wake, IDLE, &stop).await,
            Err(error) => {
                tracing::error!(%error, "the outbox cannot be read");
                idle(&wake, AFTER_STORE_FAILURE, &stop).await;
            }
        }
    }
}

async fn idle(wake: &Notify, at_most: Duration, stop: &CancellationToken) {
    tokio::select! {
        () = wake.notified() => {}
        () = tokio::time::sleep(at_most) => {}
        () = stop.cancelled() => {}
    }
}
