//! Making one customer of two, and taking it back.

use super::{
    audit, conversations,
    error::failed,
    tickets,
    values::{id, json, micros},
};
use crate::domain::ids::{ConversationId, CustomerId, MergeId, TicketId};
use crate::ports::store::StoreError;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What a merge moved.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Moved {
    identifiers: Vec<(String, String)>,
    tickets: Vec<Uuid>,
    conversations: Vec<Uuid>,
    /// Tickets that changed their conversation, with the one they came from.
    joined: Vec<(Uuid, Uuid)>,
}

/// Moves everything of the loser to the winner, and the going proven conversations of both into one.
pub(super) fn merge(
    connection: &Connection,
    winner: CustomerId,
    loser: CustomerId,
    by: &str,
    now: Timestamp,
) -> Result<MergeId, StoreError> {
    if winner == loser || is_part_of_another(connection, winner)? || is_part_of_another(connection, loser)? {
        return Err(StoreError::Conflict);
    }
    let (to, from) = (winner.0.into_bytes(), loser.0.into_bytes());
    let mut moved = Moved {
        identifiers: connection
            .prepare_cached(
                "UPDATE identifiers SET customer_id = ?1 WHERE customer_id = ?2 RETURNING kind, value",
            )?
            .query_map(params![to, from], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<rusqlite::Result<_>>()?,
        tickets: moved_ids(connection, "tickets", to, from)?,
        conversations: moved_ids(connection, "conversations", to, from)?,
        joined: Vec::new(),
    };
    for column in ["asker_customer_id", "target_customer_id"] {
        let sql = format!("UPDATE one_time_codes SET {column} = ?1 WHERE {column} = ?2");
        connection.prepare_cached(&sql)?.execute(params![to, from])?;
    }
    connection
        .prepare_cached("UPDATE customers SET merged_into = ?1 WHERE id = ?2")?
        .execute(params![to, from])?;
    moved.joined = join_conversations(connection, winner, now)?;
    recount(connection, winner)?;
    let merge = MergeId::new();
    let sql = "INSERT INTO customer_merges (id, winner_id, loser_id, merged_by, merged_at, moved) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    connection.prepare_cached(sql)?.execute(params![
        merge.0.into_bytes(),
        to,
        from,
        by,
        micros(now),
        json(&moved)?
    ])?;
    audit::note(
        connection,
        by,
        "merge",
        &winner.to_string(),
        &serde_json::json!({ "merge": merge.to_string(), "loser": loser.to_string() }),
        now,
    )?;
    Ok(merge)
}

fn is_part_of_another(connection: &Connection, customer: CustomerId) -> Result<bool, StoreError> {
    connection
        .prepare_cached("SELECT merged_into IS NOT NULL FROM customers WHERE id = ?1")?
        .query_row([customer.0.into_bytes()], |row| row.get(0))
        .optional()?
        .ok_or(StoreError::NotFound("customer"))
}

fn moved_ids(
    connection: &Connection,
    table: &str,
    to: [u8; 16],
    from: [u8; 16],
) -> Result<Vec<Uuid>, StoreError> {
    let sql = format!("UPDATE {table} SET customer_id = ?1 WHERE customer_id = ?2 RETURNING id");
    let found = connection
        .prepare_cached(&sql)?
        .query_map(params![to, from], |row| id(row, "id"))?
        .collect::<rusqlite::Result<_>>()?;
    Ok(found)
}

/// Brings the tickets of all proven conversations that go on into the newest of them.
fn join_conversations(
    connection: &Connection,
    customer: CustomerId,
    now: Timestamp,
) -> Result<Vec<(Uuid, Uuid)>, StoreError> {
    let sql = "SELECT id FROM conversations WHERE customer_id = ?1 AND trust = 'verified' AND status IN ('active', 'escalated')
               ORDER BY last_message_at DESC, id DESC";
    let going: Vec<Uuid> = connection
        .prepare_cached(sql)?
        .query_map([customer.0.into_bytes()], |row| id(row, "id"))?
        .collect::<rusqlite::Result<_>>()?;
    let Some((into, others)) = going.split_first() else { return Ok(Vec::new()) };
    let mut joined = Vec::new();
    for other in others {
        let tickets: Vec<Uuid> = connection
            .prepare_cached("SELECT id FROM tickets WHERE conversation_id = ?1")?
            .query_map([other.into_bytes()], |row| id(row, "id"))?
            .collect::<rusqlite::Result<_>>()?;
        for ticket in tickets {
            move_ticket(connection, TicketId(ticket), ConversationId(*into))?;
            joined.push((ticket, *other));
        }
        connection
            .prepare_cached("UPDATE conversations SET status = 'resolved', ended_at = ?2 WHERE id = ?1")?
            .execute(params![other.into_bytes(), micros(now)])?;
    }
    settle(connection, ConversationId(*into), now)?;
    Ok(joined)
}

/// A ticket with its messages and its waiting work goes to another conversation.
pub(super) fn move_ticket(
    connection: &Connection,
    ticket: TicketId,
    to: ConversationId,
) -> Result<(), StoreError> {
    for (table, key) in [("tickets", "id"), ("messages", "ticket_id"), ("jobs", "ticket_id")] {
        let sql = format!("UPDATE {table} SET conversation_id = ?1 WHERE {key} = ?2");
        connection.prepare_cached(&sql)?.execute(params![to.0.into_bytes(), ticket.0.into_bytes()])?;
    }
    Ok(())
}

/// Status and mood anew after tickets came or went.
pub(super) fn settle(
    connection: &Connection,
    conversation: ConversationId,
    now: Timestamp,
) -> Result<(), StoreError> {
    conversations::refresh_status(connection, conversation, now)?;
    conversations::refresh_mood(connection, conversation)
}

fn recount(connection: &Connection, customer: CustomerId) -> Result<(), StoreError> {
    let sql = "UPDATE customers SET
                   conversation_count = (SELECT count(*) FROM conversations WHERE customer_id = ?1),
                   last_contact_at = max(last_contact_at, coalesce(
                       (SELECT max(last_message_at) FROM conversations WHERE customer_id = ?1), 0))
               WHERE id = ?1";
    connection.prepare_cached(sql)?.execute([customer.0.into_bytes()])?;
    Ok(())
}

/// Takes a merge back.
pub(super) fn undo(
    connection: &Connection,
    merge: MergeId,
    by: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let sql = "SELECT winner_id, loser_id, moved, merged_at, undone_at IS NOT NULL AS undone FROM customer_merges WHERE id = ?1";
    let found = connection
        .prepare_cached(sql)?
        .query_row([merge.0.into_bytes()], |row| {
            let moved: String = row.get("moved")?;
            let at: i64 = row.get("merged_at")?;
            Ok((
                CustomerId(id(row, "winner_id")?),
                CustomerId(id(row, "loser_id")?),
                moved,
                at,
                row.get::<_, bool>("undone")?,
            ))
        })
        .optional()?;
    let (winner, loser, moved, merged_at, undone) = found.ok_or(StoreError::NotFound("merge"))?;
    if undone || is_part_of_another(connection, winner)? {
        return Err(StoreError::Conflict);
    }
    let moved: Moved = serde_json::from_str(&moved).map_err(|error| failed(error.to_string()))?;
    give_back(connection, loser, &moved, now)?;
    let since = written_since(connection, winner, loser, merged_at)?;
    for ticket in since {
        let place = tickets::head(connection, ticket)?.place;
        let channel = tickets::head(connection, ticket)?.channel;
        connection
            .prepare_cached("UPDATE tickets SET customer_id = ?1 WHERE id = ?2")?
            .execute(params![loser.0.into_bytes(), ticket.0.into_bytes()])?;
        let to = conversations::find_or_open(connection, loser, true, channel, now)?;
        move_ticket(connection, ticket, to)?;
        settle(connection, to, now)?;
        settle(connection, place.conversation, now)?;
    }
    recount(connection, winner)?;
    recount(connection, loser)?;
    let sql = "UPDATE customer_merges SET undone_by = ?2, undone_at = ?3 WHERE id = ?1";
    connection.prepare_cached(sql)?.execute(params![merge.0.into_bytes(), by, micros(now)])?;
    audit::note(
        connection,
        by,
        "undo_merge",
        &winner.to_string(),
        &serde_json::json!({ "merge": merge.to_string(), "loser": loser.to_string() }),
        now,
    )
}

fn give_back(
    connection: &Connection,
    loser: CustomerId,
    moved: &Moved,
    now: Timestamp,
) -> Result<(), StoreError> {
    let to = loser.0.into_bytes();
    connection.prepare_cached("UPDATE customers SET merged_into = NULL WHERE id = ?1")?.execute([to])?;
    for (kind, value) in &moved.identifiers {
        connection
            .prepare_cached("UPDATE identifiers SET customer_id = ?1 WHERE kind = ?2 AND value = ?3")?
            .execute(params![to, kind, value])?;
    }
    for (table, ids) in [("tickets", &moved.tickets), ("conversations", &moved.conversations)] {
        for row in ids {
            let sql = format!("UPDATE {table} SET customer_id = ?1 WHERE id = ?2");
            connection.prepare_cached(&sql)?.execute(params![to, row.into_bytes()])?;
        }
    }
    let mut touched: Vec<ConversationId> = moved.conversations.iter().copied().map(ConversationId).collect();
    for (ticket, from) in &moved.joined {
        touched.push(tickets::head(connection, TicketId(*ticket))?.place.conversation);
        move_ticket(connection, TicketId(*ticket), ConversationId(*from))?;
        touched.push(ConversationId(*from));
    }
    // A ticket must not lie in the conversation of a customer it is not of: the conversation both were joined in was the other's.
    let sql = "SELECT tickets.id FROM tickets JOIN conversations ON conversations.id = tickets.conversation_id
               WHERE tickets.customer_id <> conversations.customer_id AND ?1 IN (tickets.customer_id, conversations.customer_id)";
    let astray: Vec<Uuid> = connection
        .prepare_cached(sql)?
        .query_map([to], |row| id(row, "id"))?
        .collect::<rusqlite::Result<_>>()?;
    for ticket in astray {
        let head = tickets::head(connection, TicketId(ticket))?;
        let home =
            conversations::find_or_open(connection, head.place.customer, head.verified, head.channel, now)?;
        touched.extend([head.place.conversation, home]);
        move_ticket(connection, TicketId(ticket), home)?;
    }
    touched.sort_unstable();
    touched.dedup();
    touched.into_iter().try_for_each(|conversation| settle(connection, conversation, now))
}

/// Tickets opened since the merge in which nobody but the loser's addresses wrote.
fn written_since(
    connection: &Connection,
    winner: CustomerId,
    loser: CustomerId,
    since: i64,
) -> Result<Vec<TicketId>, StoreError> {
    let sql = "SELECT tickets.id FROM tickets JOIN conversations ON conversations.id = tickets.conversation_id
               WHERE tickets.customer_id = ?1 AND tickets.created_at >= ?3 AND conversations.trust = 'verified'
                 AND EXISTS (SELECT 1 FROM messages WHERE ticket_id = tickets.id AND direction = 'inbound')
                 AND NOT EXISTS (SELECT 1 FROM messages WHERE ticket_id = tickets.id AND direction = 'inbound'
                     AND (sender IS NULL OR sender NOT IN (SELECT value FROM identifiers WHERE customer_id = ?2)))";
    let found = connection
        .prepare_cached(sql)?
        .query_map(params![winner.0.into_bytes(), loser.0.into_bytes(), since], |row| {
            id(row, "id").map(TicketId)
        })?
        .collect::<rusqlite::Result<_>>()?;
    Ok(found)
}
