//! `frontdesk ask`: one question, answered here and now.
#![allow(clippy::print_stdout, reason = "this is the command line")]

use super::runtime;
use crate::{
    app::Assistant,
    config::Config,
    domain::{
        decision::{ConversationState, FirstDecision, SecondDecision, decide_first, decide_second},
        triage::{Triage, TriageInput},
    },
    pipeline::{Answer, Silent},
};
use clap::Args;
use serde_json::{Value, json};
use std::time::Instant;

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    frontdesk ask \"How do I export my data?\"\n  \
    frontdesk ask --json \"What does the Pro plan cost?\"\n  \
    frontdesk ask --set answers.mode=passage \"How do I export my data?\"   without the chat model")]
pub struct AskArguments {
    /// The question, as a customer would write it.
    question: String,
    /// Print one JSON object: answer, sources, confidence, decision, timings_ms.
    #[arg(long)]
    json: bool,
}

/// # Errors
/// When the documents, the store or the models cannot be used.
pub fn run(arguments: &AskArguments, config: &Config) -> anyhow::Result<()> {
    let runtime = runtime()?;
    runtime.block_on(async {
        let loading = Instant::now();
        let assistant = Assistant::open(config)?;
        assistant.models_loaded().await;
        let load_ms = millis(loading);
        let whole = Instant::now();
        let input = TriageInput { text: &arguments.question, ..TriageInput::default() };
        let triage = assistant.triager.triage(&input).await;
        let triage_ms = millis(whole);
        let first = decide_first(&triage, &ConversationState::default());
        let answer = match first {
            FirstDecision::Draft => assistant.answerer.answer("", &arguments.question, None, &Silent).await?,
            _ => Answer::default(),
        };
        let mut timings = vec![("load", load_ms), ("triage", triage_ms)];
        timings.extend(answer.timings_ms.iter().copied());
        timings.push(("total", millis(whole)));
        let decision = decision(&first, &answer, &triage, &assistant);
        if arguments.json {
            println!("{}", as_json(&answer, &decision, &timings));
        } else {
            print(&answer, &decision, &timings);
        }
        assistant.store.close().await;
        Ok(())
    })
}

/// The decision in one line: what the pipeline would do.
fn decision(first: &FirstDecision, answer: &Answer, triage: &Triage, assistant: &Assistant) -> String {
    match first {
        FirstDecision::Escalate { category, reason, .. }
        | FirstDecision::HandOverQuietly { category, reason, .. } => {
            format!("escalated to a person ({}): {reason}", category.as_str())
        }
        FirstDecision::Ignore { reason } => format!("ignored: {reason}"),
        FirstDecision::Acknowledge(what) => format!("acknowledged: {what:?}"),
        FirstDecision::Draft => {
            let word = match decide_second(answer.draft.as_ref(), triage, assistant.answerer.bands()) {
                SecondDecision::Send => "sent",
                SecondDecision::SendAndFlag => "sent and flagged for review",
                SecondDecision::HoldForApproval => "held for approval",
                SecondDecision::HardCase => "handed to a person: our documents do not answer it",
            };
            answer.note.as_ref().map_or_else(|| word.to_owned(), |note| format!("{word} ({note})"))
        }
    }
}

fn as_json(answer: &Answer, decision: &str, timings: &[(&str, u64)]) -> Value {
    let draft = answer.draft.as_ref();
    let sources = draft.map(|draft| &draft.sources).into_iter().flatten();
    json!({
        "answer": draft.map(|draft| draft.body.as_str()),
        "sources": sources.map(|s| json!({ "title": s.title, "section": s.section, "url": s.url })).collect::<Vec<_>>(),
        "confidence": draft.map_or(0.0, |draft| draft.confidence),
        "decision": decision,
        "origin": draft.map(|draft| draft.origin.as_str()),
        "generation": answer.generation,
        "sentences": draft.map(|draft| &draft.sentences),
        "timings_ms": timings.iter().map(|(step, ms)| ((*step).to_owned(), json!(ms))).collect::<serde_json::Map<_, _>>(),
    })
}

fn print(answer: &Answer, decision: &str, timings: &[(&str, u64)]) {
    match &answer.draft {
        Some(draft) => {
            println!("{}\n", draft.body);
            println!("Sources:");
            for source in &draft.sources {
                println!("  - {} ({})", source.section, source.url);
            }
            println!("\nConfidence: {:.2}, worded by the {}", draft.confidence, draft.origin.as_str());
        }
        None => println!("No answer from the documents.\n"),
    }
    println!("Decision: {decision}");
    if let Some(done) = &answer.generation {
        println!(
            "Model: {} tokens read, {} of them ahead; {} written in {} passes",
            done.prompt_tokens, done.cached_tokens, done.generated_tokens, done.passes
        );
    }
    let timings: Vec<String> = timings.iter().map(|(step, ms)| format!("{step} {ms} ms")).collect();
    println!("Time: {}", timings.join(", "));
}

fn millis(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}
