//! Counts what passes through the work queue: every decision, hand-over and delivery goes this way, whoever works.

use super::names;
use crate::domain::{
    ids::{JobId, OutboxId, TicketId},
    message::DeliveryStatus,
    progress::Stage,
};
use crate::ports::store::{
    AfterFailure, LeasedDelivery, LeasedJob, StoreError, TurnContext, TurnOutcome, WorkQueue,
};
use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use metrics::{counter, histogram};
use std::sync::Arc;

/// A work queue that counts.
pub struct MeteredQueue(pub Arc<dyn WorkQueue>);

/// What is counted of a turn; taken before the turn is handed on.
struct Counted {
    decision: &'static str,
    sentiment: f32,
    confidence: Option<f32>,
    hand_over: Option<(&'static str, &'static str)>,
    timings_ms: Vec<(&'static str, u64)>,
}

impl Counted {
    fn of(outcome: &TurnOutcome) -> Self {
        let hand_over = outcome.escalation.as_ref().filter(|_| outcome.decision != "held");
        Self {
            decision: outcome.decision,
            sentiment: outcome.triage.sentiment.score,
            confidence: outcome.draft.as_ref().map(|draft| draft.confidence),
            hand_over: hand_over.map(|(_, record, _)| (record.category.as_str(), record.urgency.as_str())),
            timings_ms: outcome.timings_ms.clone(),
        }
    }

    fn record(self) {
        counter!(names::TURNS, "decision" => self.decision).increment(1);
        histogram!(names::SENTIMENT).record(f64::from(self.sentiment));
        if let Some(confidence) = self.confidence {
            histogram!(names::CONFIDENCE).record(f64::from(confidence));
        }
        if let Some((category, urgency)) = self.hand_over {
            counter!(names::ESCALATIONS, "category" => category, "urgency" => urgency).increment(1);
        }
        for (step, elapsed_ms) in self.timings_ms {
            histogram!(names::STEP_SECONDS, "step" => step).record(elapsed_ms as f64 / 1000.0);
        }
    }
}

fn outcome(after: &AfterFailure) -> &'static str {
    match after {
        AfterFailure::RetryAt(_) => "retry",
        AfterFailure::DeadLetter => "given_up",
    }
}

#[async_trait]
impl WorkQueue for MeteredQueue {
    async fn lease_job(
        &self,
        now: Timestamp,
        lease_time: SignedDuration,
    ) -> Result<Option<LeasedJob>, StoreError> {
        self.0.lease_job(now, lease_time).await
    }

    async fn renew_job(&self, job: JobId, lease: &str, until: Timestamp) -> Result<(), StoreError> {
        self.0.renew_job(job, lease, until).await
    }

    async fn turn_context(&self, job: &LeasedJob) -> Result<TurnContext, StoreError> {
        self.0.turn_context(job).await
    }

    async fn commit_turn(
        &self,
        job: &LeasedJob,
        outcome: TurnOutcome,
        now: Timestamp,
    ) -> Result<Option<OutboxId>, StoreError> {
        let counted = Counted::of(&outcome);
        let committed = self.0.commit_turn(job, outcome, now).await?;
        counted.record();
        Ok(committed)
    }

    async fn finish_void(&self, job: &LeasedJob, now: Timestamp) -> Result<(), StoreError> {
        self.0.finish_void(job, now).await
    }

    async fn fail_job(
        &self,
        job: &LeasedJob,
        error: &str,
        now: Timestamp,
    ) -> Result<AfterFailure, StoreError> {
        let after = self.0.fail_job(job, error, now).await?;
        counter!(names::TURN_FAILURES, "outcome" => outcome(&after)).increment(1);
        Ok(after)
    }

    async fn release_job(&self, job: &LeasedJob, due: Timestamp) -> Result<(), StoreError> {
        self.0.release_job(job, due).await
    }

    async fn set_stage(&self, ticket: TicketId, stage: Stage, now: Timestamp) -> Result<(), StoreError> {
        self.0.set_stage(ticket, stage, now).await
    }

    async fn lease_delivery(
        &self,
        now: Timestamp,
        lease_time: SignedDuration,
    ) -> Result<Option<LeasedDelivery>, StoreError> {
        self.0.lease_delivery(now, lease_time).await
    }

    async fn delivery_succeeded(
        &self,
        delivery: &LeasedDelivery,
        status: DeliveryStatus,
        provider_message_ids: &[String],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.0.delivery_succeeded(delivery, status, provider_message_ids, now).await?;
        counter!(names::DELIVERIES, "channel" => delivery.channel.as_str(), "outcome" => "delivered")
            .increment(1);
        Ok(())
    }

    async fn delivery_failed(
        &self,
        delivery: &LeasedDelivery,
        error: &str,
        permanent: bool,
        retry_after: Option<SignedDuration>,
        now: Timestamp,
    ) -> Result<AfterFailure, StoreError> {
        let after = self.0.delivery_failed(delivery, error, permanent, retry_after, now).await?;
        let channel = delivery.channel.as_str();
        counter!(names::DELIVERIES, "channel" => channel, "outcome" => outcome(&after)).increment(1);
        Ok(after)
    }

    async fn next_due(&self) -> Result<Option<Timestamp>, StoreError> {
        self.0.next_due().await
    }
}
