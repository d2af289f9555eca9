//! Everything needed to answer one message, read in one go from one state of the file.

use super::{
    mail_traffic,
    messages::{self, StoredMessage},
    tickets::{self, TicketHead},
    values::count,
};
use crate::domain::{
    decision::ConversationState,
    ids::{MessageId, TicketId},
    ticket::TicketStatus,
};
use crate::ports::store::{StoreError, TurnContext};
use rusqlite::{Connection, params};

/// So many of the latest scores tell where a mood is going.
const SCORES: usize = 20;
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
    let (automatic_mail, acknowledgements_unwanted) = (newest.automatic_mail, newest.acknowledgements_unwanted);
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
    };
    let last_answer = stored.iter().rposition(|stored| stored.answers);
    let is_unanswered = |(position, stored): (usize, &StoredMessage)| {
        let open = stored.inbound && !stored.set_aside && last_answer.is_none_or(|answer| position > answer);
        open || stored.message.id == message_id
    };
    let open: Vec<bool> = stored.iter().enumerate().map(is_unanswered).collect();
    state.held = stored.iter().zip(&open).filter(|(_, open)| **open).find_map(|(stored, _)| stored.held.clone());
    let (unanswered, earlier): (Vec<_>, Vec<_>) = stored.into_iter().zip(open).partition(|(_, open)| *open);
    let plain =
        |list: Vec<(StoredMessage, bool)>| list.into_iter().map(|(stored, _)| stored.for_the_model()).collect();
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
        newest_message_id,
    })
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
