//! The end of a person in the store: their rows, what was derived from them, the words in the indexes, freed pages and the log. A digest
//! of the id stays, so that a copy made before can be put right.

use super::{
    Store, StoreOptions,
    audit::note,
    schema,
    values::{id, micros},
};
use crate::domain::ids::CustomerId;
use crate::ports::{privacy::ErasureReceipt, store::StoreError};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::Duration,
};

/// A tombstone: the digest of an erased customer's id.
pub type Tombstone = [u8; 32];

/// The customer and whoever was merged into them.
const FAMILY: &str = "WITH RECURSIVE family (id) AS (
        SELECT ?1 UNION SELECT customers.id FROM customers JOIN family ON customers.merged_into = family.id),
    their_tickets (id, reference) AS (SELECT id, reference FROM tickets WHERE customer_id IN (SELECT id FROM family)
        OR conversation_id IN (SELECT id FROM conversations WHERE customer_id IN (SELECT id FROM family))),
    their_messages (id) AS (SELECT id FROM messages WHERE ticket_id IN (SELECT id FROM their_tickets))";

/// Kind of record, and where its rows are.
const COUNTED: &[(&str, &str)] = &[
    ("customers", "customers WHERE id IN (SELECT id FROM family)"),
    ("addresses", "identifiers WHERE customer_id IN (SELECT id FROM family)"),
    ("conversations", "conversations WHERE customer_id IN (SELECT id FROM family)"),
    ("tickets", "their_tickets"),
    ("messages", "their_messages"),
    ("raw_messages", "message_raw WHERE message_id IN (SELECT id FROM their_messages)"),
    ("attachments", "attachments WHERE message_id IN (SELECT id FROM their_messages)"),
    ("drafts", "drafts WHERE ticket_id IN (SELECT id FROM their_tickets)"),
    ("hand_overs", "escalations WHERE ticket_id IN (SELECT id FROM their_tickets)"),
    ("notes", "notes WHERE ticket_id IN (SELECT id FROM their_tickets)"),
    ("replies_on_their_way", "outbox WHERE ticket_id IN (SELECT id FROM their_tickets)"),
    ("exemplars", "local_exemplars WHERE ticket_id IN (SELECT id FROM their_tickets)"),
    ("hosted_calls", "egress WHERE request_text <> '' AND ticket_id IN (SELECT id FROM their_tickets)"),
    (
        "tool_calls",
        "tool_calls WHERE json_extract(result, '$.ticket') IN (SELECT reference FROM their_tickets)",
    ),
    ("audit_details", "audit WHERE details <> '{}' AND subject IN (SELECT reference FROM their_tickets)"),
];

pub(super) fn tombstone(customer: CustomerId) -> Tombstone {
    Sha256::digest(customer.0.as_bytes()).into()
}

impl Store {
    pub(super) async fn erase_customer(
        &self,
        customer: CustomerId,
        actor: &str,
        now: Timestamp,
    ) -> Result<ErasureReceipt, StoreError> {
        let (by, wanted) = (actor.to_owned(), customer);
        let counts = self
            .write(move |connection| {
                if is_buried(connection, wanted)? {
                    // Removed before, but perhaps not scrubbed to the end: that is done again.
                    return Ok(BTreeMap::new());
                }
                let counts = erase(connection, wanted, now)?;
                let subject = hex::encode(tombstone(wanted));
                note(connection, &by, "customer.erase", &subject, &json!({ "counts": counts }), now)?;
                Ok(counts)
            })
            .await?;
        self.scrub().await?;
        Ok(ErasureReceipt {
            customer_hash: hex::encode(tombstone(customer)),
            erased_at: now,
            by: actor.to_owned(),
            counts,
            copies: Vec::new(),
        })
    }

    /// Writes the file anew without its freed pages, and empties the log. Others wait meanwhile; they are never refused for long,
    /// because the writer tries again.
    async fn scrub(&self) -> Result<(), StoreError> {
        let Some(path) = self.shared.path.clone() else { return Ok(()) };
        let options = self.options().clone();
        let scrubbing = tokio::task::spawn_blocking(move || {
            let connection = schema::open_maintenance(&path, &options)?;
            connection.execute_batch("VACUUM")?;
            empty_log(&connection)
        });
        scrubbing
            .await
            .unwrap_or_else(|_| Err(super::error::failed("the store was not scrubbed; see the log")))
    }

    /// Takes everybody out of a store nobody has open whose tombstone is given; how many there were. The file is left as one, without
    /// a log.
    ///
    /// # Errors
    /// When it is no store of this program or cannot be written.
    pub fn apply_erasures(
        path: &Path,
        tombstones: &[(Tombstone, Timestamp)],
        options: &StoreOptions,
    ) -> Result<u64, StoreError> {
        let connection = schema::open_writer(Some(path), options)?;
        let customers: Vec<CustomerId> = connection
            .prepare("SELECT id FROM customers")?
            .query_map([], |row| id(row, "id").map(CustomerId))?
            .collect::<rusqlite::Result<_>>()?;
        connection.execute_batch("BEGIN IMMEDIATE")?;
        let mut people = 0;
        for customer in customers {
            let stone = tombstone(customer);
            let Some((_, at)) = tombstones.iter().find(|(known, _)| *known == stone) else { continue };
            // Somebody merged into another is gone with them.
            let there = connection
                .prepare_cached("SELECT 1 FROM customers WHERE id = ?1")?
                .exists([customer.0.into_bytes()])?;
            if there {
                erase(&connection, customer, *at)?;
                people += 1;
            }
        }
        for (stone, at) in tombstones {
            bury(&connection, *stone, *at)?;
        }
        connection.execute_batch("COMMIT")?;
        connection.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(()))?;
        if people > 0 {
            connection.execute_batch("VACUUM")?;
        }
        connection.close().map_err(|(_, error)| error)?;
        Ok(people)
    }

    /// The tombstones a store's file holds; none in one from before there were any.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn tombstones(path: &Path) -> Result<Vec<(Tombstone, Timestamp)>, StoreError> {
        let connection = schema::open_plain(path)?;
        let known = connection
            .query_row("SELECT 1 FROM sqlite_master WHERE name = 'erasures'", [], |_| Ok(()))
            .optional()?;
        if known.is_none() {
            return Ok(Vec::new());
        }
        let found = connection
            .prepare("SELECT customer_hash, erased_at FROM erasures ORDER BY erased_at")?
            .query_map([], |row| Ok((row.get("customer_hash")?, super::values::time(row, "erased_at")?)))?
            .collect::<rusqlite::Result<_>>()?;
        Ok(found)
    }

    /// The store's file; `None` in memory.
    pub fn path(&self) -> Option<PathBuf> {
        self.shared.path.clone()
    }
}

/// Brings the log into the file and cuts it to nothing. A reader in the middle of something holds it up for moments.
fn empty_log(connection: &Connection) -> Result<(), StoreError> {
    const TRIES: usize = 100;
    for _ in 0..TRIES {
        let busy: i64 = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
        if busy == 0 {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Err(StoreError::Busy)
}

/// Removes a person; what there was, by kind.
fn erase(
    connection: &Connection,
    customer: CustomerId,
    at: Timestamp,
) -> Result<BTreeMap<String, u64>, StoreError> {
    let key = customer.0.into_bytes();
    let mut counts = BTreeMap::new();
    for (kind, rows) in COUNTED {
        let sql = format!("{FAMILY} SELECT count(*) FROM {rows}");
        let count: i64 = connection.prepare_cached(&sql)?.query_row([key], |row| row.get(0))?;
        counts.insert((*kind).to_owned(), u64::try_from(count).unwrap_or_default());
    }
    if counts.get("customers") == Some(&0) {
        return Err(StoreError::NotFound("customer"));
    }
    let family: Vec<CustomerId> = connection
        .prepare_cached(&format!("{FAMILY} SELECT id FROM family"))?
        .query_map([key], |row| id(row, "id").map(CustomerId))?
        .collect::<rusqlite::Result<_>>()?;
    for change in [
        "UPDATE egress SET request_text = '' WHERE request_text <> '' AND ticket_id IN (SELECT id FROM their_tickets)",
        "UPDATE audit SET details = '{}' WHERE details <> '{}' AND subject IN (SELECT reference FROM their_tickets)",
        "DELETE FROM tool_calls WHERE json_extract(result, '$.ticket') IN (SELECT reference FROM their_tickets)",
        "DELETE FROM conversations WHERE customer_id IN (SELECT id FROM family)",
        "DELETE FROM tickets WHERE customer_id IN (SELECT id FROM family)",
    ] {
        connection.prepare_cached(&format!("{FAMILY} {change}"))?.execute([key])?;
    }
    for member in &family {
        let sql = "UPDATE audit SET details = '{}' WHERE details <> '{}' AND subject = ?1";
        connection.prepare_cached(sql)?.execute([member.to_string()])?;
        bury(connection, tombstone(*member), at)?;
    }
    connection
        .prepare_cached(&format!("{FAMILY} DELETE FROM customers WHERE id IN (SELECT id FROM family)"))?
        .execute([key])?;
    // A removed row's words stay in an index's pages until these are merged: the indexes are made anew.
    for index in ["message_words", "subject_words", "customer_words"] {
        connection.execute_batch(&format!("INSERT INTO {index} ({index}) VALUES ('rebuild')"))?;
    }
    Ok(counts)
}

/// Whether nothing but the tombstone is left of a customer.
pub(super) fn is_buried(connection: &Connection, customer: CustomerId) -> Result<bool, StoreError> {
    let buried = connection
        .prepare_cached("SELECT 1 FROM erasures WHERE customer_hash = ?1")?
        .exists([tombstone(customer)])?;
    Ok(buried)
}

fn bury(connection: &Connection, stone: Tombstone, at: Timestamp) -> Result<(), StoreError> {
    let sql = "INSERT INTO erasures (customer_hash, erased_at) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
    connection.prepare_cached(sql)?.execute(params![stone, micros(at)])?;
    Ok(())
}
