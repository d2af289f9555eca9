//! The outbox: each reply once if possible, in order, and never lost from sight.

use super::*;
use crate::domain::message::DeliveryStatus;
use crate::ports::store::{
    AfterFailure, DeadLetters, DeadWork, DeliveryReports, LeasedDelivery, Reports, StoreError,
};
use rstest::rstest;

async fn with_reply(store: &Store, address: &str, text: &str) -> Accepted {
    let accepted = accept(store, mail(address, "How do I export?")).await;
    let job = lease(store, 0).await;
    let mut outcome = answered(&job, accepted.message_id, text);
    let reply = outcome.reply.as_mut().expect("a reply");
    reply.channel = Channel::Email;
    reply.recipient = Some(address.to_owned());
    reply.subject = Some("Re: Export".to_owned());
    store.commit_turn(&job, outcome, at(1)).await.expect("committed");
    accepted
}

async fn lease_out(store: &Store, seconds: i64) -> LeasedDelivery {
    store.lease_delivery(at(seconds), LEASE).await.expect("a working outbox").expect("a delivery")
}

async fn status(store: &Store, accepted: &Accepted) -> Option<DeliveryStatus> {
    let ticket = store.ticket(&accepted.reference).await.expect("read").expect("found");
    ticket.messages.last().expect("a message").delivery_status
}

#[rstest]
#[tokio::test]
async fn a_reply_goes_out_with_everything_it_needs(#[values(Kind::Memory, Kind::File)] kind: Kind) {
    let store = open(kind);
    let accepted = with_reply(&store, "ana@example.org", "Open the menu.").await;
    let delivery = lease_out(&store, 1).await;
    assert_eq!(
        (delivery.channel, delivery.attempt, delivery.ticket_id),
        (Channel::Email, 1, accepted.ticket_id)
    );
    assert_eq!(delivery.message.recipient.as_deref(), Some("ana@example.org"));
    assert_eq!(delivery.message.subject.as_deref(), Some("Re: Export"));
    assert_eq!(delivery.message.parts, ["Open the menu."]);
    assert_eq!(delivery.message.outbox_id, delivery.id);
    assert!(delivery.message.automatic);
    assert_eq!(store.lease_delivery(at(2), LEASE).await.expect("a working outbox"), None);
    let ids = ["SM1".to_owned(), "SM2".to_owned()];
    store.delivery_succeeded(&delivery, DeliveryStatus::Sent, &ids, at(3)).await.expect("recorded");
    assert_eq!(status(&store, &accepted).await, Some(DeliveryStatus::Sent));
    assert_eq!(store.next_due().await.expect("due"), None);
    let twice = store.delivery_succeeded(&delivery, DeliveryStatus::Sent, &ids, at(3)).await;
    assert!(matches!(twice, Err(StoreError::Conflict)));
}

#[rstest]
#[tokio::test]
async fn a_providers_word_moves_the_status_forward_only(#[values(Kind::Memory, Kind::File)] kind: Kind) {
    let store = open(kind);
    let accepted = with_reply(&store, "ana@example.org", "Open the menu.").await;
    let delivery = lease_out(&store, 1).await;
    let ids = ["SM1".to_owned(), "SM2".to_owned()];
    store.delivery_succeeded(&delivery, DeliveryStatus::Sent, &ids, at(3)).await.expect("recorded");
    for (id, reported, shown) in [
        ("SM1", DeliveryStatus::Failed, DeliveryStatus::Failed),
        ("SM2", DeliveryStatus::Delivered, DeliveryStatus::Delivered),
        ("SM2", DeliveryStatus::Read, DeliveryStatus::Read),
        ("SM2", DeliveryStatus::Sent, DeliveryStatus::Read),
        ("SM1", DeliveryStatus::Failed, DeliveryStatus::Read),
    ] {
        assert!(store.delivery_status(Channel::Email, id, reported).await.expect("recorded"));
        assert_eq!(status(&store, &accepted).await, Some(shown), "after {reported:?} of {id}");
    }
    assert!(!store.delivery_status(Channel::Whatsapp, "SM1", DeliveryStatus::Read).await.expect("recorded"));
}

#[rstest]
#[tokio::test]
async fn every_attempt_carries_the_same_key(#[values(Kind::Memory, Kind::File)] kind: Kind) {
    let store = open(kind);
    with_reply(&store, "ana@example.org", "Open the menu.").await;
    let first = lease_out(&store, 1).await;
    let again = lease_out(&store, 61).await;
    assert_eq!((again.id, again.attempt), (first.id, 2));
    assert_eq!(again.message.idempotency_key, first.message.idempotency_key);
    let late = store.delivery_failed(&first, "timeout", false, None, at(62)).await;
    assert!(matches!(late, Err(StoreError::Conflict)), "the first holder's lease ran out");
}

#[rstest]
#[tokio::test]
async fn one_ticket_in_order_others_beside_it(#[values(Kind::Memory, Kind::File)] kind: Kind) {
    let store = open(kind);
    with_reply(&store, "ana@example.org", "one").await;
    with_reply(&store, "ana@example.org", "two").await;
    with_reply(&store, "ben@example.org", "three").await;
    let one = lease_out(&store, 1).await;
    assert_eq!(one.message.parts, ["one"]);
    assert_eq!(lease_out(&store, 1).await.message.parts, ["three"]);
    assert_eq!(store.lease_delivery(at(1), LEASE).await.expect("a working outbox"), None);
    let AfterFailure::RetryAt(due) =
        store.delivery_failed(&one, "timeout", false, None, at(2)).await.expect("failed")
    else {
        panic!("attempts are left")
    };
    assert!(due > at(2));
    assert_eq!(
        store.lease_delivery(at(2), LEASE).await.expect("a working outbox"),
        None,
        "two waits for one"
    );
}

#[rstest]
#[tokio::test]
async fn the_providers_wait_is_kept(#[values(Kind::Memory, Kind::File)] kind: Kind) {
    let store = open(kind);
    with_reply(&store, "ana@example.org", "one").await;
    let delivery = lease_out(&store, 1).await;
    let wait = Some(SignedDuration::from_secs(600));
    let after = store.delivery_failed(&delivery, "slow down", false, wait, at(1)).await.expect("failed");
    assert_eq!(after, AfterFailure::RetryAt(at(601)));
    assert_eq!(store.next_due().await.expect("due"), Some(at(601)));
}

#[rstest]
#[case(true, 1)]
#[case(false, 3)]
#[tokio::test]
async fn what_cannot_be_delivered_is_seen_by_a_person_and_can_be_sent_again(
    #[case] permanent: bool,
    #[case] attempts: u32,
) {
    let store = open(Kind::File);
    let accepted = with_reply(&store, "ana@example.org", "one").await;
    let mut now = 1;
    loop {
        let delivery = lease_out(&store, now).await;
        let after = store
            .delivery_failed(&delivery, "no such mailbox", permanent, None, at(now))
            .await
            .expect("failed");
        if after == AfterFailure::DeadLetter {
            assert_eq!(delivery.attempt, attempts);
            break;
        }
        now += 100;
    }
    assert_eq!(status(&store, &accepted).await, Some(DeliveryStatus::Failed));
    let ticket = store.ticket(&accepted.reference).await.expect("read").expect("found");
    assert_eq!((ticket.status, ticket.stage), (TicketStatus::Escalated, Stage::Failed));
    let figures = store.queue_figures(at(now)).await.expect("figures");
    assert_eq!((figures.outbox_waiting, figures.outbox_dead), (0, 1));
    assert_eq!(store.number("SELECT count(*) FROM deliveries").await, i64::from(attempts));

    let [letter] = store.dead_letters(10).await.expect("a list").try_into().expect("one");
    assert!(matches!(letter.work, DeadWork::Delivery(_)));
    assert_eq!((letter.reference, letter.error.as_str()), (accepted.reference.clone(), "no such mailbox"));
    store.replay(letter.work, "kim", at(now)).await.expect("replayed");
    assert_eq!(status(&store, &accepted).await, Some(DeliveryStatus::Pending));
    let delivery = lease_out(&store, now).await;
    store.delivery_succeeded(&delivery, DeliveryStatus::Delivered, &[], at(now)).await.expect("recorded");
    assert_eq!(status(&store, &accepted).await, Some(DeliveryStatus::Delivered));
}
