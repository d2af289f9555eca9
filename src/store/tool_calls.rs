//! What acting tools do: the effect, its record and the key that makes it happen once, in one transaction.

use super::{
    Store, accept,
    audit::note,
    console_actions::{self, Acting},
    drafts,
    error::failed,
    escalations::{self, Origin},
    jobs, messages, outbox, tickets, tool_reading,
    values::{from_json, json, micros},
};
use crate::domain::{
    decision::MAX_AUTOMATIC_MESSAGES,
    escalation::{HandOver, Route},
    ids::{EscalationId, MessageId},
    progress::Stage,
    ticket::TicketStatus,
};
use crate::ports::{
    store::{NewReply, StoreError},
    tools::{Effect, Effected, HandedOver, History, Once, ToolStore, Whose},
};
use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};
use serde_json::json;

/// How long a key is remembered.
const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

#[async_trait]
impl ToolStore for Store {
    async fn effect_once(
        &self,
        once: Once,
        effect: Effect,
        actor: &str,
        now: Timestamp,
    ) -> Result<(Effected, bool), StoreError> {
        let (prefix, actor) = (self.options().ticket_prefix.clone(), actor.to_owned());
        self.write(move |connection| {
            if let Some(kept) = kept(connection, &once)? {
                return Ok((kept, true));
            }
            let done = carry_out(connection, &prefix, effect, &actor, now)?;
            let details =
                json!({ "key": once.key, "message": done.message_id, "escalation": done.escalation });
            note(connection, &actor, &format!("tool.{}", once.tool), &done.ticket, &details, now)?;
            keep(connection, &once, &done, now)?;
            Ok((done, false))
        })
        .await
    }

    async fn history(&self, whose: Whose) -> Result<Option<History>, StoreError> {
        self.read(move |connection| tool_reading::history(connection, &whose)).await
    }
}

fn kept(connection: &Connection, once: &Once) -> Result<Option<Effected>, StoreError> {
    let sql = "SELECT tool, arguments_sha256, result FROM tool_calls WHERE caller = ?1 AND key = ?2";
    let found = connection
        .prepare_cached(sql)?
        .query_row(params![once.caller, once.key], |row| {
            let same = row.get::<_, String>("tool")? == once.tool
                && row.get::<_, [u8; 32]>("arguments_sha256")? == once.arguments_sha256;
            Ok((same, from_json(row, "result")?))
        })
        .optional()?;
    match found {
        Some((false, _)) => Err(StoreError::Refused {
            code: "key_reused",
            detail: "This key was used for something else; take another one.",
        }),
        Some((true, kept)) => Ok(Some(kept)),
        None => Ok(None),
    }
}

fn keep(connection: &Connection, once: &Once, done: &Effected, now: Timestamp) -> Result<(), StoreError> {
    let oldest = now.checked_sub(KEPT).unwrap_or(Timestamp::MIN);
    connection.prepare_cached("DELETE FROM tool_calls WHERE done_at < ?1")?.execute([micros(oldest)])?;
    let sql = "INSERT INTO tool_calls (caller, key, tool, arguments_sha256, result, done_at)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    connection.prepare_cached(sql)?.execute(params![
        once.caller,
        once.key,
        once.tool,
        once.arguments_sha256,
        json(done)?,
        micros(now)
    ])?;
    Ok(())
}

fn carry_out(
    connection: &Connection,
    prefix: &str,
    effect: Effect,
    actor: &str,
    now: Timestamp,
) -> Result<Effected, StoreError> {
    let (reference, message_id, escalation) = match effect {
        Effect::Open(inbound) => {
            let accepted = accept::accept(connection, prefix, *inbound)?;
            (accepted.reference, Some(accepted.message_id), None)
        }
        Effect::Escalate { ticket, hand_over, by_assistant } => {
            let acting = console_actions::acting(connection, &ticket, actor, None, now)?;
            let handed = escalate(&acting, &hand_over, by_assistant)?;
            (ticket, None, Some(handed))
        }
        Effect::Reply { ticket, reply, seen, by_assistant } => {
            let acting = console_actions::acting(connection, &ticket, actor, None, now)?;
            (ticket, Some(send(&acting, &reply, seen, by_assistant)?), None)
        }
    };
    let ticket = tickets::head_by_reference(connection, &reference)?
        .ok_or_else(|| failed("a ticket went away while a tool worked on it"))?;
    Ok(Effected {
        ticket_id: ticket.place.ticket,
        ticket: reference.to_string(),
        status: ticket.status,
        message_id,
        escalation,
    })
}

/// An answer that already waits to go out stands: whoever sent it was told so.
fn escalate(
    acting: &Acting<'_>,
    hand_over: &(EscalationId, HandOver, Route),
    by_assistant: bool,
) -> Result<HandedOver, StoreError> {
    let origin = if by_assistant { Origin::Decision } else { Origin::Operator };
    acting.escalate(hand_over, origin)?;
    let (id, _, route) = hand_over;
    Ok(HandedOver {
        reference: id.reference(),
        team: route.team.clone(),
        promise: route.promise.clone(),
        due_at: route.due_at,
    })
}

/// Queues a reply as the assistant's. What our own assistant was about to say to the same message is void: one question, one answer.
fn send(
    acting: &Acting<'_>,
    reply: &NewReply,
    seen: Option<MessageId>,
    by_assistant: bool,
) -> Result<MessageId, StoreError> {
    let (connection, place) = (acting.connection, acting.ticket.place);
    acting.require_newest(seen)?;
    acting.require_mine(false)?;
    let escalated = acting.ticket.status == TicketStatus::Escalated;
    if by_assistant {
        require_silence_is_not_due(acting, escalated)?;
    }
    drafts::supersede_held(connection, place.ticket, acting.now)?;
    escalations::settle_approval(connection, place, acting.now)?;
    acting.call_back_automatic()?;
    messages::insert_reply(connection, place, reply, true, acting.now)?;
    connection
        .prepare_cached("UPDATE messages SET author = ?2 WHERE id = ?1")?
        .execute(params![reply.message_id.0.into_bytes(), super::values::cut(acting.actor, 100)])?;
    outbox::queue(connection, place, reply, acting.now)?;
    jobs::void_answered(connection, place.ticket, acting.now)?;
    let (status, stage) = if escalated {
        (TicketStatus::Escalated, Stage::WithAPerson)
    } else {
        (TicketStatus::InProgress, Stage::Answered)
    };
    acting.set_status(status, stage)?;
    Ok(reply.message_id)
}

/// A model that answers by itself never talks over a person, and not for ever.
fn require_silence_is_not_due(acting: &Acting<'_>, escalated: bool) -> Result<(), StoreError> {
    if escalated || acting.ticket.taken_over {
        return Err(StoreError::Refused {
            code: "with_a_person",
            detail: "A person has this ticket; say nothing.",
        });
    }
    let sql = "SELECT count(*) FROM messages WHERE ticket_id = ?1 AND automatic = 1";
    let count: i64 = acting.connection.prepare_cached(sql)?.query_row([acting.key()], |row| row.get(0))?;
    if usize::try_from(count).unwrap_or(usize::MAX) >= MAX_AUTOMATIC_MESSAGES {
        return Err(StoreError::Refused {
            code: "too_many",
            detail: "This ticket has had as many automatic messages as it may; hand it to a person.",
        });
    }
    Ok(())
}
