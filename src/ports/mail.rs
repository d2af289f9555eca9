//! What mail alone needs of the store.

use super::store::StoreError;
use crate::domain::mail::DeliveryReport;
use async_trait::async_trait;
use jiff::Timestamp;

/// Mail servers' later word on mails we sent.
#[async_trait]
pub trait MailReports: Send + Sync {
    /// Records a report: a failure marks the message failed, keeps the code and gives the ticket to a person; a delay keeps the
    /// code only. One transaction; the same report twice changes nothing. False when the message is none of ours.
    async fn record_report(&self, report: &DeliveryReport, now: Timestamp) -> Result<bool, StoreError>;
}
