//! The work queue's port: each method one transaction on the aggregate that does it.

use super::{
    Store, context, jobs, mail_traffic, outbox, tickets, turns,
    values::{from_micros, micros},
};
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

impl Store {
    /// Makes all leased work due at once. Only for the process that owns the box, before its workers start: whoever held
    /// these leases is gone. The attempts stay counted.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn reclaim_leases(&self, now: Timestamp) -> Result<usize, StoreError> {
        self.write(move |connection| {
            let jobs = "UPDATE jobs SET leased_until = ?1 WHERE state = 'leased' AND leased_until > ?1";
            let outbox = "UPDATE outbox SET leased_until = ?1 WHERE state = 'leased' AND leased_until > ?1";
            Ok(connection.execute(jobs, [micros(now)])? + connection.execute(outbox, [micros(now)])?)
        })
        .await
    }
}

#[async_trait]
impl WorkQueue for Store {
    async fn lease_job(
        &self,
        now: Timestamp,
        lease_time: SignedDuration,
    ) -> Result<Option<LeasedJob>, StoreError> {
        let (retries, route) = (self.options().job_retries, self.options().failure_route.clone());
        let until = now.saturating_add(lease_time).unwrap_or(Timestamp::MAX);
        self.write(move |connection| jobs::lease(connection, &retries, &route, now, until)).await
    }

    async fn renew_job(&self, job: JobId, lease: &str, until: Timestamp) -> Result<(), StoreError> {
        let lease = lease.to_owned();
        self.write(move |connection| jobs::renew(connection, job, &lease, until)).await
    }

    async fn turn_context(&self, job: &LeasedJob) -> Result<TurnContext, StoreError> {
        let (ticket, message) = (job.ticket_id, job.message_id);
        self.read(move |connection| context::read(connection, ticket, message)).await
    }

    async fn commit_turn(
        &self,
        job: &LeasedJob,
        outcome: TurnOutcome,
        now: Timestamp,
    ) -> Result<Option<OutboxId>, StoreError> {
        let job = job.clone();
        self.write(move |connection| turns::commit(connection, &job, &outcome, now)).await
    }

    async fn finish_void(&self, job: &LeasedJob, now: Timestamp) -> Result<(), StoreError> {
        let job = job.clone();
        self.write(move |connection| turns::finish_void(connection, &job, now)).await
    }

    async fn fail_job(
        &self,
        job: &LeasedJob,
        error: &str,
        now: Timestamp,
    ) -> Result<AfterFailure, StoreError> {
        let (job, error) = (job.clone(), error.to_owned());
        let (retries, route) = (self.options().job_retries, self.options().failure_route.clone());
        self.write(move |connection| jobs::fail(connection, &retries, &route, &job, &error, now)).await
    }

    async fn automatic_mails_since(&self, since: Timestamp) -> Result<usize, StoreError> {
        self.read(move |connection| mail_traffic::automatic_since(connection, since)).await
    }

    async fn release_job(&self, job: &LeasedJob, due: Timestamp) -> Result<(), StoreError> {
        let job = job.clone();
        self.write(move |connection| jobs::release(connection, &job, due)).await
    }

    async fn set_stage(&self, ticket: TicketId, stage: Stage, now: Timestamp) -> Result<(), StoreError> {
        self.write(move |connection| tickets::set_stage(connection, ticket, stage, now)).await
    }

    async fn lease_delivery(
        &self,
        now: Timestamp,
        lease_time: SignedDuration,
    ) -> Result<Option<LeasedDelivery>, StoreError> {
        let (retries, route) = (self.options().delivery_retries, self.options().failure_route.clone());
        let until = now.saturating_add(lease_time).unwrap_or(Timestamp::MAX);
        self.write(move |connection| outbox::lease(connection, &retries, &route, now, until)).await
    }

    async fn delivery_succeeded(
        &self,
        delivery: &LeasedDelivery,
        status: DeliveryStatus,
        provider_message_ids: &[String],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let (delivery, ids) = (delivery.clone(), provider_message_ids.to_vec());
        self.write(move |connection| outbox::succeeded(connection, &delivery, status, &ids, now)).await
    }

    async fn delivery_failed(
        &self,
        delivery: &LeasedDelivery,
        error: &str,
        permanent: bool,
        retry_after: Option<SignedDuration>,
        now: Timestamp,
    ) -> Result<AfterFailure, StoreError> {
        let (delivery, error) = (delivery.clone(), error.to_owned());
        let (retries, route) = (self.options().delivery_retries, self.options().failure_route.clone());
        self.write(move |connection| {
            let failure = outbox::Failure { error: &error, permanent, retry_after };
            outbox::failed(connection, &retries, &route, &delivery, &failure, now)
        })
        .await
    }

    async fn next_due(&self) -> Result<Option<Timestamp>, StoreError> {
        self.read(|connection| {
            let due =
                [jobs::next_due(connection)?, outbox::next_due(connection)?].into_iter().flatten().min();
            Ok(due.map(from_micros).transpose()?)
        })
        .await
    }
}
