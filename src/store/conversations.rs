//! Conversations: found or opened for a message, their status derived from their tickets, their mood from their messages.

use super::values::{id, micros};
use crate::domain::{
    channel::Channel,
    ids::{ConversationId, CustomerId},
    sentiment::read_trend,
};
use crate::ports::store::StoreError;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

/// The newest conversation of this customer that still goes on and was opened with the same trust, or a new one.
/// What somebody typed in never joins what somebody proved.
pub(super) fn find_or_open(
    connection: &Connection,
    customer: CustomerId,
    verified: bool,
    channel: Channel,
    at: Timestamp,
) -> Result<ConversationId, StoreError> {
    let trust = if verified { "verified" } else { "unverified" };
    let sql = "SELECT id FROM conversations WHERE customer_id = ?1 AND trust = ?2 AND status IN ('active', 'escalated')
               ORDER BY last_message_at DESC, id DESC LIMIT 1";
    let found = connection
        .prepare_cached(sql)?
        .query_row(params![customer.0.into_bytes(), trust], |row| id(row, "id"))
        .optional()?;
    if let Some(found) = found {
        return Ok(ConversationId(found));
    }
    let conversation = ConversationId::new();
    let sql = "INSERT INTO conversations
               (id, customer_id, trust, initial_channel, current_channel, started_at, last_message_at)
               VALUES (?1, ?2, ?3, ?4, ?4, ?5, ?5)";
    connection.prepare_cached(sql)?.execute(params![
        conversation.0.into_bytes(),
        customer.0.into_bytes(),
        trust,
        channel.as_str(),
        micros(at)
    ])?;
    connection
        .prepare_cached("UPDATE customers SET conversation_count = conversation_count + 1 WHERE id = ?1")?
        .execute([customer.0.into_bytes()])?;
    Ok(conversation)
}

/// Notes that a customer's message came.
pub(super) fn touch(
    connection: &Connection,
    conversation: ConversationId,
    channel: Channel,
    at: Timestamp,
) -> Result<(), StoreError> {
    let sql = "UPDATE conversations SET last_message_at = max(last_message_at, ?2), current_channel = ?3 WHERE id = ?1";
    connection.prepare_cached(sql)?.execute(params![
        conversation.0.into_bytes(),
        micros(at),
        channel.as_str()
    ])?;
    Ok(())
}

/// A conversation is escalated while a ticket of it is, active while one is open, and resolved otherwise.
pub(super) fn refresh_status(
    connection: &Connection,
    conversation: ConversationId,
    at: Timestamp,
) -> Result<(), StoreError> {
    let sql = "UPDATE conversations SET (status, ended_at) = (
                   SELECT CASE WHEN sum(status = 'escalated') > 0 THEN 'escalated'
                               WHEN sum(status IN ('open', 'in_progress')) > 0 THEN 'active' ELSE 'resolved' END,
                          CASE WHEN sum(status IN ('open', 'in_progress', 'escalated')) > 0 THEN NULL ELSE ?2 END
                   FROM tickets WHERE conversation_id = ?1)
               WHERE id = ?1";
    connection.prepare_cached(sql)?.execute(params![conversation.0.into_bytes(), micros(at)])?;
    Ok(())
}

/// Reads the mood anew from the stored scores of the customer's messages.
pub(super) fn refresh_mood(connection: &Connection, conversation: ConversationId) -> Result<(), StoreError> {
    let sql = "SELECT sentiment_score FROM messages
               WHERE conversation_id = ?1 AND direction = 'inbound' AND sentiment_score IS NOT NULL ORDER BY sequence";
    let scores = connection
        .prepare_cached(sql)?
        .query_map([conversation.0.into_bytes()], |row| row.get::<_, f32>(0))?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    if scores.is_empty() {
        return Ok(());
    }
    let average = scores.iter().sum::<f32>() / scores.len() as f32;
    connection
        .prepare_cached("UPDATE conversations SET sentiment_score = ?2, sentiment_trend = ?3 WHERE id = ?1")?
        .execute(params![conversation.0.into_bytes(), average, read_trend(&scores).trend.as_str()])?;
    Ok(())
}

/// Adds a topic the conversation did not have.
pub(super) fn add_topic(
    connection: &Connection,
    conversation: ConversationId,
    topic: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO conversation_topics (conversation_id, topic, first_at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
    connection.prepare_cached(sql)?.execute(params![conversation.0.into_bytes(), topic, micros(at)])?;
    Ok(())
}
