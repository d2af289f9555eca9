//! One turn of work: everything needed to answer a message, read in one go, and everything it led to, written in one go.

use super::{
    Store, conversations, drafts,
    error::failed,
    escalations::{self, Origin},
    jobs,
    messages::{self, StoredMessage},
    metrics::{self, Recorder},
    outbox,
    tickets::{self, TicketHead},
    triage,
    values::{count, from_micros, micros},
};
use crate::domain::{
    decision::ConversationState,
    ids::{JobId, MessageId, OutboxId, TicketId},
    message::{DeliveryStatus, Role},
    progress::Stage,
    ticket::TicketStatus,
    triage::{Intent, MessageKind},
};
use crate::ports::store::{
    AfterFailure, LeasedDelivery, LeasedJob, StoreError, TurnContext, TurnOutcome, WorkQueue,
};
use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, params};

/// So many of the latest scores tell where a mood is going.
const SCORES: usize = 20;

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
        self.read(move |connection| context(connection, ticket, message)).await
    }

    async fn commit_turn(
        &self,
        job: &LeasedJob,
        outcome: TurnOutcome,
        now: Timestamp,
    ) -> Result<Option<OutboxId>, StoreError> {
        let job = job.clone();
        self.write(move |connection| commit(connection, &job, &outcome, now)).await
    }

    async fn finish_void(&self, job: &LeasedJob, now: Timestamp) -> Result<(), StoreError> {
        let job = job.clone();
        self.write(move |connection| finish_void(connection, &job, now)).await
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

fn context(
    connection: &Connection,
    ticket_id: TicketId,
    message_id: MessageId,
) -> Result<TurnContext, StoreError> {
    let ticket = tickets::head(connection, ticket_id)?;
    let stored = messages::of_ticket(connection, ticket_id, 200)?;
    let newest = stored.iter().rev().find(|stored| stored.inbound).ok_or(StoreError::NotFound("message"))?;
    let (channel, newest_message_id) = (newest.message.channel, newest.message.id);
    let recipient = stored
        .iter()
        .rev()
        .filter(|stored| stored.message.channel == channel)
        .find_map(|stored| stored.sender.clone());
    let state = ConversationState {
        operator_has_it: ticket.taken_over,
        already_escalated: ticket.status == TicketStatus::Escalated,
        hand_over_acknowledged: ticket.hand_over_acknowledged,
        automatic_messages: automatic_messages(connection, ticket_id)?,
        earlier_scores: earlier_scores(connection, &ticket, message_id)?,
    };
    let last_answer = stored.iter().rposition(|stored| stored.answers);
    let is_unanswered = |(position, stored): (usize, &StoredMessage)| {
        let open = stored.inbound && !stored.set_aside && last_answer.is_none_or(|answer| position > answer);
        open || stored.message.id == message_id
    };
    let open: Vec<bool> = stored.iter().enumerate().map(is_unanswered).collect();
    let (unanswered, earlier): (Vec<_>, Vec<_>) = stored.into_iter().zip(open).partition(|(_, open)| *open);
    let plain =
        |list: Vec<(StoredMessage, bool)>| list.into_iter().map(|(stored, _)| stored.message).collect();
    Ok(TurnContext {
        ticket: tickets::view(connection, ticket_id)?,
        conversation_id: ticket.place.conversation,
        customer_id: ticket.place.customer,
        customer_name: ticket.requester_name,
        plan: ticket.plan,
        channel,
        recipient,
        message_id,
        unanswered: plain(unanswered),
        earlier: plain(earlier),
        state,
        newest_message_id,
    })
}

fn automatic_messages(connection: &Connection, ticket: TicketId) -> Result<usize, StoreError> {
    let sql = "SELECT count(*) FROM messages WHERE ticket_id = ?1 AND automatic = 1";
    Ok(connection.prepare_cached(sql)?.query_row([ticket.0.into_bytes()], |row| count(row, 0))?)
}

/// A proven sender's mood is followed through the conversation; a typed-in one's within the ticket, since others may have
/// typed the same address.
fn earlier_scores(
    connection: &Connection,
    ticket: &TicketHead,
    message: MessageId,
) -> Result<Vec<f32>, StoreError> {
    let (key, value) = if ticket.verified {
        ("conversation_id", ticket.place.conversation.0)
    } else {
        ("ticket_id", ticket.place.ticket.0)
    };
    let sql = format!(
        "SELECT sentiment_score FROM messages
         WHERE {key} = ?1 AND direction = 'inbound' AND sentiment_score IS NOT NULL
           AND sequence < (SELECT sequence FROM messages WHERE id = ?2)
         ORDER BY sequence DESC LIMIT {SCORES}"
    );
    let mut scores = connection
        .prepare_cached(&sql)?
        .query_map(params![value.into_bytes(), message.0.into_bytes()], |row| row.get(0))?
        .collect::<rusqlite::Result<Vec<f32>>>()?;
    scores.reverse();
    Ok(scores)
}

fn commit(
    connection: &Connection,
    job: &LeasedJob,
    outcome: &TurnOutcome,
    now: Timestamp,
) -> Result<Option<OutboxId>, StoreError> {
    jobs::require_lease(connection, job)?;
    let ticket = tickets::head(connection, job.ticket_id)?;
    require_current(connection, job, outcome, &ticket)?;

    let waiting_since = messages::waiting_since(connection, job.ticket_id)?;
    let newest = outcome.newest_message_id;
    triage::record(
        connection,
        newest,
        job.ticket_id,
        &outcome.triage,
        (outcome.decision, &outcome.reason),
        now,
    )?;
    if speaks_for_the_ticket(outcome) {
        drafts::supersede_held(connection, job.ticket_id, now)?;
        escalations::settle_approval(connection, ticket.place, now)?;
    } else {
        messages::set_aside(connection, &[job.message_id, newest])?;
    }
    if let Some(draft) = &outcome.draft {
        drafts::insert(connection, job.ticket_id, newest, draft, outcome.decision, now)?;
    }
    if let Some(escalation) = &outcome.escalation {
        let origin = if outcome.decision == "held" { Origin::Approval } else { Origin::Decision };
        escalations::insert(connection, ticket.place, origin, escalation, now)?;
    }
    let outbox_id = match &outcome.reply {
        Some(reply) => {
            let answers = speaks_for_the_ticket(outcome) && outcome.decision != "held";
            messages::insert_reply(connection, ticket.place, reply, answers, now)?;
            Some(outbox::queue(connection, ticket.place, reply, now)?)
        }
        None => None,
    };
    move_ticket(connection, &ticket, outcome, now)?;
    conversations::refresh_mood(connection, ticket.place.conversation)?;
    let is_topic = outcome.triage.kind == MessageKind::Request && outcome.triage.intent != Intent::General;
    if is_topic {
        conversations::add_topic(connection, ticket.place.conversation, outcome.triage.intent.as_str(), now)?;
    }
    record_metrics(connection, &ticket, outcome, waiting_since, now)?;
    jobs::finish(connection, job, "done", now)?;
    jobs::void_answered(connection, job.ticket_id, now)?;
    Ok(outbox_id)
}

/// Whether the turn dealt with all that is unanswered. Ignoring or acknowledging a message leaves earlier questions open
/// and a draft that waits for approval waiting.
fn speaks_for_the_ticket(outcome: &TurnOutcome) -> bool {
    !matches!(outcome.decision, "ignored" | "acknowledged")
}

/// Refuses a turn whose ground moved: a newer customer message, a person who took over, a hand-over by another way.
fn require_current(
    connection: &Connection,
    job: &LeasedJob,
    outcome: &TurnOutcome,
    ticket: &TicketHead,
) -> Result<(), StoreError> {
    let newest = messages::newest_inbound(connection, job.ticket_id)?;
    let overtaken = newest != Some(outcome.newest_message_id) || outcome.ticket_id != job.ticket_id;
    let taken_over = ticket.taken_over && outcome.decision != "ignored";
    let handed_over = ticket.status == TicketStatus::Escalated && speaks_for_the_ticket(outcome);
    if overtaken || taken_over || handed_over {
        return Err(StoreError::Conflict);
    }
    let waits_for_nobody = outcome.ticket_status == TicketStatus::Escalated
        && outcome.escalation.is_none()
        && ticket.status != TicketStatus::Escalated;
    if waits_for_nobody {
        return Err(failed("a ticket cannot be escalated without a hand-over record"));
    }
    Ok(())
}

/// A ticket that a person has stays where that person put it; one that waits for a person keeps waiting.
/// A held draft has its record, too, but does not stop the ticket: the next message gets a turn of its own.
fn move_ticket(
    connection: &Connection,
    ticket: &TicketHead,
    outcome: &TurnOutcome,
    now: Timestamp,
) -> Result<(), StoreError> {
    if ticket.taken_over {
        return Ok(());
    }
    let handed_over = outcome.escalation.is_some() && outcome.decision != "held";
    let (status, stage) = if ticket.status == TicketStatus::Escalated {
        (TicketStatus::Escalated, Stage::WithAPerson)
    } else if handed_over {
        (TicketStatus::Escalated, outcome.stage)
    } else {
        (outcome.ticket_status, outcome.stage)
    };
    tickets::set_status(connection, ticket.place, status, stage, now)?;
    if status == TicketStatus::Escalated && outcome.reply.is_some() {
        tickets::set_acknowledged(connection, ticket.place.ticket, true)?;
    }
    Ok(())
}

fn record_metrics(
    connection: &Connection,
    ticket: &TicketHead,
    outcome: &TurnOutcome,
    waiting_since: Option<i64>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let channel = outcome.reply.as_ref().map_or(ticket.channel, |reply| reply.channel);
    let recorder = Recorder { connection, ticket: ticket.place.ticket, channel, at: now };
    let answered =
        outcome.reply.as_ref().is_some_and(|reply| matches!(reply.role, Role::Assistant | Role::System));
    if let (true, Some(since)) = (answered, waiting_since) {
        recorder.record(metrics::LATENCY, (micros(now) - since).max(0) as f64 / 1000.0)?;
    }
    if matches!(outcome.decision, "sent" | "flagged" | "held" | "escalated") {
        let escalated = outcome.decision == "escalated";
        recorder.record(metrics::ESCALATION_RATE, f64::from(u8::from(escalated)))?;
    }
    recorder.record(metrics::SENTIMENT, super::values::bounded(outcome.triage.sentiment.score, -1.0, 1.0))?;
    for (step, elapsed_ms) in &outcome.timings_ms {
        recorder.record(&format!("step_ms.{step}"), *elapsed_ms as f64)?;
    }
    Ok(())
}

/// Only what a newer message overtook may end without effect, and only while that message's own job is still to come;
/// anything else would end in silence.
fn finish_void(connection: &Connection, job: &LeasedJob, now: Timestamp) -> Result<(), StoreError> {
    jobs::require_lease(connection, job)?;
    let newest = messages::newest_inbound(connection, job.ticket_id)?;
    let answered_later = match newest {
        Some(newest) => newest != job.message_id && jobs::is_unfinished(connection, newest)?,
        None => false,
    };
    if answered_later { jobs::finish(connection, job, "void", now) } else { Err(StoreError::Conflict) }
}
