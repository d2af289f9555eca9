//! Whether a connection to another system of the owner's (the broker, a webhook) works.

use super::channel_health::HealthState;
use jiff::Timestamp;

/// How one connection stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkHealth {
    /// `mqtt`, `webhook` or `team_mail`.
    pub name: &'static str,
    pub state: HealthState,
    /// Why it fails and what to do, without addresses, passwords or tokens.
    pub reason: Option<String>,
    /// Since when it stands so.
    pub since: Timestamp,
}
