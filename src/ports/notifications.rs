//! Notes to teams: queued with the hand-over itself, tried until they got through or were given up.

use super::store::{AfterFailure, StoreError};
use crate::domain::notification::Notification;
use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};

/// Why a note did not get through.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotifyError {
    /// Worth another try.
    #[error("{reason}")]
    Retryable { reason: String, retry_after_ms: Option<u64> },
    /// Will never work as things stand.
    #[error("{reason}")]
    Permanent { reason: String },
}

/// One way of telling a team.
#[async_trait]
pub trait Notifier: Send + Sync {
    /// Tries one note once. Every attempt carries the same id.
    async fn notify(&self, notification: &Notification) -> Result<(), NotifyError>;
}

/// The notes' queue.
#[async_trait]
pub trait Notifications: Send + Sync {
    /// The oldest note that is due; nobody else gets it before `now + lease_time`.
    async fn lease_notification(
        &self,
        now: Timestamp,
        lease_time: SignedDuration,
    ) -> Result<Option<Notification>, StoreError>;
    /// It got through: noted on the escalation.
    async fn notification_sent(&self, notification: &Notification, now: Timestamp) -> Result<(), StoreError>;
    /// It did not. Given up for good, the ticket gets a note that says so, in the same transaction.
    async fn notification_failed(
        &self,
        notification: &Notification,
        error: &NotifyError,
        now: Timestamp,
    ) -> Result<AfterFailure, StoreError>;
}
