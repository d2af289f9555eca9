//! What operators do to a ticket: one transaction each, checked against what the ticket is at that moment.

use super::{
    Store,
    audit::note,
    console_replies::{self, Sending},
    drafts, escalation_list,
    escalations::{self, Origin},
    inbox, messages,
    tickets::{self, TicketHead},
    values::{cut, micros},
};
use crate::domain::{
    ids::OperatorId,
    progress::Stage,
    ticket::{TicketReference, TicketStatus},
};
use crate::ports::{
    console::{Acted, Action, ConsoleActions, PendingReply},
    store::StoreError,
};
use async_trait::async_trait;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use serde_json::{Value, json};

/// Who acts, on what, when.
pub(super) struct Acting<'a> {
    pub connection: &'a Connection,
    pub ticket: TicketHead,
    pub taken_over_by: Option<String>,
    pub actor: &'a str,
    pub operator: Option<OperatorId>,
    pub now: Timestamp,
}

#[async_trait]
impl ConsoleActions for Store {
    async fn act(
        &self,
        reference: &TicketReference,
        action: Action,
        actor: &str,
        operator: Option<OperatorId>,
        now: Timestamp,
    ) -> Result<Acted, StoreError> {
        let (reference, actor) = (reference.clone(), actor.to_owned());
        self.write(move |connection| act(connection, &reference, &action, &actor, operator, now)).await
    }
}

fn act(
    connection: &Connection,
    reference: &TicketReference,
    action: &Action,
    actor: &str,
    operator: Option<OperatorId>,
    now: Timestamp,
) -> Result<Acted, StoreError> {
    let acting = acting(connection, reference, actor, operator, now)?;
    let (name, details, undo) = acting.run(action)?;
    note(connection, actor, &format!("conversation.{name}"), reference.as_str(), &details, now)?;
    let touched = "UPDATE tickets SET updated_at = ?2 WHERE id = ?1";
    let ticket = acting.ticket.place.ticket;
    connection.prepare_cached(touched)?.execute(params![ticket.0.into_bytes(), micros(now)])?;
    Ok(Acted { ticket, row: inbox::row(connection, reference, now)?, undo })
}

/// Somebody about to act on a ticket as it is now.
pub(super) fn acting<'a>(
    connection: &'a Connection,
    reference: &TicketReference,
    actor: &'a str,
    operator: Option<OperatorId>,
    now: Timestamp,
) -> Result<Acting<'a>, StoreError> {
    let ticket =
        tickets::head_by_reference(connection, reference)?.ok_or(StoreError::NotFound("conversation"))?;
    let taken_over_by = connection
        .prepare_cached("SELECT taken_over_by FROM tickets WHERE id = ?1")?
        .query_row([ticket.place.ticket.0.into_bytes()], |row| row.get(0))?;
    Ok(Acting { connection, ticket, taken_over_by, actor, operator, now })
}

type Done = (&'static str, Value, Option<PendingReply>);

impl Acting<'_> {
    fn run(&self, action: &Action) -> Result<Done, StoreError> {
        let done = |name, details| Ok((name, details, None));
        match action {
            Action::Approve { draft, reply, edited } => {
                let sending = Sending::Approval { draft: *draft, edited: *edited };
                let undo = console_replies::send(self, sending, reply)?;
                Ok(("approve", json!({ "draft": draft, "edited": edited }), Some(undo)))
            }
            Action::Discard { draft, reason } => {
                console_replies::discard(self, *draft)?;
                done("discard", json!({ "draft": draft, "reason": reason }))
            }
            Action::Reply { reply, close } => {
                let undo = console_replies::send(self, Sending::Reply { close: *close }, reply)?;
                Ok(("reply", json!({ "close": close }), Some(undo)))
            }
            Action::TakeOver { force } => {
                self.require_mine(*force)?;
                self.take_over()?;
                done("take_over", json!({ "from": self.taken_over_by }))
            }
            Action::HandBack => self.hand_back().and_then(|()| done("hand_back", json!({}))),
            Action::Escalate(escalation) => {
                self.escalate(escalation, Origin::Operator)?;
                self.call_back_automatic()?;
                let (_, hand_over, route) = &**escalation;
                done("escalate", json!({ "team": route.team, "category": hand_over.category.as_str() }))
            }
            Action::Assign(assignee) => {
                let name = self.assign(*assignee)?;
                done("assign", json!({ "assignee": name }))
            }
            Action::Labels(labels) => {
                self.label(labels)?;
                done("labels", json!({ "labels": labels }))
            }
            Action::Snooze(until) => {
                self.set("snoozed_until", until.map(micros))?;
                done("snooze", json!({ "until": until.map(|until| until.to_string()) }))
            }
            Action::Close { notes } => {
                self.close(TicketStatus::Resolved, notes.as_deref())?;
                done("close", json!({}))
            }
            Action::Reopen => {
                self.set_status(TicketStatus::InProgress, self.ticket.stage)?;
                done("reopen", json!({}))
            }
            Action::Spam(true) => {
                self.spam()?;
                done("spam", json!({}))
            }
            Action::Spam(false) => {
                self.set("spam", 0)?;
                self.set_status(TicketStatus::InProgress, self.ticket.stage)?;
                done("not_spam", json!({}))
            }
            Action::Note(text) => {
                let sql =
                    "INSERT INTO notes (id, ticket_id, author, text, created_at) VALUES (?1, ?2, ?3, ?4, ?5)";
                let key = uuid::Uuid::now_v7().into_bytes();
                self.connection.prepare_cached(sql)?.execute(params![
                    key,
                    self.key(),
                    self.actor,
                    text,
                    micros(self.now)
                ])?;
                done("note", json!({}))
            }
            Action::Undo(outbox) => {
                console_replies::undo(self, *outbox)?;
                done("undo", json!({ "reply": outbox.to_string() }))
            }
        }
    }

    pub(super) fn key(&self) -> [u8; 16] {
        self.ticket.place.ticket.0.into_bytes()
    }

    /// Sets one column of the ticket. The names come from this file alone.
    fn set(&self, column: &str, value: impl rusqlite::ToSql) -> Result<(), StoreError> {
        let sql = format!("UPDATE tickets SET {column} = ?2 WHERE id = ?1");
        self.connection.prepare_cached(&sql)?.execute(params![self.key(), value])?;
        Ok(())
    }

    pub(super) fn set_status(&self, status: TicketStatus, stage: Stage) -> Result<(), StoreError> {
        tickets::set_status(self.connection, self.ticket.place, status, stage, self.now)
    }

    /// Refuses while another operator has it.
    pub(super) fn require_mine(&self, force: bool) -> Result<(), StoreError> {
        let others = self.taken_over_by.as_deref().is_some_and(|by| by != self.actor);
        if others && !force {
            return Err(StoreError::Refused {
                code: "taken_over",
                detail: "Somebody else has taken it over; take it from them if you must.",
            });
        }
        Ok(())
    }

    /// From now on the assistant is silent here. What it was about to say is called back; what it drafts is refused when it
    /// comes to be committed.
    pub(super) fn take_over(&self) -> Result<(), StoreError> {
        let sql = "UPDATE tickets SET taken_over_by = ?2, taken_over_at = ?3, assignee_id = coalesce(?4, assignee_id)
                   WHERE id = ?1";
        self.connection.prepare_cached(sql)?.execute(params![
            self.key(),
            self.actor,
            micros(self.now),
            self.operator.map(|operator| operator.0.into_bytes())
        ])?;
        self.call_back_automatic()?;
        if matches!(self.ticket.status, TicketStatus::Escalated) {
            return Ok(());
        }
        self.set_status(TicketStatus::InProgress, Stage::WithAPerson)
    }

    /// Automatic replies still waiting never leave: their messages go, and with them their rows of the outbox.
    pub(super) fn call_back_automatic(&self) -> Result<(), StoreError> {
        let sql = "UPDATE drafts SET state = 'unused' WHERE ticket_id = ?1 AND state IN ('sent', 'flagged')
                     AND created_at IN (SELECT created_at FROM outbox WHERE ticket_id = ?1 AND state = 'waiting' AND automatic = 1)";
        self.connection.prepare_cached(sql)?.execute([self.key()])?;
        let sql = "DELETE FROM messages WHERE id IN (
                       SELECT message_id FROM outbox WHERE ticket_id = ?1 AND state = 'waiting' AND automatic = 1)";
        self.connection.prepare_cached(sql)?.execute([self.key()])?;
        Ok(())
    }

    fn hand_back(&self) -> Result<(), StoreError> {
        escalation_list::settle_open(self.connection, self.ticket.place, self.actor, self.now)?;
        let sql = "UPDATE tickets SET taken_over_by = NULL, taken_over_at = NULL, assignee_id = NULL,
                       hand_over_acknowledged = 0 WHERE id = ?1";
        self.connection.prepare_cached(sql)?.execute([self.key()])?;
        self.set_status(TicketStatus::InProgress, Stage::Answered)
    }

    pub(super) fn escalate(
        &self,
        escalation: &(
            crate::domain::ids::EscalationId,
            crate::domain::escalation::HandOver,
            crate::domain::escalation::Route,
        ),
        origin: Origin,
    ) -> Result<(), StoreError> {
        escalations::settle_approval(self.connection, self.ticket.place, self.now)?;
        drafts::supersede_held(self.connection, self.ticket.place.ticket, self.now)?;
        if escalations::is_open(self.connection, self.ticket.place)? {
            return Err(StoreError::Refused {
                code: "escalated_already",
                detail: "A hand-over is open already; settle it first.",
            });
        }
        escalations::insert(self.connection, self.ticket.place, origin, escalation, self.now)?;
        self.set_status(TicketStatus::Escalated, Stage::WithAPerson)
    }

    fn assign(&self, assignee: Option<OperatorId>) -> Result<Option<String>, StoreError> {
        let name = assignee
            .map(|assignee| {
                self.connection
                    .prepare_cached("SELECT name FROM operators WHERE id = ?1 AND disabled_at IS NULL")?
                    .query_row([assignee.0.into_bytes()], |row| row.get::<_, String>(0))
                    .optional()?
                    .ok_or(StoreError::NotFound("operator"))
            })
            .transpose()?;
        self.set("assignee_id", assignee.map(|assignee| assignee.0.into_bytes()))?;
        Ok(name)
    }

    fn label(&self, labels: &[String]) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("DELETE FROM ticket_labels WHERE ticket_id = ?1")?
            .execute([self.key()])?;
        let sql = "INSERT INTO ticket_labels (ticket_id, label) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
        let mut statement = self.connection.prepare_cached(sql)?;
        for label in labels {
            statement.execute(params![self.key(), label])?;
        }
        Ok(())
    }

    /// Nothing waits for anybody any more.
    pub(super) fn close(&self, status: TicketStatus, notes: Option<&str>) -> Result<(), StoreError> {
        escalation_list::settle_open(self.connection, self.ticket.place, self.actor, self.now)?;
        drafts::supersede_held(self.connection, self.ticket.place.ticket, self.now)?;
        let sql = "UPDATE tickets SET taken_over_by = NULL, taken_over_at = NULL, snoozed_until = NULL, waiting_since = NULL,
                       hand_over_acknowledged = 0, resolution_notes = coalesce(?2, resolution_notes) WHERE id = ?1";
        self.connection
            .prepare_cached(sql)?
            .execute(params![self.key(), notes.map(|notes| cut(notes, 5000))])?;
        self.set_status(status, Stage::Answered)
    }

    fn spam(&self) -> Result<(), StoreError> {
        self.call_back_automatic()?;
        let sql = "UPDATE jobs SET state = 'void', lease = NULL, leased_until = NULL, finished_at = ?2
                   WHERE ticket_id = ?1 AND state IN ('waiting', 'leased')";
        self.connection.prepare_cached(sql)?.execute(params![self.key(), micros(self.now)])?;
        self.close(TicketStatus::Closed, None)?;
        self.set("spam", 1)
    }

    /// The newest customer message, which must be the one that was seen.
    pub(super) fn require_newest(
        &self,
        seen: Option<crate::domain::ids::MessageId>,
    ) -> Result<Option<crate::domain::ids::MessageId>, StoreError> {
        let newest = messages::newest_inbound(self.connection, self.ticket.place.ticket)?;
        if seen.is_some() && seen != newest {
            return Err(console_replies::VOID);
        }
        Ok(newest)
    }
}
