//! Local exemplars: what is kept, what is taken back, and that every process notices.

use super::*;
use crate::domain::exemplar::RightDecision;
use crate::ports::{
    exemplars::{ExemplarStore, Imported, NewExemplar},
    store::StoreError,
};
use rstest::rstest;

fn exemplar(text: &str, should: RightDecision) -> NewExemplar {
    NewExemplar {
        text: text.to_owned(),
        should,
        category: EscalationCategory::Legal,
        language: Some("en".to_owned()),
        origin: None,
        note: Some("asks for a notary".to_owned()),
        marked_by: "kim".to_owned(),
        marked_at: at(10),
    }
}

/// A ticket whose message was answered.
async fn answered_ticket(store: &Store) -> Accepted {
    let accepted = accept(store, web("ana@example.org", "How do I export?")).await;
    let job = lease(store, 0).await;
    store
        .commit_turn(&job, answered(&job, accepted.message_id, "Like this."), at(1))
        .await
        .expect("committed");
    accepted
}

#[rstest]
#[tokio::test]
async fn a_mark_is_kept_with_where_it_came_from(#[values(Kind::Memory, Kind::File)] kind: Kind) {
    let store = open(kind);
    let accepted = answered_ticket(&store).await;
    let decided = store.decided_message(&accepted.reference, None).await.expect("decided");
    assert_eq!((decided.content.as_str(), decided.decision.as_str()), ("How do I export?", "sent"));
    let origin = Some((decided.ticket_id, decided.message_id));
    let before = store.exemplars_version().await.expect("a version");
    let new = NewExemplar { origin, ..exemplar(&decided.content, RightDecision::Escalate) };
    let marked = store.mark(new.clone()).await.expect("kept");
    assert_eq!(marked.ticket.as_ref(), Some(&accepted.reference));
    assert_ne!(store.exemplars_version().await.expect("a version"), before, "a running server must notice");

    // The operator thinks again: the later mark holds, the earlier one is on record.
    let again = store.mark(NewExemplar { should: RightDecision::Answer, ..new }).await.expect("kept");
    assert_eq!(store.exemplars(false).await.expect("listed"), std::slice::from_ref(&again));
    assert_eq!(store.exemplars(true).await.expect("listed").len(), 2);

    let version = store.exemplars_version().await.expect("a version");
    let undone = store.undo_exemplar(again.id, "lee", at(20)).await.expect("undone");
    assert_eq!(undone.undone, Some(("lee".to_owned(), at(20))));
    assert_eq!(store.undo_exemplar(again.id, "kim", at(30)).await.expect("as it was"), undone);
    assert_eq!(store.exemplars(false).await.expect("listed"), []);
    assert_ne!(store.exemplars_version().await.expect("a version"), version);
    let audited = store.number("SELECT count(*) FROM audit WHERE action LIKE 'decision.%'").await;
    assert_eq!(audited, 3, "two marks and one undo");
    let words = store.number("SELECT count(*) FROM audit WHERE details LIKE '%export%'").await;
    assert_eq!(words, 0, "the audit log holds no customer's words");
}

#[tokio::test]
async fn a_customers_words_go_with_the_customer_and_the_server_notices() {
    let store = open(Kind::File);
    let accepted = answered_ticket(&store).await;
    let decided = store.decided_message(&accepted.reference, None).await.expect("decided");
    let origin = Some((decided.ticket_id, decided.message_id));
    let new = NewExemplar { origin, ..exemplar(&decided.content, RightDecision::Escalate) };
    store.mark(new).await.expect("kept");
    let version = store.exemplars_version().await.expect("a version");
    store.execute("DELETE FROM customers").await;
    assert_eq!(store.exemplars(true).await.expect("listed"), []);
    assert_ne!(store.exemplars_version().await.expect("a version"), version);
}

#[tokio::test]
async fn an_import_is_whole_and_can_be_repeated() {
    let store = open(Kind::File);
    let both = vec![exemplar("one", RightDecision::Answer), exemplar("two", RightDecision::Escalate)];
    let done = store.import_exemplars(both.clone(), "kim", at(1)).await.expect("imported");
    assert_eq!(done, Imported { added: 2, known: 0 });
    let again = store.import_exemplars(both, "kim", at(2)).await.expect("imported");
    assert_eq!(again, Imported { added: 0, known: 2 });
    let faulty = vec![exemplar("three", RightDecision::Answer), exemplar("", RightDecision::Answer)];
    store.import_exemplars(faulty, "kim", at(3)).await.expect_err("an empty text is refused");
    assert_eq!(store.exemplars(false).await.expect("listed").len(), 2, "nothing of a faulty import stays");
}

#[tokio::test]
async fn what_is_not_there_is_named() {
    let store = open(Kind::File);
    let unknown = "TF-20260101-AAAA".parse().expect("a reference");
    let missing = store.decided_message(&unknown, None).await;
    assert!(matches!(missing, Err(StoreError::NotFound("ticket"))), "{missing:?}");
    let accepted = accept(&store, web("ana@example.org", "How do I export?")).await;
    let undecided = store.decided_message(&accepted.reference, None).await;
    assert!(matches!(undecided, Err(StoreError::NotFound("decision on this ticket"))), "{undecided:?}");
    let undo = store.undo_exemplar(crate::domain::ids::ExemplarId::new(), "kim", at(1)).await;
    assert!(matches!(undo, Err(StoreError::NotFound("exemplar"))), "{undo:?}");
}
