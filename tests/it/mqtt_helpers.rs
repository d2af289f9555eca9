//! Helper boxes: drafts over a real Mosquitto. Models are stubs of a fixed cost; everything else is real.

use crate::support::{BINARY, LogReader, PATIENCE, TestBox, form, mosquitto::Mosquitto, replies};
use async_trait::async_trait;
use frontdesk::{
    config::{MqttConfig, Secret},
    domain::{channel_health::HealthState, link_health::LinkHealth},
    egress::Gate,
    mqtt::{
        HelperWorker, Link, LinkSettings, OfferSettings, OfferingChat, Outgoing, Topics, Will, client_config,
    },
    ports::{
        egress::{Departure, EgressLedger},
        link_health::LinksHealth,
        model::{
            ChatModel, ChatRequest, FinishReason, GenerationEvent, GenerationStats, ModelError, ModelInfo,
            ModelState, PromptMessage, PromptRole,
        },
        store::StoreError,
    },
};
use futures_util::{FutureExt, StreamExt, future::join_all, stream, stream::BoxStream};
use std::{
    process::{Child, Stdio},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use tokio_util::sync::CancellationToken;

const COST: Duration = Duration::from_millis(150);

struct Silent;

impl LinksHealth for Silent {
    fn note(&self, _: &'static str, _: HealthState, _: Option<&str>) {}
    fn report(&self) -> Vec<LinkHealth> {
        Vec::new()
    }
}

#[async_trait]
impl EgressLedger for Silent {
    async fn record(&self, _: Departure) -> Result<(), StoreError> {
        Ok(())
    }
}

/// One draft at a time, each at the same cost. `None` is a box without a model of its own.
struct Stub {
    cost: Option<Duration>,
    turn: Arc<tokio::sync::Mutex<()>>,
    drafts: Arc<AtomicUsize>,
}

impl Stub {
    fn new(cost: Option<Duration>) -> Arc<Self> {
        Arc::new(Self { cost, turn: Arc::default(), drafts: Arc::default() })
    }
}

impl ChatModel for Stub {
    fn state(&self) -> ModelState {
        let info = || ModelInfo {
            id: "stub".to_owned(),
            architecture: "stub".to_owned(),
            context_tokens: 4096,
            file_bytes: 0,
        };
        self.cost.map_or(ModelState::Absent, |_| ModelState::Ready(info()))
    }

    fn generate(
        &self,
        request: ChatRequest,
    ) -> Result<BoxStream<'static, Result<GenerationEvent, ModelError>>, ModelError> {
        let cost = self.cost.ok_or(ModelError::Absent)?;
        let (turn, drafts) = (self.turn.clone(), self.drafts.clone());
        let write = async move {
            let _turn = turn.lock_owned().await;
            tokio::time::sleep(cost).await;
            drafts.fetch_add(1, Ordering::Relaxed);
            let stats = GenerationStats {
                prompt_tokens: 7,
                cached_tokens: 0,
                generated_tokens: 1,
                passes: 1,
                queue_ms: 0,
                prefill_ms: 0,
                decode_ms: 0,
                finish: FinishReason::Stop,
            };
            let text = format!("On {}", request.messages[0].content);
            stream::iter([Ok(GenerationEvent::Text(text)), Ok(GenerationEvent::Done(stats))])
        };
        Ok(write.into_stream().flatten().boxed())
    }
}

fn link(broker: &Mosquitto, user: &str, subscriptions: Vec<String>, will: String) -> LinkSettings {
    let config = MqttConfig {
        broker: format!("mqtts://localhost:{}", broker.tls_port),
        certificate_authority_file: Some(broker.certificate_authority()),
        ..MqttConfig::default()
    };
    LinkSettings {
        address: config.address().expect("an address"),
        client_id: format!("test-{}", uuid::Uuid::new_v4().simple()),
        user: user.to_owned(),
        password: Secret::new("pw-for-tests".to_owned()),
        tls: Some(client_config(&config).expect("the test's authority")),
        will: Will { topic: will, payload: Vec::new() },
        subscriptions,
        keeps_session: false,
        receive_at_once: 64,
    }
}

fn gate() -> Gate {
    Gate { ledger: Arc::new(Silent), offline: false }
}

/// A box's side: its chat model with helpers before it.
fn desk(broker: &Mosquitto, local: Arc<Stub>) -> OfferingChat {
    let topics = Topics::new("test");
    let subscriptions = vec![topics.replies(), topics.helper("+")];
    let (link, mut incoming) =
        Link::new(link(broker, "box", subscriptions, topics.status()), gate(), Arc::new(Silent));
    let settings = OfferSettings { take_within: Duration::from_secs(1), silence: Duration::from_secs(3) };
    let chat = OfferingChat::new(local, link.clone(), topics, settings);
    let helpers = chat.helpers();
    tokio::spawn(link.run(CancellationToken::new()));
    tokio::spawn(async move {
        while let Some(received) = incoming.recv().await {
            helpers.receive(&received);
            received.confirm().await;
        }
    });
    chat
}

/// A helper box in this process; cancelled, it is gone without a word, as if its power were cut.
fn helper(broker: &Mosquitto, id: &str, model: Arc<Stub>) -> CancellationToken {
    let topics = Topics::new("test");
    let mut settings = link(broker, "helper", vec![topics.shared_drafting()], topics.helper(id));
    settings.receive_at_once = 1;
    let (link, offers) = Link::new(settings, gate(), Arc::new(Silent));
    let power = CancellationToken::new();
    let held = tokio::spawn(link.clone().run(CancellationToken::new()));
    let worker = HelperWorker { id: id.to_owned(), link, topics, chat: model, slots: 1 };
    let cut = power.clone();
    tokio::spawn(async move {
        worker.run(offers, cut).await;
        held.abort();
    });
    power
}

async fn until_slots(chat: &OfferingChat, slots: usize) {
    let end = Instant::now() + PATIENCE;
    while chat.helpers().slots() != slots {
        assert!(Instant::now() < end, "{slots} helpers never came");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

async fn draft(chat: &OfferingChat, number: usize) -> Result<String, ModelError> {
    let message = PromptMessage { role: PromptRole::User, content: format!("question {number}") };
    let mut events = chat.generate(ChatRequest::greedy(vec![message], 100))?;
    let mut text = String::new();
    while let Some(event) = events.next().await {
        match event? {
            GenerationEvent::Text(piece) => text.push_str(&piece),
            GenerationEvent::Done(stats) => assert_eq!(stats.prompt_tokens, 7),
        }
    }
    Ok(text)
}

/// Makes so many drafts at once; how long they took together.
async fn drafts(chat: &OfferingChat, count: usize) -> Duration {
    let started = Instant::now();
    let texts = join_all((0..count).map(|number| draft(chat, number))).await;
    for (number, text) in texts.into_iter().enumerate() {
        assert_eq!(
            text.expect("a draft"),
            format!("On question {number}"),
            "each answer reaches its own offer"
        );
    }
    started.elapsed()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_helpers_draft_at_least_two_and_a_half_times_as_fast_as_one() {
    let broker = Mosquitto::start();
    let chat = desk(&broker, Stub::new(None));
    helper(&broker, "one", Stub::new(Some(COST)));
    until_slots(&chat, 1).await;
    let alone = drafts(&chat, 24).await;
    helper(&broker, "two", Stub::new(Some(COST)));
    helper(&broker, "three", Stub::new(Some(COST)));
    until_slots(&chat, 3).await;
    let together = drafts(&chat, 24).await;
    let ratio = alone.as_secs_f64() / together.as_secs_f64();
    println!("24 drafts of {COST:?}: one helper {alone:?}, three {together:?}, {ratio:.2} times");
    assert!(ratio >= 2.5, "three helpers are only {ratio:.2} times as fast: {alone:?} against {together:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_draft_that_no_helper_makes_is_made_here() {
    let broker = Mosquitto::start();
    let own = Stub::new(Some(COST));
    let chat = desk(&broker, own.clone());
    drafts(&chat, 1).await;
    assert_eq!(own.drafts.load(Ordering::Relaxed), 1, "nobody helps, nobody is waited for");
    // A helper that takes a draft and never ends it: its power is cut midway.
    let power = helper(&broker, "slow", Stub::new(Some(PATIENCE)));
    until_slots(&chat, 1).await;
    let (chat_too, started) = (chat.clone(), Instant::now());
    let waiting = tokio::spawn(async move { draft(&chat_too, 1).await });
    until_busy(&chat).await;
    power.cancel();
    assert_eq!(waiting.await.expect("no panic").expect("a draft"), "On question 1");
    assert!(started.elapsed() < PATIENCE, "the dead helper was not waited for to its end");
    assert_eq!(own.drafts.load(Ordering::Relaxed), 2);
    until_slots(&chat, 0).await;
}

/// Waits until an offer is under way.
async fn until_busy(chat: &OfferingChat) {
    let end = Instant::now() + PATIENCE;
    while chat.offers_under_way() == 0 {
        assert!(Instant::now() < end, "no offer was made");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// A helper of the real program.
struct HelperProcess {
    child: Child,
    log: LogReader,
    _folder: TestBox,
}

impl Drop for HelperProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn helper_process(broker: &Mosquitto, cost_ms: &str) -> HelperProcess {
    let helper = broker.connect(TestBox::new(&[("models.embedding", "none")]), "helper");
    let mut command = helper.command(&["worker", "--slots", "1"]);
    command.env("FRONTDESK_STUB_MODEL_COST_MS", cost_ms).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap_or_else(|error| panic!("{BINARY}: {error}"));
    let log = LogReader::new(child.stderr.take().expect("standard error"));
    HelperProcess { child, log, _folder: helper }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_helper_killed_while_it_drafts_loses_no_reply_and_doubles_none() {
    let broker = Mosquitto::start();
    let mut watcher = broker.client("watcher", &["frontdesk/test/v1/work/helpers/+"]).await;
    let test_box = broker
        .connect(TestBox::without_models(), "box")
        .set("answers.mode", "model")
        .set("mqtt.helpers", "true")
        .set("mqtt.helper_silence_ms", "2000");
    let server = test_box.serve();
    let doomed = helper_process(&broker, "60000");
    watcher.wait_for("a helper", |message| !message.payload.is_empty()).await;
    let mut submitted = vec![server.submit(&question(0), None).await];
    tokio::task::block_in_place(|| doomed.log.wait_for("the stub drafts"));
    let _living = helper_process(&broker, "100");
    watcher.wait_for("another helper", |message| !message.payload.is_empty() && !message.retained).await;
    for number in 1..4 {
        submitted.push(server.submit(&question(number), None).await);
    }
    drop(doomed);
    watcher.wait_for("the end of the first", |message| message.payload.is_empty()).await;
    for ticket in &submitted {
        let ticket = server.wait_for_replies(ticket, 1).await;
        assert_eq!(replies(&ticket).len(), 1, "{ticket}");
    }
    assert!(server.terminate().success());
    let [replies, jobs] = test_box.figures(&[
        "SELECT count(*) FROM messages WHERE role = 'assistant'",
        "SELECT count(*) FROM jobs WHERE state <> 'done'",
    ])[..] else {
        panic!("two figures")
    };
    assert_eq!((replies, jobs), (4, 0), "one reply each, and nothing left to do");
}

fn question(number: usize) -> serde_json::Value {
    form(&format!("ana{number}@example.org"), "Export", "How do I export my data from the workspace?")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_offer_that_names_another_topic_for_its_answer_is_left() {
    let broker = Mosquitto::start();
    let mut watcher = broker.client("watcher", &["#"]).await;
    helper(&broker, "one", Stub::new(Some(COST)));
    watcher.wait_for("the helper", |message| message.topic.ends_with("/helpers/one")).await;
    let topics = Topics::new("test");
    let (link, _incoming) =
        Link::new(link(&broker, "box", Vec::new(), topics.status()), gate(), Arc::new(Silent));
    tokio::spawn(link.clone().run(CancellationToken::new()));
    link.connected().await;
    let offer = |response: &str| Outgoing {
        response_topic: Some(response.to_owned()),
        correlation: Some(vec![0; 16]),
        ..Outgoing::new(
            topics.drafting(),
            r#"{"version":1,"messages":[{"role":"user","content":"hi"}],"max_tokens":5,"temperature":0,"top_p":1,"seed":0,"stop":[]}"#,
        )
    };
    link.publish(offer("frontdesk/test/v1/work/helpers/two")).await.expect("sent");
    link.publish(offer(&topics.replies())).await.expect("sent");
    let done = |message: &crate::support::mosquitto::Message| message.json()["state"] == "done";
    assert_eq!(watcher.wait_for("the second's answer", done).await.topic, topics.replies());
    assert!(watcher.on("frontdesk/test/v1/work/helpers/two").is_empty());
}
