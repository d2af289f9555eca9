//! How the box is doing: counters that Prometheus reads, alerts by rule, a daily report, and the ways of telling people. Figures and names of
//! rules only: nothing of a customer is in a label or a notice.

mod chat;
mod mail;
mod names;
mod page;
mod process;
mod queue;
mod recorder;
mod report;
mod watchman;
mod webhook;

pub use chat::MeteredChat;
pub use mail::MailNotifier;
pub use page::{Page, PageParts};
pub use queue::MeteredQueue;
pub use report::{DAY, report};
pub use watchman::{Watchman, WatchmanParts, rules};
pub use webhook::WebhookNotifier;

use crate::ports::{
    clock::Clock,
    monitoring::{Figures, OperationFigures},
};
use std::sync::Arc;

/// Figures that only the machine knows: free space, age of the newest backup, failing channels, days of the certificate.
pub type MachineFigures = Arc<dyn Fn() -> Figures + Send + Sync>;

/// The names of the machine's figures.
pub const MACHINE_FIGURES: &[&str] = &[
    "disk_free_mib",
    "backup_age_hours",
    "channels_failing",
    "certificate_days",
    "memory_mib",
    "database_mib",
    "log_mib",
    "open_files",
];

/// Everything known now. What cannot be read is left out and said in the log.
async fn figures(store: &dyn OperationFigures, machine: &MachineFigures, clock: &dyn Clock) -> Figures {
    let mut found = store.operation_figures(clock.now()).await.unwrap_or_else(|error| {
        tracing::warn!(%error, "the store's figures cannot be read");
        Figures::new()
    });
    let machine = machine.clone();
    found.extend(tokio::task::spawn_blocking(move || machine()).await.unwrap_or_default());
    found.extend(process::figures());
    found
}
