//! A person's rights over what is kept of them: a copy of all of it, and its end.

use super::store::StoreError;
use crate::domain::ids::{AttachmentId, CustomerId, MessageId};
use async_trait::async_trait;
use jiff::Timestamp;
use serde::Serialize;
use std::{collections::BTreeMap, fs::File};
use utoipa::ToSchema;

/// Where the bytes of an exported file are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileSource {
    Attachment(AttachmentId),
    /// A message as it came in.
    Raw(MessageId),
}

/// A file of an export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportFile {
    /// Its path in the export; safe on every system.
    pub name: String,
    pub source: FileSource,
}

/// All that is kept of a person.
#[derive(Debug, Clone, PartialEq)]
pub struct PersonExport {
    /// One list a kind of record.
    pub records: serde_json::Value,
    pub files: Vec<ExportFile>,
}

/// What became of a copy of the store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CopyErased {
    pub file: String,
    /// People taken out of it.
    pub people: u64,
    /// Why it still holds what it held.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
}

/// The proof of an erasure. Says nothing of the person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ErasureReceipt {
    /// SHA-256 of the customer's id, in hexadecimal: what the tombstone holds.
    pub customer_hash: String,
    #[schema(value_type = String, format = DateTime)]
    pub erased_at: Timestamp,
    pub by: String,
    /// Rows that are gone, by kind.
    pub counts: BTreeMap<String, u64>,
    /// The store's copies that this box knows of.
    pub copies: Vec<CopyErased>,
}

/// The store's side.
#[async_trait]
pub trait PrivacyStore: Send + Sync {
    /// Customers by id, mail address or phone number.
    async fn find_customers(&self, named: &str) -> Result<Vec<CustomerId>, StoreError>;
    async fn export_person(&self, customer: CustomerId) -> Result<PersonExport, StoreError>;
    async fn export_file(&self, source: FileSource) -> Result<Option<Vec<u8>>, StoreError>;
    /// Rows, indexes, freed pages and the log: afterwards no byte of them is in the store's files. Copies are left to the caller.
    async fn erase_person(
        &self,
        customer: CustomerId,
        actor: &str,
        now: Timestamp,
    ) -> Result<ErasureReceipt, StoreError>;
}

/// What can go wrong with a person's rights.
#[derive(Debug, thiserror::Error)]
pub enum PrivacyError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the export cannot be written: {0}")]
    Unwritable(#[from] std::io::Error),
}

/// The box's side, copies included.
#[async_trait]
pub trait Privacy: Send + Sync {
    /// A ZIP file, open at its beginning, that is gone when it is closed.
    async fn archive(&self, customer: CustomerId) -> Result<File, PrivacyError>;
    async fn erase(&self, customer: CustomerId, actor: &str) -> Result<ErasureReceipt, PrivacyError>;
}
