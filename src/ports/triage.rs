//! Reading a message before anything is answered.

use crate::domain::triage::{Triage, TriageInput};
use async_trait::async_trait;

/// Triage never fails: what it cannot tell it leaves neutral, and the rules that must hold need no model.
#[async_trait]
pub trait Triager: Send + Sync {
    async fn triage(&self, input: &TriageInput<'_>) -> Triage;
}
