//! Proving addresses and merging customers: what is shared after it, and what never before.

use super::*;
use crate::domain::{
    identity::Claim,
    ids::{CustomerId, TicketId},
};
use crate::ports::{
    identity::{Ask, Asked, CODE_PLACE, Identity, Redeemed},
    store::{DeliveryReports, Reports, StoreError, TurnContext},
};
use rstest::rstest;

const ANA_MAIL: &str = "ana@example.org";
const ANA_PHONE: &str = "+491711234567";

fn whatsapp(number: &str, text: &str) -> Inbound {
    Inbound { subject: None, ..inbound(Channel::Whatsapp, phone(number), text) }
}

fn claim(kind: IdentifierKind, value: &str) -> Claim {
    Claim { kind, value: value.to_owned() }
}

fn notice(channel: Channel, recipient: &str, text: &str) -> NewReply {
    NewReply { channel, recipient: Some(recipient.to_owned()), role: Role::System, ..reply(text) }
}

/// Has a code sent to an address, as this message asks.
async fn ask(store: &Store, asked_in: &Accepted, claim: Claim, seconds: i64) -> Asked {
    let code = notice(claim.channel(), &claim.value, &format!("Your code is {CODE_PLACE}."));
    let notice = notice(Channel::Whatsapp, ANA_PHONE, "We sent a code.");
    let ask = Ask { ticket: asked_in.ticket_id, message: asked_in.message_id, claim, code, notice };
    store.ask(ask, at(seconds)).await.expect("asked")
}

/// The code as it leaves, read from the outgoing messages.
async fn code_sent(store: &Store, seconds: i64) -> String {
    while let Some(delivery) = store.lease_delivery(at(seconds), LEASE).await.expect("an outbox") {
        store
            .delivery_succeeded(&delivery, crate::domain::message::DeliveryStatus::Sent, &[], at(seconds))
            .await
            .expect("recorded");
        let text = delivery.message.parts.join(" ");
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        if digits.len() == 6 {
            return digits;
        }
    }
    panic!("no code was sent")
}

async fn redeem(store: &Store, brought: &Accepted, code: &str, bare: bool, seconds: i64) -> Redeemed {
    store.redeem(brought.ticket_id, brought.message_id, code, bare, at(seconds)).await.expect("tried")
}

async fn context(store: &Store, ticket: TicketId) -> TurnContext {
    loop {
        let job = store.lease_job(at(0), LEASE).await.expect("a queue").expect("a job of the ticket");
        if job.ticket_id == ticket {
            return store.turn_context(&job).await.expect("a context");
        }
        store.finish_job_of_another(&job).await;
    }
}

impl Store {
    async fn finish_job_of_another(&self, job: &LeasedJob) {
        let context = self.turn_context(job).await.expect("a context");
        let outcome = TurnOutcome { reply: None, ..answered(job, context.newest_message_id, "") };
        self.commit_turn(job, outcome, at(0)).await.expect("committed");
    }
}

async fn customers_of(store: &Fixture) -> i64 {
    store.number("SELECT count(DISTINCT customer_id) FROM identifiers").await
}

fn wrong(code: &str) -> String {
    let last = code.chars().last().and_then(|digit| digit.to_digit(10)).expect("a digit");
    format!("{}{}", &code[..5], (last + 1) % 10)
}

#[rstest]
#[tokio::test]
async fn a_code_makes_mail_and_whatsapp_one_customer(#[values(Kind::Memory, Kind::File)] kind: Kind) {
    let store = open(kind);
    let earlier = Inbound { received_at: at(-3600), ..mail(ANA_MAIL, "How do I export my data?") };
    let morning = accept(&store, earlier).await;
    let noon = accept(&store, whatsapp(ANA_PHONE, "My email is ana@example.org")).await;
    assert_ne!(morning.customer_id, noon.customer_id);
    assert_eq!(ask(&store, &noon, claim(IdentifierKind::Email, ANA_MAIL), 1).await, Asked::Sent);
    assert_eq!(customers_of(&store).await, 2, "the statement alone proves nothing");
    let code = code_sent(&store, 2).await;
    let brought = accept(&store, whatsapp(ANA_PHONE, &code)).await;
    assert_eq!(redeem(&store, &brought, &code, true, 3).await, Redeemed::Joined);
    assert_eq!(
        redeem(&store, &brought, &code, true, 4).await,
        Redeemed::Joined,
        "a turn that runs again sees the same"
    );
    assert_eq!(customers_of(&store).await, 1);

    let later = accept(&store, whatsapp(ANA_PHONE, "And how long does it take?")).await;
    assert_eq!(later.customer_id, morning.customer_id, "the older one stays");
    let context = context(&store, later.ticket_id).await;
    let contact = context.earlier_contact.expect("the mail of the morning");
    assert_eq!(contact.channel, Channel::Email);
    let written_by_mail = accept(&store, mail(ANA_MAIL, "Thanks")).await;
    assert_eq!(written_by_mail.conversation_id, later.conversation_id, "one conversation from now on");
}

#[tokio::test]
async fn without_proof_nobody_hears_of_another_channel() {
    let store = open(Kind::Memory);
    accept(&store, mail(ANA_MAIL, "My secret matter")).await;
    let stranger = accept(&store, whatsapp("+4915112345678", "My email is ana@example.org")).await;
    ask(&store, &stranger, claim(IdentifierKind::Email, ANA_MAIL), 1).await;
    let context = context(&store, stranger.ticket_id).await;
    assert_eq!(context.earlier_contact, None);
    let told = context.earlier.iter().map(|message| message.content.as_str()).collect::<Vec<_>>();
    assert_eq!(told, ["We sent a code."], "the stranger's own ticket and nothing of the mail");
}

#[tokio::test]
async fn a_code_is_good_three_times_and_ten_minutes_and_for_its_asker() {
    let store = open(Kind::Memory);
    let asked = accept(&store, whatsapp(ANA_PHONE, "My email is ana@example.org")).await;
    ask(&store, &asked, claim(IdentifierKind::Email, ANA_MAIL), 1).await;
    let code = code_sent(&store, 2).await;
    let another = accept(&store, whatsapp("+4915112345678", &code)).await;
    assert_eq!(
        redeem(&store, &another, &code, true, 3).await,
        Redeemed::NoneOpen,
        "nobody else may bring it"
    );
    for tries_left in [2, 1] {
        let brought = accept(&store, whatsapp(ANA_PHONE, "no")).await;
        assert_eq!(redeem(&store, &brought, &wrong(&code), true, 3).await, Redeemed::Wrong { tries_left });
    }
    let brought = accept(&store, whatsapp(ANA_PHONE, "no")).await;
    assert_eq!(redeem(&store, &brought, &wrong(&code), true, 3).await, Redeemed::Spent);
    let brought = accept(&store, whatsapp(ANA_PHONE, "no")).await;
    assert_eq!(redeem(&store, &brought, &code, true, 3).await, Redeemed::NoneOpen, "right, but spent");

    let again = accept(&store, whatsapp(ANA_PHONE, "My email is ana@example.org")).await;
    ask(&store, &again, claim(IdentifierKind::Email, ANA_MAIL), 10).await;
    let code = code_sent(&store, 11).await;
    let late = accept(&store, whatsapp(ANA_PHONE, &code)).await;
    assert_eq!(redeem(&store, &late, &code, true, 10 + 600).await, Redeemed::Spent, "too late");
    assert_eq!(customers_of(&store).await, 3, "two numbers and the address stay three customers");
}

#[tokio::test]
async fn codes_are_rationed_and_one_message_asks_once() {
    let store = open(Kind::Memory);
    let first = accept(&store, whatsapp(ANA_PHONE, "My email is ana@example.org")).await;
    for _ in 0..5 {
        assert_eq!(ask(&store, &first, claim(IdentifierKind::Email, ANA_MAIL), 1).await, Asked::Sent);
    }
    assert_eq!(
        store.number("SELECT count(*) FROM one_time_codes").await,
        1,
        "a turn that runs again sends none"
    );
    for address in ["b@example.org", "c@example.org"] {
        let next = accept(&store, whatsapp(ANA_PHONE, "another")).await;
        assert_eq!(ask(&store, &next, claim(IdentifierKind::Email, address), 2).await, Asked::Sent);
    }
    let next = accept(&store, whatsapp(ANA_PHONE, "another")).await;
    assert_eq!(ask(&store, &next, claim(IdentifierKind::Email, "d@example.org"), 3).await, Asked::TooMany);
    let later = accept(&store, whatsapp(ANA_PHONE, "another")).await;
    assert_eq!(ask(&store, &later, claim(IdentifierKind::Email, "d@example.org"), 3700).await, Asked::Sent);
}

#[tokio::test]
async fn the_code_stands_nowhere_in_the_file_and_not_in_the_askers_ticket() {
    let store = open(Kind::File);
    accept(&store, mail(ANA_MAIL, "How do I export my data?")).await;
    let asked = accept(&store, web(ANA_MAIL, "Please send me a code")).await;
    ask(&store, &asked, claim(IdentifierKind::Email, ANA_MAIL), 1).await;
    let code = code_sent(&store, 2).await;
    let shown = store.ticket(&asked.reference).await.expect("read").expect("there");
    assert!(
        shown.messages.iter().all(|message| !message.content.contains("Your code")),
        "the page would show it"
    );
    let log = store.path().with_file_name("frontdesk.db-wal");
    let bytes =
        [std::fs::read(store.path()).expect("the file"), std::fs::read(log).expect("its log")].concat();
    assert!(!bytes.windows(6).any(|window| window == code.as_bytes()));
}

#[tokio::test]
async fn a_typed_in_address_joins_by_a_code_typed_on_the_page_and_by_nothing_else() {
    let store = open(Kind::Memory);
    let morning = accept(&store, mail(ANA_MAIL, "How do I export my data?")).await;
    let form = accept(&store, web(ANA_MAIL, "Please send me a code")).await;
    assert_ne!(form.conversation_id, morning.conversation_id);
    ask(&store, &form, claim(IdentifierKind::Email, ANA_MAIL), 1).await;
    let code = code_sent(&store, 2).await;
    let by_mail = accept(&store, mail(ANA_MAIL, &code)).await;
    assert_eq!(
        redeem(&store, &by_mail, &code, true, 3).await,
        Redeemed::NoneOpen,
        "the page's holder must bring it"
    );
    let typed = Inbound { ticket: Some(form.reference.clone()), ..web("", &code) };
    let typed = accept(&store, typed).await;
    assert_eq!(redeem(&store, &typed, &code, true, 3).await, Redeemed::Joined);
    let evening = context(&store, form.ticket_id).await;
    assert_eq!(evening.customer_id, morning.customer_id);
    assert_eq!(evening.conversation_id, morning.conversation_id);
    assert_eq!(evening.earlier_contact.map(|contact| contact.channel), Some(Channel::Email));
}

#[tokio::test]
async fn a_form_makes_us_write_to_nobody_who_never_wrote_to_us() {
    let store = open(Kind::Memory);
    let form = accept(&store, web(ANA_MAIL, "My WhatsApp is +49 171 1234567")).await;
    for _ in 0..2 {
        assert_eq!(
            ask(&store, &form, claim(IdentifierKind::Phone, ANA_PHONE), 1).await,
            Asked::Sent,
            "it tells nothing"
        );
    }
    assert_eq!(store.number("SELECT count(*) FROM outbox").await, 1, "the notice, once");
    assert_eq!(store.number("SELECT count(*) FROM one_time_codes").await, 0);
}

#[tokio::test]
async fn the_code_alone_counts_from_the_address_it_was_sent_to_as_well() {
    let store = open(Kind::Memory);
    let asked = accept(&store, mail(ANA_MAIL, "My WhatsApp is +49 171 1234567")).await;
    ask(&store, &asked, claim(IdentifierKind::Phone, ANA_PHONE), 1).await;
    let code = code_sent(&store, 2).await;
    let words = accept(&store, whatsapp(ANA_PHONE, "what is this code?")).await;
    assert_eq!(
        redeem(&store, &words, &code, false, 3).await,
        Redeemed::NoneOpen,
        "among words it is no consent"
    );
    let brought = accept(&store, whatsapp(ANA_PHONE, &code)).await;
    assert_eq!(redeem(&store, &brought, &code, true, 3).await, Redeemed::Joined);
    assert_eq!(customers_of(&store).await, 1);
}

#[tokio::test]
async fn an_unproven_mail_can_ask_for_nothing() {
    let store = open(Kind::Memory);
    let forged = accept(&store, inbound(Channel::Email, email(ANA_MAIL, false), "My WhatsApp is …")).await;
    assert_eq!(ask(&store, &forged, claim(IdentifierKind::Phone, ANA_PHONE), 1).await, Asked::Unproven);
}

#[tokio::test]
async fn what_a_machine_wrote_asks_for_no_code_and_brings_none() {
    let store = open(Kind::Memory);
    let extras = || Extras { automatic_mail: Some("Auto-Submitted".to_owned()), ..Extras::default() };
    let machine = Inbound { extras: extras(), ..mail(ANA_MAIL, "I am away. My mobile is +49 171 1234567") };
    let machine = accept(&store, machine).await;
    assert_eq!(ask(&store, &machine, claim(IdentifierKind::Phone, ANA_PHONE), 1).await, Asked::Unproven);
    let asked = accept(&store, mail(ANA_MAIL, "My WhatsApp is +49 171 1234567")).await;
    ask(&store, &asked, claim(IdentifierKind::Phone, ANA_PHONE), 1).await;
    let code = code_sent(&store, 2).await;
    let echo = accept(&store, Inbound { extras: extras(), ..mail(ANA_MAIL, &code) }).await;
    assert_eq!(redeem(&store, &echo, &code, true, 3).await, Redeemed::NoneOpen);
}

#[rstest]
#[tokio::test]
async fn a_merge_is_undone_whole(#[values(Kind::Memory, Kind::File)] kind: Kind) {
    let store = open(kind);
    let by_mail = accept(&store, mail(ANA_MAIL, "How do I export my data?")).await;
    let by_phone = accept(&store, whatsapp(ANA_PHONE, "How do I invite somebody?")).await;
    let (winner, loser) = (by_mail.customer_id, by_phone.customer_id);
    let merge = store.merge(winner, loser, "sam", at(5)).await.expect("merged");
    assert!(matches!(store.merge(winner, loser, "sam", at(6)).await, Err(StoreError::Conflict)));
    assert!(matches!(store.merge(winner, winner, "sam", at(6)).await, Err(StoreError::Conflict)));
    let nobody = store.merge(winner, CustomerId::new(), "sam", at(6)).await;
    assert!(matches!(nobody, Err(StoreError::NotFound(_))));
    assert_eq!(
        store.number("SELECT count(DISTINCT conversation_id) FROM tickets").await,
        1,
        "one conversation"
    );
    assert_eq!(accept(&store, whatsapp(ANA_PHONE, "Hello?")).await.customer_id, winner);

    store.undo_merge(merge, "sam", at(9)).await.expect("undone");
    assert!(matches!(store.undo_merge(merge, "sam", at(9)).await, Err(StoreError::Conflict)));
    assert_eq!(accept(&store, whatsapp(ANA_PHONE, "And now?")).await.customer_id, loser);
    assert_eq!(accept(&store, mail(ANA_MAIL, "And I?")).await.customer_id, winner);
    let astray = "SELECT count(*) FROM tickets JOIN conversations ON conversations.id = conversation_id
                  WHERE tickets.customer_id <> conversations.customer_id";
    assert_eq!(store.number(astray).await, 0, "nobody's ticket lies in another's conversation");
    let mixed = "SELECT count(*) FROM messages JOIN tickets ON tickets.id = ticket_id
                 WHERE messages.conversation_id <> tickets.conversation_id";
    assert_eq!(store.number(mixed).await, 0);
    assert_eq!(store.number("SELECT count(*) FROM audit WHERE action IN ('merge', 'undo_merge')").await, 2);
}

#[tokio::test]
async fn a_provider_that_gives_up_later_is_seen_by_a_person_once() {
    let store = open(Kind::Memory);
    let asked = accept(&store, whatsapp(ANA_PHONE, "How do I export my data?")).await;
    let job = lease(&store, 0).await;
    let sent = TurnOutcome {
        reply: Some(notice(Channel::Whatsapp, ANA_PHONE, "Open Settings.")),
        ..answered(&job, asked.message_id, "")
    };
    store.commit_turn(&job, sent, at(1)).await.expect("committed");
    let delivery = store.lease_delivery(at(1), LEASE).await.expect("an outbox").expect("a reply");
    assert_eq!(delivery.message.last_inbound_at, Some(at(0)));
    let status = crate::domain::message::DeliveryStatus::Sent;
    store.delivery_succeeded(&delivery, status, &["wamid.1".to_owned()], at(2)).await.expect("recorded");
    for _ in 0..2 {
        let known = store.delivery_failed_later(Channel::Whatsapp, "wamid.1", "error 131047", at(3)).await;
        assert!(known.expect("recorded"));
    }
    assert!(!store.delivery_failed_later(Channel::Whatsapp, "wamid.2", "?", at(3)).await.expect("read"));
    assert_eq!(store.number("SELECT count(*) FROM outbox WHERE state = 'dead'").await, 1);
    assert_eq!(store.number("SELECT count(*) FROM escalations").await, 1);
    let ticket = store.ticket(&asked.reference).await.expect("read").expect("there");
    assert_eq!(ticket.status, TicketStatus::Escalated);
}
