//! Accepting: nothing lost, nothing twice, and nobody sees what somebody else wrote.

use super::*;
use crate::domain::{customer::Plan, ids::ConversationId, ticket::Feedback};
use crate::ports::store::{Reports, StoreError};
use rstest::rstest;
use std::collections::HashSet;

#[rstest]
#[tokio::test]
async fn a_message_is_kept_whole_and_queued(#[values(Kind::Memory, Kind::File)] kind: Kind) {
    let store = open(kind);
    let accepted = accept(&store, web("ana@example.org", "How do I export a board?")).await;
    assert!(!accepted.duplicate);
    assert!(accepted.reference.as_str().starts_with("TF-20260921-"), "{}", accepted.reference);
    assert_eq!(accepted.plan, Plan::Free);

    let ticket = store.ticket(&accepted.reference).await.expect("read").expect("found");
    assert_eq!(
        (ticket.id, ticket.status, ticket.stage),
        (accepted.ticket_id, TicketStatus::Open, Stage::Received)
    );
    assert_eq!(ticket.subject, "Exporting a board");
    let [message] = ticket.messages.as_slice() else { panic!("one message, not {}", ticket.messages.len()) };
    assert_eq!((message.content.as_str(), message.role), ("How do I export a board?", Role::Customer));
    assert_eq!((message.delivery_status, message.created_at), (None, at(0)));

    let raw: Vec<u8> = store
        .read(|connection| Ok(connection.query_row("SELECT raw FROM message_raw", [], |row| row.get(0))?))
        .await
        .expect("raw");
    assert_eq!(raw, b"raw: How do I export a board?");
    assert_eq!(lease(&store, 0).await.message_id, accepted.message_id);
}

#[rstest]
#[tokio::test]
async fn the_same_delivery_ten_times_is_one_ticket(#[values(Kind::Memory, Kind::File)] kind: Kind) {
    let store = open(kind);
    let message = web("ana@example.org", "How do I export a board?");
    let first = accept(&store, message.clone()).await;
    let repeats = (0..9).map(|_| store.accept(message.clone()));
    for repeat in futures_util::future::join_all(repeats).await {
        assert_eq!(repeat.expect("accepted"), Accepted { duplicate: true, ..first.clone() });
    }
    assert_eq!(store.number("SELECT count(*) FROM jobs").await, 1);
    assert_eq!(store.number("SELECT count(*) FROM tickets").await, 1);
}

#[rstest]
#[tokio::test]
async fn the_same_id_on_another_channel_is_another_message(#[values(Kind::Memory, Kind::File)] kind: Kind) {
    let store = open(kind);
    let by_web = Inbound { provider_message_id: "1".to_owned(), ..web("ana@example.org", "Hello there") };
    let by_mail = Inbound { provider_message_id: "1".to_owned(), ..mail("ana@example.org", "Hello there") };
    accept(&store, by_web).await;
    assert!(!accept(&store, by_mail).await.duplicate);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_burst_of_first_messages_makes_one_customer_and_one_conversation(
    #[values(Kind::Memory, Kind::File)] kind: Kind,
) {
    let store = open(kind);
    let tasks: Vec<_> = (0..32)
        .map(|number| {
            let store = store.store.clone();
            tokio::spawn(async move {
                accept(&store, inbound(Channel::Whatsapp, phone("+15550001"), &format!("message {number}")))
                    .await
            })
        })
        .collect();
    let mut accepted = Vec::new();
    for task in tasks {
        accepted.push(task.await.expect("no panic"));
    }
    let of = |part: fn(&Accepted) -> uuid::Uuid| accepted.iter().map(part).collect::<HashSet<_>>().len();
    assert_eq!((of(|a| a.customer_id.0), of(|a| a.conversation_id.0), of(|a| a.ticket_id.0)), (1, 1, 1));
    assert_eq!(of(|a| a.message_id.0), 32);
    assert_eq!(store.number("SELECT count(*) FROM jobs").await, 32);
    assert_eq!(store.number("SELECT conversation_count FROM customers").await, 1);
}

#[rstest]
#[tokio::test]
async fn every_form_opens_a_ticket_of_its_own(#[values(Kind::Memory, Kind::File)] kind: Kind) {
    let store = open(kind);
    let first = accept(&store, web("ana@example.org", "My first question")).await;
    let second = accept(&store, web("ana@example.org", "My second question")).await;
    assert_eq!((first.customer_id, first.conversation_id), (second.customer_id, second.conversation_id));
    assert_ne!(first.reference, second.reference);
    let shown = store.ticket(&second.reference).await.expect("read").expect("found");
    assert_eq!(shown.messages.len(), 1, "whoever typed the address sees their own words only");
}

#[rstest]
#[tokio::test]
async fn a_further_mail_joins_the_open_ticket(#[values(Kind::Memory, Kind::File)] kind: Kind) {
    let store = open(kind);
    let first = accept(&store, mail("ana@example.org", "The board does not load")).await;
    let second = accept(&store, mail("ana@example.org", "Now it does")).await;
    assert_eq!(first.ticket_id, second.ticket_id);
    let by_phone = accept(&store, inbound(Channel::Whatsapp, phone("+15550001"), "Hello there")).await;
    assert_ne!(by_phone.customer_id, first.customer_id, "nothing proves that they are one person");
}

#[rstest]
#[tokio::test]
async fn a_typed_address_never_joins_what_was_proven(#[values(Kind::Memory, Kind::File)] kind: Kind) {
    let store = open(kind);
    let proven = accept(&store, mail("ana@example.org", "My account number is 1234")).await;
    let typed = accept(&store, web("ana@example.org", "What did I write before?")).await;
    assert_eq!(typed.customer_id, proven.customer_id, "the customer is the same to operators");
    assert_ne!(typed.conversation_id, proven.conversation_id, "the conversation is not");
    let forged =
        Inbound { identifiers: vec![email("ana@example.org", false)], ..mail("ana@example.org", "It is me") };
    let forged = accept(&store, forged).await;
    assert_eq!(forged.conversation_id, typed.conversation_id);
    assert_ne!(forged.ticket_id, typed.ticket_id, "a form's page must not show a mail that came later");
    assert_eq!(store.number("SELECT verified FROM identifiers").await, 1, "proof once given stays given");
}

#[rstest]
#[tokio::test]
async fn a_name_typed_beside_an_address_is_the_tickets_alone(#[values(Kind::Memory, Kind::File)] kind: Kind) {
    let store = open(kind);
    accept(&store, Inbound { plan: Some(Plan::Pro), ..mail("ana@example.org", "Hello from Ana") }).await;
    store.execute("UPDATE customers SET plan = 'enterprise'").await;
    let typed = Inbound {
        customer_name: Some("Mallory".to_owned()),
        plan: Some(Plan::Pro),
        ..web("ana@example.org", "Who am I to you?")
    };
    let typed = accept(&store, typed).await;
    assert_eq!(typed.plan, Plan::Pro, "what the company knows of Ana is not for whoever types her address");
    lease(&store, 0).await;
    let context = store.turn_context(&lease(&store, 0).await).await.expect("context");
    assert_eq!(context.customer_name.as_deref(), Some("Mallory"));
    let proven = accept(&store, mail("ana@example.org", "And I?")).await;
    assert_eq!(proven.plan, Plan::Pro, "the ticket keeps the plan it was opened with");
    assert_eq!(store.number("SELECT count(*) FROM customers WHERE name = 'Ana Li'").await, 1);
}

#[rstest]
#[tokio::test]
async fn typing_somebodys_number_beside_ones_own_address_links_nothing(
    #[values(Kind::Memory, Kind::File)] kind: Kind,
) {
    let store = open(kind);
    let stolen = Identifier { verified: false, ..phone("+15550001") };
    let both =
        Inbound { identifiers: vec![email("mallory@example.org", false), stolen], ..web("", "Hello there") };
    let mallory = accept(&store, both).await;
    let victim = accept(&store, inbound(Channel::Whatsapp, phone("+15550001"), "Hello there")).await;
    assert_ne!(victim.customer_id, mallory.customer_id);
    let proven = vec![phone("+15550002"), Identifier { kind: IdentifierKind::Whatsapp, ..phone("user-2") }];
    let both =
        accept(&store, Inbound { identifiers: proven, ..inbound(Channel::Whatsapp, phone(""), "Hi") }).await;
    let by_user = Identifier { kind: IdentifierKind::Whatsapp, ..phone("user-2") };
    let again = accept(&store, inbound(Channel::Whatsapp, by_user, "Hi again")).await;
    assert_eq!(again.customer_id, both.customer_id, "one signed webhook proves both of its identifiers");
}

#[rstest]
#[case("resolved")]
#[case("closed")]
#[tokio::test]
async fn an_answer_to_a_finished_ticket_opens_it_again(#[case] status: &'static str) {
    let store = open(Kind::File);
    let first = accept(&store, web("ana@example.org", "How do I export?")).await;
    let finish = format!(
        "UPDATE tickets SET status = '{status}', resolved_at = 1; UPDATE conversations SET status = 'resolved', ended_at = 1"
    );
    store.store.write(move |connection| Ok(connection.execute_batch(&finish)?)).await.expect("finished");
    let further =
        Inbound { ticket: Some(first.reference.clone()), ..web("ana@example.org", "It still fails") };
    let further = accept(&store, further).await;
    assert_eq!((further.ticket_id, further.conversation_id), (first.ticket_id, first.conversation_id));
    let ticket = store.ticket(&first.reference).await.expect("read").expect("found");
    assert_eq!((ticket.status, ticket.messages.len()), (TicketStatus::Open, 2));
    assert_eq!(
        store.number("SELECT count(*) FROM conversations WHERE status = 'active' AND ended_at IS NULL").await,
        1
    );
}

#[rstest]
#[tokio::test]
async fn an_unknown_ticket_takes_nothing_in(#[values(Kind::Memory, Kind::File)] kind: Kind) {
    let store = open(kind);
    let reference = "TF-20260101-AAAA".parse().expect("a reference");
    let lost = Inbound { ticket: Some(reference), ..web("ana@example.org", "It still fails") };
    assert!(matches!(store.accept(lost).await, Err(StoreError::NotFound("ticket"))));
    assert_eq!(store.number("SELECT count(*) FROM customers").await, 0);
}

#[rstest]
#[tokio::test]
async fn a_done_conversation_is_left_alone(#[values(Kind::Memory, Kind::File)] kind: Kind) {
    let store = open(kind);
    let first = accept(&store, mail("ana@example.org", "How do I export?")).await;
    store.record_feedback(&first.reference, Feedback::Helped, None, None, at(5)).await.expect("recorded");
    let next = accept(&store, mail("ana@example.org", "How do I import?")).await;
    assert_eq!(next.customer_id, first.customer_id);
    assert_ne!((next.conversation_id, next.ticket_id), (first.conversation_id, first.ticket_id));
}

#[rstest]
#[tokio::test]
async fn odd_input_is_refused_or_kept_as_it_is(#[values(Kind::Memory, Kind::File)] kind: Kind) {
    let store = open(kind);
    let nobody = Inbound { identifiers: Vec::new(), ..web("", "Hello there") };
    assert!(matches!(store.accept(nobody).await, Err(StoreError::Failed(_))));
    let huge = web("ana@example.org", &"é".repeat(100_001));
    assert!(matches!(store.accept(huge).await, Err(StoreError::Failed(_))));
    let text = "Robert'); DROP TABLE tickets;-- \u{0}\u{202e} 🦀";
    let odd = accept(
        &store,
        Inbound { subject: None, customer_name: Some("x".repeat(5000)), ..web("a@b.io", text) },
    )
    .await;
    let ticket = store.ticket(&odd.reference).await.expect("read").expect("found");
    assert_eq!(ticket.messages[0].content, text);
    assert_eq!(ticket.subject, text, "the first line stands in for a subject");
    let empty = accept(&store, Inbound { subject: Some("  ".into()), ..web("a@b.io", "") }).await;
    assert_eq!(
        store.ticket(&empty.reference).await.expect("read").expect("found").subject,
        "Support request"
    );
}

#[rstest]
#[tokio::test]
async fn feedback_is_kept_and_a_no_reaches_a_person_once(#[values(Kind::Memory, Kind::File)] kind: Kind) {
    let store = open(kind);
    let accepted = accept(&store, web("ana@example.org", "How do I export?")).await;
    let say = |verdict, escalation| {
        store.record_feedback(&accepted.reference, verdict, Some("still wrong".to_owned()), escalation, at(9))
    };
    let ticket =
        say(Feedback::NotHelped, Some(hand_over("the answer did not help"))).await.expect("recorded");
    assert_eq!((ticket.status, ticket.stage), (TicketStatus::Escalated, Stage::WithAPerson));
    assert_eq!(
        (ticket.feedback, ticket.assigned_to.as_deref()),
        (Some(Feedback::NotHelped), Some("Billing"))
    );
    say(Feedback::NotHelped, Some(hand_over("again"))).await.expect("recorded");
    let ticket = say(Feedback::Helped, None).await.expect("recorded");
    assert_eq!(
        ticket.status,
        TicketStatus::Escalated,
        "a person has promised to look; only a person ends that"
    );
    assert_eq!(store.number("SELECT count(*) FROM escalations").await, 1);
    assert_eq!(store.number("SELECT count(*) FROM feedback").await, 3);
    let unknown = "TF-20260101-AAAA".parse().expect("a reference");
    let lost = store.record_feedback(&unknown, Feedback::Helped, None, None, at(9)).await;
    assert!(matches!(lost, Err(StoreError::NotFound(_))));
}

#[tokio::test]
async fn a_missing_conversation_is_none_and_an_existing_one_has_its_messages() {
    let store = open(Kind::File);
    assert_eq!(store.conversation(ConversationId::new()).await.expect("read"), None);
    let accepted = accept(&store, web("ana@example.org", "How do I export?")).await;
    let found = store.conversation(accepted.conversation_id).await.expect("read").expect("found");
    assert_eq!((found.id, found.messages.len()), (accepted.conversation_id, 1));
}
