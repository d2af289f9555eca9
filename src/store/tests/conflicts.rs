//! Faults in the documents: kept as long as they are found, silent once accepted, gone with their passages.

use super::*;
use crate::domain::{
    conflict::{Conflict, ConflictKind, ConflictSide},
    ids::PassageId,
};
use crate::ports::{
    conflicts::ConflictStore,
    knowledge::{KnowledgeIndex, NewDocument, NewPassage},
    store::StoreError,
};

async fn two_passages(store: &Store) -> Vec<PassageId> {
    for name in ["one", "two"] {
        let passage = NewPassage {
            section_path: vec![name.to_owned(), "Prices".to_owned()],
            url: format!("/help/{name}#prices"),
            anchor: "prices".to_owned(),
            text: format!("Pro costs {name} USD."),
            asked: Vec::new(),
            content_hash: name.to_owned(),
            embedding: None,
            part_vectors: None,
        };
        let document = NewDocument {
            source: name.to_owned(),
            slug: name.to_owned(),
            title: name.to_owned(),
            content_hash: name.to_owned(),
            markdown: String::new(),
            passages: vec![passage],
        };
        store.upsert(document, "", at(0)).await.expect("indexed");
    }
    store.all_passages().await.expect("read").iter().map(|passage| passage.id).collect()
}

fn conflict(one: PassageId, other: Option<PassageId>) -> Conflict {
    let side = |passage_id: PassageId, value: &str| ConflictSide {
        passage_id,
        section: String::new(),
        url: String::new(),
        sentence: format!("Pro costs {value}."),
        value: value.to_owned(),
    };
    let kind = if other.is_some() { ConflictKind::Amount } else { ConflictKind::Expired };
    let other = other.map(|other| side(other, "12 USD"));
    Conflict { kind, topic: "the price".to_owned(), side: side(one, "9 USD"), other }
}

#[tokio::test]
async fn a_conflict_found_again_keeps_its_number_and_stays_accepted() {
    let store = open(Kind::File);
    let ids = two_passages(&store).await;
    let both = vec![conflict(ids[0], Some(ids[1])), conflict(ids[1], None)];
    store.keep_conflicts(both.clone(), at(1)).await.expect("kept");
    let found = store.conflicts(false).await.expect("listed");
    assert_eq!(found.len(), 2);
    assert_eq!(
        found[0].conflict.describe(),
        "two passages disagree on the price: one › Prices says 9 USD, two › Prices says 12 USD"
    );
    assert_eq!(store.conflicts_of(&ids).await.expect("read").len(), 2, "each is named once");
    store.accept_conflict(found[0].id, "kim", at(2)).await.expect("accepted");
    store.keep_conflicts(both, at(3)).await.expect("kept");
    let open = store.conflicts(false).await.expect("listed");
    assert_eq!(open, found[1..], "what was accepted is not reported again");
    assert_eq!(store.conflicts(true).await.expect("listed").len(), 2);
    assert_eq!(store.conflicts_of(&[ids[0]]).await.expect("read"), [], "an accepted one holds no answer");
    store.keep_conflicts(Vec::new(), at(4)).await.expect("kept");
    assert_eq!(store.conflicts(true).await.expect("listed"), [], "what is mended is gone");
    let missing = store.accept_conflict(99, "kim", at(5)).await;
    assert!(matches!(missing, Err(StoreError::NotFound("conflict"))), "{missing:?}");
}

#[tokio::test]
async fn a_passage_takes_its_conflicts_along() {
    let store = open(Kind::File);
    let ids = two_passages(&store).await;
    store.keep_conflicts(vec![conflict(ids[0], Some(ids[1]))], at(1)).await.expect("kept");
    assert!(store.remove("two").await.expect("removed"));
    assert_eq!(store.conflicts(true).await.expect("listed"), []);
}
