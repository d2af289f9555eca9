//! The whole engine on real models against answers recorded from another engine (the fixture says which).

use super::{
    chat_engine::{ChatEngine, ChatEngineOptions, PromptMaker},
    decoder::{Decoder, Pass},
    model_decoder::{ModelDecoder, NetworkOptions},
    prefix_cache::DiskStore,
    testing::model_file,
};
use crate::ports::model::{
    ChatModel, ChatRequest, FinishReason, GenerationEvent, GenerationStats, ModelState, PromptMessage,
    PromptRole,
};
use futures_util::StreamExt;

/// Two implementations round differently: tokens that lie closer than this to the recorded engine's best (in log
/// probability) are as right as the best.
const TIE: f32 = 0.3;

#[derive(serde::Deserialize)]
struct Goldens {
    cases: Vec<Golden>,
}

#[derive(serde::Deserialize)]
struct Golden {
    model: String,
    system: String,
    user: String,
    prompt_ids: Vec<u32>,
    answer: String,
    /// The likeliest tokens of each step and how far each lies below the best (log probability); the best was taken.
    steps: Vec<Vec<(u32, f32)>>,
}

impl Golden {
    fn messages(&self) -> Vec<PromptMessage> {
        let message = |role, content: &str| PromptMessage { role, content: content.to_owned() };
        vec![message(PromptRole::System, &self.system), message(PromptRole::User, &self.user)]
    }
}

fn goldens(model: &str) -> Vec<Golden> {
    let all: Goldens =
        serde_json::from_str(include_str!("../../tests/fixtures/llm/greedy_answers.json")).unwrap();
    all.cases.into_iter().filter(|case| case.model == model).collect()
}

fn best(row: &[f32]) -> u32 {
    let better = |best: usize, id: usize| if row[id] > row[best] { id } else { best };
    (0..row.len()).fold(0, better) as u32
}

/// Fed the recorded answer, the network must prefer the recorded token at every step.
#[test]
fn smollm2_follows_the_recorded_answers() {
    let model = "smollm2-135m-instruct-q4_1/SmolLM2-135M-Instruct.Q4_1.gguf";
    let Some(path) = model_file(model) else { return };
    let maker = PromptMaker::from_gguf(&path).unwrap();
    let mut decoder = ModelDecoder::load(&path, &NetworkOptions::default()).unwrap();
    let vocabulary = decoder.facts().vocabulary;
    for golden in goldens(model) {
        assert_eq!(
            maker.prompt(&golden.messages()).unwrap(),
            golden.prompt_ids,
            "prompt of {:?}",
            golden.user
        );
        let mut tokens = golden.prompt_ids.clone();
        tokens.extend(golden.steps.iter().map(|step| step[0].0));
        tokens.pop();
        let mut sequence = decoder.begin(&tokens, tokens.len()).unwrap();
        let wanted = golden.steps.len();
        let logits = decoder.run(&mut [Pass { sequence: &mut sequence, tokens: &tokens, wanted }]).unwrap();
        for (index, (row, candidates)) in logits.chunks_exact(vocabulary).zip(&golden.steps).enumerate() {
            let token = best(row);
            let right = candidates.iter().any(|(id, below)| *id == token && *below < TIE);
            assert!(right, "step {index} of {:?}: {token}, recorded {candidates:?}", golden.user);
        }
    }
}

async fn answer(
    engine: &ChatEngine,
    messages: Vec<PromptMessage>,
    max_tokens: usize,
) -> (String, GenerationStats) {
    let mut stream = engine.generate(ChatRequest::greedy(messages, max_tokens)).unwrap();
    let mut text = String::new();
    while let Some(event) = stream.next().await {
        match event.unwrap() {
            GenerationEvent::Text(piece) => text += &piece,
            GenerationEvent::Done(stats) => return (text, stats),
        }
    }
    panic!("the stream ended without its last event");
}

async fn engine(model: &str, parallel: usize, network: NetworkOptions) -> Option<ChatEngine> {
    let path = model_file(model)?;
    let options = ChatEngineOptions { parallel, ..ChatEngineOptions::default() };
    let engine = ChatEngine::start(options, &path, network).unwrap();
    let state = engine.loaded().await;
    assert!(matches!(state, ModelState::Ready(_)), "{state:?}");
    Some(engine)
}

/// From messages to text through the engine's thread, for a model whose recorded answers have no near ties.
#[tokio::test]
async fn qwen_answers_as_recorded() {
    let model = "qwen2.5-coder-1.5b-instruct-q4_k_m/qwen2.5-coder-1.5b-instruct-q4_k_m.gguf";
    let Some(engine) = engine(model, 1, NetworkOptions::default()).await else { return };
    for golden in goldens(model) {
        let (text, stats) = answer(&engine, golden.messages(), 40).await;
        assert_eq!(text, golden.answer);
        assert_eq!(stats.finish, FinishReason::Stop);
        assert_eq!(stats.prompt_tokens, golden.prompt_ids.len());
        println!("{stats:?}");
    }
}

/// Answers made together, with guesses and from remembered beginnings are the answers made alone without any of it,
/// word for word.
#[tokio::test]
async fn company_guesses_and_memory_do_not_change_a_real_answer() {
    let model = "smollm2-135m-instruct-q4_1/SmolLM2-135M-Instruct.Q4_1.gguf";
    let plain = NetworkOptions { prefix_cache_bytes: 0, lookup: false, ..NetworkOptions::default() };
    let Some(plain) = engine(model, 1, plain).await else { return };
    let instructions = "You help the customers of a parcel service. ".repeat(6);
    let message = |role, content: &str| PromptMessage { role, content: content.to_owned() };
    let ask = |question: &str| {
        vec![message(PromptRole::System, &instructions), message(PromptRole::User, question)]
    };
    let long = "The parcel was sent on Monday and has not arrived. ".repeat(12);
    let questions = ["Why is the sky blue?", long.as_str(), "Name three colours."];
    let mut expected = Vec::new();
    for question in questions {
        expected.push(answer(&plain, ask(question), 48).await.0);
    }
    drop(plain);
    let Some(engine) = engine(model, 3, NetworkOptions::default()).await else { return };
    let first = answer(&engine, ask(questions[0]), 48).await;
    assert_eq!(first.0, expected[0]);
    let together =
        futures_util::future::join_all(questions.map(|question| answer(&engine, ask(question), 48))).await;
    for ((text, stats), expected) in together.iter().zip(&expected) {
        assert_eq!(text, expected);
        assert!(stats.cached_tokens > 30, "the instructions were not remembered: {stats:?}");
        println!("{stats:?}");
    }
}

/// Questions with the passage each is answered from: the shapes of real prompts, long and short.
fn real_prompts(count: usize) -> Vec<Vec<PromptMessage>> {
    const TOPICS: [&str; 10] = [
        "export your data",
        "invite a colleague",
        "change your plan",
        "reset a password",
        "connect a calendar",
        "delete a project",
        "read an invoice",
        "set up reminders",
        "use the app offline",
        "move a task",
    ];
    const QUESTIONS: [&str; 5] = [
        "How do I {}?",
        "I tried to {} twice and it fails every time. What am I doing wrong?",
        "hi, can i {} on my phone too??",
        "Please tell me where to {}.\nI am on the Team plan with 14 people.",
        "Is it true that only owners may {}? Our owner left the company in March.",
    ];
    let message = |role, content: String| PromptMessage { role, content };
    (0..count)
        .map(|index| {
            let (topic, question) = (TOPICS[index % 10], QUESTIONS[index / 10 % 5]);
            let passage = format!(
                "To {topic}, open **Settings**, choose **Workspace** and press the button beside the name. \
                 Members of the Team plan need the owner's consent, which is asked for by mail. "
            );
            let system = format!(
                "You answer the customers of a planning program from the passage below and add nothing of your own.\n\n\
                 <passage>\n{}</passage>",
                passage.repeat(1 + index % 7)
            );
            vec![message(PromptRole::System, system), message(PromptRole::User, question.replace("{}", topic))]
        })
        .collect()
}

/// A customer's answer must not depend on who else writes, on what was read ahead or on guesses. Ten prompts, or fifty with
/// `FRONTDESK_ALL_QUESTIONS` (`make quality`).
#[tokio::test]
async fn answers_are_the_same_with_and_without_memory_guesses_and_company() {
    let model = "smollm2-135m-instruct-q4_1/SmolLM2-135M-Instruct.Q4_1.gguf";
    let prompts = real_prompts(if std::env::var_os("FRONTDESK_ALL_QUESTIONS").is_some() { 50 } else { 10 });
    let plain = NetworkOptions { prefix_cache_bytes: 0, lookup: false, ..NetworkOptions::default() };
    let Some(plain) = engine(model, 1, plain).await else { return };
    let mut expected = Vec::new();
    for prompt in &prompts {
        expected.push(answer(&plain, prompt.clone(), 40).await.0);
    }
    drop(plain);
    let folder = tempfile::tempdir().unwrap();
    let network = NetworkOptions {
        kept: Some(DiskStore { folder: folder.path().to_owned(), max_bytes: 1 << 30 }),
        ..NetworkOptions::default()
    };
    let beginnings = prompts.iter().step_by(2).map(|prompt| prompt[..1].to_vec()).collect();
    let Some(first) = engine(model, 1, network.clone()).await else { return };
    assert!(first.prepare(beginnings).all(|read| async move { read.is_ok() }).await);
    drop(first);
    // After a restart, three at a time.
    let Some(engine) = engine(model, 3, network).await else { return };
    for (prompts, expected) in prompts.chunks(3).zip(expected.chunks(3)) {
        let together =
            futures_util::future::join_all(prompts.iter().map(|prompt| answer(&engine, prompt.clone(), 40)));
        for ((text, stats), expected) in together.await.iter().zip(expected) {
            assert_eq!(text, expected, "{stats:?}");
            println!("{stats:?}");
        }
    }
    let (_, stats) = answer(&engine, prompts[0].clone(), 1).await;
    assert!(stats.cached_tokens > 60, "the passage was read ahead: {stats:?}");
}
