//! Hand-overs to a person: one open record a ticket, with its number, its team and its due time.

use super::{
    events,
    messages::Place,
    tickets,
    values::{bounded, json, micros},
};
use crate::domain::{
    escalation::{EscalationCategory, HandOver, Route, Urgency},
    ids::EscalationId,
    progress::Stage,
    sentiment::Sentiment,
    ticket::TicketStatus,
};
use crate::ports::store::StoreError;
use jiff::Timestamp;
use rusqlite::{Connection, params};

/// Who saw the need for a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    Decision,
    /// A draft waits for a person's approval; the ticket itself may go on.
    Approval,
    Feedback,
    /// An operator passed it on.
    Operator,
    Failure,
}

impl Origin {
    fn as_str(self) -> &'static str {
        match self {
            Self::Decision => "decision",
            Self::Approval => "approval",
            Self::Feedback => "feedback",
            Self::Operator => "operator",
            Self::Failure => "failure",
        }
    }
}

/// Whether the ticket already waits for a person.
pub(super) fn is_open(connection: &Connection, place: Place) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM escalations WHERE ticket_id = ?1 AND resolved_at IS NULL";
    Ok(connection.prepare_cached(sql)?.exists([place.ticket.0.into_bytes()])?)
}

/// What waited for approval is out of date: a newer turn or a real hand-over takes its place.
pub(super) fn settle_approval(
    connection: &Connection,
    place: Place,
    at: Timestamp,
) -> Result<(), StoreError> {
    let sql = "UPDATE escalations SET resolved_at = ?2, resolved_by = 'superseded'
               WHERE ticket_id = ?1 AND origin = 'approval' AND resolved_at IS NULL";
    let settled =
        connection.prepare_cached(sql)?.execute(params![place.ticket.0.into_bytes(), micros(at)])?;
    if settled > 0 { unassign(connection, place) } else { Ok(()) }
}

pub(super) fn unassign(connection: &Connection, place: Place) -> Result<(), StoreError> {
    connection
        .prepare_cached("UPDATE tickets SET assigned_to = NULL, assigned_mailbox = NULL WHERE id = ?1")?
        .execute([place.ticket.0.into_bytes()])?;
    Ok(())
}

/// Records a hand-over and assigns the ticket. The caller made sure that none is open.
pub(super) fn insert(
    connection: &Connection,
    place: Place,
    origin: Origin,
    raised: &(EscalationId, HandOver, Route),
    at: Timestamp,
) -> Result<(), StoreError> {
    let (escalation, hand_over, route) = raised;
    let sql = "INSERT INTO escalations (id, reference, ticket_id, origin, category, urgency, reason, summary, attempts,
                   sentiment_score, suggested_next_step, team, mailbox, promise, created_at, due_at)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)";
    connection.prepare_cached(sql)?.execute(params![
        escalation.0.into_bytes(),
        escalation.reference(),
        place.ticket.0.into_bytes(),
        origin.as_str(),
        hand_over.category.as_str(),
        hand_over.urgency.as_str(),
        hand_over.reason,
        hand_over.summary,
        json(&hand_over.attempts)?,
        bounded(hand_over.sentiment.score, -1.0, 1.0),
        hand_over.suggested_next_step,
        route.team,
        route.mailbox,
        route.promise,
        micros(at),
        micros(route.due_at)
    ])?;
    let sql = "UPDATE tickets SET assigned_to = ?2, assigned_mailbox = ?3, hand_over_acknowledged = 0 WHERE id = ?1";
    connection.prepare_cached(sql)?.execute(params![
        place.ticket.0.into_bytes(),
        route.team,
        route.mailbox
    ])?;
    events::escalation_raised(connection, place, origin.as_str(), raised, at)
}

/// Something of ours failed for good: the ticket goes to a person, unless one has it already.
pub(super) fn insert_for_failure(
    connection: &Connection,
    place: Place,
    route: &super::FailureRoute,
    reason: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    settle_approval(connection, place, at)?;
    if is_open(connection, place)? {
        return tickets::set_status(connection, place, TicketStatus::Escalated, Stage::WithAPerson, at);
    }
    let hand_over = HandOver {
        category: EscalationCategory::General,
        urgency: Urgency::High,
        reason: reason.to_owned(),
        summary: "The customer's message could not be handled automatically.".to_owned(),
        attempts: Vec::new(),
        sentiment: Sentiment::NEUTRAL,
        suggested_next_step:
            "Read the ticket and answer it; then look at the dead-letter list for the cause.".to_owned(),
    };
    let due_at = at.saturating_add(route.due_within).unwrap_or(Timestamp::MAX);
    let route = Route {
        team: route.team.clone(),
        mailbox: route.mailbox.clone(),
        due_at,
        promise: route.promise.clone(),
    };
    insert(connection, place, Origin::Failure, &(EscalationId::new(), hand_over, route), at)?;
    tickets::set_status(connection, place, TicketStatus::Escalated, Stage::Failed, at)
}

/// An operator sends the failed work round again: the hand-over it caused is settled, and the ticket open.
pub(super) fn settle_failure(
    connection: &Connection,
    place: Place,
    actor: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    let sql = "UPDATE escalations SET resolved_at = ?2, resolved_by = ?3
               WHERE ticket_id = ?1 AND origin = 'failure' AND resolved_at IS NULL";
    let settled =
        connection.prepare_cached(sql)?.execute(params![place.ticket.0.into_bytes(), micros(at), actor])?;
    if settled > 0 {
        unassign(connection, place)?;
        tickets::set_status(connection, place, TicketStatus::Open, Stage::Received, at)?;
    }
    Ok(())
}
