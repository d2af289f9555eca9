//! What is known of a customer, for the history tool. A customer whose address nobody proved is shown as the one ticket alone.

use super::{
    tickets::{self, TicketHead},
    values::{count, from_micros, named, optional_name, time},
};
use crate::domain::{channel::Channel, customer::Plan, ids::CustomerId};
use crate::ports::{
    store::StoreError,
    tools::{History, PastConversation, PastMessage, Whose},
};
use rusqlite::{Connection, OptionalExtension, Row, params};

/// Conversations and messages shown.
const SHOWN: usize = 5;

pub(super) fn history(connection: &Connection, whose: &Whose) -> Result<Option<History>, StoreError> {
    let customer = match whose {
        Whose::Ticket(reference) => {
            let Some(ticket) = tickets::head_by_reference(connection, reference)? else { return Ok(None) };
            if !ticket.verified {
                return one_ticket(connection, &ticket).map(Some);
            }
            Some(ticket.place.customer)
        }
        Whose::Customer(customer) => Some(*customer),
        Whose::Address(kinds, value) => {
            let mut found = None;
            for kind in kinds {
                let sql = "SELECT customer_id FROM identifiers WHERE kind = ?1 AND value = ?2";
                let owner = connection
                    .prepare_cached(sql)?
                    .query_row(params![kind.as_str(), value], |row| super::values::id(row, "customer_id"))
                    .optional()?;
                found = found.or(owner.map(CustomerId));
            }
            found
        }
    };
    customer.map_or(Ok(None), |customer| whole(connection, customer))
}

/// Everything of a customer; of whom one was merged into, where that happened.
fn whole(connection: &Connection, customer: CustomerId) -> Result<Option<History>, StoreError> {
    let sql = "SELECT id, name, plan, last_contact_at, conversation_count FROM customers
               WHERE id = (SELECT coalesce(merged_into, id) FROM customers WHERE id = ?1)";
    let found = connection
        .prepare_cached(sql)?
        .query_row([customer.0.into_bytes()], |row| {
            Ok((
                row.get::<_, [u8; 16]>("id")?,
                row.get::<_, Option<String>>("name")?,
                optional_name::<Plan>(row, "plan")?,
                time(row, "last_contact_at")?,
                count::<u64>(row, "conversation_count")?,
            ))
        })
        .optional()?;
    let Some((key, name, plan, last_contact_at, conversations_total)) = found else { return Ok(None) };
    Ok(Some(History {
        whole: true,
        name,
        plan,
        addresses: texts(connection, "SELECT value FROM identifiers WHERE customer_id = ?1 ORDER BY kind, value", key)?,
        conversations_total,
        channels: channels(connection, "tickets.customer_id", key)?,
        topics: texts(
            connection,
            "SELECT DISTINCT topic FROM conversation_topics JOIN conversations ON conversations.id = conversation_id
             WHERE customer_id = ?1 ORDER BY topic",
            key,
        )?,
        average_sentiment: average(connection, "tickets.customer_id", key)?,
        last_contact_at: Some(last_contact_at),
        conversations: conversations(connection, key)?,
        messages: messages(connection, "tickets.customer_id", key)?,
    }))
}

fn one_ticket(connection: &Connection, ticket: &TicketHead) -> Result<History, StoreError> {
    let key = ticket.place.ticket.0.into_bytes();
    let newest = "SELECT max(created_at) FROM messages WHERE ticket_id = ?1 AND direction = 'inbound'";
    let newest: Option<i64> = connection.prepare_cached(newest)?.query_row([key], |row| row.get(0))?;
    Ok(History {
        whole: false,
        name: ticket.requester_name.clone(),
        plan: Some(ticket.plan),
        addresses: Vec::new(),
        conversations_total: 1,
        channels: channels(connection, "tickets.id", key)?,
        topics: Vec::new(),
        average_sentiment: average(connection, "tickets.id", key)?,
        last_contact_at: newest.map(from_micros).transpose()?,
        conversations: Vec::new(),
        messages: messages(connection, "tickets.id", key)?,
    })
}

fn texts(connection: &Connection, sql: &str, key: [u8; 16]) -> Result<Vec<String>, StoreError> {
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([key], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// `whose` is a column named in this file.
fn channels(connection: &Connection, whose: &str, key: [u8; 16]) -> Result<Vec<Channel>, StoreError> {
    let sql = format!(
        "SELECT DISTINCT messages.channel FROM messages JOIN tickets ON tickets.id = messages.ticket_id
         WHERE {whose} = ?1 AND direction = 'inbound' ORDER BY messages.channel"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map([key], |row| named(row, "channel"))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn average(connection: &Connection, whose: &str, key: [u8; 16]) -> Result<Option<f64>, StoreError> {
    let sql = format!(
        "SELECT avg(sentiment_score) FROM messages JOIN tickets ON tickets.id = messages.ticket_id
         WHERE {whose} = ?1 AND direction = 'inbound'"
    );
    Ok(connection.prepare_cached(&sql)?.query_row([key], |row| row.get(0))?)
}

fn conversations(connection: &Connection, key: [u8; 16]) -> Result<Vec<PastConversation>, StoreError> {
    let sql = format!(
        "SELECT status, current_channel, sentiment_trend, last_message_at,
                (SELECT group_concat(topic, char(10)) FROM conversation_topics WHERE conversation_id = conversations.id) AS topics,
                (SELECT substr(reason, 1, 200) FROM escalations JOIN tickets ON tickets.id = escalations.ticket_id
                 WHERE tickets.conversation_id = conversations.id ORDER BY escalations.created_at DESC LIMIT 1) AS reason
         FROM conversations WHERE customer_id = ?1 ORDER BY last_message_at DESC LIMIT {SHOWN}"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map([key], |row| {
        let topics: Option<String> = row.get("topics")?;
        Ok(PastConversation {
            status: row.get("status")?,
            channel: named(row, "current_channel")?,
            topics: topics.iter().flat_map(|topics| topics.lines()).map(str::to_owned).collect(),
            sentiment_trend: row.get("sentiment_trend")?,
            escalation_reason: row.get("reason")?,
            last_message_at: time(row, "last_message_at")?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn messages(connection: &Connection, whose: &str, key: [u8; 16]) -> Result<Vec<PastMessage>, StoreError> {
    let sql = format!(
        "SELECT reference, role, messages.channel, messages.created_at, substr(content, 1, 300) AS text
         FROM messages JOIN tickets ON tickets.id = messages.ticket_id
         WHERE {whose} = ?1 ORDER BY sequence DESC LIMIT {SHOWN}"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map([key], |row: &Row<'_>| {
        Ok(PastMessage {
            ticket: row.get("reference")?,
            role: named(row, "role")?,
            channel: named(row, "channel")?,
            at: time(row, "created_at")?,
            text: row.get("text")?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
