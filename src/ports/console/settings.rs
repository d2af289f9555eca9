//! What is set in the console and kept in the store.

use crate::domain::autonomy::AutonomyEntry;
use crate::ports::store::StoreError;
use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A text that operators use again and again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct MacroView {
    pub id: Uuid,
    pub name: String,
    pub body: String,
    pub updated_by: String,
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
}

/// One about to be kept.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMacro {
    pub name: String,
    /// Markdown.
    pub body: String,
}

/// Who answers, as an administrator set it; it wins over the settings file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CompanySettings {
    pub name: String,
    pub product: String,
    pub support_email: String,
    /// Said under automatic replies; empty to say nothing. May hold `{company}`.
    pub disclosure: String,
    /// Under e-mails. May hold `{company}` and `{support_email}`.
    pub sign_off: String,
    /// Customers are asked to rate answers. Settings kept by an earlier version say nothing of it.
    #[serde(default = "yes")]
    pub ask_rating: bool,
}

fn yes() -> bool {
    true
}

/// The name these settings are kept under.
pub const COMPANY_SETTING: &str = "company";
/// The name the business hours are kept under.
pub const HOURS_SETTING: &str = "business_hours";

/// Keeps settings. Changes leave a row in the audit log.
#[async_trait]
pub trait ConsoleSettings: Send + Sync {
    async fn macros(&self) -> Result<Vec<MacroView>, StoreError>;
    /// Makes one, or changes the one of this id. Refused with `name_taken`.
    async fn save_macro(
        &self,
        id: Option<Uuid>,
        new: NewMacro,
        actor: &str,
        now: Timestamp,
    ) -> Result<MacroView, StoreError>;
    async fn remove_macro(&self, id: Uuid, actor: &str, now: Timestamp) -> Result<(), StoreError>;

    async fn autonomy(&self) -> Result<Vec<AutonomyEntry>, StoreError>;
    async fn set_autonomy(
        &self,
        entries: Vec<AutonomyEntry>,
        actor: &str,
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// A setting's JSON by name, as [`ConsoleSettings::set_setting`] kept it.
    async fn setting(&self, name: &'static str) -> Result<Option<String>, StoreError>;
    async fn set_setting(
        &self,
        name: &'static str,
        json: String,
        actor: &str,
        now: Timestamp,
    ) -> Result<(), StoreError>;
}
