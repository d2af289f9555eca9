//! How the box is doing, as figures.

use super::store::StoreError;
use crate::domain::alerts::AlertState;
use async_trait::async_trait;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// Figures by name. One that cannot be told (no messages, no rate) is left out.
pub type Figures = BTreeMap<&'static str, f64>;

/// What the store knows of how the box is doing.
#[async_trait]
pub trait OperationFigures: Send + Sync {
    async fn operation_figures(&self, now: Timestamp) -> Result<Figures, StoreError>;
}

/// How alerts stand, kept over restarts.
#[async_trait]
pub trait AlertStore: Send + Sync {
    async fn alert_states(&self) -> Result<BTreeMap<String, AlertState>, StoreError>;
    async fn keep_alert_state(&self, rule: &str, state: AlertState) -> Result<(), StoreError>;
}

/// The page that Prometheus reads.
#[async_trait]
pub trait MetricsPage: Send + Sync {
    async fn render(&self) -> String;
}
