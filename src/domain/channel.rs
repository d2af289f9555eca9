//! The ways a customer can reach us.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// A channel. One name everywhere: in the store, the API, MQTT topics and metrics.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    #[serde(alias = "web_form", alias = "web-form")]
    Web,
    #[serde(alias = "gmail")]
    Email,
    Whatsapp,
}

impl Channel {
    pub const ALL: [Self; 3] = [Self::Web, Self::Email, Self::Whatsapp];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Email => "email",
            Self::Whatsapp => "whatsapp",
        }
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// The text names no channel.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown channel {0:?}; use web, email or whatsapp")]
pub struct UnknownChannel(String);

impl FromStr for Channel {
    type Err = UnknownChannel;

    /// Accepts our names and those of the system we replace (`web_form`, `web-form`, `gmail`).
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "web" | "web_form" | "web-form" => Ok(Self::Web),
            "email" | "gmail" => Ok(Self::Email),
            "whatsapp" => Ok(Self::Whatsapp),
            other => Err(UnknownChannel(other.to_owned())),
        }
    }
}
