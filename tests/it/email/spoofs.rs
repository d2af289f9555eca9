//! Mails that pretend: none is taken for the customer's, none reaches her ticket, none changes what became of a mail.

use super::{REPLY, at, fixture, fixtures, mailbox, reply, triage};
use frontdesk::{
    channels::email::incoming::{Incoming, read},
    domain::{
        ids::MessageId,
        inbound::{Accepted, Inbound},
        message::DeliveryStatus,
        progress::Stage,
        ticket::{TicketStatus, TicketView},
        triage::MessageKind,
    },
    ports::store::{Inbox, LeasedJob, Reports, TurnContext, TurnOutcome, WorkQueue},
    store::{Store, StoreOptions},
};
use jiff::SignedDuration;
use serde::Deserialize;
use std::collections::BTreeMap;

const ANA: &str = "ana@example.org";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    #[serde(default)]
    held: bool,
}

fn table() -> BTreeMap<String, Expected> {
    let table = std::fs::read_to_string(fixtures().join("spoofs.toml")).expect("a table");
    toml::from_str(&table).expect("a readable table")
}

fn message(path: &str) -> Inbound {
    match read(&fixture(path), &mailbox(), at(10)) {
        Ok(Incoming::Message(inbound)) => *inbound,
        other => panic!("{path}: {other:?}"),
    }
}

async fn lease(store: &Store) -> (LeasedJob, TurnContext) {
    let job = store.lease_job(at(20), SignedDuration::from_secs(60)).await.expect("read").expect("a job");
    let context = store.turn_context(&job).await.expect("a context");
    (job, context)
}

/// Ana, whose address is proven, asked; we answered by the mail that the fixtures name, and the matter is done.
async fn answered_ticket() -> (Store, Accepted) {
    let store = Store::open_in_memory(StoreOptions::default()).expect("a store");
    let accepted = store.accept(message("mails/verified_by_dmarc.eml")).await.expect("accepted");
    let (job, context) = lease(&store).await;
    assert_eq!(context.recipient.as_deref(), Some(ANA));
    let message_id: MessageId = REPLY.parse().expect("an id");
    let outcome = TurnOutcome {
        ticket_id: job.ticket_id,
        newest_message_id: context.newest_message_id,
        triage: triage(MessageKind::Request),
        draft: None,
        decision: "sent",
        reason: "well supported".to_owned(),
        reply: Some(reply(message_id, context.recipient, "Re: Exporting a board", "Open the menu.")),
        escalation: None,
        ticket_status: TicketStatus::Resolved,
        stage: Stage::Answered,
        timings_ms: Vec::new(),
    };
    store.commit_turn(&job, outcome, at(21)).await.expect("committed");
    let delivery = store.lease_delivery(at(22), SignedDuration::from_secs(60)).await.expect("read").expect("a reply");
    assert_eq!(delivery.message.references, ["q1@example.org"]);
    assert_eq!(delivery.message.account, "support");
    store.delivery_succeeded(&delivery, DeliveryStatus::Sent, &[], at(23)).await.expect("recorded");
    (store, accepted)
}

async fn ticket(store: &Store, accepted: &Accepted) -> TicketView {
    store.ticket(&accepted.reference).await.expect("read").expect("the ticket")
}

#[tokio::test]
async fn none_is_verified_threaded_merged_or_believed() {
    let table = table();
    assert!(table.len() >= 25, "{} spoofs", table.len());
    for (name, expected) in table {
        let (store, anas) = answered_ticket().await;
        let before = ticket(&store, &anas).await;
        let spoof = message(&format!("spoofs/{name}.eml"));
        let claims_ana = spoof.identifiers.iter().any(|identifier| identifier.value == ANA);
        for identifier in &spoof.identifiers {
            assert!(!(identifier.verified && identifier.value == ANA), "{name}: is taken for the customer");
        }
        let accepted = store.accept(spoof).await.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_ne!(accepted.ticket_id, anas.ticket_id, "{name}: joined the ticket");
        assert_ne!(accepted.conversation_id, anas.conversation_id, "{name}: joined the conversation");
        assert_eq!(accepted.customer_id == anas.customer_id, claims_ana, "{name}: another customer");
        assert_eq!(ticket(&store, &anas).await, before, "{name}: changed the ticket");
        let (_, context) = lease(&store).await;
        assert_eq!(context.message_id, accepted.message_id, "{name}");
        assert_eq!(context.state.held.is_some(), expected.held, "{name}: held is {:?}", context.state.held);
        assert_eq!(context.earlier, Vec::new(), "{name}: shows history");
        assert_eq!(context.state.earlier_scores, Vec::<f32>::new(), "{name}: shows history");
        if claims_ana {
            assert_eq!(context.recipient.as_deref(), Some(ANA), "{name}: its answer goes elsewhere");
        }
    }
}

#[tokio::test]
async fn the_customers_own_answer_joins_and_opens_her_ticket_again() {
    let (store, anas) = answered_ticket().await;
    let raw = fixture("mails/reply_gmail.eml");
    let vouched = [b"Authentication-Results: mx.desk.example; dmarc=pass header.from=example.org\r\n", raw.as_slice()].concat();
    let Ok(Incoming::Message(inbound)) = read(&vouched, &mailbox(), at(30)) else { panic!("a message") };
    let accepted = store.accept(*inbound).await.expect("accepted");
    assert_eq!(accepted.ticket_id, anas.ticket_id);
    let (_, context) = lease(&store).await;
    assert_eq!(context.ticket.status, TicketStatus::Open);
    assert_eq!(context.state.held, None);
    let [unanswered] = context.unanswered.as_slice() else { panic!("one message waits") };
    assert_eq!(unanswered.content, "It works, thanks.", "the model reads what she wrote, not what she quoted");
    let shown = &context.ticket.messages.last().expect("the message").content;
    assert!(shown.contains("Open the menu."), "people see the whole mail: {shown}");
}
