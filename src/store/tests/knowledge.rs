//! The document index: words and vectors find what they should, and nothing a customer types is query syntax.

use super::*;
use crate::domain::{ids::PassageId, knowledge::Passage};
use crate::ports::{
    knowledge::{IndexChange, KnowledgeIndex, NewDocument, NewPassage},
    store::StoreError,
};
use proptest::prelude::*;
use rstest::rstest;

const MODEL: &str = "small-model";

fn passage(heading: &str, text: &str, vector: Option<[f32; 3]>) -> NewPassage {
    NewPassage {
        section_path: vec!["Boards".to_owned(), heading.to_owned()],
        url: format!("/help/boards#{heading}"),
        anchor: heading.to_owned(),
        text: text.to_owned(),
        asked: Vec::new(),
        content_hash: format!("{heading}/{text}"),
        embedding: vector.map(Vec::from),
        part_vectors: vector.map(|vector| vector.iter().flat_map(|value| value.to_le_bytes()).collect()),
    }
}

fn document(source: &str, passages: Vec<NewPassage>) -> NewDocument {
    NewDocument {
        source: source.to_owned(),
        slug: source.trim_end_matches(".md").to_owned(),
        title: "Boards".to_owned(),
        content_hash: "hash".to_owned(),
        markdown: "# Boards".to_owned(),
        passages,
    }
}

fn boards() -> NewDocument {
    document(
        "boards.md",
        vec![
            passage("Export", "To export a board open its menu.", Some([1.0, 0.0, 0.0])),
            passage("Résumé", "Summaries of a board are sent on Mondays.", Some([0.0, 1.0, 0.0])),
            passage("Archive", "Archived boards can be restored from the menu.", Some([0.6, 0.8, 0.0])),
        ],
    )
}

async fn filled(kind: Kind) -> Fixture {
    let store = open(kind);
    let change = store.upsert(boards(), MODEL, at(0)).await.expect("indexed");
    assert_eq!(change, IndexChange { added: 3, kept: 0, removed: 0 });
    store
}

async fn found(store: &Store, words: &[&str]) -> Vec<String> {
    let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    let hits = store.search_words(&words, 10).await.expect("searched");
    assert!(
        hits.iter().all(|hit| hit.score > 0.0) && hits.is_sorted_by(|a, b| a.score >= b.score),
        "{hits:?}"
    );
    let ids: Vec<PassageId> = hits.iter().map(|hit| hit.passage_id).collect();
    store.passages(&ids).await.expect("read").iter().map(|passage| passage.heading().to_owned()).collect()
}

#[rstest]
#[case::stem(&["exporting"], &["Export"])]
#[case::any_of_them(&["exported", "mondays"], &["Export", "Résumé"])]
#[case::accents_do_not_matter(&["resume"], &["Résumé"])]
#[case::capitals_do_not_matter(&["ARCHIVES"], &["Archive"])]
#[case::headings_count_more(&["archive", "menu"], &["Archive", "Export"])]
#[case::nothing(&["submarine"], &[])]
#[case::no_words(&[], &[])]
#[case::only_marks(&["?!", "\"", "***", "-"], &[])]
#[tokio::test]
async fn words_find_passages(
    #[case] words: &[&str],
    #[case] expected: &[&str],
    #[values(Kind::Memory, Kind::File)] kind: Kind,
) {
    let store = filled(kind).await;
    let mut found = found(&store, words).await;
    if words.contains(&"mondays") {
        found.sort();
    }
    assert_eq!(found, expected);
}

#[rstest]
#[case("export\" OR \"menu")]
#[case("headings:export")]
#[case("exp*")]
#[case("NEAR(export menu)")]
#[case("export AND NOT menu")]
#[case("'; DROP TABLE passages; --")]
#[case("^export")]
#[case("{headings text} : export")]
#[case("\u{0}export")]
#[tokio::test]
async fn syntax_is_only_words(#[case] word: &str) {
    let store = filled(Kind::Memory).await;
    let words = [word.to_owned()];
    let hits = store.search_words(&words, 10).await.expect("no syntax error");
    assert!(hits.len() <= 1, "read as syntax: {hits:?}");
    let (frequencies, total) = store.word_frequencies(&words).await.expect("no syntax error");
    assert_eq!((frequencies, total), (vec![hits.len()], 3));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn no_text_breaks_the_search(words in proptest::collection::vec("\\PC{0,40}|[\"*^:(){}+-]{1,10}", 0..6)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(async {
            let store = SHARED.get_or_init(|| Store::open_in_memory(options()).expect("a store"));
            store.upsert(boards(), MODEL, at(0)).await.expect("indexed");
            store.search_words(&words, 5).await.expect("searched");
            store.word_frequencies(&words).await.expect("counted");
        });
    }
}

static SHARED: std::sync::OnceLock<Store> = std::sync::OnceLock::new();

#[rstest]
#[tokio::test]
async fn frequencies_count_passages_not_occurrences(#[values(Kind::Memory, Kind::File)] kind: Kind) {
    let store = filled(kind).await;
    let words = ["board", "menus", "submarine", "?"].map(str::to_owned);
    assert_eq!(store.word_frequencies(&words).await.expect("counted"), (vec![3, 2, 0, 0], 3));
}

#[rstest]
#[tokio::test]
async fn vectors_find_the_nearest(#[values(Kind::Memory, Kind::File)] kind: Kind) {
    let store = filled(kind).await;
    let hits = store.search_vector(&[1.0, 0.0, 0.0], MODEL, 2).await.expect("searched");
    let scores: Vec<f32> = hits.iter().map(|hit| (hit.score * 100.0).round() / 100.0).collect();
    assert_eq!(scores, [1.0, 0.6], "cosine similarity, best first");
    let names =
        store.passages(&[hits[0].passage_id, PassageId(999), hits[1].passage_id]).await.expect("read");
    assert_eq!(names.iter().map(Passage::heading).collect::<Vec<_>>(), ["Export", "Archive"]);
    assert!(store.search_vector(&[1.0, 0.0, 0.0], "another-model", 2).await.expect("searched").is_empty());
}

#[rstest]
#[case(vec![1.0, 0.0])]
#[case(vec![f32::NAN, 0.0, 0.0])]
#[case(vec![0.0, 0.0, 0.0])]
#[case(vec![])]
#[tokio::test]
async fn a_vector_that_fits_nothing_is_refused(#[case] vector: Vec<f32>) {
    let store = filled(Kind::Memory).await;
    assert!(matches!(store.search_vector(&vector, MODEL, 2).await, Err(StoreError::Failed(_))));
    let mut broken = boards();
    broken.passages[0].embedding = Some(vector);
    assert!(matches!(store.upsert(broken, MODEL, at(1)).await, Err(StoreError::Failed(_))));
    assert_eq!(
        store.search_vector(&[1.0, 0.0, 0.0], MODEL, 9).await.expect("searched").len(),
        3,
        "nothing changed"
    );
}

#[rstest]
#[tokio::test]
async fn unchanged_passages_keep_their_number_and_vector(#[values(Kind::Memory, Kind::File)] kind: Kind) {
    let store = filled(kind).await;
    let before = store.search_vector(&[1.0, 0.0, 0.0], MODEL, 1).await.expect("searched")[0].passage_id;
    assert_eq!(store.embedded_hashes("boards.md", MODEL).await.expect("read").len(), 3);
    let mut changed = boards();
    changed.passages.remove(2);
    changed.passages[0].embedding = None;
    changed.passages[0].url = "/help/boards#export-1".to_owned();
    changed.passages[1].embedding = None;
    changed.passages.insert(0, passage("New", "Boards can be copied.", None));
    let change = store.upsert(changed, MODEL, at(5)).await.expect("indexed");
    assert_eq!(change, IndexChange { added: 1, kept: 2, removed: 1 });

    let hits = store.search_vector(&[1.0, 0.0, 0.0], MODEL, 9).await.expect("searched");
    assert_eq!((hits.len(), hits[0].passage_id), (2, before));
    assert_eq!(store.passages(&[before]).await.expect("read")[0].url, "/help/boards#export-1");
    assert_eq!(store.embedded_hashes("boards.md", MODEL).await.expect("read").len(), 2);
    assert_eq!(store.embedded_hashes("boards.md", "another-model").await.expect("read").len(), 0);
    let parts: Vec<u8> = [1.0_f32, 0.0, 0.0].iter().flat_map(|value| value.to_le_bytes()).collect();
    assert_eq!(store.part_vectors(&[before], MODEL).await.expect("read"), [(before, parts)]);
    assert_eq!(store.part_vectors(&[before], "another-model").await.expect("read"), []);
    assert_eq!(found(&store, &["restored"]).await, Vec::<String>::new(), "what was removed is not found");
    assert_eq!(found(&store, &["copied"]).await, ["New"]);
    let [summary] = store.documents().await.expect("read").try_into().expect("one");
    assert_eq!((summary.passages, summary.updated_at), (3, at(5)));
}

#[rstest]
#[tokio::test]
async fn the_same_text_twice_is_two_passages(#[values(Kind::Memory, Kind::File)] kind: Kind) {
    let store = open(kind);
    let twice =
        || document("twice.md", vec![passage("A", "The same.", None), passage("A", "The same.", None)]);
    store.upsert(twice(), MODEL, at(0)).await.expect("indexed");
    let change = store.upsert(twice(), MODEL, at(1)).await.expect("indexed");
    assert_eq!(change, IndexChange { added: 0, kept: 2, removed: 0 });
}

#[rstest]
#[tokio::test]
async fn removing_a_document_leaves_nothing_to_find(#[values(Kind::Memory, Kind::File)] kind: Kind) {
    let store = filled(kind).await;
    assert!(store.remove("boards.md").await.expect("removed"));
    assert!(!store.remove("boards.md").await.expect("removed"));
    assert!(found(&store, &["board"]).await.is_empty());
    assert!(store.search_vector(&[1.0, 0.0, 0.0], MODEL, 9).await.expect("searched").is_empty());
    assert_eq!(store.document_text("boards").await.expect("read"), None);
    store.execute("INSERT INTO passage_words (passage_words, rank) VALUES ('integrity-check', 1)").await;
}

#[rstest]
#[tokio::test]
async fn another_model_takes_the_place_of_the_first(#[values(Kind::Memory, Kind::File)] kind: Kind) {
    let store = filled(kind).await;
    let mut again = boards();
    for (number, passage) in again.passages.iter_mut().enumerate() {
        passage.embedding = Some(vec![1.0, number as f32]);
    }
    let change = store.upsert(again, "other-model", at(1)).await.expect("indexed");
    assert_eq!(change.kept, 3);
    assert_eq!(store.search_vector(&[1.0, 0.0], "other-model", 9).await.expect("searched").len(), 3);
    assert!(store.search_vector(&[1.0, 0.0, 0.0], MODEL, 9).await.expect("searched").is_empty());
}

#[tokio::test]
async fn two_documents_cannot_share_a_page() {
    let store = filled(Kind::Memory).await;
    let rival = NewDocument { source: "other/boards.md".to_owned(), ..boards() };
    let refused = store.upsert(rival, MODEL, at(1)).await;
    let Err(StoreError::Failed(reason)) = refused else { panic!("{refused:?}") };
    assert!(reason.to_string().contains("boards.md"), "{reason}");
    let (title, markdown) = store.document_text("boards").await.expect("read").expect("found");
    assert_eq!((title.as_str(), markdown.as_str()), ("Boards", "# Boards"));
}
