//! The customer's word on the answers.

use super::{
    escalations::{self, Origin},
    tickets,
    values::{cut, micros},
};
use crate::domain::{
    escalation::{HandOver, Route},
    ids::EscalationId,
    progress::Stage,
    ticket::{Feedback, TicketReference, TicketStatus, TicketView},
};
use crate::ports::store::StoreError;
use jiff::Timestamp;
use rusqlite::{Connection, params};

/// Keeps the verdict. "It helped" resolves a ticket no person has; "it did not" hands it over, once.
pub(super) fn record(
    connection: &Connection,
    reference: &TicketReference,
    verdict: Feedback,
    comment: Option<&str>,
    escalation: Option<&(EscalationId, HandOver, Route)>,
    now: Timestamp,
) -> Result<TicketView, StoreError> {
    let ticket = tickets::head_by_reference(connection, reference)?.ok_or(StoreError::NotFound("ticket"))?;
    let ticket_id = ticket.place.ticket;
    connection
        .prepare_cached(
            "INSERT INTO feedback (ticket_id, verdict, comment, created_at) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![
            ticket_id.0.into_bytes(),
            verdict.as_str(),
            comment.map(|comment| cut(comment, 5000)),
            micros(now)
        ])?;
    connection
        .prepare_cached("UPDATE tickets SET feedback = ?2, updated_at = ?3 WHERE id = ?1")?
        .execute(params![ticket_id.0.into_bytes(), verdict.as_str(), micros(now)])?;
    if let (Feedback::NotHelped, Some(_)) = (verdict, escalation) {
        escalations::settle_approval(connection, ticket.place, now)?;
    }
    match (verdict, escalation) {
        (Feedback::Helped, _) if ticket.status != TicketStatus::Escalated && !ticket.taken_over => {
            tickets::set_status(connection, ticket.place, TicketStatus::Resolved, ticket.stage, now)?;
        }
        (Feedback::NotHelped, Some(escalation)) if !escalations::is_open(connection, ticket.place)? => {
            escalations::insert(connection, ticket.place, Origin::Feedback, escalation, now)?;
            tickets::set_status(connection, ticket.place, TicketStatus::Escalated, Stage::WithAPerson, now)?;
        }
        _ => {}
    }
    tickets::view(connection, ticket_id)
}
