//! The ledger of what left the box: a chain of hashes over rows that nobody may change.

use super::{
    Store,
    values::{count, cut, from_micros, micros},
};
use crate::domain::ids::TicketId;
use crate::ports::{
    egress::{ChainState, Departure, EgressLedger, EgressReports, LedgerEntry, LedgerFilter},
    store::StoreError,
};
use async_trait::async_trait;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};
use sha2::{Digest, Sha256};
use uuid::Uuid;

#[async_trait]
impl EgressLedger for Store {
    async fn record(&self, departure: Departure) -> Result<(), StoreError> {
        self.write(move |connection| append(connection, &departure, Timestamp::now())).await
    }
}

#[async_trait]
impl EgressReports for Store {
    async fn entries(&self, filter: LedgerFilter, limit: usize) -> Result<Vec<LedgerEntry>, StoreError> {
        self.read(move |connection| {
            let sql = "SELECT * FROM egress_ledger
                       WHERE id > ?1 AND at >= ?2 AND (?3 IS NULL OR purpose = ?3) AND (?4 IS NULL OR ticket_id = ?4)
                       ORDER BY id LIMIT ?5";
            let values = params![
                filter.after.unwrap_or_default(),
                filter.since.map_or(i64::MIN, micros),
                filter.purpose,
                filter.ticket.map(|ticket| ticket.0.into_bytes()),
                i64::try_from(limit).unwrap_or(i64::MAX)
            ];
            let rows = connection.prepare_cached(sql)?.query_map(values, read)?.collect::<Result<_, _>>()?;
            Ok(rows)
        })
        .await
    }

    async fn newest(
        &self,
        purpose: Option<String>,
        before: Option<i64>,
        limit: usize,
    ) -> Result<Vec<LedgerEntry>, StoreError> {
        self.read(move |connection| {
            let sql = "SELECT * FROM egress_ledger WHERE id < ?1 AND (?2 IS NULL OR purpose = ?2)
                       ORDER BY id DESC LIMIT ?3";
            let values =
                params![before.unwrap_or(i64::MAX), purpose, i64::try_from(limit).unwrap_or(i64::MAX)];
            let rows = connection.prepare_cached(sql)?.query_map(values, read)?.collect::<Result<_, _>>()?;
            Ok(rows)
        })
        .await
    }

    async fn verify_chain(&self) -> Result<ChainState, StoreError> {
        self.read(verify).await
    }
}

/// Appends one row; its hash continues the chain.
fn append(connection: &Connection, departure: &Departure, at: Timestamp) -> Result<(), StoreError> {
    let last = connection
        .prepare_cached("SELECT id, hash FROM egress_ledger ORDER BY id DESC LIMIT 1")?
        .query_row([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, [u8; 32]>(1)?)))
        .optional()?;
    let (number, before) = last.map_or((1, [0; 32]), |(number, hash)| (number + 1, hash));
    let entry = LedgerEntry {
        number,
        at,
        purpose: departure.purpose.as_str().to_owned(),
        destination: cut(&departure.destination, 300).to_owned(),
        ticket: departure.ticket,
        byte_count: departure.byte_count,
        sha256: departure.sha256,
        hash: [0; 32],
    };
    let sql = "INSERT INTO egress_ledger (id, at, purpose, destination, ticket_id, byte_count, sha256, hash)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    connection.prepare_cached(sql)?.execute(params![
        number,
        micros(at),
        entry.purpose,
        entry.destination,
        entry.ticket.map(|ticket| ticket.0.into_bytes()),
        entry.byte_count as i64,
        entry.sha256,
        hash(before, &entry)
    ])?;
    Ok(())
}

fn read(row: &Row<'_>) -> rusqlite::Result<LedgerEntry> {
    let ticket = row.get::<_, Option<[u8; 16]>>("ticket_id")?;
    Ok(LedgerEntry {
        number: row.get("id")?,
        at: from_micros(row.get("at")?)?,
        purpose: row.get("purpose")?,
        destination: row.get("destination")?,
        ticket: ticket.map(|bytes| TicketId(Uuid::from_bytes(bytes))),
        byte_count: count(row, "byte_count")?,
        sha256: row.get("sha256")?,
        hash: row.get("hash")?,
    })
}

fn verify(connection: &Connection) -> Result<ChainState, StoreError> {
    let mut statement = connection.prepare_cached("SELECT * FROM egress_ledger ORDER BY id")?;
    let mut rows = statement.query([])?;
    let (mut before, mut number) = ([0; 32], 0);
    while let Some(row) = rows.next()? {
        let entry = read(row)?;
        number += 1;
        if entry.number != number || entry.hash != hash(before, &entry) {
            return Ok(ChainState::BrokenAt { number });
        }
        before = entry.hash;
    }
    Ok(ChainState::Whole { rows: u64::try_from(number).unwrap_or_default() })
}

/// SHA-256 over the hash before and every field, each with its length, so that no two rows read alike.
fn hash(before: [u8; 32], entry: &LedgerEntry) -> [u8; 32] {
    let ticket = entry.ticket.map(|ticket| ticket.0.into_bytes());
    let mut digest = Sha256::new();
    let fields: [&[u8]; 8] = [
        &before,
        &entry.number.to_be_bytes(),
        &micros(entry.at).to_be_bytes(),
        entry.purpose.as_bytes(),
        entry.destination.as_bytes(),
        ticket.as_ref().map_or(&[], |ticket| ticket.as_slice()),
        &entry.byte_count.to_be_bytes(),
        &entry.sha256,
    ];
    for field in fields {
        digest.update((field.len() as u64).to_be_bytes());
        digest.update(field);
    }
    digest.finalize().into()
}
