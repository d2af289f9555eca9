//! Replies that operators send, approve, discard and call back. A reply waits a moment in the outbox; until it is leased it can be
//! taken back whole, and the ticket stands as before.

use super::{
    console_actions::Acting,
    drafts, escalation_list, messages, outbox,
    values::{from_json, id, json, micros},
};
use crate::domain::{
    ids::{MessageId, OutboxId},
    progress::Stage,
    ticket::TicketStatus,
};
use crate::ports::{
    console::{NewPersonalReply, PendingReply},
    store::StoreError,
};
use rusqlite::{OptionalExtension, params};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A newer customer message came than the one that was seen.
pub(super) const VOID: StoreError = StoreError::Refused {
    code: "draft_void",
    detail: "The customer has written again; read it before you answer.",
};

/// What is sent.
pub(super) enum Sending {
    /// The draft, as it is or edited.
    Approval { draft: Uuid, edited: bool },
    /// An operator's own words.
    Reply { close: bool },
}

/// How things stood before, for undoing.
#[derive(Serialize, Deserialize)]
struct Before {
    newest: Option<MessageId>,
    draft: Option<Uuid>,
    escalation: Option<Uuid>,
    status: TicketStatus,
    stage: Stage,
    taken_over_by: Option<String>,
    taken_over_at: Option<i64>,
    assignee: Option<Uuid>,
    assigned_to: Option<String>,
    assigned_mailbox: Option<String>,
    acknowledged: bool,
}

pub(super) fn send(
    acting: &Acting<'_>,
    sending: Sending,
    new: &NewPersonalReply,
) -> Result<PendingReply, StoreError> {
    let connection = acting.connection;
    let newest = acting.require_newest(new.seen)?;
    acting.require_mine(new.force)?;
    let mut before = before(acting, newest)?;
    match sending {
        Sending::Approval { draft, edited } => {
            decide(acting, draft, "approved", newest)?;
            connection
                .prepare_cached("UPDATE drafts SET edited = ?2 WHERE id = ?1")?
                .execute(params![draft.into_bytes(), edited])?;
            before.draft = Some(draft);
        }
        Sending::Reply { .. } => {
            before.draft = held(acting)?;
            acting.take_over()?;
            drafts::supersede_held(connection, acting.ticket.place.ticket, acting.now)?;
        }
    }
    before.escalation = settle_approval(acting)?;
    messages::insert_reply(connection, acting.ticket.place, &new.reply, true, acting.now)?;
    connection
        .prepare_cached("UPDATE messages SET author = ?2 WHERE id = ?1")?
        .execute(params![new.reply.message_id.0.into_bytes(), acting.actor])?;
    let outbox_id = outbox::queue_until(connection, acting.ticket.place, &new.reply, new.due_at, acting.now)?;
    match sending {
        Sending::Reply { close: true } => {
            let settled =
                escalation_list::settle_open(connection, acting.ticket.place, acting.actor, acting.now)?;
            before.escalation = before.escalation.or(settled.map(|escalation| escalation.0));
            acting.close(TicketStatus::Resolved, None)?;
        }
        Sending::Approval { .. } | Sending::Reply { close: false } => {
            let stays = acting.ticket.status == TicketStatus::Escalated;
            let status = if stays { TicketStatus::Escalated } else { TicketStatus::InProgress };
            acting.set_status(status, if stays { Stage::WithAPerson } else { Stage::Answered })?;
        }
    }
    connection
        .prepare_cached("INSERT INTO undoable_replies (outbox_id, before) VALUES (?1, ?2)")?
        .execute(params![outbox_id.0.into_bytes(), json(&before)?])?;
    Ok(PendingReply { outbox_id, message_id: new.reply.message_id, until: new.due_at })
}

/// Nothing waits for an approval any more; the hand-over that said so, if there was one.
fn settle_approval(acting: &Acting<'_>) -> Result<Option<Uuid>, StoreError> {
    let sql = "UPDATE escalations SET resolved_at = ?2, resolved_by = ?3
               WHERE ticket_id = ?1 AND origin = 'approval' AND resolved_at IS NULL RETURNING id";
    let settled = acting
        .connection
        .prepare_cached(sql)?
        .query_row(params![acting.key(), micros(acting.now), acting.actor], |row| id(row, "id"))
        .optional()?;
    if settled.is_some() {
        super::escalations::unassign(acting.connection, acting.ticket.place)?;
    }
    Ok(settled)
}

fn before(acting: &Acting<'_>, newest: Option<MessageId>) -> Result<Before, StoreError> {
    let sql = "SELECT taken_over_by, taken_over_at, assignee_id, assigned_to, assigned_mailbox FROM tickets WHERE id = ?1";
    let ticket = &acting.ticket;
    Ok(acting.connection.prepare_cached(sql)?.query_row([acting.key()], |row| {
        Ok(Before {
            newest,
            draft: None,
            escalation: None,
            status: ticket.status,
            stage: ticket.stage,
            taken_over_by: row.get("taken_over_by")?,
            taken_over_at: row.get("taken_over_at")?,
            assignee: row.get::<_, Option<[u8; 16]>>("assignee_id")?.map(Uuid::from_bytes),
            assigned_to: row.get("assigned_to")?,
            assigned_mailbox: row.get("assigned_mailbox")?,
            acknowledged: ticket.hand_over_acknowledged,
        })
    })?)
}

/// The draft that waits for approval.
fn held(acting: &Acting<'_>) -> Result<Option<Uuid>, StoreError> {
    Ok(acting
        .connection
        .prepare_cached("SELECT id FROM drafts WHERE ticket_id = ?1 AND state = 'held'")?
        .query_row([acting.key()], |row| id(row, "id"))
        .optional()?)
}

/// Decides on a held draft that still answers the newest message.
fn decide(
    acting: &Acting<'_>,
    draft: Uuid,
    state: &str,
    newest: Option<MessageId>,
) -> Result<(), StoreError> {
    let sql = "SELECT state, message_id FROM drafts WHERE id = ?1 AND ticket_id = ?2";
    let found = acting
        .connection
        .prepare_cached(sql)?
        .query_row(params![draft.into_bytes(), acting.key()], |row| {
            Ok((row.get::<_, String>("state")?, MessageId(id(row, "message_id")?)))
        })
        .optional()?;
    let (current, answers) = found.ok_or(StoreError::NotFound("draft"))?;
    if Some(answers) != newest && matches!(current.as_str(), "held" | "superseded") {
        return Err(VOID);
    }
    if current != "held" {
        return Err(StoreError::Refused {
            code: "draft_decided",
            detail: "This draft was decided on already; reload to see what became of it.",
        });
    }
    let sql = "UPDATE drafts SET state = ?2, decided_at = ?3, decided_by = ?4 WHERE id = ?1";
    acting.connection.prepare_cached(sql)?.execute(params![
        draft.into_bytes(),
        state,
        micros(acting.now),
        acting.actor
    ])?;
    Ok(())
}

/// The draft is no use: a person takes the ticket, whose hand-over stays open.
pub(super) fn discard(acting: &Acting<'_>, draft: Uuid) -> Result<(), StoreError> {
    let newest = acting.require_newest(None)?;
    decide(acting, draft, "rejected", newest)?;
    if super::escalations::is_open(acting.connection, acting.ticket.place)? {
        acting.set_status(TicketStatus::Escalated, Stage::WithAPerson)?;
        // It no longer waits for an approval but for an answer: a newer turn must not settle it.
        let sql = "UPDATE escalations SET origin = 'operator' WHERE ticket_id = ?1 AND resolved_at IS NULL";
        acting.connection.prepare_cached(sql)?.execute([acting.key()])?;
    } else {
        acting.take_over()?;
    }
    Ok(())
}

/// Calls a reply back that still waits, and puts the ticket where it stood.
pub(super) fn undo(acting: &Acting<'_>, outbox: OutboxId) -> Result<(), StoreError> {
    let connection = acting.connection;
    let sql = "SELECT before, message_id FROM undoable_replies JOIN outbox ON outbox.id = outbox_id
               WHERE outbox_id = ?1 AND ticket_id = ?2 AND state = 'waiting' AND attempts = 0";
    let found = connection
        .prepare_cached(sql)?
        .query_row(params![outbox.0.into_bytes(), acting.key()], |row| {
            Ok((from_json::<Before>(row, "before")?, id(row, "message_id")?))
        })
        .optional()?;
    let Some((before, message)) = found else {
        return Err(StoreError::Refused { code: "too_late", detail: "It is on its way already." });
    };
    connection.prepare_cached("DELETE FROM messages WHERE id = ?1")?.execute([message.into_bytes()])?;
    let newest = messages::newest_inbound(connection, acting.ticket.place.ticket)?;
    if newest != before.newest {
        // The customer wrote meanwhile: whoever sent it keeps the ticket and answers both.
        return Ok(());
    }
    if let Some(draft) = before.draft {
        let sql = "UPDATE drafts SET state = 'held', decided_at = NULL, decided_by = NULL
                   WHERE id = ?1 AND state IN ('approved', 'superseded')";
        connection.prepare_cached(sql)?.execute([draft.into_bytes()])?;
    }
    if let Some(escalation) = before.escalation {
        let sql =
            "UPDATE escalations SET resolved_at = NULL, resolved_by = NULL WHERE id = ?1 AND NOT EXISTS (
                       SELECT 1 FROM escalations WHERE ticket_id = ?2 AND resolved_at IS NULL)";
        connection.prepare_cached(sql)?.execute(params![escalation.into_bytes(), acting.key()])?;
    }
    let sql = "UPDATE tickets SET taken_over_by = ?2, taken_over_at = ?3, assignee_id = ?4, assigned_to = ?5,
                   assigned_mailbox = ?6, hand_over_acknowledged = ?7 WHERE id = ?1";
    connection.prepare_cached(sql)?.execute(params![
        acting.key(),
        before.taken_over_by,
        before.taken_over_at,
        before.assignee.map(Uuid::into_bytes),
        before.assigned_to,
        before.assigned_mailbox,
        before.acknowledged
    ])?;
    acting.set_status(before.status, before.stage)
}
