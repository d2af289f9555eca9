//! Hand-overs, listed and settled.

use super::{
    audit::note,
    messages::Place,
    tickets,
    values::{cut, from_json, from_micros, id, micros, named, time},
};
use crate::domain::{
    ids::{EscalationId, TicketId},
    message::Role,
    progress::Stage,
    sla::sla_state,
    ticket::TicketStatus,
};
use crate::ports::{
    console::{EscalationText, EscalationView, Position},
    store::StoreError,
};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::json;

const SELECT: &str = "SELECT escalations.*, tickets.reference AS ticket, tickets.subject, tickets.channel, tickets.plan,
        coalesce(tickets.requester_name, customers.name) AS customer
    FROM escalations JOIN tickets ON tickets.id = escalations.ticket_id JOIN customers ON customers.id = tickets.customer_id";

pub(super) fn list(
    connection: &Connection,
    open: bool,
    team: Option<&str>,
    after: Option<Position>,
    limit: usize,
    now: Timestamp,
) -> Result<Vec<EscalationView>, StoreError> {
    let (condition, column, compare, order) = if open {
        ("escalations.resolved_at IS NULL", "due_at", ">", "ASC")
    } else {
        ("escalations.resolved_at IS NOT NULL", "escalations.resolved_at", "<", "DESC")
    };
    let sql = format!(
        "{SELECT} WHERE {condition} AND (?1 IS NULL OR team = ?1)
           AND (?2 IS NULL OR ({column}, escalations.id) {compare} (?2, ?3))
         ORDER BY {column} {order}, escalations.id {order} LIMIT {limit}"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let values = params![team, after.map(|after| after.at), after.map(|after| after.id)];
    let rows = statement.query_map(values, |row| read(row, now))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn of_ticket(
    connection: &Connection,
    ticket: TicketId,
    now: Timestamp,
) -> Result<Vec<EscalationView>, StoreError> {
    let sql =
        format!("{SELECT} WHERE escalations.ticket_id = ?1 ORDER BY escalations.created_at DESC LIMIT 20");
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map([ticket.0.into_bytes()], |row| read(row, now))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn read(row: &Row<'_>, now: Timestamp) -> rusqlite::Result<EscalationView> {
    let (created_at, due_at) = (time(row, "created_at")?, time(row, "due_at")?);
    let resolved_at = row.get::<_, Option<i64>>("resolved_at")?.map(from_micros).transpose()?;
    Ok(EscalationView {
        id: EscalationId(id(row, "id")?),
        reference: row.get("reference")?,
        ticket: row.get("ticket")?,
        subject: row.get("subject")?,
        customer: row.get("customer")?,
        channel: named(row, "channel")?,
        plan: named(row, "plan")?,
        origin: row.get("origin")?,
        category: named(row, "category")?,
        urgency: named(row, "urgency")?,
        text: EscalationText {
            reason: row.get("reason")?,
            summary: row.get("summary")?,
            attempts: from_json(row, "attempts")?,
            sentiment: row.get("sentiment_score")?,
            suggested_next_step: row.get("suggested_next_step")?,
        },
        team: row.get("team")?,
        mailbox: row.get("mailbox")?,
        promise: row.get("promise")?,
        created_at,
        due_at,
        sla: sla_state(created_at, due_at, resolved_at, now),
        resolved_at,
        resolved_by: row.get("resolved_by")?,
    })
}

/// An operator settles a hand-over; the ticket goes on where its taking over leaves it.
pub(super) fn resolve(
    connection: &Connection,
    escalation: EscalationId,
    notes: Option<&str>,
    actor: &str,
    now: Timestamp,
) -> Result<EscalationView, StoreError> {
    let sql = format!("{SELECT} WHERE escalations.id = ?1");
    let mut one = connection.prepare_cached(&sql)?;
    let found = one
        .query_row([escalation.0.into_bytes()], |row| Ok((read(row, now)?, TicketId(id(row, "ticket_id")?))))
        .optional()?;
    let (view, ticket) = found.ok_or(StoreError::NotFound("escalation"))?;
    if view.resolved_at.is_some() {
        return Err(StoreError::Conflict);
    }
    let head = tickets::head(connection, ticket)?;
    settle_open(connection, head.place, actor, now)?;
    if head.status == TicketStatus::Escalated {
        tickets::set_status(connection, head.place, TicketStatus::InProgress, Stage::WithAPerson, now)?;
    }
    if let Some(notes) = notes {
        let sql = "UPDATE tickets SET resolution_notes = ?2 WHERE id = ?1";
        connection.prepare_cached(sql)?.execute(params![ticket.0.into_bytes(), cut(notes, 5000)])?;
    }
    let details = json!({ "escalation": view.reference, "role": Role::Operator.as_str() });
    note(connection, actor, "escalation.resolve", &view.ticket, &details, now)?;
    Ok(one.query_row([escalation.0.into_bytes()], |row| read(row, now))?)
}

/// Settles whatever hand-over is open on a ticket; its id, if there was one. The team has it no longer.
pub(super) fn settle_open(
    connection: &Connection,
    place: Place,
    actor: &str,
    now: Timestamp,
) -> Result<Option<EscalationId>, StoreError> {
    let sql = "UPDATE escalations SET resolved_at = ?2, resolved_by = ?3 WHERE ticket_id = ?1 AND resolved_at IS NULL
               RETURNING id";
    let settled = connection
        .prepare_cached(sql)?
        .query_row(params![place.ticket.0.into_bytes(), micros(now), actor], |row| id(row, "id"))
        .optional()?;
    if settled.is_some() {
        super::escalations::unassign(connection, place)?;
    }
    Ok(settled.map(EscalationId))
}
