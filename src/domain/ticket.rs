//! A ticket: the customer's handle on a request.

use super::{ids::TicketId, message::Message, progress::Stage};
use jiff::{Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

// The texts are matched as token trees: a `literal` reaches the derives wrapped, and the description would not see the renaming.
macro_rules! text_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident => $text:tt),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $text)] $variant),+
        }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        impl FromStr for $name {
            type Err = ();
            fn from_str(text: &str) -> Result<Self, ()> {
                match text { $($text => Ok(Self::$variant),)+ _ => Err(()) }
            }
        }
    };
}
pub(crate) use text_enum;

text_enum!(
    /// Where a ticket stands.
    TicketStatus { Open => "open", InProgress => "in_progress", Escalated => "escalated", Resolved => "resolved", Closed => "closed" }
);
text_enum!(
    /// What the customer says the request is about. A hint for people; never an input of a decision.
    Category { General => "general", Technical => "technical", Billing => "billing", Feedback => "feedback", BugReport => "bug_report" }
);
text_enum!(
    /// How urgent the customer says it is. A hint for people; never an input of a decision.
    Priority { Low => "low", Medium => "medium", High => "high", Urgent => "urgent" }
);
text_enum!(
    /// What a customer said of an answer.
    Feedback { Helped => "helped", NotHelped => "not_helped" }
);

/// The public reference of a ticket: `TF-20261122-7QK2`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TicketReference(String);

impl TicketReference {
    const ALPHABET: &'static [u8; 36] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

    /// Builds a reference from its parts; `random` decides the last four characters.
    pub fn new(prefix: &str, at: Timestamp, random: u32) -> Self {
        let day = at.to_zoned(TimeZone::UTC).strftime("%Y%m%d").to_string();
        let mut rest = random;
        let tail: String = (0..4)
            .map(|_| {
                let letter = Self::ALPHABET[(rest % 36) as usize];
                rest /= 36;
                char::from(letter)
            })
            .collect();
        Self(format!("{prefix}-{day}-{tail}"))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TicketReference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// The text has not the form of a ticket reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a ticket reference looks like TF-20261122-7QK2")]
pub struct InvalidReference;

impl FromStr for TicketReference {
    type Err = InvalidReference;

    /// Two to six letters or digits, eight digits, four capital letters or digits.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts: Vec<&str> = text.split('-').collect();
        let [prefix, day, tail] = parts.as_slice() else { return Err(InvalidReference) };
        let capital = |part: &str| part.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        let valid = (2..=6).contains(&prefix.len())
            && capital(prefix)
            && day.len() == 8
            && day.bytes().all(|b| b.is_ascii_digit())
            && tail.len() == 4
            && capital(tail);
        if valid { Ok(Self(text.to_owned())) } else { Err(InvalidReference) }
    }
}

/// A ticket as its owner sees it, with the messages of this ticket alone (never the whole conversation's:
/// somebody else may have typed the same address).
#[derive(Debug, Clone, PartialEq)]
pub struct TicketView {
    pub id: TicketId,
    pub reference: TicketReference,
    pub status: TicketStatus,
    pub created_at: Timestamp,
    pub subject: String,
    pub category: Category,
    pub priority: Priority,
    /// The team that has it, once a person does.
    pub assigned_to: Option<String>,
    pub stage: Stage,
    pub stage_at: Timestamp,
    pub messages: Vec<Message>,
    pub feedback: Option<Feedback>,
}

#[cfg(test)]
mod tests {
    use super::TicketReference;
    use rstest::rstest;

    #[test]
    fn a_new_reference_reads_back() {
        let at = "2026-11-22T23:59:59Z".parse().expect("a timestamp");
        let reference = TicketReference::new("TF", at, u32::MAX);
        assert!(reference.as_str().starts_with("TF-20261122-"), "{reference}");
        assert_eq!(reference.as_str().parse(), Ok(reference));
    }

    #[rstest]
    #[case("TF-20261122-AB12", true)]
    #[case("ACME01-20261122-0000", true)]
    #[case("TF-20261122-ab12", false)]
    #[case("TF-2026112-AB12", false)]
    #[case("TF-20261122-AB123", false)]
    #[case("TF20261122AB12", false)]
    #[case("TF-20261122-AB12'; DROP TABLE tickets", false)]
    fn only_well_formed_references_pass(#[case] text: &str, #[case] valid: bool) {
        assert_eq!(text.parse::<TicketReference>().is_ok(), valid);
    }
}
