//! Running the box: what may leave it, and copies of its data.

use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Copies of the store, made while it works.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct BackupConfig {
    /// Where copies are kept; empty: `backups` in the data folder. Better another disk.
    pub directory: Option<PathBuf>,
    /// A copy every so many hours while serving; 0 makes none.
    pub every_hours: u32,
    /// So many copies are kept; older ones are removed.
    pub keep: u32,
}

impl Default for BackupConfig {
    fn default() -> Self {
        Self { directory: None, every_hours: 24, keep: 7 }
    }
}

/// What may leave the box at all.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct NetworkConfig {
    /// Nothing leaves for another machine, whatever else is set.
    pub offline: bool,
}
