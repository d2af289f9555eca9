//! `frontdesk eval`: what the decisions and the search are worth on labelled sets. Each kind prints a table and, with
//! `--json`, writes everything it found, misses included. The same files give the same figures, times excepted.

mod answers;
mod injection;
mod meaning;
mod output;
mod redaction;
mod retrieval;
mod rows;
mod sentiment;
mod tickets;

use super::runtime;
use crate::{app::Assistant, config::Config};
use anyhow::Context;
use clap::{Args, Subcommand};
use std::path::PathBuf;
use tempfile::TempDir;

#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:\n  \
    frontdesk eval tickets                          the sample tickets that come with Frontdesk\n  \
    frontdesk eval tickets mine.jsonl --json out.json\n  \
    frontdesk eval retrieval --corpus docs/ --queries queries.jsonl --qrels qrels.tsv\n\n\
    Settings count: `--set policy.directory=FOLDER` measures your own rules, `--set models.embedding=none` goes without the model.")]
pub enum EvalCommand {
    /// Which messages go to a person, against what should have happened.
    Tickets(tickets::TicketsArguments),
    /// How messages sound, against labels or scores.
    Sentiment(sentiment::SentimentArguments),
    /// Attempts to instruct the assistant: how many are caught, how many innocent texts are suspected.
    Injection(injection::InjectionArguments),
    /// What exemplars say by their words and by their meaning, each read by a reader that had not seen it.
    Meaning(meaning::MeaningArguments),
    /// Names, addresses and secrets: how many are taken out of a text before it may leave, how much else with them.
    Redaction(redaction::RedactionArguments),
    /// Whether search finds the passage that answers a question.
    Retrieval(retrieval::RetrievalArguments),
    /// Whole answers: what would be sent, from which source, how right and how sure.
    Answers(answers::AnswersArguments),
}

/// What every kind takes.
#[derive(Debug, Args)]
pub struct OutputArguments {
    /// Write everything as one JSON object to this file; `-` prints it instead of the table.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// # Errors
/// When a file cannot be read or written, a row is not what it should be, or a model or policy cannot be used.
pub fn run(command: &EvalCommand, config: &Config) -> anyhow::Result<()> {
    match command {
        EvalCommand::Tickets(arguments) => tickets::run(arguments, config),
        EvalCommand::Sentiment(arguments) => sentiment::run(arguments, config),
        EvalCommand::Injection(arguments) => injection::run(arguments, config),
        EvalCommand::Meaning(arguments) => meaning::run(arguments, config),
        EvalCommand::Redaction(arguments) => redaction::run(arguments, config),
        EvalCommand::Retrieval(arguments) => retrieval::run(arguments, config),
        EvalCommand::Answers(arguments) => answers::run(arguments, config),
    }
}

/// The product's parts over an empty store of their own, so that measuring never touches a box's data.
struct Bench {
    runtime: tokio::runtime::Runtime,
    assistant: Assistant,
    _folder: TempDir,
}

impl Bench {
    /// Opens the parts without the chat model and waits for the embedding model.
    fn open(config: &Config) -> anyhow::Result<Self> {
        let mut config = config.clone();
        "none".clone_into(&mut config.models.chat);
        Self::open_whole(&config)
    }

    /// Opens all the settings ask for and waits for the models.
    fn open_whole(config: &Config) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix("frontdesk-eval-")
            .tempdir()
            .context("no folder for the measuring store could be made")?;
        let mut config = config.clone();
        folder.path().clone_into(&mut config.data.directory);
        let runtime = runtime()?;
        let assistant = runtime.block_on(async {
            let assistant = Assistant::open(&config)?;
            assistant.models_loaded().await;
            anyhow::Ok(assistant)
        })?;
        Ok(Self { runtime, assistant, _folder: folder })
    }

    /// Closes the store before its folder goes.
    fn close(self) {
        self.runtime.block_on(self.assistant.store.close());
    }
}
