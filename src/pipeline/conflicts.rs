//! Answers and what is wrong in the documents: a draft that quotes a fact on which two passages disagree, or a date that has
//! passed, waits for a person. A conflict elsewhere in the same passage holds nothing back.

use super::verify::{content_words, numbers};
use crate::domain::{
    confidence::Bands,
    conflict::{Conflict, ConflictKind, ConflictSide},
    draft::Draft,
    text::strip_markdown,
};
use std::collections::HashSet;

/// What is disputed in the passages of an answer.
pub type Doubts = Vec<Conflict>;

/// Share of a disputed sentence's words that must stand in the draft for the sentence to be quoted.
const QUOTED_SHARE: f32 = 0.6;

/// Lowers the confidence of a draft that quotes a disputed fact until it is held, and says why.
pub fn heed(doubts: &[Conflict], draft: &mut Draft, bands: &Bands) -> Option<String> {
    let disputed =
        doubts.iter().find(|conflict| conflict.sides().any(|side| quotes(draft, conflict.kind, side)))?;
    let held = (bands.send_and_flag - 0.01).max(0.0);
    draft.confidence = draft.confidence.min(held);
    Some(disputed.describe())
}

/// Whether the draft says what the side of a conflict says, from that passage.
fn quotes(draft: &Draft, kind: ConflictKind, side: &ConflictSide) -> bool {
    let Some(source) = draft.sources.iter().find(|source| source.passage_id == side.passage_id) else {
        return false;
    };
    if kind == ConflictKind::OldFile {
        return false;
    }
    let body = strip_markdown(&draft.body);
    let said = numbers(&body);
    if !numbers(&side.value).iter().all(|number| said.contains(number)) {
        return false;
    }
    // The heading belongs to a short answer: "Can guests edit tasks? No."
    let words: HashSet<String> = content_words(&body).chain(content_words(&source.section)).collect();
    let sentence: Vec<String> = content_words(&strip_markdown(&side.sentence)).collect();
    let quoted = sentence.iter().filter(|word| words.contains(*word)).count();
    sentence.is_empty() || quoted as f32 / sentence.len() as f32 >= QUOTED_SHARE
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{draft::DraftOrigin, ids::PassageId, knowledge::Source};
    use rstest::rstest;

    fn side(passage: i64, sentence: &str, value: &str) -> ConflictSide {
        ConflictSide {
            passage_id: PassageId(passage),
            section: format!("Section {passage}"),
            url: String::new(),
            sentence: sentence.to_owned(),
            value: value.to_owned(),
        }
    }

    #[rstest]
    #[case::the_disputed_price("Pro is **$9** per user per month.", 1, true)]
    #[case::of_the_other_passage("The Pro plan costs 12 USD per user.", 2, true)]
    #[case::something_else_of_it("You can change the plan on the billing page.", 1, false)]
    #[case::another_number("Pro has 9 themes to choose from.", 1, false)]
    #[case::another_passage("Pro is $9 per user per month.", 3, false)]
    fn only_what_quotes_the_disputed_fact_is_held(
        #[case] body: &str,
        #[case] source: i64,
        #[case] held: bool,
    ) {
        let conflict = Conflict {
            kind: ConflictKind::Amount,
            topic: "the price".to_owned(),
            side: side(1, "Pro is $9 per user per month.", "$9"),
            other: Some(side(2, "The Pro plan costs 12 USD per user.", "12 USD")),
        };
        let source = Source {
            passage_id: PassageId(source),
            title: "Prices".to_owned(),
            section: String::new(),
            url: String::new(),
        };
        let mut draft = Draft {
            body: body.to_owned(),
            origin: DraftOrigin::Passage,
            sources: vec![source],
            sentences: Vec::new(),
            confidence: 0.95,
        };
        let reason = heed(&[conflict], &mut draft, &Bands::default());
        assert_eq!(reason.is_some(), held, "{reason:?}");
        assert_eq!(draft.confidence < 0.6, held);
        if held {
            assert_eq!(
                reason.as_deref(),
                Some("two passages disagree on the price: Section 1 says $9, Section 2 says 12 USD")
            );
        }
    }
}
