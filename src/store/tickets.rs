//! Tickets: opened, found again, read as their owner sees them, and moved along.

use super::{
    customers::Resolved,
    error::failed,
    messages::{self, Place},
    values::{cut, id, micros, named, optional_name, time},
};
use crate::domain::{
    channel::Channel,
    customer::Plan,
    ids::{ConversationId, CustomerId, TicketId},
    inbound::Inbound,
    progress::Stage,
    ticket::{TicketReference, TicketStatus, TicketView},
};
use crate::ports::store::StoreError;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, ToSql, params};

/// At most so many messages are read with a ticket; the newest ones.
const VIEW_MESSAGES: usize = 200;
/// References to try before giving up: with four characters a day holds 1.6 million.
const REFERENCE_TRIES: usize = 20;

/// What accepting and deciding need to know of a ticket.
#[derive(Debug, Clone)]
pub(super) struct TicketHead {
    pub place: Place,
    pub reference: TicketReference,
    pub plan: Plan,
    pub status: TicketStatus,
    pub stage: Stage,
    pub channel: Channel,
    pub requester_name: Option<String>,
    pub taken_over: bool,
    pub hand_over_acknowledged: bool,
    /// The conversation's trust.
    pub verified: bool,
}

const HEAD: &str = "SELECT tickets.*, conversations.trust FROM tickets
                    JOIN conversations ON conversations.id = tickets.conversation_id";

pub(super) fn head(connection: &Connection, ticket: TicketId) -> Result<TicketHead, StoreError> {
    head_where(connection, "tickets.id = ?1", &ticket.0.into_bytes())?.ok_or(StoreError::NotFound("ticket"))
}

pub(super) fn head_by_reference(
    connection: &Connection,
    reference: &TicketReference,
) -> Result<Option<TicketHead>, StoreError> {
    head_where(connection, "tickets.reference = ?1", &reference.as_str())
}

/// The newest ticket of a conversation that is not done. An unproven sender joins only a ticket of the same channel:
/// a web ticket's page is open to whoever typed the address there.
pub(super) fn newest_open(
    connection: &Connection,
    conversation: ConversationId,
    channel: Channel,
    verified: bool,
) -> Result<Option<TicketHead>, StoreError> {
    let condition = "tickets.conversation_id = ?1 AND tickets.status IN ('open', 'in_progress', 'escalated')
                     AND (?2 OR tickets.channel = ?3)
                     ORDER BY tickets.created_at DESC, tickets.id DESC LIMIT 1";
    let sql = format!("{HEAD} WHERE {condition}");
    let values = params![conversation.0.into_bytes(), verified, channel.as_str()];
    Ok(connection.prepare_cached(&sql)?.query_row(values, read_head).optional()?)
}

/// The newest ticket of a proven customer on a channel without threads, if it was resolved and not yet closed: a further message there
/// takes it up again.
pub(super) fn newest_resolved(
    connection: &Connection,
    customer: CustomerId,
    channel: Channel,
) -> Result<Option<TicketHead>, StoreError> {
    let sql = format!(
        "SELECT * FROM ({HEAD} WHERE tickets.customer_id = ?1 AND tickets.channel = ?2 AND conversations.trust = 'verified'
                        ORDER BY tickets.created_at DESC, tickets.id DESC LIMIT 1) WHERE status = 'resolved'"
    );
    let values = params![customer.0.into_bytes(), channel.as_str()];
    Ok(connection.prepare_cached(&sql)?.query_row(values, read_head).optional()?)
}

fn head_where(
    connection: &Connection,
    condition: &str,
    value: &dyn ToSql,
) -> Result<Option<TicketHead>, StoreError> {
    let sql = format!("{HEAD} WHERE {condition}");
    Ok(connection.prepare_cached(&sql)?.query_row([value], read_head).optional()?)
}

fn read_head(row: &Row<'_>) -> rusqlite::Result<TicketHead> {
    Ok(TicketHead {
        place: Place {
            conversation: ConversationId(id(row, "conversation_id")?),
            customer: CustomerId(id(row, "customer_id")?),
            ticket: TicketId(id(row, "id")?),
        },
        reference: reference(row)?,
        plan: named(row, "plan")?,
        status: named(row, "status")?,
        stage: named(row, "stage")?,
        channel: named(row, "channel")?,
        requester_name: row.get("requester_name")?,
        taken_over: row.get::<_, Option<i64>>("taken_over_at")?.is_some(),
        hand_over_acknowledged: row.get("hand_over_acknowledged")?,
        verified: row.get::<_, String>("trust")? == "verified",
    })
}

pub(super) fn reference(row: &Row<'_>) -> rusqlite::Result<TicketReference> {
    row.get::<_, String>("reference")?.parse().map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(
            0,
            rusqlite::types::Type::Text,
            Box::<dyn std::error::Error + Send + Sync>::from(format!("{error}")),
        )
    })
}

/// Opens a ticket under a reference nobody has yet.
pub(super) fn open(
    connection: &Connection,
    prefix: &str,
    customer: &Resolved,
    conversation: ConversationId,
    inbound: &Inbound,
) -> Result<TicketHead, StoreError> {
    let at = inbound.received_at;
    let place = Place { conversation, customer: customer.id, ticket: TicketId::new() };
    let claimed = inbound.plan.unwrap_or_default();
    let plan = if customer.verified { customer.known_plan.unwrap_or(claimed) } else { claimed };
    let sql = "INSERT INTO tickets (id, reference, conversation_id, customer_id, channel, requester_name, plan, subject,
                                    category, priority, stage_at, created_at, updated_at)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?11, ?11)";
    connection.prepare_cached(sql)?.execute(params![
        place.ticket.0.into_bytes(),
        free_reference(connection, prefix, at)?.as_str(),
        conversation.0.into_bytes(),
        customer.id.0.into_bytes(),
        inbound.channel.as_str(),
        inbound.customer_name.as_deref().map(|name| cut(name, 300)),
        plan.as_str(),
        subject(inbound),
        inbound.category.as_str(),
        inbound.priority.as_str(),
        micros(at)
    ])?;
    head(connection, place.ticket)
}

fn free_reference(
    connection: &Connection,
    prefix: &str,
    at: Timestamp,
) -> Result<TicketReference, StoreError> {
    for _ in 0..REFERENCE_TRIES {
        let candidate = TicketReference::new(prefix, at, rand::random());
        let taken = connection
            .prepare_cached("SELECT 1 FROM tickets WHERE reference = ?1")?
            .exists([candidate.as_str()])?;
        if !taken {
            return Ok(candidate);
        }
    }
    Err(failed("no free ticket reference was found for this day"))
}

/// The subject given, or the text's first line where a channel has no subjects.
fn subject(inbound: &Inbound) -> String {
    let given = inbound.subject.as_deref().map(str::trim).filter(|subject| !subject.is_empty());
    let first_line = || inbound.text.lines().map(str::trim).find(|line| !line.is_empty());
    match given {
        Some(subject) => cut(subject, 500).to_owned(),
        None => first_line().map_or_else(|| "Support request".to_owned(), |line| cut(line, 80).to_owned()),
    }
}

/// A further message came: what was done is open again, and the status page shows that we have it.
pub(super) fn reopen(connection: &Connection, ticket: TicketId, at: Timestamp) -> Result<(), StoreError> {
    let sql = "UPDATE tickets SET
                   status = CASE WHEN status IN ('resolved', 'closed') THEN 'open' ELSE status END,
                   resolved_at = CASE WHEN status IN ('resolved', 'closed') THEN NULL ELSE resolved_at END,
                   stage = CASE WHEN status = 'escalated' OR taken_over_at IS NOT NULL THEN stage ELSE 'received' END,
                   feedback = NULL, stage_at = ?2, updated_at = ?2
               WHERE id = ?1";
    connection.prepare_cached(sql)?.execute(params![ticket.0.into_bytes(), micros(at)])?;
    Ok(())
}

/// Sets where a ticket stands, and its conversation with it.
pub(super) fn set_status(
    connection: &Connection,
    place: Place,
    status: TicketStatus,
    stage: Stage,
    at: Timestamp,
) -> Result<(), StoreError> {
    let sql = "UPDATE tickets SET status = ?2, stage = ?3, stage_at = ?4, updated_at = ?4,
                   resolved_at = CASE WHEN ?2 IN ('resolved', 'closed') THEN coalesce(resolved_at, ?4) ELSE NULL END
               WHERE id = ?1";
    connection.prepare_cached(sql)?.execute(params![
        place.ticket.0.into_bytes(),
        status.as_str(),
        stage.as_str(),
        micros(at)
    ])?;
    super::conversations::refresh_status(connection, place.conversation, at)
}

pub(super) fn set_stage(
    connection: &Connection,
    ticket: TicketId,
    stage: Stage,
    at: Timestamp,
) -> Result<(), StoreError> {
    let changed = connection
        .prepare_cached("UPDATE tickets SET stage = ?2, stage_at = ?3 WHERE id = ?1")?
        .execute(params![ticket.0.into_bytes(), stage.as_str(), micros(at)])?;
    if changed == 0 { Err(StoreError::NotFound("ticket")) } else { Ok(()) }
}

/// The customer was (or was not yet) told of the latest hand-over.
pub(super) fn set_acknowledged(
    connection: &Connection,
    ticket: TicketId,
    acknowledged: bool,
) -> Result<(), StoreError> {
    connection
        .prepare_cached("UPDATE tickets SET hand_over_acknowledged = ?2 WHERE id = ?1")?
        .execute(params![ticket.0.into_bytes(), acknowledged])?;
    Ok(())
}

/// A ticket as its owner sees it: with this ticket's messages alone.
pub(super) fn view(connection: &Connection, ticket: TicketId) -> Result<TicketView, StoreError> {
    let messages = messages::of_ticket(connection, ticket, VIEW_MESSAGES)?
        .into_iter()
        .map(|stored| stored.message)
        .collect();
    let read = |row: &Row<'_>| {
        Ok(TicketView {
            id: ticket,
            reference: reference(row)?,
            status: named(row, "status")?,
            created_at: time(row, "created_at")?,
            subject: row.get("subject")?,
            category: named(row, "category")?,
            priority: named(row, "priority")?,
            assigned_to: row.get("assigned_to")?,
            stage: named(row, "stage")?,
            stage_at: time(row, "stage_at")?,
            messages,
            feedback: optional_name(row, "feedback")?,
        })
    };
    connection
        .prepare_cached("SELECT * FROM tickets WHERE id = ?1")?
        .query_row([ticket.0.into_bytes()], read)
        .optional()?
        .ok_or(StoreError::NotFound("ticket"))
}
