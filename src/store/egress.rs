//! The ledger of what left the box: a chain of hashes over rows that nobody may change.

use super::{
    Store,
    values::{cut, micros},
};
use crate::ports::{
    egress::{Departure, EgressLedger},
    store::StoreError,
};
use async_trait::async_trait;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use sha2::{Digest, Sha256};

#[async_trait]
impl EgressLedger for Store {
    async fn record(&self, departure: Departure) -> Result<(), StoreError> {
        self.write(move |connection| append(connection, &departure, Timestamp::now())).await
    }
}

/// Appends one row; its hash continues the chain.
fn append(connection: &Connection, departure: &Departure, at: Timestamp) -> Result<(), StoreError> {
    let last = connection
        .prepare_cached("SELECT hash FROM egress_ledger ORDER BY id DESC LIMIT 1")?
        .query_row([], |row| row.get::<_, [u8; 32]>(0))
        .optional()?;
    let destination = cut(&departure.destination, 300);
    let ticket = departure.ticket.map(|ticket| ticket.0.into_bytes());
    let row = LedgerRow { at: micros(at), departure, destination, ticket };
    let sql = "INSERT INTO egress_ledger (at, purpose, destination, ticket_id, byte_count, sha256, hash)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    connection.prepare_cached(sql)?.execute(params![
        row.at,
        departure.purpose.as_str(),
        destination,
        ticket,
        departure.byte_count as i64,
        departure.sha256,
        row.hash(last.unwrap_or_default())
    ])?;
    Ok(())
}

struct LedgerRow<'a> {
    at: i64,
    departure: &'a Departure,
    destination: &'a str,
    ticket: Option<[u8; 16]>,
}

impl LedgerRow<'_> {
    /// SHA-256 over the hash before and every field, each with its length, so that no two rows read alike.
    fn hash(&self, before: [u8; 32]) -> [u8; 32] {
        let mut digest = Sha256::new();
        let fields: [&[u8]; 7] = [
            &before,
            &self.at.to_be_bytes(),
            self.departure.purpose.as_str().as_bytes(),
            self.destination.as_bytes(),
            self.ticket.as_ref().map_or(&[], |ticket| ticket.as_slice()),
            &self.departure.byte_count.to_be_bytes(),
            &self.departure.sha256,
        ];
        for field in fields {
            digest.update((field.len() as u64).to_be_bytes());
            digest.update(field);
        }
        digest.finalize().into()
    }
}
