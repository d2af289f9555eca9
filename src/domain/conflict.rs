//! What is wrong within the documents themselves: two passages that disagree, a promise whose date has passed, a file nobody has
//! touched for years.

use super::{ids::PassageId, ticket::text_enum};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::str::FromStr;

text_enum!(
    /// What kind of fault it is.
    ConflictKind {
        /// Two passages name different amounts for the same.
        Amount => "amount",
        /// One passage says yes where another says no.
        YesNo => "yes_no",
        /// A passage names a date as still to come that has passed.
        Expired => "expired",
        /// A document was last changed long ago.
        OldFile => "old_file",
    }
);

/// One side of a conflict: what a passage says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ConflictSide {
    pub passage_id: PassageId,
    /// The passage's place as readers see it: `Billing › Change your plan`.
    pub section: String,
    pub url: String,
    /// Its sentence, as plain text.
    pub sentence: String,
    /// The very fact: `12 USD`, `no`, `March 2024`.
    pub value: String,
}

/// A fault in the documents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Conflict {
    pub kind: ConflictKind,
    /// What it is about, for a sentence: `the price`.
    pub topic: String,
    pub side: ConflictSide,
    /// The passage that says otherwise, where it takes two.
    pub other: Option<ConflictSide>,
}

impl Conflict {
    /// One clause for people: "two passages disagree on the price: Plans › Pro says 9 USD, FAQ › Prices says 12 USD".
    pub fn describe(&self) -> String {
        let side = &self.side;
        match (&self.other, self.kind) {
            (Some(other), ConflictKind::YesNo) => format!(
                "two passages contradict each other: {} says “{}”, {} says “{}”",
                side.section, side.sentence, other.section, other.sentence
            ),
            (Some(other), _) => format!(
                "two passages disagree on {}: {} says {}, {} says {}",
                self.topic, side.section, side.value, other.section, other.value
            ),
            (None, ConflictKind::OldFile) => {
                format!("{} was last changed on {}", side.section, side.value)
            }
            (None, _) => format!("{} says {}, which has passed", side.section, side.value),
        }
    }

    /// Its sides, one or two.
    pub fn sides(&self) -> impl Iterator<Item = &ConflictSide> {
        std::iter::once(&self.side).chain(&self.other)
    }
}

/// A conflict as kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptConflict {
    pub id: i64,
    pub conflict: Conflict,
    pub found_at: Timestamp,
    /// Who looked at it and found it to be none, and when.
    pub accepted: Option<(String, Timestamp)>,
}
