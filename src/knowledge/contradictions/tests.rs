//! Planted contradictions are found, and what only looks like one is not. Kestrel and Heron are made up for this.

use super::*;
use crate::knowledge::{chunk_markdown, parse_document};
use std::path::Path;

fn passages(folder: &str) -> Vec<Passage> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut files: Vec<_> =
        std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    let mut passages = Vec::new();
    for file in files {
        let stem = file.file_stem().expect("a name").to_string_lossy().into_owned();
        let document = parse_document(&std::fs::read_to_string(&file).expect("readable"), &stem);
        let document_id = DocumentId::new();
        for chunk in chunk_markdown(&document.title, &document.body) {
            passages.push(Passage {
                id: PassageId(passages.len() as i64 + 1),
                document_id,
                title: document.title.clone(),
                url: document.address_of(&chunk.anchor),
                section_path: chunk.section_path,
                text: chunk.text,
            });
        }
    }
    passages
}

fn found_in(folder: &str) -> Vec<Conflict> {
    let own = ["Kestrel", "Heron", "TaskFlow"].map(str::to_owned);
    find_conflicts(&passages(folder), &HashMap::new(), &own, jiff::civil::date(2026, 11, 23))
}

fn values(found: &[Conflict]) -> Vec<(String, String)> {
    let mut pairs: Vec<(String, String)> = found
        .iter()
        .map(|conflict| {
            let other = conflict.other.as_ref().map(|other| other.value.clone()).unwrap_or_default();
            let value = conflict.side.value.clone();
            if other.is_empty() || value < other { (value, other) } else { (other, value) }
        })
        .collect();
    pairs.sort();
    pairs
}

/// Twelve amounts, three answers, two dates: all of them and nothing else.
#[test]
fn planted_conflicts_are_found() {
    let found = found_in("tests/fixtures/conflicts/planted");
    let mut expected: Vec<(String, String)> = [
        ("$9", "12 USD"),
        ("200 EUR", "240 EUR"),
        ("5 USD", "7 USD"),
        ("30 USD", "35 USD"),
        ("20%", "30%"),
        ("30 days", "7 days"),
        ("10 MB", "25 MB"),
        ("2 guests", "5 guests"),
        ("12 characters", "8 characters"),
        ("14 days", "30 days"),
        ("4 hours", "8 hours"),
        ("no", "yes"),
        ("no", "yes"),
        ("no", "yes"),
        ("March 2024", ""),
        ("31 December 2023", ""),
    ]
    .map(|(one, other)| (one.to_owned(), other.to_owned()))
    .to_vec();
    expected.sort();
    assert_eq!(values(&found), expected, "{:#?}", found.iter().map(Conflict::describe).collect::<Vec<_>>());
}

#[test]
fn what_only_looks_like_a_conflict_is_left_alone() {
    let found: Vec<String> =
        found_in("tests/fixtures/conflicts/harmless").iter().map(Conflict::describe).collect();
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn the_demo_company_does_not_contradict_itself() {
    let found: Vec<String> = found_in("assets/demo/knowledge").iter().map(Conflict::describe).collect();
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn a_conflict_is_told_in_one_clause() {
    let found = found_in("tests/fixtures/conflicts/planted");
    let price = found.iter().find(|conflict| conflict.side.value == "$9").expect("the price");
    assert_eq!(
        price.describe(),
        "two passages disagree on the price: Kestrel questions › What does Pro cost? says $9, \
         Kestrel handbook › Prices › What Pro costs says 12 USD"
    );
}

#[test]
fn a_documents_own_date_tells_its_age() {
    assert_eq!(
        written_on("---\ntitle: a\nupdated: 2023-04-05\n---\ntext"),
        Some(jiff::civil::date(2023, 4, 5))
    );
    assert_eq!(written_on("updated: 2023-04-05"), None);
}
