//! Messages on their way out: in order within a ticket, tried again, and visible when they cannot be delivered.

use super::{
    FailureRoute, RetryPolicy, escalations, events,
    messages::Place,
    one_time_codes, sent_parts, tickets,
    values::{from_json, id, json, micros, named, optional_name, short_error, time},
};
use crate::domain::{
    channel::Channel,
    event::GivenUp,
    ids::{MessageId, OutboxId, TicketId},
    message::DeliveryStatus,
};
use crate::ports::{
    delivery::OutboundMessage,
    store::{AfterFailure, LeasedDelivery, NewReply, StoreError},
};
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, params};

/// A message that may go out: due, and the first unsent one of its ticket. `?1` is now.
const LEASABLE: &str = "FROM outbox AS entry
    WHERE state IN ('waiting', 'leased')
      AND CASE state WHEN 'waiting' THEN due_at ELSE leased_until END <= ?1
      AND NOT EXISTS (SELECT 1 FROM outbox AS earlier
                      WHERE earlier.ticket_id = entry.ticket_id AND earlier.sequence < entry.sequence
                        AND earlier.state IN ('waiting', 'leased'))";

/// Puts a stored reply on its way, due at once. The idempotency key is the message's id: one message, one key, for ever.
pub(super) fn queue(
    connection: &Connection,
    place: Place,
    reply: &NewReply,
    now: Timestamp,
) -> Result<OutboxId, StoreError> {
    queue_until(connection, place, reply, now, now)
}

/// As [`queue`], but it waits until `due_at` and can be called back as long.
pub(super) fn queue_until(
    connection: &Connection,
    place: Place,
    reply: &NewReply,
    due_at: Timestamp,
    now: Timestamp,
) -> Result<OutboxId, StoreError> {
    let outbox = OutboxId::new();
    let sql = "INSERT INTO outbox (id, ticket_id, message_id, channel, recipient, subject, parts, automatic,
                   idempotency_key, due_at, created_at)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
    connection.prepare_cached(sql)?.execute(params![
        outbox.0.into_bytes(),
        place.ticket.0.into_bytes(),
        reply.message_id.0.into_bytes(),
        reply.channel.as_str(),
        reply.recipient,
        reply.subject,
        json(&reply.parts)?,
        reply.automatic,
        reply.message_id.to_string(),
        micros(due_at),
        micros(now)
    ])?;
    Ok(outbox)
}

/// Leases the oldest message that may go out. One whose leases ran out too often becomes a dead letter.
pub(super) fn lease(
    connection: &Connection,
    retries: &RetryPolicy,
    route: &FailureRoute,
    now: Timestamp,
    until: Timestamp,
) -> Result<Option<LeasedDelivery>, StoreError> {
    loop {
        let sql = format!("SELECT * {LEASABLE} ORDER BY sequence LIMIT 1");
        let found = connection.prepare_cached(&sql)?.query_row([micros(now)], read).optional()?;
        let Some(mut delivery) = found else { return Ok(None) };
        place_in_thread(connection, &mut delivery)?;
        one_time_codes::fill_in(connection, &mut delivery)?;
        if delivery.attempt > retries.max_attempts {
            bury(connection, &delivery, route, "every attempt ended without an outcome", now)?;
            continue;
        }
        delivery.lease = uuid::Uuid::new_v4().simple().to_string();
        let sql =
            "UPDATE outbox SET state = 'leased', lease = ?2, leased_until = ?3, attempts = ?4 WHERE id = ?1";
        connection.prepare_cached(sql)?.execute(params![
            delivery.id.0.into_bytes(),
            delivery.lease,
            micros(until),
            delivery.attempt
        ])?;
        return Ok(Some(delivery));
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<LeasedDelivery> {
    let outbox_id = OutboxId(id(row, "id")?);
    Ok(LeasedDelivery {
        id: outbox_id,
        lease: String::new(),
        ticket_id: TicketId(id(row, "ticket_id")?),
        message_id: MessageId(id(row, "message_id")?),
        channel: named(row, "channel")?,
        attempt: row.get::<_, u32>("attempts")? + 1,
        message: OutboundMessage {
            outbox_id,
            message_id: MessageId(id(row, "message_id")?),
            ticket_id: TicketId(id(row, "ticket_id")?),
            account: String::new(),
            idempotency_key: row.get("idempotency_key")?,
            recipient: row.get("recipient")?,
            subject: row.get("subject")?,
            parts: from_json(row, "parts")?,
            automatic: row.get("automatic")?,
            last_inbound_at: None,
            references: Vec::new(),
        },
    })
}

/// Adds what the customer's last message on this channel says of where an answer belongs. A WhatsApp number has one thread, and its
/// 24 hours run from whatever came from it last, in any ticket, even while this message waited.
fn place_in_thread(connection: &Connection, delivery: &mut LeasedDelivery) -> Result<(), StoreError> {
    let condition = if delivery.channel == Channel::Whatsapp {
        "messages.sender = ?2"
    } else {
        "messages.ticket_id = ?2 AND messages.sequence < (SELECT sequence FROM messages WHERE id = ?3)"
    };
    let sql = format!(
        "SELECT messages.account, messages.created_at, mail_headers.rfc_message_id, mail_headers.reference_chain
               FROM messages LEFT JOIN mail_headers ON mail_headers.message_id = messages.id
               WHERE messages.channel = ?1 AND messages.direction = 'inbound' AND {condition}
               ORDER BY messages.automatic_mail IS NOT NULL, messages.sequence DESC LIMIT 1"
    );
    let read = |row: &Row<'_>| {
        let answered: Option<String> = row.get("rfc_message_id")?;
        let mut references: Vec<String> = Vec::new();
        if let Some(answered) = answered {
            references = from_json(row, "reference_chain")?;
            references.push(answered);
        }
        Ok((row.get("account")?, time(row, "created_at")?, references))
    };
    let (ticket, message) = (delivery.ticket_id.0.into_bytes(), delivery.message_id.0.into_bytes());
    let channel = delivery.channel.as_str();
    let mut statement = connection.prepare_cached(&sql)?;
    let found = if delivery.channel == Channel::Whatsapp {
        statement.query_row(params![channel, delivery.message.recipient], read).optional()?
    } else {
        statement.query_row(params![channel, ticket, message], read).optional()?
    };
    if let Some((account, at, references)) = found {
        delivery.message.account = account;
        delivery.message.last_inbound_at = Some(at);
        delivery.message.references = references;
    }
    Ok(())
}

pub(super) fn succeeded(
    connection: &Connection,
    delivery: &LeasedDelivery,
    status: DeliveryStatus,
    provider_message_ids: &[String],
    now: Timestamp,
) -> Result<(), StoreError> {
    require_lease(connection, delivery)?;
    let sql =
        "UPDATE outbox SET state = 'done', lease = NULL, leased_until = NULL, finished_at = ?2 WHERE id = ?1";
    connection.prepare_cached(sql)?.execute(params![delivery.id.0.into_bytes(), micros(now)])?;
    record_attempt(connection, delivery, "delivered", None, now)?;
    let sql = "INSERT INTO delivery_receipts (channel, provider_message_id, message_id) VALUES (?1, ?2, ?3)
               ON CONFLICT DO NOTHING";
    for provider_message_id in provider_message_ids {
        connection.prepare_cached(sql)?.execute(params![
            delivery.channel.as_str(),
            provider_message_id,
            delivery.message_id.0.into_bytes()
        ])?;
    }
    raise_status(connection, delivery.message_id, status)?;
    Ok(())
}

pub(super) struct Failure<'a> {
    pub error: &'a str,
    pub permanent: bool,
    pub retry_after: Option<SignedDuration>,
}

/// Backs off, or makes it a dead letter and gives the ticket to a person.
pub(super) fn failed(
    connection: &Connection,
    retries: &RetryPolicy,
    route: &FailureRoute,
    delivery: &LeasedDelivery,
    failure: &Failure<'_>,
    now: Timestamp,
) -> Result<AfterFailure, StoreError> {
    require_lease(connection, delivery)?;
    let after = if failure.permanent {
        AfterFailure::DeadLetter
    } else {
        retries.after(delivery.attempt, failure.retry_after, rand::random(), now)
    };
    match after {
        AfterFailure::RetryAt(due) => {
            let sql = "UPDATE outbox SET state = 'waiting', lease = NULL, leased_until = NULL, due_at = ?2, last_error = ?3
                       WHERE id = ?1";
            connection.prepare_cached(sql)?.execute(params![
                delivery.id.0.into_bytes(),
                micros(due),
                short_error(failure.error)
            ])?;
            record_attempt(connection, delivery, "retry", Some(failure.error), now)?;
        }
        AfterFailure::DeadLetter => bury(connection, delivery, route, failure.error, now)?,
    }
    Ok(after)
}

fn bury(
    connection: &Connection,
    delivery: &LeasedDelivery,
    route: &FailureRoute,
    error: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let sql = "UPDATE outbox SET state = 'dead', lease = NULL, leased_until = NULL, last_error = ?2, finished_at = ?3
               WHERE id = ?1";
    connection.prepare_cached(sql)?.execute(params![
        delivery.id.0.into_bytes(),
        short_error(error),
        micros(now)
    ])?;
    record_attempt(connection, delivery, "failed", Some(error), now)?;
    raise_status(connection, delivery.message_id, DeliveryStatus::Failed)?;
    events::given_up(connection, delivery.ticket_id, GivenUp::Delivery, delivery.attempt, error, now)?;
    let place = tickets::head(connection, delivery.ticket_id)?.place;
    escalations::insert_for_failure(connection, place, route, "a reply could not be delivered", now)
}

fn record_attempt(
    connection: &Connection,
    delivery: &LeasedDelivery,
    outcome: &str,
    error: Option<&str>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO deliveries (outbox_id, attempt, outcome, error, finished_at) VALUES (?1, ?2, ?3, ?4, ?5)";
    connection.prepare_cached(sql)?.execute(params![
        delivery.id.0.into_bytes(),
        delivery.attempt,
        outcome,
        error.map(short_error),
        micros(now)
    ])?;
    Ok(())
}

/// A provider's later word on a message it took; false when it is none of ours.
pub(super) fn update_status(
    connection: &Connection,
    channel: Channel,
    provider_message_id: &str,
    status: DeliveryStatus,
) -> Result<bool, StoreError> {
    let sql = "SELECT message_id FROM delivery_receipts WHERE channel = ?1 AND provider_message_id = ?2";
    let message = connection
        .prepare_cached(sql)?
        .query_row(params![channel.as_str(), provider_message_id], |row| id(row, "message_id"))
        .optional()?;
    let Some(message) = message else { return Ok(false) };
    raise_status(connection, MessageId(message), status)?;
    Ok(true)
}

/// The provider took a message and says later that it will never arrive: a person must know. Nothing happens when it is none of ours,
/// or when it arrived after all.
pub(super) fn failed_later(
    connection: &Connection,
    channel: Channel,
    provider_message_id: &str,
    error: &str,
    route: &FailureRoute,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let sql = "SELECT outbox.*, messages.delivery_status FROM outbox
               JOIN delivery_receipts ON delivery_receipts.message_id = outbox.message_id
               JOIN messages ON messages.id = outbox.message_id
               WHERE delivery_receipts.channel = ?1 AND delivery_receipts.provider_message_id = ?2";
    let found = connection
        .prepare_cached(sql)?
        .query_row(params![channel.as_str(), provider_message_id], |row| {
            Ok((read(row)?, optional_name::<DeliveryStatus>(row, "delivery_status")?))
        })
        .optional()?;
    let Some((mut delivery, status)) = found else { return Ok(false) };
    delivery.attempt = delivery.attempt.saturating_sub(1);
    if matches!(status, Some(DeliveryStatus::Pending | DeliveryStatus::Sent)) {
        bury(connection, &delivery, route, error, now)?;
    }
    Ok(true)
}

/// Status only moves forward: providers report out of order, and a late "sent" must not hide a "read".
/// A failure is overtaken by a proof of arrival, never the other way round.
pub(super) fn raise_status(
    connection: &Connection,
    message: MessageId,
    status: DeliveryStatus,
) -> Result<(), StoreError> {
    let rank = |column: &str| {
        format!(
            "CASE {column} WHEN 'pending' THEN 0 WHEN 'sent' THEN 1 WHEN 'failed' THEN 2 WHEN 'delivered' THEN 3 ELSE 4 END"
        )
    };
    let sql = format!(
        "UPDATE messages SET delivery_status = ?2 WHERE id = ?1 AND {} < {}",
        rank("delivery_status"),
        rank("?2")
    );
    connection.prepare_cached(&sql)?.execute(params![message.0.into_bytes(), status.as_str()])?;
    Ok(())
}

/// Makes a dead message due again; the ticket it belongs to.
pub(super) fn revive(
    connection: &Connection,
    outbox: OutboxId,
    now: Timestamp,
) -> Result<Option<TicketId>, StoreError> {
    let key = outbox.0.into_bytes();
    let sql = "UPDATE messages SET delivery_status = 'pending'
               WHERE id = (SELECT message_id FROM outbox WHERE id = ?1 AND state = 'dead')";
    connection.prepare_cached(sql)?.execute([key])?;
    let sql = "UPDATE outbox SET state = 'waiting', due_at = ?2, attempts = 0, finished_at = NULL
               WHERE id = ?1 AND state = 'dead' RETURNING ticket_id";
    let revived = connection
        .prepare_cached(sql)?
        .query_row(params![key, micros(now)], |row| id(row, "ticket_id"))
        .optional()?;
    if revived.is_some() {
        sent_parts::forget(connection, outbox)?;
    }
    Ok(revived.map(TicketId))
}

fn require_lease(connection: &Connection, delivery: &LeasedDelivery) -> Result<(), StoreError> {
    let held = connection
        .prepare_cached("SELECT 1 FROM outbox WHERE id = ?1 AND lease = ?2")?
        .exists(params![delivery.id.0.into_bytes(), delivery.lease])?;
    if held { Ok(()) } else { Err(StoreError::Conflict) }
}

/// When the next message may be leased, in microseconds.
pub(super) fn next_due(connection: &Connection) -> Result<Option<i64>, StoreError> {
    let sql = format!("SELECT min(CASE state WHEN 'waiting' THEN due_at ELSE leased_until END) {LEASABLE}");
    Ok(connection.prepare_cached(&sql)?.query_row([i64::MAX], |row| row.get(0))?)
}
