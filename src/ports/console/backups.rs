//! Copies of the store, for administrators.

use crate::ports::store::StoreError;
use async_trait::async_trait;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// A copy in the backup folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct BackupView {
    /// The file's name.
    pub name: String,
    pub bytes: u64,
    #[schema(value_type = String, format = DateTime)]
    pub made_at: Timestamp,
}

/// The copies there are, and when the next are made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct BackupList {
    pub folder: String,
    /// 0: only when somebody asks.
    pub every_hours: u32,
    /// So many are kept.
    pub keep: u32,
    /// Newest first.
    pub items: Vec<BackupView>,
}

/// Makes and lists copies of the store.
#[async_trait]
pub trait Backups: Send + Sync {
    async fn list(&self) -> Result<BackupList, StoreError>;
    /// Makes one now, checks it, and removes those that are too many.
    async fn make(&self) -> Result<BackupView, StoreError>;
}
