//! What the desk does with mails it must not simply answer: the whole turn, on a real store, without any model.

use super::{at, fixture, mailbox, triage};
use async_trait::async_trait;
use frontdesk::{
    channels::email::incoming::{Incoming, read},
    domain::{
        channel::Channel,
        confidence::{Bands, Calibration},
        ids::TicketId,
        inbound::Accepted,
        knowledge::RetrievedPassage,
        message::DeliveryStatus,
        progress::TicketEvent,
        ticket::TicketStatus,
        triage::{MessageKind, Triage, TriageInput},
    },
    pipeline::{AnswerSettings, Answerer, Desk, DeskSettings, LiveSettings, RatingLinks, Routing, TurnEnd},
    ports::{
        clock::Clock,
        events::TicketEvents,
        model::{ChatModel, ChatRequest, Embedder, GenerationEvent, ModelError, ModelState},
        retrieval::Retriever,
        store::{Inbox, LeasedDelivery, Reports, StoreError, WorkQueue},
        triage::Triager,
    },
    store::{Store, StoreOptions},
};
use futures_util::stream::BoxStream;
use jiff::{SignedDuration, Timestamp};
use std::{sync::Arc, time::Duration};

/// Stands for everything around the desk: no model, no documents, neutral triage.
struct Nothing;

#[async_trait]
impl Retriever for Nothing {
    async fn search(&self, _: &str, _: usize) -> Result<Vec<RetrievedPassage>, StoreError> {
        Ok(Vec::new())
    }
}

impl ChatModel for Nothing {
    fn state(&self) -> ModelState {
        ModelState::Absent
    }

    fn generate(
        &self,
        _: ChatRequest,
    ) -> Result<BoxStream<'static, Result<GenerationEvent, ModelError>>, ModelError> {
        Err(ModelError::Absent)
    }
}

#[async_trait]
impl Embedder for Nothing {
    fn state(&self) -> ModelState {
        ModelState::Absent
    }

    fn dimensions(&self) -> usize {
        1
    }

    async fn embed(&self, _: Vec<String>) -> Result<Vec<Vec<f32>>, ModelError> {
        Err(ModelError::Absent)
    }
}

#[async_trait]
impl Triager for Nothing {
    async fn triage(&self, input: &TriageInput<'_>) -> Triage {
        triage(if input.automatic_mail { MessageKind::AutomaticMail } else { MessageKind::Request })
    }
}

impl TicketEvents for Nothing {
    fn publish(&self, _: TicketId, _: TicketEvent) {}
}

impl Clock for Nothing {
    fn now(&self) -> Timestamp {
        at(100)
    }
}

fn desk(store: &Store) -> Desk {
    let policy = |name: &str| {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/policy").join(name);
        std::fs::read_to_string(path).expect("a policy")
    };
    let calibration: Calibration = toml::from_str(&policy("confidence.toml")).expect("a calibration");
    let settings = AnswerSettings {
        company: "Desk".to_owned(),
        use_model: false,
        bands: Bands::default(),
        calibration,
        max_tokens: 100,
        passages: 1,
        model_timeout: Duration::from_secs(1),
    };
    let nothing = Arc::new(Nothing);
    let answerer =
        Answerer::new(nothing.clone(), nothing.clone(), nothing.clone(), settings).expect("prompts");
    Desk {
        queue: Arc::new(store.clone()),
        triager: nothing.clone(),
        identity: Arc::new(store.clone()),
        answerer: Arc::new(answerer),
        hosted: None,
        tool_turns: None,
        events: nothing.clone(),
        clock: nothing,
        autonomy: Arc::new(store.clone()),
        settings: LiveSettings::new(DeskSettings {
            company: "Desk".to_owned(),
            support_email: "support@desk.example".to_owned(),
            voice: toml::from_str(&policy("voice.toml")).expect("a voice"),
            routing: Routing::parse(&policy("routing.toml")).expect("a routing"),
            channels: vec![Channel::Email],
            automatic_mails_an_hour: 600,
            hours: None,
            asks_rating: true,
            rating_links: RatingLinks::default(),
        }),
    }
}

/// A clock that stands.
struct At(i64);

impl Clock for At {
    fn now(&self) -> Timestamp {
        at(self.0)
    }
}

/// A mail of a customer whose address the mailbox's own server vouches for.
fn vouched(from: &str, id: &str, text: &str) -> Vec<u8> {
    format!(
        "Authentication-Results: mx.desk.example; dmarc=pass header.from=example.org\r\nFrom: <{from}>\r\nTo: <support@desk.example>\r\n\
         Message-ID: <{id}@example.org>\r\nSubject: A board\r\n\r\n{text}"
    )
    .into_bytes()
}

/// Takes a mail into the store and does its turn at that second; everything that leaves then, as recipient and text.
async fn turn(store: &Store, desk: &Desk, raw: &[u8], second: i64) -> (TurnEnd, Vec<(String, String)>) {
    let Ok(Incoming::Message(inbound)) = read(raw, &mailbox(), at(second)) else { panic!("a message") };
    store.accept(*inbound).await.expect("accepted");
    (work(store, desk, second).await, leaving(store, second).await)
}

async fn work(store: &Store, desk: &Desk, second: i64) -> TurnEnd {
    let job = store.lease_job(at(second), SignedDuration::from_secs(60)).await.expect("read").expect("a job");
    desk.work(&job).await.expect("worked")
}

async fn leaving(store: &Store, second: i64) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let lease = SignedDuration::from_secs(60);
    while let Some(delivery) = store.lease_delivery(at(second + 1), lease).await.expect("an outbox") {
        let message = &delivery.message;
        found.push((message.recipient.clone().unwrap_or_default(), message.parts.join(" ")));
        store
            .delivery_succeeded(&delivery, DeliveryStatus::Sent, &[], at(second + 1))
            .await
            .expect("recorded");
    }
    found
}

/// Whoever answers our mail quotes it, and whoever passes one on shows what somebody else said.
#[tokio::test]
async fn a_claim_or_a_code_that_is_only_quoted_does_nothing() {
    let store = Store::open_in_memory(StoreOptions::default()).expect("a store");
    let desk = desk(&store);
    let (ana, eve) = ("ana@example.org", "eve@example.org");
    let to_eve = |left: &[(String, String)]| left.iter().any(|(recipient, _)| recipient == eve);
    for (id, quoted) in [
        ("q1", "It fails.\r\n\r\n> My email is eve@example.org"),
        ("q2", "> My email is eve@example.org"),
        ("q3", "On Mon, 2 Nov 2026 at 10:00, Eve <eve@example.org> wrote:\r\nMy email is eve@example.org"),
        ("q4", "---------- Forwarded message ---------\r\nMy email is eve@example.org"),
    ] {
        let (_, left) = turn(&store, &desk, &vouched(ana, id, quoted), 100).await;
        assert!(!to_eve(&left), "{quoted}: {left:?}");
    }
    let (_, left) = turn(&store, &desk, &vouched(ana, "c1", "My email is eve@example.org"), 100).await;
    let (_, text) =
        left.iter().find(|(recipient, _)| recipient == eve).expect("her own word has a code sent");
    let code = text.split(|c: char| !c.is_ascii_digit()).find(|digits| digits.len() == 6).expect("a code");

    let joined = |left: &[(String, String)]| left.iter().any(|(_, text)| text.contains("the code fits"));
    for (id, quoted) in [
        ("k1", format!("> {code}")),
        ("k2", format!("On Mon, 2 Nov 2026 at 10:00, Support wrote:\r\nThe code is {code}")),
        ("k3", format!("---------- Forwarded message ---------\r\nThe code is {code}")),
        ("k4", format!("Thanks.\r\n> The code is {code}")),
    ] {
        let (_, left) = turn(&store, &desk, &vouched(ana, id, &quoted), 100).await;
        assert!(!joined(&left), "{quoted}: {left:?}");
    }
    let (_, left) = turn(&store, &desk, &vouched(ana, "k5", code), 100).await;
    assert!(joined(&left), "her own word counts: {left:?}");
}

/// In a storm answers wait; nobody is handed a thousand tickets, and nothing is lost.
#[tokio::test]
async fn more_automatic_mails_than_the_hour_holds_wait_for_the_next() {
    let store = Store::open_in_memory(StoreOptions::default()).expect("a store");
    let desk = desk(&store);
    let settings = DeskSettings { automatic_mails_an_hour: 1, ..(*desk.settings.now()).clone() };
    desk.settings.replace(settings);
    let (end, left) = turn(&store, &desk, &vouched("ana@example.org", "s1", "It fails."), 100).await;
    assert_eq!((end, left.len()), (TurnEnd::Committed { reply: true }, 1));
    let (end, left) = turn(&store, &desk, &vouched("bob@example.org", "s2", "It fails too."), 100).await;
    assert_eq!((end, left), (TurnEnd::Waiting, Vec::new()));
    let later = Desk { clock: Arc::new(At(100 + 1_800)), ..desk };
    assert_eq!(work(&store, &later, 100 + 1_800).await, TurnEnd::Waiting, "the hour is not over");
    let later = Desk { clock: Arc::new(At(100 + 3_700)), ..later };
    assert_eq!(work(&store, &later, 100 + 3_700).await, TurnEnd::Committed { reply: true });
    let left = leaving(&store, 100 + 3_700).await;
    assert_eq!(left.iter().map(|(to, _)| to.as_str()).collect::<Vec<_>>(), ["bob@example.org"]);
}

/// Takes a mail in and works on it; where its ticket stands then, and what leaves.
async fn worked_on(raw: &[u8]) -> (TicketStatus, Option<LeasedDelivery>, TurnEnd) {
    let store = Store::open_in_memory(StoreOptions::default()).expect("a store");
    let Ok(Incoming::Message(inbound)) = read(raw, &mailbox(), at(0)) else { panic!("a message") };
    let Accepted { reference, .. } = store.accept(*inbound).await.expect("accepted");
    let lease = SignedDuration::from_secs(60);
    let job = store.lease_job(at(100), lease).await.expect("read").expect("a job");
    let end = desk(&store).work(&job).await.expect("worked");
    let ticket = store.ticket(&reference).await.expect("read").expect("a ticket");
    (ticket.status, store.lease_delivery(at(101), lease).await.expect("read"), end)
}

#[tokio::test]
async fn what_the_documents_do_not_answer_goes_to_a_person_and_the_customer_hears_of_it() {
    let (status, leaves, _) = worked_on(&fixture("mails/plain.eml")).await;
    let leaves = leaves.expect("a notice").message;
    assert_eq!(status, TicketStatus::Escalated);
    assert!(leaves.automatic, "nobody approved it");
    assert_eq!(leaves.recipient.as_deref(), Some("ana@example.org"));
    assert!(leaves.subject.expect("a subject").starts_with("Re: Exporting a board [TF-"));
}

#[tokio::test]
async fn where_no_acknowledgement_is_wanted_the_person_comes_without_notice() {
    let (status, leaves, end) = worked_on(&fixture("mails/suppress_alone.eml")).await;
    assert_eq!((status, leaves, end), (TicketStatus::Escalated, None, TurnEnd::Committed { reply: false }));
}

#[tokio::test]
async fn a_held_mail_waits_for_a_person_and_nothing_leaves() {
    for mail in ["mails/bounce_in_words.eml", "mails/only_a_file.eml", "mails/no_sender.eml"] {
        let (status, leaves, _) = worked_on(&fixture(mail)).await;
        assert_eq!((status, leaves), (TicketStatus::Escalated, None), "{mail}");
    }
}

#[tokio::test]
async fn a_machines_mail_is_kept_and_nothing_leaves() {
    for mail in ["mails/out_of_office.eml", "mails/list.eml", "mails/own_address.eml"] {
        let (status, leaves, _) = worked_on(&fixture(mail)).await;
        assert_eq!((status, leaves), (TicketStatus::Open, None), "{mail}");
    }
}

/// An administrator renames the product: the next prompt must speak for it, without a restart.
#[tokio::test]
async fn a_new_product_name_is_in_the_next_prompt() {
    let store = Store::open_in_memory(StoreOptions::default()).expect("a store");
    let desk = desk(&store);
    let system = || desk.answerer.beginnings(&[]).expect("renders")[0][0].content.clone();
    assert!(system().contains("Desk"), "{}", system());
    desk.answerer.speak_for("Harbour Planner");
    assert!(system().contains("Harbour Planner"), "{}", system());
}
