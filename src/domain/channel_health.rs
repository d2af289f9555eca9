//! Whether a channel's connection to its provider works, for operators.

use super::{channel::Channel, ticket::text_enum};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::str::FromStr;

text_enum!(
    /// How a connection stands.
    HealthState { Ok => "ok", Connecting => "connecting", Failing => "failing" }
);

/// How one account's connection stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelHealth {
    pub channel: Channel,
    /// As named in the settings.
    pub account: String,
    /// `receiving` or `sending`.
    pub direction: &'static str,
    pub state: HealthState,
    /// Why it fails and what to do, without addresses, passwords or tokens.
    pub reason: Option<String>,
    /// Since when it stands so.
    pub since: Timestamp,
}
