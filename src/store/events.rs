//! Events for other systems: each a row written by whoever makes the change, in its transaction; and what the owner wants told.

use super::{
    Store,
    messages::Place,
    tickets,
    values::{bounded, count, from_json, id, json, micros, named, optional_name},
};
use crate::domain::{
    channel::Channel,
    escalation::{HandOver, Route},
    event::{
        Announcements, DeadLetterEvent, EscalationRaised, Event, EventBody, GivenUp, MessageReceived,
        TurnFinished,
    },
    ids::{EscalationId, EventId, MessageId, TicketId},
    inbound::Inbound,
};
use crate::ports::{
    event_outbox::{DeskFigures, EventOutbox, PendingEvent},
    store::{StoreError, TurnOutcome},
};
use async_trait::async_trait;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use tickets::TicketHead;

const SETTING: &str = "announcements";

#[async_trait]
impl EventOutbox for Store {
    async fn announce(&self, announcements: Announcements, now: Timestamp) -> Result<(), StoreError> {
        self.write(move |connection| {
            let sql = "INSERT INTO settings (name, value, updated_at) VALUES (?1, ?2, ?3)
                       ON CONFLICT (name) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at";
            let value = json(&announcements)?.into_bytes();
            connection.prepare_cached(sql)?.execute(params![SETTING, value, micros(now)])?;
            Ok(())
        })
        .await
    }

    async fn pending_events(&self, limit: usize) -> Result<Vec<PendingEvent>, StoreError> {
        self.read(move |connection| {
            let sql = "SELECT * FROM events WHERE published_at IS NULL ORDER BY sequence LIMIT ?1";
            let mut statement = connection.prepare_cached(sql)?;
            let rows = statement.query_map([i64::try_from(limit).unwrap_or(i64::MAX)], |row| {
                Ok(PendingEvent {
                    sequence: row.get("sequence")?,
                    id: EventId(id(row, "id")?),
                    kind: named(row, "kind")?,
                    channel: optional_name(row, "channel")?,
                    ticket: row
                        .get::<_, Option<[u8; 16]>>("ticket_id")?
                        .map(|bytes| TicketId(uuid::Uuid::from_bytes(bytes))),
                    payload: row.get("payload")?,
                })
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
        .await
    }

    async fn events_published(&self, sequences: Vec<i64>, now: Timestamp) -> Result<(), StoreError> {
        self.write(move |connection| {
            let sql = "UPDATE events SET published_at = ?2 WHERE sequence = ?1 AND published_at IS NULL";
            let mut statement = connection.prepare_cached(sql)?;
            for sequence in sequences {
                statement.execute(params![sequence, micros(now)])?;
            }
            Ok(())
        })
        .await
    }

    async fn record_event(&self, event: Event) -> Result<(), StoreError> {
        self.write(
            move |connection| {
                if wanted(connection)?.events { insert(connection, None, None, &event) } else { Ok(()) }
            },
        )
        .await
    }

    async fn forget_events(
        &self,
        published_before: Timestamp,
        written_before: Timestamp,
    ) -> Result<usize, StoreError> {
        self.write(move |connection| {
            let published = "DELETE FROM events WHERE published_at < ?1";
            let written = "DELETE FROM events WHERE published_at IS NULL AND created_at < ?1";
            Ok(connection.execute(published, [micros(published_before)])?
                + connection.execute(written, [micros(written_before)])?)
        })
        .await
    }

    async fn desk_figures(&self) -> Result<DeskFigures, StoreError> {
        self.read(|connection| {
            let sql = "SELECT
                (SELECT count(*) FROM tickets WHERE spam = 0 AND status IN ('open', 'in_progress', 'escalated')) AS open,
                (SELECT count(*) FROM tickets WHERE spam = 0 AND status IN ('open', 'in_progress', 'escalated')
                    AND waiting_since IS NOT NULL) AS waiting,
                (SELECT count(*) FROM escalations WHERE resolved_at IS NULL AND origin <> 'approval') AS escalations,
                (SELECT count(*) FROM jobs WHERE state = 'dead') + (SELECT count(*) FROM outbox WHERE state = 'dead') AS dead,
                (SELECT count(*) FROM events WHERE published_at IS NULL) AS unpublished";
            Ok(connection.prepare_cached(sql)?.query_row([], |row| {
                Ok(DeskFigures {
                    open_tickets: count(row, "open")?,
                    waiting: count(row, "waiting")?,
                    escalations: count(row, "escalations")?,
                    dead_letters: count(row, "dead")?,
                    unpublished_events: count(row, "unpublished")?,
                })
            })?)
        })
        .await
    }
}

/// What the owner wants told. Nothing until a server said so.
pub(super) fn wanted(connection: &Connection) -> Result<Announcements, StoreError> {
    let sql = "SELECT CAST(value AS TEXT) AS value FROM settings WHERE name = ?1";
    let found =
        connection.prepare_cached(sql)?.query_row([SETTING], |row| from_json(row, "value")).optional()?;
    Ok(found.unwrap_or_default())
}

fn insert(
    connection: &Connection,
    ticket: Option<TicketId>,
    channel: Option<Channel>,
    event: &Event,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO events (id, kind, channel, ticket_id, payload, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    connection.prepare_cached(sql)?.execute(params![
        event.event_id.0.into_bytes(),
        event.body.kind().as_str(),
        channel.map(Channel::as_str),
        ticket.map(|ticket| ticket.0.into_bytes()),
        json(event)?,
        micros(event.occurred_at)
    ])?;
    Ok(())
}

/// A customer's message was accepted.
pub(super) fn message_received(
    connection: &Connection,
    ticket: &TicketHead,
    message: MessageId,
    new_ticket: bool,
    inbound: &Inbound,
) -> Result<(), StoreError> {
    let wanted = wanted(connection)?;
    if !wanted.events {
        return Ok(());
    }
    let body = EventBody::MessageReceived(MessageReceived {
        ticket: ticket.reference.to_string(),
        message_id: message,
        conversation_id: ticket.place.conversation,
        customer_id: ticket.place.customer,
        channel: inbound.channel,
        new_ticket,
        category: inbound.category,
        priority: inbound.priority,
        plan: ticket.plan,
        subject: inbound.subject.as_deref().and_then(|subject| wanted.text(subject)),
        text: wanted.text(&inbound.text),
    });
    let event = Event::new(body, inbound.received_at);
    insert(connection, Some(ticket.place.ticket), Some(inbound.channel), &event)
}

/// A ticket waits for a person: told to the broker and, as a note, to the team.
pub(super) fn escalation_raised(
    connection: &Connection,
    place: Place,
    origin: &'static str,
    escalation: &(EscalationId, HandOver, Route),
    at: Timestamp,
) -> Result<(), StoreError> {
    let wanted = wanted(connection)?;
    super::notifications::queue(connection, &wanted, origin, escalation, at)?;
    if !wanted.events {
        return Ok(());
    }
    let (escalation, hand_over, route) = escalation;
    let ticket = tickets::head(connection, place.ticket)?;
    let body = EventBody::EscalationRaised(EscalationRaised {
        escalation: escalation.reference(),
        ticket: ticket.reference.to_string(),
        channel: ticket.channel,
        origin,
        category: hand_over.category,
        urgency: hand_over.urgency,
        plan: ticket.plan,
        team: route.team.clone(),
        sentiment: bounded(hand_over.sentiment.score, -1.0, 1.0),
        due_at: route.due_at,
        reason: wanted.text(&hand_over.reason),
        summary: wanted.text(&hand_over.summary),
    });
    insert(connection, Some(place.ticket), Some(ticket.channel), &Event::new(body, at))
}

/// A turn was committed.
pub(super) fn turn_finished(
    connection: &Connection,
    ticket: &TicketHead,
    outcome: &TurnOutcome,
    latency_ms: Option<u64>,
    at: Timestamp,
) -> Result<(), StoreError> {
    if !wanted(connection)?.events {
        return Ok(());
    }
    let body = EventBody::TurnFinished(TurnFinished {
        ticket: ticket.reference.to_string(),
        channel: ticket.channel,
        decision: outcome.decision,
        escalated: outcome.decision == "escalated",
        sentiment: bounded(outcome.triage.sentiment.score, -1.0, 1.0),
        intent: outcome.triage.intent.as_str(),
        latency_ms,
        confidence: outcome.draft.as_ref().map(|draft| bounded(draft.confidence, 0.0, 1.0)),
        steps_ms: outcome.timings_ms.iter().map(|(step, ms)| ((*step).to_owned(), *ms)).collect(),
    });
    insert(connection, Some(ticket.place.ticket), Some(ticket.channel), &Event::new(body, at))
}

/// Work on a ticket was given up.
pub(super) fn given_up(
    connection: &Connection,
    ticket: TicketId,
    work: GivenUp,
    attempts: u32,
    error: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    let wanted = wanted(connection)?;
    if !wanted.events {
        return Ok(());
    }
    let head = tickets::head(connection, ticket)?;
    let body = EventBody::DeadLetter(DeadLetterEvent {
        work,
        ticket: Some(head.reference.to_string()),
        attempts: Some(attempts),
        reason: "given_up".to_owned(),
        // What a provider answered may name an address.
        detail: wanted.text(super::values::short_error(error)),
        bytes: None,
        sha256: None,
    });
    insert(connection, Some(ticket), Some(head.channel), &Event::new(body, at))
}
