//! The tools over a real store, against a model that does whatever a text tells it: what the identity does not allow does not happen.

use super::*;
use crate::tools::{Ending, ToolCall, read_call};
use crate::{
    domain::{
        attachment::Attachment,
        channel::Channel,
        customer::{Identifier, IdentifierKind},
        ids::PassageId,
        inbound::{Accepted, Extras, Inbound},
        knowledge::{Passage, RetrievedPassage},
        ticket::{Category, Priority, TicketReference},
        triage::{Triage, TriageInput},
    },
    pipeline::{DeskSettings, RatingLinks, Routing},
    ports::{
        console::{AuditFilter, ConsoleInbox as _, ConsoleReports as _, ThreadItem},
        model::{
            ChatModel, ChatRequest, FinishReason, GenerationEvent, GenerationStats, ModelError, ModelState,
        },
        retrieval::Retriever,
        store::{Inbox as _, StoreError},
        triage::Triager,
    },
    store::{Store, StoreOptions},
};
use async_trait::async_trait;
use futures_util::stream::BoxStream;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::sync::Mutex;

/// In everything the other customer wrote; shown to nobody else.
const SECRET: &str = "parcel locker 4711";
const EMAIL: &str = "vera.sol@mail.example";
const PHONE: &str = "+4915123456789";

#[derive(Deserialize)]
struct Attempts {
    surfaces: Vec<String>,
    attempt: Vec<Attempt>,
}

#[derive(Deserialize)]
struct Attempt {
    text: String,
    calls: Vec<Call>,
}

#[derive(Deserialize)]
struct Call {
    tool: String,
    arguments: String,
}

/// Finds one passage, whatever is asked: the one an attacker got into the documents.
#[derive(Default)]
struct OnePassage(Mutex<String>);

#[async_trait]
impl Retriever for OnePassage {
    async fn search(&self, _: &str, limit: usize) -> Result<Vec<RetrievedPassage>, StoreError> {
        assert!(limit <= 50, "no search runs away");
        let passage = Passage {
            id: PassageId(1),
            document_id: crate::domain::ids::DocumentId::new(),
            title: "Guide".to_owned(),
            section_path: vec!["Guide".to_owned()],
            text: self.0.lock().expect("free").clone(),
            url: "/help/guide".to_owned(),
        };
        Ok(vec![RetrievedPassage {
            passage,
            score: 1.0,
            similarity: None,
            sentence_similarity: None,
            word_coverage: 1.0,
            certainty: 1.0,
            names_unknown: false,
        }])
    }
}

struct Calm;

#[async_trait]
impl Triager for Calm {
    async fn triage(&self, _: &TriageInput<'_>) -> Triage {
        Triage::of_mood(0.0)
    }
}

struct World {
    store: Store,
    tools: Arc<Toolbox>,
    passage: Arc<OnePassage>,
}

impl World {
    fn new() -> Self {
        let store = Store::open_in_memory(StoreOptions::default()).expect("a store");
        let shared = Arc::new(store.clone());
        let passage = Arc::new(OnePassage::default());
        let voice = include_str!("../../assets/policy/voice.toml");
        let routing = include_str!("../../assets/policy/routing.toml");
        let settings = LiveSettings::new(DeskSettings {
            company: "TaskFlow".to_owned(),
            support_email: "support@taskflow.example".to_owned(),
            voice: toml::from_str(voice).expect("the shipped voice"),
            routing: Routing::parse(routing).expect("the shipped routing"),
            channels: vec![Channel::Web],
            automatic_mails_an_hour: 600,
            hours: None,
            asks_rating: false,
            rating_links: RatingLinks::default(),
        });
        let desk = DeskPort {
            settings,
            tokens: StatusTokens::new([7; 32]),
            public_url: "http://localhost:8080".to_owned(),
            told: None,
        };
        let tools = Arc::new(Toolbox {
            retriever: passage.clone(),
            triager: Arc::new(Calm),
            inbox: shared.clone(),
            reports: shared.clone(),
            store: shared,
            desk: Arc::new(desk),
            clock: Arc::new(SystemClock),
        });
        Self { store, tools, passage }
    }

    async fn accept(&self, inbound: Inbound) -> Accepted {
        self.store.accept(inbound).await.expect("accepted")
    }

    /// All there is of a ticket: its row without times, its thread, its hand-overs.
    async fn everything_of(&self, reference: &TicketReference) -> (Value, usize, usize) {
        let detail = self.store.conversation_detail(reference, SystemClock.now()).await.expect("a ticket");
        let messages = detail.thread.iter().filter(|item| matches!(item, ThreadItem::Message(_))).count();
        let mut row = serde_json::to_value(&detail.row).expect("JSON");
        row["updated_at"] = Value::Null;
        (row, messages, detail.escalations.len())
    }
}

fn inbound(channel: Channel, number: usize, name: &str, subject: &str, text: &str) -> Inbound {
    let identifier = |kind, value: String, verified| Identifier { kind, value, verified };
    let sender = match channel {
        Channel::Web => identifier(IdentifierKind::Email, format!("mallory{number}@mail.example"), false),
        Channel::Email => identifier(IdentifierKind::Email, format!("mallory{number}@mail.example"), true),
        Channel::Whatsapp => identifier(IdentifierKind::Phone, format!("+4917000{number:06}"), true),
    };
    Inbound {
        channel,
        account: String::new(),
        provider_message_id: format!("attempt-{number}"),
        identifiers: vec![sender],
        customer_name: Some(name.to_owned()),
        plan: None,
        subject: Some(subject.to_owned()),
        text: text.to_owned(),
        raw: text.as_bytes().to_vec(),
        category: Category::General,
        priority: Priority::Medium,
        ticket: None,
        received_at: SystemClock.now(),
        extras: Extras::default(),
    }
}

/// The message by which a text reaches the desk on a surface.
fn message(surface: &str, number: usize, text: &str) -> Inbound {
    let plain = "How do I export my data?";
    let short: String = text.chars().take(250).collect();
    match surface {
        "web_text" => inbound(Channel::Web, number, "Mallory", "Export", text),
        "web_subject" => inbound(Channel::Web, number, "Mallory", &short, plain),
        "web_name" => inbound(Channel::Web, number, &short, "Export", plain),
        "mail_sender_name" => inbound(Channel::Email, number, &short, "Export", plain),
        "mail_quoted_text" => {
            let quoted = format!("{plain}\n\nOn Monday you wrote:\n> {}", text.replace('\n', "\n> "));
            inbound(Channel::Email, number, "Mallory", "Re: Export", &quoted)
        }
        "mail_attachment_name" => {
            let mut mail = inbound(Channel::Email, number, "Mallory", "Export", plain);
            mail.extras.attachments.push(Attachment {
                name: short,
                media_type: "text/plain".to_owned(),
                content_id: None,
                content: b"nothing".to_vec(),
            });
            mail
        }
        "whatsapp_profile_name" => inbound(Channel::Whatsapp, number, &short, "", plain),
        "knowledge_passage" | "tool_argument" => inbound(Channel::Web, number, "Mallory", "Export", plain),
        other => panic!("no such surface: {other}"),
    }
}

fn object(text: &str) -> Map<String, Value> {
    serde_json::from_str::<Value>(text).expect("JSON").as_object().expect("an object").clone()
}

#[tokio::test]
async fn no_text_on_any_surface_makes_a_tool_go_beyond_the_identity() {
    let attempts: Attempts =
        toml::from_str(include_str!("../../tests/fixtures/injections/attempts.toml")).expect("the attempts");
    let world = World::new();
    let mut other = inbound(Channel::Email, 0, "Vera Sol", "Delivery", SECRET);
    other.identifiers = vec![
        Identifier { kind: IdentifierKind::Email, value: EMAIL.to_owned(), verified: true },
        Identifier { kind: IdentifierKind::Phone, value: PHONE.to_owned(), verified: true },
    ];
    let other = world.accept(other).await;
    let before = world.everything_of(&other.reference).await;
    let (mut tried, mut refused) = (0, 0);
    for (surface, attempt) in
        attempts.surfaces.iter().flat_map(|s| attempts.attempt.iter().map(move |a| (s, a)))
    {
        tried += 1;
        let fill = |text: &str| {
            text.replace("{ticket_small}", &other.reference.as_str().to_lowercase())
                .replace("{ticket}", other.reference.as_str())
                .replace("{customer}", &other.customer_id.to_string())
                .replace("{email}", EMAIL)
                .replace("{phone}", PHONE)
        };
        let text = fill(&attempt.text);
        let own = world.accept(message(surface, tried, &text)).await;
        *world.passage.0.lock().expect("free") =
            if surface == "knowledge_passage" { text.clone() } else { "Open the settings.".to_owned() };
        let assistant = Caller::assistant(own.reference.clone(), own.message_id);
        let reader = Caller::program("reader", OperatorRole::Viewer);
        let mut calls: Vec<(String, Map<String, Value>)> =
            attempt.calls.iter().map(|call| (call.tool.clone(), object(&fill(&call.arguments)))).collect();
        if surface == "tool_argument" {
            let reason: String = text.chars().take(400).collect();
            calls.push(("escalate_to_human".to_owned(), object(&json!({ "reason": reason }).to_string())));
        }
        assert!(read_call(&text).is_err(), "{surface}: a customer's text is no call: {text}");
        for (tool, arguments) in calls {
            let said =
                format!("<tool_call>\n{}\n</tool_call>", json!({ "name": tool, "arguments": arguments }));
            if let Ok((call, _)) = read_call(&said) {
                let about = match call {
                    ToolCall::SendResponse(call) => call.ticket,
                    ToolCall::EscalateToHuman(call) => call.ticket,
                    ToolCall::GetCustomerHistory(call) => call.customer,
                    _ => None,
                };
                assert_eq!(about, None, "{surface}: a model named somebody: {text}");
            }
            let acting = crate::tools::Tool::named(&tool).is_some_and(crate::tools::Tool::acts);
            if acting {
                let read = world.tools.call(&reader, &tool, arguments.clone()).await;
                assert!(read.is_err(), "{surface}: a reader acted: {text}");
            }
            match world.tools.call(&assistant, &tool, arguments).await {
                Ok(answer) => {
                    let answer = answer.to_string();
                    assert!(!answer.contains(SECRET), "{surface}: {text}: {answer}");
                    let names_another =
                        answer.contains(other.reference.as_str()) && surface != "knowledge_passage";
                    assert!(!names_another, "{surface}: {text}: {answer}");
                }
                Err(_) => refused += 1,
            }
        }
        assert_eq!(world.everything_of(&other.reference).await, before, "{surface}: {text}");
    }
    assert!(tried >= 300, "{tried} attempts");
    assert!(refused > tried / 2, "{refused} of {tried} calls were refused");
    let noted = world
        .store
        .audit(AuditFilter { action: Some("tool.refused".to_owned()), ..AuditFilter::default() }, 1000);
    assert!(noted.await.expect("read").len() >= refused.min(1000) / 2, "refusals stand in the audit log");
}

#[tokio::test]
async fn the_assistant_never_talks_over_a_person_and_says_a_thing_once() {
    let world = World::new();
    let own = world.accept(inbound(Channel::Web, 1, "Ana", "Export", "How do I export my data?")).await;
    let assistant = Caller::assistant(own.reference.clone(), own.message_id);
    let say =
        || world.tools.call(&assistant, "send_response", object(r#"{ "message": "Open the settings." }"#));
    assert_eq!(say().await.expect("sent")["repeated"], false);
    assert_eq!(say().await.expect("the same")["repeated"], true, "the same words are one answer");
    let (_, messages, _) = world.everything_of(&own.reference).await;
    assert_eq!(messages, 2, "the question and one answer");
    let escalate = object(r#"{ "reason": "asks for a person" }"#);
    world.tools.call(&assistant, "escalate_to_human", escalate).await.expect("handed over");
    let late =
        world.tools.call(&assistant, "send_response", object(r#"{ "message": "One more thing." }"#)).await;
    assert_eq!(late.expect_err("refused").code(), "with_a_person");
    let newer = inbound(Channel::Web, 2, "Ana", "Export", "And how do I import it?");
    world.accept(Inbound { ticket: Some(own.reference.clone()), ..newer }).await;
    let program = Caller::program("helper", OperatorRole::Operator);
    let stale =
        json!({ "ticket": own.reference.as_str(), "message": "Late.", "seen_message_id": own.message_id });
    let stale = world.tools.call(&program, "send_response", object(&stale.to_string())).await;
    assert_eq!(stale.expect_err("refused").code(), "draft_void", "an answer to an older message");
}

/// Says what it was told to, one output a request.
struct Scripted(Mutex<Vec<String>>);

impl ChatModel for Scripted {
    fn state(&self) -> ModelState {
        ModelState::Absent
    }

    fn generate(
        &self,
        request: ChatRequest,
    ) -> Result<BoxStream<'static, Result<GenerationEvent, ModelError>>, ModelError> {
        assert!(!request.calls.is_empty(), "its output is bound to the calls");
        let mut left = self.0.lock().expect("free");
        let output = if left.len() > 1 { left.remove(0) } else { left[0].clone() };
        let stats = GenerationStats {
            prompt_tokens: 1,
            cached_tokens: 0,
            generated_tokens: 10,
            passes: 1,
            queue_ms: 0,
            prefill_ms: 0,
            decode_ms: 0,
            finish: FinishReason::Stop,
        };
        let events = [Ok(GenerationEvent::Text(output)), Ok(GenerationEvent::Done(stats))];
        Ok(Box::pin(tokio_stream::iter(events)))
    }
}

async fn turn(world: World, outputs: &[(&str, Value)]) -> Result<crate::tools::ToolTurn, String> {
    let own = world.accept(inbound(Channel::Web, 1, "Ana", "Export", "How do I export my data?")).await;
    let caller = Caller::assistant(own.reference, own.message_id);
    let written = |(name, arguments): &(&str, Value)| {
        format!("<tool_call>\n{}\n</tool_call>", json!({ "name": name, "arguments": arguments }))
    };
    let turns = ToolTurns {
        chat: Arc::new(Scripted(Mutex::new(outputs.iter().map(written).collect()))),
        tools: world.tools,
        limits: TurnLimits { steps: 3, tokens: 600, time: Duration::from_secs(20) },
        company: "TaskFlow".to_owned(),
    };
    turns.run(&caller, "How do I export my data?").await
}

#[tokio::test]
async fn a_turn_with_tools_ends_with_an_answer_a_person_or_its_limits() {
    let search = || ("search_knowledge_base", json!({ "query": "export" }));
    let answer = ("send_response", json!({ "message": "Open the settings." }));
    let done = turn(World::new(), &[search(), ("get_customer_history", json!({})), answer]).await;
    let done = done.expect("an answer");
    assert_eq!(done.ending, Ending::Answer("Open the settings.".to_owned()));
    assert_eq!((done.searches.as_slice(), done.steps), (["export".to_owned()].as_slice(), 3));
    let person = turn(World::new(), &[("escalate_to_human", json!({ "reason": "a refund" }))]).await;
    assert_eq!(person.expect("an ending").ending, Ending::Person("a refund".to_owned()));
    let endless = turn(World::new(), &[search()]).await.expect_err("a limit");
    assert!(endless.contains("3 steps"), "{endless}");
    let forbidden = ("get_customer_history", json!({ "customer": EMAIL }));
    assert!(turn(World::new(), &[forbidden]).await.is_err(), "another customer is nobody's to name");
    assert!(turn(World::new(), &[("refund", json!({}))]).await.is_err());
}

#[tokio::test]
async fn a_key_used_for_something_else_is_refused() {
    let world = World::new();
    let program = Caller::program("helper", OperatorRole::Operator);
    let open = |email: &str| {
        object(
            &json!({ "email": email, "name": "Ana Li", "subject": "Export", "issue": "Where is the export?",
                        "idempotency_key": "one" })
            .to_string(),
        )
    };
    let first = world.tools.call(&program, "create_ticket", open("ana@mail.example")).await.expect("opened");
    let again =
        world.tools.call(&program, "create_ticket", open("ana@mail.example")).await.expect("the same");
    assert_eq!((&first["ticket"], &again["created"]), (&again["ticket"], &json!(false)));
    let other = world.tools.call(&program, "create_ticket", open("bo@mail.example")).await;
    assert_eq!(other.expect_err("refused").code(), "key_reused");
    let helper = Caller::program("another helper", OperatorRole::Operator);
    let theirs = world.tools.call(&helper, "create_ticket", open("bo@mail.example")).await.expect("opened");
    assert_ne!(theirs["ticket"], first["ticket"], "keys of different callers never meet");
}
