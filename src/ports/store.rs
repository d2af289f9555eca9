//! Durable state. Every method is one whole transaction, so that no caller can leave half a change behind.

use super::delivery::OutboundMessage;
use crate::domain::{
    channel::Channel,
    decision::ConversationState,
    draft::Draft,
    earlier_contact::EarlierContact,
    escalation::{HandOver, Route},
    ids::{ConversationId, CustomerId, EscalationId, JobId, MessageId, OutboxId, TicketId},
    inbound::{Accepted, Inbound},
    knowledge::Source,
    message::{DeliveryStatus, Message, Role},
    progress::Stage,
    ticket::{Feedback, TicketReference, TicketStatus, TicketView},
    triage::Triage,
};
use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};

/// What can go wrong with the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another writer was in the way, or the store is shutting down: try again.
    #[error("the store is busy")]
    Busy,
    /// The disk is full or read-only, or the file is damaged: nothing can be accepted.
    #[error("the store cannot be written: {0}")]
    Unwritable(String),
    /// So little space is left that new messages are refused before SQLite fails; it passes by itself once there is room again.
    #[error("the disk is nearly full ({free_mib} MiB are free): make room, or no new messages are taken")]
    DiskLow { free_mib: u64 },
    #[error("{0} was not found")]
    NotFound(&'static str),
    /// The state changed since it was read (a newer message came, a person took over, the lease ran out).
    #[error("the state changed meanwhile")]
    Conflict,
    /// A rule of the desk forbids it: a stable code for programs and a sentence for people.
    #[error("{detail}")]
    Refused { code: &'static str, detail: &'static str },
    #[error("store failure: {0}")]
    Failed(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// A leased job: one inbound message to work on.
#[derive(Debug, Clone, PartialEq)]
pub struct LeasedJob {
    pub id: JobId,
    /// Proves the lease; completing with an outdated one is a [`StoreError::Conflict`].
    pub lease: String,
    pub ticket_id: TicketId,
    pub conversation_id: ConversationId,
    pub message_id: MessageId,
    /// 1 on the first try.
    pub attempt: u32,
}

/// All that is needed to answer one message, read in one go.
#[derive(Debug, Clone, PartialEq)]
pub struct TurnContext {
    pub ticket: TicketView,
    pub conversation_id: ConversationId,
    pub customer_id: CustomerId,
    pub customer_name: Option<String>,
    pub plan: crate::domain::customer::Plan,
    pub channel: Channel,
    /// The sender's address to answer to, when the channel needs one.
    pub recipient: Option<String>,
    /// The message of the job.
    pub message_id: MessageId,
    /// Customer messages of this ticket that nothing has answered yet, oldest first, the job's included:
    /// the newest state is answered once.
    pub unanswered: Vec<Message>,
    /// Earlier messages of this ticket, oldest first.
    pub earlier: Vec<Message>,
    pub state: ConversationState,
    /// The message of the job was written by a machine.
    pub automatic_mail: bool,
    /// What the same customer, proven to be the same, said on another channel since our last reply on this one.
    pub earlier_contact: Option<EarlierContact>,
    /// The newest inbound message of the ticket; [`TurnOutcome`] must name it, or it is void.
    pub newest_message_id: MessageId,
}

/// A reply to be stored and sent, formatted.
#[derive(Debug, Clone, PartialEq)]
pub struct NewReply {
    pub message_id: MessageId,
    pub role: Role,
    pub channel: Channel,
    pub recipient: Option<String>,
    pub subject: Option<String>,
    /// One to three formatted parts; the stored message is their join by blank lines.
    pub parts: Vec<String>,
    pub sources: Vec<Source>,
    pub automatic: bool,
}

/// What a turn led to, committed whole: triage, reply with its outbox row, draft, escalation, ticket state, job done.
#[derive(Debug, Clone, PartialEq)]
pub struct TurnOutcome {
    pub ticket_id: TicketId,
    pub newest_message_id: MessageId,
    pub triage: Triage,
    /// Also kept when held for approval.
    pub draft: Option<Draft>,
    /// `sent`, `flagged`, `held`, `escalated`, `acknowledged` or `ignored`.
    pub decision: &'static str,
    /// For the record: why this decision.
    pub reason: String,
    pub reply: Option<NewReply>,
    pub escalation: Option<(EscalationId, HandOver, Route)>,
    pub ticket_status: TicketStatus,
    pub stage: Stage,
    /// Milliseconds by pipeline step, for metrics.
    pub timings_ms: Vec<(&'static str, u64)>,
}

/// A leased outbox row.
#[derive(Debug, Clone, PartialEq)]
pub struct LeasedDelivery {
    pub id: OutboxId,
    pub lease: String,
    pub ticket_id: TicketId,
    pub message_id: MessageId,
    pub channel: Channel,
    pub attempt: u32,
    pub message: OutboundMessage,
}

/// What became of a job or delivery that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AfterFailure {
    RetryAt(Timestamp),
    /// Attempts are used up: it is in the dead-letter list, and its ticket waits for a person.
    DeadLetter,
}

/// Accepting customers' messages.
#[async_trait]
pub trait Inbox: Send + Sync {
    /// One transaction: deduplicate on (channel, provider id), resolve the customer, find or open conversation and ticket,
    /// store raw and clean text, queue the job. When it returns, the message cannot be lost.
    async fn accept(&self, inbound: Inbound) -> Result<Accepted, StoreError>;
    /// The customer's word on the answers. `NotHelped` escalates the ticket by the given hand-over in the same transaction.
    async fn record_feedback(
        &self,
        reference: &TicketReference,
        feedback: Feedback,
        comment: Option<String>,
        escalation: Option<(EscalationId, HandOver, Route)>,
        now: Timestamp,
    ) -> Result<TicketView, StoreError>;
}

/// The work queue and the outbox.
#[async_trait]
pub trait WorkQueue: Send + Sync {
    /// The oldest job that is due and whose conversation has no earlier unfinished one; leased until `now + lease_time`.
    /// Leases that ran out are due again.
    async fn lease_job(
        &self,
        now: Timestamp,
        lease_time: SignedDuration,
    ) -> Result<Option<LeasedJob>, StoreError>;
    /// Keeps a lease alive during long work. Conflict when it was lost.
    async fn renew_job(&self, job: JobId, lease: &str, until: Timestamp) -> Result<(), StoreError>;
    async fn turn_context(&self, job: &LeasedJob) -> Result<TurnContext, StoreError>;
    /// Commits everything and finishes the job. [`StoreError::Conflict`] (and nothing changed) when the lease is outdated,
    /// a newer customer message came to the ticket, or a person took over since it was read.
    async fn commit_turn(
        &self,
        job: &LeasedJob,
        outcome: TurnOutcome,
        now: Timestamp,
    ) -> Result<Option<OutboxId>, StoreError>;
    /// The turn was overtaken by a newer message whose own job answers both: finish without effect.
    async fn finish_void(&self, job: &LeasedJob, now: Timestamp) -> Result<(), StoreError>;
    /// Backs off exponentially with jitter, or dead-letters after the configured attempts: then an escalation record is made
    /// in the same transaction, so that failure ends at a person.
    async fn fail_job(
        &self,
        job: &LeasedJob,
        error: &str,
        now: Timestamp,
    ) -> Result<AfterFailure, StoreError>;
    /// Gives a job back undone (shutdown, model not ready) without counting the attempt; due again at `due`.
    async fn release_job(&self, job: &LeasedJob, due: Timestamp) -> Result<(), StoreError>;
    /// Shows progress on the status page; survives a reload.
    async fn set_stage(&self, ticket: TicketId, stage: Stage, now: Timestamp) -> Result<(), StoreError>;

    async fn lease_delivery(
        &self,
        now: Timestamp,
        lease_time: SignedDuration,
    ) -> Result<Option<LeasedDelivery>, StoreError>;
    async fn delivery_succeeded(
        &self,
        delivery: &LeasedDelivery,
        status: DeliveryStatus,
        provider_message_ids: &[String],
        now: Timestamp,
    ) -> Result<(), StoreError>;
    async fn delivery_failed(
        &self,
        delivery: &LeasedDelivery,
        error: &str,
        permanent: bool,
        retry_after: Option<SignedDuration>,
        now: Timestamp,
    ) -> Result<AfterFailure, StoreError>;
    /// The earliest time anything in queue or outbox becomes due, for a worker that sleeps until then.
    async fn next_due(&self) -> Result<Option<Timestamp>, StoreError>;
}

/// Figures of the queue for health and metrics.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct QueueFigures {
    pub waiting: u64,
    pub leased: u64,
    pub dead: u64,
    pub outbox_waiting: u64,
    pub outbox_dead: u64,
    /// When the oldest job that is due became due.
    pub oldest_due: Option<Timestamp>,
}

/// One row of a conversation for `GET /conversations/{id}`.
#[derive(Debug, Clone, PartialEq)]
pub struct ConversationView {
    pub id: ConversationId,
    pub messages: Vec<Message>,
}

/// Figures of one metric of one channel over a window.
#[derive(Debug, Clone, PartialEq)]
pub struct MetricSummary {
    /// `latency`, `escalation_rate` or `sentiment`.
    pub metric: &'static str,
    pub channel: Channel,
    pub count: u64,
    pub average: f64,
    pub minimum: f64,
    pub maximum: f64,
    pub p50: f64,
    pub p95: f64,
}

/// Reading, never writing.
#[async_trait]
pub trait Reports: Send + Sync {
    async fn ticket(&self, reference: &TicketReference) -> Result<Option<TicketView>, StoreError>;
    async fn conversation(&self, id: ConversationId) -> Result<Option<ConversationView>, StoreError>;
    async fn queue_figures(&self, now: Timestamp) -> Result<QueueFigures, StoreError>;
    async fn metrics(
        &self,
        channel: Option<Channel>,
        since: Timestamp,
    ) -> Result<Vec<MetricSummary>, StoreError>;
    /// Writes and removes a row: truly writable.
    async fn check_writable(&self) -> Result<(), StoreError>;
    /// Whether a message that came now would be taken: [`StoreError::DiskLow`] while space is short.
    async fn accepts_work(&self) -> Result<(), StoreError>;
    /// 32 random bytes made once for this box; status tokens are derived from it.
    async fn instance_secret(&self) -> Result<[u8; 32], StoreError>;
}

/// Work that was given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeadWork {
    /// Answering a message.
    Job(JobId),
    /// Delivering a reply.
    Delivery(OutboxId),
}

/// One entry of the dead-letter list.
#[derive(Debug, Clone, PartialEq)]
pub struct DeadLetter {
    pub work: DeadWork,
    pub ticket_id: TicketId,
    pub reference: TicketReference,
    pub attempts: u32,
    /// What the last attempt said.
    pub error: String,
    pub failed_at: Timestamp,
}

/// The list of what could not be done, for an operator to see and send round again.
#[async_trait]
pub trait DeadLetters: Send + Sync {
    /// Newest first.
    async fn dead_letters(&self, limit: usize) -> Result<Vec<DeadLetter>, StoreError>;
    /// Makes it due at once with fresh attempts, settles the hand-over its failure caused, and notes in the audit log who did so.
    async fn replay(&self, work: DeadWork, operator: &str, now: Timestamp) -> Result<(), StoreError>;
}

/// Providers' later word on what they took from us.
#[async_trait]
pub trait DeliveryReports: Send + Sync {
    /// Status only moves forward (pending, sent, failed, delivered, read). False when the id is none of ours.
    async fn delivery_status(
        &self,
        channel: Channel,
        provider_message_id: &str,
        status: DeliveryStatus,
    ) -> Result<bool, StoreError>;
    /// It will never arrive after all: the message becomes a dead letter with this reason, and its ticket waits for a person.
    async fn delivery_failed_later(
        &self,
        channel: Channel,
        provider_message_id: &str,
        reason: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError>;
}
