//! Reading back what happened: the audit log, ratings, gaps in the documents, and figures.

use crate::domain::{channel::Channel, ids::TicketId, ticket::text_enum};
use crate::ports::store::StoreError;
use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::str::FromStr;
use utoipa::ToSchema;

text_enum!(
    /// Which figures.
    ReportKind {
        Volume => "volume", FirstResponse => "first_response", Resolution => "resolution",
        Escalations => "escalations", Sentiment => "sentiment", Calibration => "calibration",
        Satisfaction => "satisfaction",
    }
);

/// What narrows the audit log.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AuditFilter {
    pub actor: Option<String>,
    /// A beginning: `conversation.`.
    pub action: Option<String>,
    pub subject: Option<String>,
    /// Only older entries.
    pub before: Option<i64>,
}

/// One entry of the audit log.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AuditEntry {
    pub id: i64,
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    pub actor: String,
    pub action: String,
    pub subject: String,
    #[schema(value_type = std::collections::HashMap<String, serde_json::Value>)]
    pub details: serde_json::Value,
}

/// What a customer gave.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct RatingView {
    pub reference: String,
    pub subject: String,
    pub score: u8,
    #[schema(value_type = String, format = DateTime)]
    pub rated_at: Timestamp,
    /// Who wrote the last answer, when it was a person.
    pub operator: Option<String>,
}

/// A question nobody's documents answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Gap {
    pub reference: String,
    pub question: String,
    pub at: Timestamp,
}

/// Days and channel of a report.
#[derive(Debug, Clone, PartialEq)]
pub struct AnalyticsQuery {
    pub kind: ReportKind,
    /// Inclusive.
    pub from: Timestamp,
    /// Exclusive.
    pub until: Timestamp,
    pub channel: Option<Channel>,
    pub now: Timestamp,
}

/// A column of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReportColumn {
    pub name: &'static str,
    /// `text`, `count`, `seconds`, `minutes`, `share` or `score`.
    pub unit: &'static str,
}

/// A report: every row has a value (or none) a column.
#[derive(Debug, Clone, PartialEq)]
pub struct ReportTable {
    pub columns: Vec<ReportColumn>,
    pub rows: Vec<Vec<serde_json::Value>>,
}

/// Reading back.
#[async_trait]
pub trait ConsoleReports: Send + Sync {
    /// Notes what was done where the store itself does not.
    async fn record(
        &self,
        actor: &str,
        action: &'static str,
        subject: &str,
        now: Timestamp,
    ) -> Result<(), StoreError>;
    /// Newest first.
    async fn audit(&self, filter: AuditFilter, limit: usize) -> Result<Vec<AuditEntry>, StoreError>;
    /// The customer's word on a ticket; a later one replaces it.
    async fn rate(&self, ticket: TicketId, score: u8, now: Timestamp) -> Result<(), StoreError>;
    /// Newest first; `before` is the time of the last one of the page before, in microseconds.
    async fn ratings(&self, before: Option<i64>, limit: usize) -> Result<Vec<RatingView>, StoreError>;
    /// Questions since a time that ended at a person because the documents do not answer them, newest first.
    async fn gaps(&self, since: Timestamp, limit: usize) -> Result<Vec<Gap>, StoreError>;
}

/// Figures over time.
#[async_trait]
pub trait Analytics: Send + Sync {
    async fn report(&self, query: AnalyticsQuery) -> Result<ReportTable, StoreError>;
}
