//! Which facts disagree. Two facts must be about the same, hold for the same plan and measure the same; vectors, where there are
//! any, must find the sentences near, and then let them differ in one word.

use super::amounts::Unit;
use super::{
    SentenceVectors,
    facts::{Fact, What},
    side,
    words::overlap,
};
use crate::domain::{
    conflict::{Conflict, ConflictKind},
    knowledge::Passage,
};
use std::collections::HashSet;

/// Sentences further apart than this are about different things, whatever words they share.
const NOT_FAR: f32 = 0.45;
/// From this nearness on, one word more or less makes no other subject.
const NEAR: f32 = 0.8;

/// Every pair of passages that disagrees, each with each value once.
pub fn disagreements(passages: &[Passage], facts: &[Fact], vectors: &SentenceVectors) -> Vec<Conflict> {
    let mut found = Vec::new();
    let mut seen = HashSet::new();
    for (at, one) in facts.iter().enumerate() {
        for other in &facts[at + 1..] {
            if one.passage == other.passage || !disagree(one, other) {
                continue;
            }
            let nearness = nearness(passages, vectors, one, other);
            if !same_matter(one, other, nearness) || settled(facts, one, other) {
                continue;
            }
            if !seen.insert((one.passage, other.passage, one.value.clone(), other.value.clone())) {
                continue;
            }
            let (kind, topic) = topic(one);
            found.push(Conflict {
                kind,
                topic,
                side: side(&passages[one.passage], &one.text, &one.value),
                other: Some(side(&passages[other.passage], &other.text, &other.value)),
            });
        }
    }
    found
}

fn disagree(one: &Fact, other: &Fact) -> bool {
    match (&one.what, &other.what) {
        (What::Amount(a), What::Amount(b)) => a.comparable(b) && !a.agrees(b),
        (What::YesNo { yes, needed }, What::YesNo { yes: other_yes, needed: other_needed }) => {
            yes != other_yes && needed == other_needed
        }
        _ => false,
    }
}

/// Cosine similarity of the two sentences; `None` where either has no vector.
fn nearness(passages: &[Passage], vectors: &SentenceVectors, one: &Fact, other: &Fact) -> Option<f32> {
    let vector = |fact: &Fact| vectors.get(&passages[fact.passage].id)?.get(fact.sentence?);
    let (a, b) = (vector(one)?, vector(other)?);
    Some(a.iter().zip(b).map(|(a, b)| a * b).sum())
}

fn same_matter(one: &Fact, other: &Fact, nearness: Option<f32>) -> bool {
    if one.qualifiers != other.qualifiers || nearness.is_some_and(|nearness| nearness < NOT_FAR) {
        return false;
    }
    let near = nearness.is_some_and(|nearness| nearness >= NEAR);
    let amount = matches!(one.what, What::Amount(_));
    let same_words = one.subject == other.subject;
    // With one word more on one side, and at least two in common.
    let nearly = near
        && amount
        && one.subject.symmetric_difference(&other.subject).count() == 1
        && one.subject.intersection(&other.subject).count() >= 2;
    if !same_words && !nearly {
        return false;
    }
    // A heading that names something ("Slack") says what its sentences are about.
    let named_elsewhere = |fact: &Fact, against: &Fact| {
        fact.heading_names.iter().any(|name| {
            !against.heading.contains(name) && !against.subject.contains(name) && !fact.subject.contains(name)
        })
    };
    if named_elsewhere(one, other) || named_elsewhere(other, one) {
        return false;
    }
    // Few words in common need headings that meet them, or meaning that does.
    let words = one.subject.len() + one.qualifiers.len();
    let headings_meet = overlap(&one.heading, &other.heading) > 0.0
        || one.heading.intersection(&other.subject).next().is_some()
        || other.heading.intersection(&one.subject).next().is_some();
    words >= 3 || near || headings_meet || !one.qualifiers.is_empty()
}

/// Whether one of the passages holds the other's value for the same, too: "was 9 USD, is 12 USD now", or several that hold under
/// conditions.
fn settled(facts: &[Fact], one: &Fact, other: &Fact) -> bool {
    let rival = |here: &Fact, there: &Fact| {
        facts.iter().any(|fact| {
            fact.passage == here.passage
                && fact.qualifiers == here.qualifiers
                && fact.subject == here.subject
                && match (&fact.what, &there.what) {
                    (What::Amount(a), What::Amount(b)) => {
                        a.comparable(b) && (a.agrees(b) || disagree(fact, here))
                    }
                    (What::YesNo { .. }, What::YesNo { .. }) => disagree(fact, here),
                    _ => false,
                }
        })
    };
    rival(one, other) || rival(other, one)
}

/// For people: what they disagree on.
fn topic(fact: &Fact) -> (ConflictKind, String) {
    let What::Amount(amount) = &fact.what else { return (ConflictKind::YesNo, "yes or no".to_owned()) };
    let topic = match &amount.unit {
        Unit::Money(_) => "the price".to_owned(),
        Unit::Percent => "the percentage".to_owned(),
        Unit::Size => "the size".to_owned(),
        Unit::Time => "the time".to_owned(),
        Unit::Count(noun) => format!("the number of {noun}"),
    };
    (ConflictKind::Amount, topic)
}
