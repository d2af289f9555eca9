//! Interim.
use super::Store;
use crate::domain::mail::DeliveryReport;
use crate::ports::{mail::MailReports, store::StoreError};
use async_trait::async_trait;
use jiff::Timestamp;

#[async_trait]
impl MailReports for Store {
    async fn record_report(&self, _: &DeliveryReport, _: Timestamp) -> Result<bool, StoreError> {
        Ok(false)
    }
}
