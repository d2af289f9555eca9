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
        progress::TicketEvent,
        ticket::TicketStatus,
        triage::{MessageKind, Triage, TriageInput},
    },
    pipeline::{AnswerSettings, Answerer, Desk, DeskSettings, LiveSettings, Routing, TurnEnd},
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
        events: nothing.clone(),
        clock: nothing,
        autonomy: Arc::new(store.clone()),
        settings: LiveSettings::new(DeskSettings {
            company: "Desk".to_owned(),
            support_email: "support@desk.example".to_owned(),
            voice: toml::from_str(&policy("voice.toml")).expect("a voice"),
            routing: Routing::parse(&policy("routing.toml")).expect("a routing"),
            channels: vec![Channel::Email],
            hours: None,
        }),
    }
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
