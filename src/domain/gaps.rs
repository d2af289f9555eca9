//! Questions that the documents do not answer, put together where they ask the same.

use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeSet;

/// Two questions ask the same when they share this much of the words of both (Jaccard's measure).
const ALIKE: f32 = 0.4;
/// Characters of a question that are shown and compared.
const QUESTION_CHARS: usize = 500;
/// References named with a group.
const REFERENCES: usize = 20;

/// Questions that ask the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct GroupedGap {
    /// The newest of them.
    pub question: String,
    pub count: usize,
    /// Tickets, the newest 20.
    pub references: Vec<String>,
    #[schema(value_type = String, format = DateTime)]
    pub newest_at: Timestamp,
}

/// The words that tell one question from another: four letters and more, beginnings only, so that endings do not count.
fn words(text: &str) -> BTreeSet<String> {
    text.split(|character: char| !character.is_alphanumeric())
        .filter(|word| word.chars().count() >= 4)
        .map(|word| word.to_lowercase().chars().take(6).collect())
        .collect()
}

fn alike(one: &BTreeSet<String>, other: &BTreeSet<String>) -> bool {
    let shared = one.intersection(other).count();
    let all = one.len() + other.len() - shared;
    all > 0 && shared as f32 / all as f32 >= ALIKE
}

/// Groups questions (reference, text, time), given newest first; the largest group comes first, of equal ones the newest.
pub fn group(questions: Vec<(String, String, Timestamp)>) -> Vec<GroupedGap> {
    let mut groups: Vec<(BTreeSet<String>, GroupedGap)> = Vec::new();
    for (reference, question, at) in questions {
        let question: String = question.chars().take(QUESTION_CHARS).collect();
        let words = words(&question);
        match groups.iter_mut().find(|(known, _)| alike(known, &words)) {
            Some((_, group)) => {
                group.count += 1;
                if group.references.len() < REFERENCES && !group.references.contains(&reference) {
                    group.references.push(reference);
                }
            }
            None => groups
                .push((words, GroupedGap { question, count: 1, references: vec![reference], newest_at: at })),
        }
    }
    let mut found: Vec<GroupedGap> = groups.into_iter().map(|(_, group)| group).collect();
    found.sort_by(|a, b| b.count.cmp(&a.count).then(b.newest_at.cmp(&a.newest_at)));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_that_ask_the_same_are_one_gap() {
        let at = |minute: i64| Timestamp::from_second(1_700_000_000 - 60 * minute).expect("a time");
        let questions = [
            "Can I pay with a purchase order from our company?",
            "Do you have a plugin for Blender?",
            "Our company wants to pay with purchase orders",
            "Is there a Blender plugin?",
            "Paying with purchase order for a company, possible?",
        ];
        let questions = questions
            .iter()
            .enumerate()
            .map(|(index, text)| (format!("TF-{index}"), (*text).to_owned(), at(index as i64)))
            .collect();
        let groups = group(questions);
        let found: Vec<(usize, &[String])> =
            groups.iter().map(|group| (group.count, group.references.as_slice())).collect();
        assert_eq!(found[0].0, 3, "{groups:?}");
        assert_eq!(found[0].1, ["TF-0", "TF-2", "TF-4"]);
        assert_eq!(groups[0].newest_at, at(0));
        assert_eq!((found.len(), found[1].0), (2, 2), "{groups:?}");
    }
}
