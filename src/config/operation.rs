//! Running the box: what may leave it, and copies of its data.

use super::secret::Secret;
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

/// What time does to tickets.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct LifecycleConfig {
    /// A ticket whose last word is ours is resolved after so many hours, with a note; 0 never.
    pub idle_hours: u32,
    /// A resolved ticket is closed after so many hours; until then a reply opens it again. 0 never.
    pub close_after_hours: u32,
}

impl Default for LifecycleConfig {
    fn default() -> Self {
        Self { idle_hours: 72, close_after_hours: 168 }
    }
}

/// How many days things are kept, by class; 0 keeps them for ever.
#[allow(
    clippy::struct_field_names,
    reason = "each name is read alone, in the settings file, and says its unit"
)]
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct RetentionConfig {
    /// Messages as they came in, byte for byte.
    pub raw_days: u32,
    pub attachment_days: u32,
    /// Tickets after they were closed, and customers of whom nothing else is left.
    pub closed_ticket_days: u32,
    /// What hosted models were shown; that they were, and what it cost, stays on record.
    pub hosted_text_days: u32,
    /// Single figures; the hours they add up to stay.
    pub figure_days: u32,
}

impl Default for RetentionConfig {
    fn default() -> Self {
        Self { raw_days: 0, attachment_days: 0, closed_ticket_days: 0, hosted_text_days: 0, figure_days: 400 }
    }
}

/// Who may read the box's figures.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct MetricsConfig {
    /// Networks from which `/metrics` is read without a token, such as `10.1.0.0/16`. Everybody else needs one.
    pub allow: Vec<String>,
}

impl Default for MetricsConfig {
    fn default() -> Self {
        Self { allow: vec!["127.0.0.0/8".to_owned(), "::1/128".to_owned()] }
    }
}

/// Who is told when somebody must look at the box.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct AlertsConfig {
    /// Addresses that are mailed, through the first mailbox of the settings.
    pub mail_to: Vec<String>,
    /// An address that is posted to.
    pub webhook_url: String,
    /// Signs what is posted.
    pub webhook_secret: Secret,
    pub webhook_secret_file: Option<PathBuf>,
    /// A report of the last day goes to the same people.
    pub daily_report: bool,
    /// From this hour on, in the time zone of the business hours.
    pub report_hour: u8,
}

impl Default for AlertsConfig {
    fn default() -> Self {
        Self {
            mail_to: Vec::new(),
            webhook_url: String::new(),
            webhook_secret: Secret::default(),
            webhook_secret_file: None,
            daily_report: true,
            report_hour: 7,
        }
    }
}

/// What may leave the box at all.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct NetworkConfig {
    /// Nothing leaves for another machine, whatever else is set.
    pub offline: bool,
}
