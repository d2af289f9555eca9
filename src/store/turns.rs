//! What one turn of work led to, written in one go; or refused whole, because its ground moved meanwhile.

use super::{
    conversations, drafts,
    error::failed,
    escalations::{self, Origin},
    events, jobs, messages,
    metrics::{self, Recorder},
    outbox,
    tickets::{self, TicketHead},
    triage,
    values::micros,
};
use crate::domain::{
    ids::OutboxId,
    message::Role,
    progress::Stage,
    ticket::TicketStatus,
    triage::{Intent, MessageKind},
};
use crate::ports::store::{LeasedJob, StoreError, TurnOutcome};
use jiff::Timestamp;
use rusqlite::Connection;

/// Commits a turn and finishes its job; the outbox row of its reply, if it has one.
pub(super) fn commit(
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
    let latency_ms =
        waiting_since.filter(|_| answered).map(|since| (micros(now) - since).max(0) as u64 / 1000);
    events::turn_finished(connection, ticket, outcome, latency_ms, now)
}

/// Only what a newer message overtook may end without effect, and only while that message's own job is still to come;
/// anything else would end in silence.
pub(super) fn finish_void(
    connection: &Connection,
    job: &LeasedJob,
    now: Timestamp,
) -> Result<(), StoreError> {
    jobs::require_lease(connection, job)?;
    let newest = messages::newest_inbound(connection, job.ticket_id)?;
    let answered_later = match newest {
        Some(newest) => newest != job.message_id && jobs::is_unfinished(connection, newest)?,
        None => false,
    };
    if answered_later { jobs::finish(connection, job, "void", now) } else { Err(StoreError::Conflict) }
}
