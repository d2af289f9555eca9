//! Everything needed to answer one message, read in one go from one state of the file.

use super::{
    mail_traffic,
    messages::{self, StoredMessage},
    tickets::{self, TicketHead},
    values::{count, named, optional_name, time},
};
use crate::domain::{
    channel::Channel,
    decision::ConversationState,
    earlier_contact::EarlierContact,
    ids::{MessageId, TicketId},
    ticket::TicketStatus,
    triage::Intent,
};
use crate::ports::store::{StoreError, TurnContext};
use jiff::Timestamp;
use rusqlite::{Connection, params};
use std::time::Duration;

/// So many of the latest scores tell where a mood is going.
const SCORES: usize = 20;
/// A word on another channel is referred to for so long.
const CONTACT_WINDOW: Duration = Duration::from_hours(7 * 24);
/// So many of a ticket's latest messages are looked at.
const MESSAGES: usize = 200;

/// The context of a job's message. Messages are this ticket's alone: somebody else may have typed the same address.
pub(super) fn read(
    connection: &Connection,
    ticket_id: TicketId,
    message_id: MessageId,
) -> Result<TurnContext, StoreError> {
    let ticket = tickets::head(connection, ticket_id)?;
    let stored = messages::of_ticket(connection, ticket_id, MESSAGES)?;
    let mut newest_first = stored.iter().rev().filter(|stored| stored.inbound);
    let newest = newest_first.clone().find(|stored| !stored.is_only_kept()).or_else(|| newest_first.next());
    let newest = newest.ok_or(StoreError::NotFound("message"))?;
    let (channel, newest_message_id) = (newest.message.channel, newest.message.id);
    let (automatic_mail, acknowledgements_unwanted) =
        (newest.automatic_mail, newest.acknowledgements_unwanted);
    let recipient = stored
        .iter()
        .rev()
        .filter(|stored| stored.message.channel == channel && !stored.is_only_kept())
        .find_map(|stored| stored.sender.clone());
    let mut state = ConversationState {
        operator_has_it: ticket.taken_over,
        already_escalated: ticket.status == TicketStatus::Escalated,
        hand_over_acknowledged: ticket.hand_over_acknowledged,
        automatic_messages: automatic_messages(connection, ticket_id)?,
        earlier_scores: earlier_scores(connection, &ticket, message_id)?,
        held: None,
        acknowledgements_unwanted,
        automatic_traffic: mail_traffic::read(connection, ticket_id, newest_message_id)?,
        hour_is_full: false,
    };
    let earlier_contact = earlier_contact(connection, &ticket, channel, message_id)?;
    let last_answer = stored.iter().rposition(|stored| stored.answers);
    let is_unanswered = |(position, stored): (usize, &StoredMessage)| {
        let open = stored.inbound && !stored.set_aside && last_answer.is_none_or(|answer| position > answer);
        open || stored.message.id == message_id
    };
    let open: Vec<bool> = stored.iter().enumerate().map(is_unanswered).collect();
    state.held =
        stored.iter().zip(&open).filter(|(_, open)| **open).find_map(|(stored, _)| stored.held.clone());
    let (unanswered, earlier): (Vec<_>, Vec<_>) = stored.into_iter().zip(open).partition(|(_, open)| *open);
    let plain = |list: Vec<(StoredMessage, bool)>| {
        list.into_iter().map(|(stored, _)| stored.for_the_model()).collect()
    };
    Ok(TurnContext {
        ticket: tickets::view(connection, ticket_id)?,
        conversation_id: ticket.place.conversation,
        customer_id: ticket.place.customer,
        customer_name: ticket.requester_name,
        plan: ticket.plan,
        channel,
        recipient,
        message_id,
        unanswered: plain(unanswered),
        earlier: plain(earlier),
        state,
        automatic_mail,
        earlier_contact,
        newest_message_id,
    })
}

/// The newest word of this proven customer on another channel that no reply on this one came after. A reply from before the proof
/// could not refer to it. What somebody typed in without proof is never looked at, neither here nor there.
fn earlier_contact(
    connection: &Connection,
    ticket: &TicketHead,
    channel: Channel,
    message: MessageId,
) -> Result<Option<EarlierContact>, StoreError> {
    if !ticket.verified {
        return Ok(None);
    }
    let sql = "WITH theirs AS (
                   SELECT messages.* FROM messages JOIN conversations ON conversations.id = messages.conversation_id
                   WHERE conversations.customer_id = ?1 AND conversations.trust = 'verified'),
               this AS (SELECT sequence, created_at FROM messages WHERE id = ?3),
               proof AS (SELECT max(
                   coalesce((SELECT max(proven_at) FROM one_time_codes WHERE asker_customer_id = ?1), 0),
                   coalesce((SELECT max(merged_at) FROM customer_merges WHERE winner_id = ?1 AND undone_at IS NULL), 0)) AS at)
               SELECT theirs.channel, theirs.created_at, theirs.intent FROM theirs, this
               WHERE direction = 'inbound' AND channel <> ?2 AND automatic_mail IS NULL
                 AND theirs.sequence < this.sequence AND theirs.created_at > this.created_at - ?4
                 AND theirs.sequence > coalesce(
                     (SELECT max(sequence) FROM theirs, proof WHERE direction = 'outbound' AND channel = ?2 AND created_at >= proof.at), 0)
               ORDER BY theirs.sequence DESC LIMIT 20";
    let values = params![
        ticket.place.customer.0.into_bytes(),
        channel.as_str(),
        message.0.into_bytes(),
        CONTACT_WINDOW.as_micros() as i64
    ];
    let rows: Vec<(Channel, Timestamp, Option<Intent>)> = connection
        .prepare_cached(sql)?
        .query_map(values, |row| {
            Ok((named(row, "channel")?, time(row, "created_at")?, optional_name(row, "intent")?))
        })?
        .collect::<rusqlite::Result<_>>()?;
    let Some((newest, at, _)) = rows.first().copied() else { return Ok(None) };
    let mut intents = Vec::new();
    for intent in rows.iter().filter(|(other, ..)| *other == newest).filter_map(|(.., intent)| *intent) {
        if !intents.contains(&intent) {
            intents.push(intent);
        }
    }
    Ok(Some(EarlierContact { channel: newest, at, intents }))
}

fn automatic_messages(connection: &Connection, ticket: TicketId) -> Result<usize, StoreError> {
    let sql = "SELECT count(*) FROM messages WHERE ticket_id = ?1 AND automatic = 1";
    Ok(connection.prepare_cached(sql)?.query_row([ticket.0.into_bytes()], |row| count(row, 0))?)
}

/// A proven sender's mood is followed through the conversation; a typed-in one's within the ticket, since others may have
/// typed the same address.
fn earlier_scores(
    connection: &Connection,
    ticket: &TicketHead,
    message: MessageId,
) -> Result<Vec<f32>, StoreError> {
    let (key, value) = if ticket.verified {
        ("conversation_id", ticket.place.conversation.0)
    } else {
        ("ticket_id", ticket.place.ticket.0)
    };
    let sql = format!(
        "SELECT sentiment_score FROM messages
         WHERE {key} = ?1 AND direction = 'inbound' AND sentiment_score IS NOT NULL
           AND sequence < (SELECT sequence FROM messages WHERE id = ?2)
         ORDER BY sequence DESC LIMIT {SCORES}"
    );
    let mut scores = connection
        .prepare_cached(&sql)?
        .query_map(params![value.into_bytes(), message.0.into_bytes()], |row| row.get(0))?
        .collect::<rusqlite::Result<Vec<f32>>>()?;
    scores.reverse();
    Ok(scores)
}
