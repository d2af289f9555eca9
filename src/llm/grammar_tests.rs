//! Whatever a network would rather say, what comes out is a permitted call; without a grammar nothing changes.

use super::*;
use crate::{
    llm::{
        chat_engine::{ChatEngine, ChatEngineOptions, PromptMaker},
        chat_template::ChatTemplate,
        model_decoder::{ModelDecoder, NetworkOptions},
        testing::{ScriptedDecoder, TINY_VOCABULARY, tiny_tokenizer},
        tiny_models::TinyModel,
    },
    ports::model::{ChatModel, ChatRequest, FinishReason, GenerationEvent, PromptMessage, PromptRole},
    tools::{call_shapes, read_call},
};
use candle_core::quantized::GgmlDType;
use futures_util::StreamExt;

async fn say(engine: &ChatEngine, mut request: ChatRequest, calls: Vec<CallShape>) -> (String, FinishReason) {
    engine.loaded().await;
    request.calls = calls;
    let mut events = engine.generate(request).expect("taken on");
    let mut text = String::new();
    while let Some(event) = events.next().await {
        match event.expect("no failure") {
            GenerationEvent::Text(piece) => text += &piece,
            GenerationEvent::Done(stats) => return (text, stats.finish),
        }
    }
    panic!("it broke off");
}

fn maker() -> PromptMaker {
    PromptMaker { tokenizer: tiny_tokenizer(), template: ChatTemplate::chatml().expect("a template") }
}

fn options() -> ChatEngineOptions {
    ChatEngineOptions { context_tokens: 4096, ..ChatEngineOptions::default() }
}

/// A network with random weights.
fn random_engine(seed: u32) -> (tempfile::TempDir, ChatEngine) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("tiny.gguf");
    let tiny = TinyModel { seed, context_tokens: 4096, ..TinyModel::new("qwen2", GgmlDType::Q8_0) };
    tiny.write(&path, &[]).expect("written");
    let load = move || Ok((maker(), ModelDecoder::load(&path, &NetworkOptions::default())?));
    (folder, ChatEngine::start_with(options(), load).expect("a thread"))
}

/// A network that wants any token after any history.
fn hashing_engine(seed: u64) -> ChatEngine {
    let decoder = ScriptedDecoder::new(move |tokens| {
        let hash = tokens.iter().fold(seed, |hash, token| (hash * 31 + u64::from(*token) + 1) % 1_000_003);
        (hash % TINY_VOCABULARY as u64) as u32
    });
    ChatEngine::start_with(options(), move || Ok((maker(), decoder))).expect("a thread")
}

fn ask(tokens: usize) -> ChatRequest {
    ChatRequest::greedy(vec![PromptMessage { role: PromptRole::User, content: "Help!".to_owned() }], tokens)
}

/// The tools' own calls with short texts: random networks ramble.
fn short_calls() -> Vec<CallShape> {
    let mut calls = call_shapes();
    for call in &mut calls {
        if let Some(properties) = call.arguments["properties"].as_object_mut() {
            properties.values_mut().for_each(|field| field["maxLength"] = json!(30));
        }
    }
    calls
}

#[tokio::test]
async fn random_weights_say_a_permitted_call() {
    for seed in 1..=4 {
        let (_folder, engine) = random_engine(seed);
        let (text, finish) = say(&engine, ask(600), short_calls()).await;
        assert_eq!(finish, FinishReason::Stop, "{text}");
        assert!(read_call(&text).is_ok(), "seed {seed}: {text}");
    }
}

#[tokio::test]
async fn random_sampling_says_a_permitted_call() {
    let (_folder, engine) = random_engine(9);
    for seed in 0..6 {
        let request = ChatRequest { temperature: 2.0, seed, ..ask(600) };
        let (text, _) = say(&engine, request, short_calls()).await;
        assert!(read_call(&text).is_ok(), "seed {seed}: {text}");
    }
}

#[tokio::test]
async fn a_network_that_wants_anything_says_a_permitted_call() {
    for seed in 0..8 {
        let (text, finish) = say(&hashing_engine(seed), ask(3000), call_shapes()).await;
        assert_eq!(finish, FinishReason::Stop, "{text}");
        assert!(read_call(&text).is_ok(), "seed {seed}: {text}");
    }
}

#[tokio::test]
async fn without_a_grammar_the_answer_is_the_same_after_one_with_it() {
    let (_folder, engine) = random_engine(1);
    let (before, _) = say(&engine, ask(40), Vec::new()).await;
    say(&engine, ask(600), short_calls()).await;
    let (after, _) = say(&engine, ask(40), Vec::new()).await;
    assert_eq!(before, after);
    assert!(read_call(&before).is_err(), "left alone, it says no call");
}
