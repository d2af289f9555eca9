//! Who writes to us, and what proves it.

use super::ids::CustomerId;
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// What the customer pays for.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Plan {
    #[default]
    Free,
    Pro,
    Enterprise,
}

impl Plan {
    pub const ALL: [Self; 3] = [Self::Free, Self::Pro, Self::Enterprise];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Pro => "pro",
            Self::Enterprise => "enterprise",
        }
    }
}

impl FromStr for Plan {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|plan| plan.as_str() == text).ok_or(())
    }
}

/// What kind of address identifies a customer.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum IdentifierKind {
    Email,
    Phone,
    /// A WhatsApp business-scoped user id.
    Whatsapp,
}

impl IdentifierKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Whatsapp => "whatsapp",
        }
    }
}

/// An address in normal form, and whether the sender proved that it is theirs.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Identifier {
    pub kind: IdentifierKind,
    /// Normalised: see [`super::address`].
    pub value: String,
    /// True only on proof (an authenticated mail, a signed webhook, a one-time code). Typing proves nothing.
    pub verified: bool,
}

/// A person we talk to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Customer {
    pub id: CustomerId,
    pub name: Option<String>,
    pub plan: Plan,
}

/// The first name to greet with, or `None` when the name tells nothing.
pub fn first_name(name: Option<&str>) -> Option<&str> {
    let first = name?.split_whitespace().next()?.trim_matches(|c: char| !c.is_alphanumeric());
    let unknown = ["unknown", "anonymous", "none", "null", "test", "customer", "user"];
    let is_title = ["mr", "mrs", "ms", "dr", "prof"].iter().any(|title| first.eq_ignore_ascii_case(title));
    let usable = first.chars().count() > 1
        && first.chars().count() <= 40
        && !is_title
        && !unknown.iter().any(|word| first.eq_ignore_ascii_case(word));
    usable.then_some(first)
}
