//! The queue's leases: one holder at a time, failures tried again, the last one ending at a person.

use super::*;
use crate::ports::store::{AfterFailure, DeadLetters, DeadWork, Reports, StoreError};
use rstest::rstest;

#[rstest]
#[tokio::test]
async fn one_conversation_in_order_several_in_parallel(#[values(Kind::Memory, Kind::File)] kind: Kind) {
    let store = open(kind);
    let first = accept(&store, mail("ana@example.org", "one")).await;
    let second = accept(&store, mail("ana@example.org", "two")).await;
    let other = accept(&store, mail("ben@example.org", "three")).await;
    let job = lease(&store, 0).await;
    assert_eq!((job.message_id, job.attempt), (first.message_id, 1));
    assert_eq!(lease(&store, 0).await.message_id, other.message_id, "another conversation does not wait");
    nothing_to_lease(&store, 0).await;
    store.finish_void(&job, at(1)).await.expect("overtaken by the second");
    assert_eq!(lease(&store, 1).await.message_id, second.message_id);
}

#[rstest]
#[tokio::test]
async fn a_lease_that_ran_out_comes_back_and_the_late_holder_changes_nothing(
    #[values(Kind::Memory, Kind::File)] kind: Kind,
) {
    let store = open(kind);
    let accepted = accept(&store, web("ana@example.org", "How do I export?")).await;
    let late = lease(&store, 0).await;
    assert_eq!(store.next_due().await.expect("due"), Some(at(60)));
    nothing_to_lease(&store, 59).await;
    store.renew_job(late.id, &late.lease, at(90)).await.expect("renewed");
    nothing_to_lease(&store, 89).await;
    let holder = lease(&store, 90).await;
    assert_eq!((holder.message_id, holder.attempt), (accepted.message_id, 2));
    let outcome = answered(&late, accepted.message_id, "late answer");
    assert!(matches!(store.commit_turn(&late, outcome, at(91)).await, Err(StoreError::Conflict)));
    assert!(matches!(store.renew_job(late.id, &late.lease, at(200)).await, Err(StoreError::Conflict)));
    assert!(matches!(store.fail_job(&late, "late", at(91)).await, Err(StoreError::Conflict)));
    assert!(matches!(store.release_job(&late, at(91)).await, Err(StoreError::Conflict)));
    assert!(matches!(store.finish_void(&late, at(91)).await, Err(StoreError::Conflict)));
    let outcome = answered(&holder, accepted.message_id, "the answer");
    store.commit_turn(&holder, outcome, at(91)).await.expect("committed").expect("an outbox row");
    let ticket = store.ticket(&accepted.reference).await.expect("read").expect("found");
    assert_eq!(ticket.messages.len(), 2, "one question, one answer");
}

#[rstest]
#[tokio::test]
async fn failures_back_off_and_end_at_a_person(#[values(Kind::Memory, Kind::File)] kind: Kind) {
    let store = open(kind);
    let accepted = accept(&store, web("ana@example.org", "How do I export?")).await;
    let mut now = 0;
    for attempt in 1..3 {
        let job = lease(&store, now).await;
        assert_eq!(job.attempt, attempt);
        let AfterFailure::RetryAt(due) = store.fail_job(&job, "no model", at(now)).await.expect("failed")
        else {
            panic!("attempts are left")
        };
        assert!(due > at(now), "never at once");
        assert_eq!(store.next_due().await.expect("due"), Some(due));
        nothing_to_lease(&store, now).await;
        now += 100;
    }
    let job = lease(&store, now).await;
    assert_eq!(store.fail_job(&job, "no model", at(now)).await.expect("failed"), AfterFailure::DeadLetter);
    nothing_to_lease(&store, now + 100_000).await;
    let ticket = store.ticket(&accepted.reference).await.expect("read").expect("found");
    assert_eq!((ticket.status, ticket.stage), (TicketStatus::Escalated, Stage::Failed));
    assert_eq!(ticket.assigned_to.as_deref(), Some("Support"));
    let figures = store.queue_figures(at(now)).await.expect("figures");
    assert_eq!((figures.waiting, figures.leased, figures.dead), (0, 0, 1));
    let [letter] = store.dead_letters(10).await.expect("a list").try_into().expect("one");
    assert_eq!(
        (letter.reference, letter.attempts, letter.error.as_str()),
        (accepted.reference, 3, "no model")
    );
}

#[rstest]
#[tokio::test]
async fn a_dead_letter_can_be_sent_round_again(#[values(Kind::Memory, Kind::File)] kind: Kind) {
    let store = open(kind);
    let accepted = accept(&store, web("ana@example.org", "How do I export?")).await;
    for round in 0..3 {
        let job = lease(&store, round * 1000).await;
        store.fail_job(&job, "no model", at(round * 1000)).await.expect("failed");
    }
    let [letter] = store.dead_letters(10).await.expect("a list").try_into().expect("one");
    store.replay(letter.work, "kim", at(9000)).await.expect("replayed");
    assert!(store.dead_letters(10).await.expect("a list").is_empty());
    let again = store.replay(letter.work, "kim", at(9001)).await;
    assert!(matches!(again, Err(StoreError::NotFound(_))), "only what is dead can be revived");
    let job = lease(&store, 9000).await;
    assert_eq!((DeadWork::Job(job.id), job.attempt), (letter.work, 1));
    let context = store.turn_context(&job).await.expect("context");
    assert!(
        !context.state.already_escalated,
        "the failure's hand-over is settled, so the assistant may answer"
    );
    store
        .commit_turn(&job, answered(&job, accepted.message_id, "Like this."), at(9001))
        .await
        .expect("committed");
    assert_eq!(store.number("SELECT count(*) FROM audit WHERE actor = 'kim' AND action = 'replay'").await, 1);
}

#[rstest]
#[tokio::test]
async fn a_dead_letter_behind_newer_messages_is_answered_with_them(
    #[values(Kind::Memory, Kind::File)] kind: Kind,
) {
    let store = open(kind);
    accept(&store, mail("ana@example.org", "How do I export?")).await;
    for round in 0..3 {
        let job = lease(&store, round * 1000).await;
        store.fail_job(&job, "no model", at(round * 1000)).await.expect("failed");
    }
    let newer = accept(&store, mail("ana@example.org", "As a CSV file, please")).await;
    let job = lease(&store, 5000).await;
    let outcome = TurnOutcome { decision: "acknowledged", ..answered(&job, newer.message_id, "Added.") };
    store.commit_turn(&job, outcome, at(5000)).await.expect("committed");

    let [letter] = store.dead_letters(10).await.expect("a list").try_into().expect("one");
    store.replay(letter.work, "kim", at(9000)).await.expect("replayed");
    let job = lease(&store, 9000).await;
    let context = store.turn_context(&job).await.expect("context");
    assert_eq!((job.message_id, context.newest_message_id), (newer.message_id, newer.message_id));
    let texts: Vec<&str> = context.unanswered.iter().map(|message| message.content.as_str()).collect();
    assert_eq!(texts, ["How do I export?", "As a CSV file, please"]);
    store
        .commit_turn(&job, answered(&job, newer.message_id, "Like this."), at(9001))
        .await
        .expect("committed");
    nothing_to_lease(&store, 99_000).await;
}

#[rstest]
#[tokio::test]
async fn a_message_that_kills_its_workers_stops_doing_so(#[values(Kind::Memory, Kind::File)] kind: Kind) {
    let store = open(kind);
    let poison = accept(&store, mail("ana@example.org", "poison")).await;
    let next = accept(&store, mail("ana@example.org", "harmless")).await;
    for round in 0..3 {
        assert_eq!(lease(&store, round * 100).await.message_id, poison.message_id);
    }
    assert_eq!(lease(&store, 300).await.message_id, next.message_id, "the conversation goes on behind it");
    assert_eq!(store.queue_figures(at(300)).await.expect("figures").dead, 1);
    assert_eq!(store.number("SELECT count(*) FROM escalations WHERE origin = 'failure'").await, 1);
}

#[rstest]
#[tokio::test]
async fn work_given_back_counts_no_attempt(#[values(Kind::Memory, Kind::File)] kind: Kind) {
    let store = open(kind);
    accept(&store, web("ana@example.org", "How do I export?")).await;
    for round in 0..20 {
        let job = lease(&store, round).await;
        assert_eq!(job.attempt, 1);
        store.release_job(&job, at(round + 1)).await.expect("released");
        nothing_to_lease(&store, round).await;
    }
    let figures = store.queue_figures(at(100)).await.expect("figures");
    assert_eq!((figures.waiting, figures.oldest_due), (1, Some(at(20))));
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn two_workers_never_hold_one_job(#[values(Kind::Memory, Kind::File)] kind: Kind) {
    let store = open(kind);
    for number in 0..40 {
        accept(&store, mail(&format!("customer{number}@example.org"), "Hello there")).await;
    }
    let workers = (0..8).map(|_| {
        let store = store.store.clone();
        tokio::spawn(async move {
            let mut held = Vec::new();
            while let Some(job) = store.lease_job(at(0), LEASE).await.expect("a working queue") {
                held.push(job.id);
            }
            held
        })
    });
    let mut held: Vec<_> = futures_util::future::join_all(workers)
        .await
        .into_iter()
        .flat_map(|worker| worker.expect("no panic"))
        .collect();
    held.sort();
    held.dedup();
    assert_eq!(held.len(), 40);
}
