//! Joining two customers into one, and taking them apart again.

use super::{
    audit::note,
    values::{from_json, id, json, micros},
};
use crate::domain::ids::CustomerId;
use crate::ports::store::StoreError;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What a merge moved.
#[derive(Serialize, Deserialize)]
struct Moved {
    /// Kind and value.
    identifiers: Vec<(String, String)>,
    conversations: Vec<Uuid>,
    tickets: Vec<Uuid>,
}

/// A customer that stands for itself.
fn require_whole(connection: &Connection, customer: CustomerId) -> Result<(), StoreError> {
    let merged: Option<Option<[u8; 16]>> = connection
        .prepare_cached("SELECT merged_into FROM customers WHERE id = ?1")?
        .query_row([customer.0.into_bytes()], |row| row.get(0))
        .optional()?;
    match merged {
        None => Err(StoreError::NotFound("customer")),
        Some(Some(_)) => Err(StoreError::Refused {
            code: "merged_already",
            detail: "This customer is part of another one already.",
        }),
        Some(None) => Ok(()),
    }
}

pub(super) fn merge(
    connection: &Connection,
    customer: CustomerId,
    other: CustomerId,
    actor: &str,
    now: Timestamp,
) -> Result<Uuid, StoreError> {
    if customer == other {
        return Err(StoreError::Refused { code: "same_customer", detail: "That is the same customer." });
    }
    require_whole(connection, customer)?;
    require_whole(connection, other)?;
    let (key, from) = (customer.0.into_bytes(), other.0.into_bytes());
    let ids = |table: &str| -> Result<Vec<Uuid>, StoreError> {
        let sql = format!("UPDATE {table} SET customer_id = ?1 WHERE customer_id = ?2 RETURNING id");
        let mut statement = connection.prepare_cached(&sql)?;
        let moved = statement.query_map(params![key, from], |row| id(row, "id"))?;
        Ok(moved.collect::<rusqlite::Result<_>>()?)
    };
    let moved = Moved {
        identifiers: connection
            .prepare_cached(
                "UPDATE identifiers SET customer_id = ?1 WHERE customer_id = ?2 RETURNING kind, value",
            )?
            .query_map(params![key, from], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<rusqlite::Result<_>>()?,
        conversations: ids("conversations")?,
        tickets: ids("tickets")?,
    };
    connection
        .prepare_cached("UPDATE customers SET merged_into = ?1 WHERE id = ?2")?
        .execute(params![key, from])?;
    recount(connection, customer)?;
    recount(connection, other)?;
    let merge = Uuid::now_v7();
    let sql = "INSERT INTO customer_merges (id, customer_id, merged_id, moved, merged_by, merged_at)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    connection.prepare_cached(sql)?.execute(params![
        merge.into_bytes(),
        key,
        from,
        json(&moved)?,
        actor,
        micros(now)
    ])?;
    let details = serde_json::json!({ "merged": other, "tickets": moved.tickets.len() });
    note(connection, actor, "customer.merge", &customer.to_string(), &details, now)?;
    Ok(merge)
}

pub(super) fn undo(
    connection: &Connection,
    merge: Uuid,
    actor: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let sql = "SELECT customer_id, merged_id, moved FROM customer_merges WHERE id = ?1 AND undone_at IS NULL";
    let found = connection
        .prepare_cached(sql)?
        .query_row([merge.into_bytes()], |row| {
            Ok((
                CustomerId(id(row, "customer_id")?),
                CustomerId(id(row, "merged_id")?),
                from_json::<Moved>(row, "moved")?,
            ))
        })
        .optional()?;
    let (customer, other, moved) = found.ok_or(StoreError::NotFound("merge"))?;
    let (key, back) = (customer.0.into_bytes(), other.0.into_bytes());
    connection.prepare_cached("UPDATE customers SET merged_into = NULL WHERE id = ?1")?.execute([back])?;
    let mut identifiers = connection.prepare_cached(
        "UPDATE identifiers SET customer_id = ?1 WHERE kind = ?2 AND value = ?3 AND customer_id = ?4",
    )?;
    for (kind, value) in &moved.identifiers {
        identifiers.execute(params![back, kind, value, key])?;
    }
    for (table, ids) in [("conversations", &moved.conversations), ("tickets", &moved.tickets)] {
        let sql = format!("UPDATE {table} SET customer_id = ?1 WHERE id = ?2 AND customer_id = ?3");
        let mut statement = connection.prepare_cached(&sql)?;
        for moved in ids {
            statement.execute(params![back, moved.into_bytes(), key])?;
        }
    }
    // Tickets that were opened since in a conversation that goes back go with it.
    let sql = "UPDATE tickets SET customer_id = ?1 WHERE customer_id = ?2
                 AND conversation_id IN (SELECT id FROM conversations WHERE customer_id = ?1)";
    connection.prepare_cached(sql)?.execute(params![back, key])?;
    recount(connection, customer)?;
    recount(connection, other)?;
    connection
        .prepare_cached("UPDATE customer_merges SET undone_by = ?2, undone_at = ?3 WHERE id = ?1")?
        .execute(params![merge.into_bytes(), actor, micros(now)])?;
    note(
        connection,
        actor,
        "customer.undo_merge",
        &customer.to_string(),
        &serde_json::json!({ "merged": other }),
        now,
    )
}

fn recount(connection: &Connection, customer: CustomerId) -> Result<(), StoreError> {
    let sql = "UPDATE customers SET conversation_count = (SELECT count(*) FROM conversations WHERE customer_id = ?1)
               WHERE id = ?1";
    connection.prepare_cached(sql)?.execute([customer.0.into_bytes()])?;
    Ok(())
}
