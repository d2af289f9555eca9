//! The queue of inbound messages to work on: strictly in order within a conversation, in parallel across conversations.

use super::{
    FailureRoute, RetryPolicy, escalations, events,
    messages::Place,
    tickets,
    values::{id, micros, short_error},
};
use crate::domain::{
    event::GivenUp,
    ids::{ConversationId, JobId, MessageId, TicketId},
};
use crate::ports::store::{AfterFailure, LeasedJob, StoreError};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

/// A job nobody may overtake: due, and the first unfinished one of its conversation. `?1` is now.
const LEASABLE: &str = "FROM jobs AS job
    WHERE state IN ('waiting', 'leased')
      AND CASE state WHEN 'waiting' THEN due_at ELSE leased_until END <= ?1
      AND NOT EXISTS (SELECT 1 FROM jobs AS earlier
                      WHERE earlier.conversation_id = job.conversation_id AND earlier.id < job.id
                        AND earlier.state IN ('waiting', 'leased'))";

/// Queues a message, due at once.
pub(super) fn queue(
    connection: &Connection,
    place: Place,
    message: MessageId,
    at: Timestamp,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO jobs (conversation_id, ticket_id, message_id, due_at, created_at) VALUES (?1, ?2, ?3, ?4, ?4)";
    connection.prepare_cached(sql)?.execute(params![
        place.conversation.0.into_bytes(),
        place.ticket.0.into_bytes(),
        message.0.into_bytes(),
        micros(at)
    ])?;
    Ok(())
}

/// Leases the oldest job that may run. One whose leases ran out time and again (it kills whoever works on it) is not
/// leased any more: it becomes a dead letter here, and the next one is looked at.
pub(super) fn lease(
    connection: &Connection,
    retries: &RetryPolicy,
    route: &FailureRoute,
    now: Timestamp,
    until: Timestamp,
) -> Result<Option<LeasedJob>, StoreError> {
    loop {
        let sql = format!("SELECT * {LEASABLE} ORDER BY id LIMIT 1");
        let found = connection.prepare_cached(&sql)?.query_row([micros(now)], read).optional()?;
        let Some(mut job) = found else { return Ok(None) };
        if job.attempt > retries.max_attempts {
            bury(
                connection,
                &job,
                "every attempt ended without an outcome; the work itself may stop the program",
                now,
            )?;
            escalate(connection, &job, route, now)?;
            continue;
        }
        job.lease = uuid::Uuid::new_v4().simple().to_string();
        let sql =
            "UPDATE jobs SET state = 'leased', lease = ?2, leased_until = ?3, attempts = ?4 WHERE id = ?1";
        connection.prepare_cached(sql)?.execute(params![job.id.0, job.lease, micros(until), job.attempt])?;
        return Ok(Some(job));
    }
}

/// Reads a job as the attempt that is about to begin.
fn read(row: &Row<'_>) -> rusqlite::Result<LeasedJob> {
    Ok(LeasedJob {
        id: JobId(row.get("id")?),
        lease: String::new(),
        ticket_id: TicketId(id(row, "ticket_id")?),
        conversation_id: ConversationId(id(row, "conversation_id")?),
        message_id: MessageId(id(row, "message_id")?),
        attempt: row.get::<_, u32>("attempts")? + 1,
    })
}

pub(super) fn renew(
    connection: &Connection,
    job: JobId,
    lease: &str,
    until: Timestamp,
) -> Result<(), StoreError> {
    let sql = "UPDATE jobs SET leased_until = ?3 WHERE id = ?1 AND lease = ?2";
    only_if_leased(connection.prepare_cached(sql)?.execute(params![job.0, lease, micros(until)])?)
}

/// Gives a job back undone; the attempt does not count.
pub(super) fn release(connection: &Connection, job: &LeasedJob, due: Timestamp) -> Result<(), StoreError> {
    let sql = "UPDATE jobs SET state = 'waiting', lease = NULL, leased_until = NULL, due_at = ?3, attempts = attempts - 1
               WHERE id = ?1 AND lease = ?2";
    only_if_leased(connection.prepare_cached(sql)?.execute(params![job.id.0, job.lease, micros(due)])?)
}

/// Ends a job as `done` or `void`.
pub(super) fn finish(
    connection: &Connection,
    job: &LeasedJob,
    state: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let sql = "UPDATE jobs SET state = ?3, lease = NULL, leased_until = NULL, finished_at = ?4 WHERE id = ?1 AND lease = ?2";
    only_if_leased(connection.prepare_cached(sql)?.execute(params![
        job.id.0,
        job.lease,
        state,
        micros(now)
    ])?)
}

/// The turn answered all messages of the ticket: jobs of its later ones have nothing left to do.
pub(super) fn void_answered(
    connection: &Connection,
    ticket: TicketId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let sql = "UPDATE jobs SET state = 'void', lease = NULL, leased_until = NULL, finished_at = ?2
               WHERE ticket_id = ?1 AND state IN ('waiting', 'leased')";
    connection.prepare_cached(sql)?.execute(params![ticket.0.into_bytes(), micros(now)])?;
    Ok(())
}

/// Backs off, or gives the ticket to a person after the last attempt.
pub(super) fn fail(
    connection: &Connection,
    retries: &RetryPolicy,
    route: &FailureRoute,
    job: &LeasedJob,
    error: &str,
    now: Timestamp,
) -> Result<AfterFailure, StoreError> {
    require_lease(connection, job)?;
    let after = retries.after(job.attempt, None, rand::random(), now);
    match after {
        AfterFailure::RetryAt(due) => {
            let sql = "UPDATE jobs SET state = 'waiting', lease = NULL, leased_until = NULL, due_at = ?2, last_error = ?3
                       WHERE id = ?1";
            connection.prepare_cached(sql)?.execute(params![job.id.0, micros(due), short_error(error)])?;
        }
        AfterFailure::DeadLetter => {
            bury(connection, job, error, now)?;
            escalate(connection, job, route, now)?;
        }
    }
    Ok(after)
}

/// Whether a message's job is still to be done.
pub(super) fn is_unfinished(connection: &Connection, message: MessageId) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM jobs WHERE message_id = ?1 AND state IN ('waiting', 'leased')";
    Ok(connection.prepare_cached(sql)?.exists([message.0.into_bytes()])?)
}

/// Makes a dead job due again; the ticket it belongs to. A ticket is always answered in its newest state, so when newer
/// messages came since, the job of the newest takes it on.
pub(super) fn revive(
    connection: &Connection,
    job: JobId,
    now: Timestamp,
) -> Result<Option<TicketId>, StoreError> {
    let ticket = connection
        .prepare_cached("SELECT ticket_id FROM jobs WHERE id = ?1 AND state = 'dead'")?
        .query_row([job.0], |row| id(row, "ticket_id"))
        .optional()?;
    let Some(ticket) = ticket else { return Ok(None) };
    connection.prepare_cached("UPDATE jobs SET state = 'void' WHERE id = ?1")?.execute([job.0])?;
    let sql = "UPDATE jobs SET state = 'waiting', due_at = ?2, attempts = 0, finished_at = NULL
               WHERE state IN ('done', 'void', 'dead') AND message_id = (
                   SELECT id FROM messages WHERE ticket_id = ?1 AND direction = 'inbound'
                   ORDER BY sequence DESC LIMIT 1)";
    connection.prepare_cached(sql)?.execute(params![ticket.into_bytes(), micros(now)])?;
    Ok(Some(TicketId(ticket)))
}

fn bury(connection: &Connection, job: &LeasedJob, error: &str, now: Timestamp) -> Result<(), StoreError> {
    let sql =
        "UPDATE jobs SET state = 'dead', lease = NULL, leased_until = NULL, last_error = ?2, finished_at = ?3
               WHERE id = ?1";
    connection.prepare_cached(sql)?.execute(params![job.id.0, short_error(error), micros(now)])?;
    events::given_up(connection, job.ticket_id, GivenUp::Answer, job.attempt, error, now)
}

fn escalate(
    connection: &Connection,
    job: &LeasedJob,
    route: &FailureRoute,
    now: Timestamp,
) -> Result<(), StoreError> {
    let place = tickets::head(connection, job.ticket_id)?.place;
    escalations::insert_for_failure(connection, place, route, "answering failed after several attempts", now)
}

/// # Errors
/// [`StoreError::Conflict`] when the job was finished or leased anew.
pub(super) fn require_lease(connection: &Connection, job: &LeasedJob) -> Result<(), StoreError> {
    let held = connection
        .prepare_cached("SELECT 1 FROM jobs WHERE id = ?1 AND lease = ?2")?
        .exists(params![job.id.0, job.lease])?;
    only_if_leased(usize::from(held))
}

fn only_if_leased(rows: usize) -> Result<(), StoreError> {
    if rows == 0 { Err(StoreError::Conflict) } else { Ok(()) }
}

/// When the next job may be leased, in microseconds.
pub(super) fn next_due(connection: &Connection) -> Result<Option<i64>, StoreError> {
    let sql = format!("SELECT min(CASE state WHEN 'waiting' THEN due_at ELSE leased_until END) {LEASABLE}");
    Ok(connection.prepare_cached(&sql)?.query_row([i64::MAX], |row| row.get(0))?)
}
