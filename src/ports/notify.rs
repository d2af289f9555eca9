//! Telling the people who run the box.

use crate::domain::alerts::Severity;
use async_trait::async_trait;
use jiff::Timestamp;
use serde::Serialize;

/// What it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    AlertFired,
    AlertResolved,
    DailyReport,
}

/// Something they are told. Holds figures and names of rules, nothing of a customer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Notice {
    pub kind: NoticeKind,
    /// The rule's name, or `daily report`.
    pub name: String,
    pub severity: Option<Severity>,
    pub title: String,
    pub text: String,
    pub at: Timestamp,
}

/// It did not get through; worth another try.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{way}: {reason}")]
pub struct NotTold {
    pub way: &'static str,
    pub reason: String,
}

/// One way of telling.
#[async_trait]
pub trait Notifier: Send + Sync {
    /// # Errors
    /// [`NotTold`]; the caller tries again later.
    async fn notify(&self, notice: &Notice) -> Result<(), NotTold>;
}
