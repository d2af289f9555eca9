//! Local exemplars: messages whose decision an operator of this box has put right, so that the next one like them is decided so.

use super::{
    escalation::EscalationCategory,
    ids::{ExemplarId, MessageId},
    ticket::{TicketReference, text_enum},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::str::FromStr;

text_enum!(
    /// What should have become of a message.
    RightDecision {
        /// The assistant answers it, as far as the documents carry an answer.
        Answer => "answer",
        /// A person takes it.
        Escalate => "escalate",
    }
);

/// Characters of a customer's words kept.
pub const EXEMPLAR_CHARS: usize = 5_000;
/// Characters of an operator's note.
pub const NOTE_CHARS: usize = 2_000;
/// Characters of the name of whoever marks or undoes.
pub const OPERATOR_CHARS: usize = 100;
/// In force at once at most: every message is compared with each of them.
pub const MAX_LOCAL_EXEMPLARS: usize = 5_000;

/// One message with its right decision.
#[derive(Debug, Clone, PartialEq)]
pub struct LocalExemplar {
    pub id: ExemplarId,
    /// The customer's words.
    pub text: String,
    pub should: RightDecision,
    /// Whose matter it is when a person takes it.
    pub category: EscalationCategory,
    /// ISO 639-1, where triage could tell.
    pub language: Option<String>,
    /// The ticket and the message it came from; `None` when it was imported.
    pub ticket: Option<TicketReference>,
    pub message_id: Option<MessageId>,
    /// The operator's reason.
    pub note: Option<String>,
    pub marked_by: String,
    pub marked_at: Timestamp,
    /// By whom and when it was taken back; it decides nothing since.
    pub undone: Option<(String, Timestamp)>,
}

/// The text to learn from: the message alone, as a subject is often the same for very different ones; a message of a few words
/// says too little without it.
pub fn exemplar_text(subject: &str, message: &str) -> String {
    const FEW_WORDS: usize = 6;
    let (subject, message) = (subject.trim(), message.trim());
    let lean = message.split_whitespace().count() < FEW_WORDS && !subject.is_empty();
    let text = if lean { format!("{subject}\n{message}") } else { message.to_owned() };
    text.trim().chars().take(EXEMPLAR_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(
        "A question",
        "How do we print the labels of our parcels?",
        "How do we print the labels of our parcels?"
    )]
    #[case("Account hacked", "Please help!", "Account hacked\nPlease help!")]
    #[case("", "Please help!", "Please help!")]
    #[case("Only a subject", "", "Only a subject")]
    fn a_short_message_is_learned_with_its_subject(
        #[case] subject: &str,
        #[case] message: &str,
        #[case] expected: &str,
    ) {
        assert_eq!(exemplar_text(subject, message), expected);
    }
}
