//! `frontdesk knowledge`: the documents answers are taken from.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "this is the command line")]

mod check;

use super::{bar, runtime};
use crate::{
    app::{Assistant, read_ahead},
    config::Config,
    knowledge::{DocumentOutcome, DocumentReport, IndexProgress, IndexReport, Indexer},
    ports::{clock::SystemClock, knowledge::KnowledgeIndex as _, model::ModelState},
};
use anyhow::bail;
use clap::Subcommand;
use indicatif::ProgressBar;
use std::{
    path::PathBuf,
    sync::{Arc, OnceLock},
};

/// The company's documents that answers are taken from.
#[derive(Debug, Subcommand)]
pub enum KnowledgeCommand {
    /// Read files or folders (Markdown, text, HTML) into the index; what did not change is left alone.
    ///
    /// A document whose file vanished from an added folder leaves the index.
    #[command(
        after_help = "Examples:\n  frontdesk knowledge add ~/help-centre\n  frontdesk knowledge add faq.md prices.html\n\n\
                      A comment under a heading may hold other words in which customers ask for what stands there; search\n\
                      reads it, nobody sees it:\n\n  \
                      ### Refunds\n\n  <!-- asked: I want my money back | you charged me twice -->"
    )]
    Add {
        #[arg(required = true)]
        paths: Vec<PathBuf>,
    },
    /// Have the chat model read all passages now, so that replies begin sooner. A running box does it by itself in idle times.
    #[command(after_help = "Example:\n  frontdesk knowledge read-ahead")]
    ReadAhead,
    /// Show the documents in the index.
    #[command(after_help = "Example:\n  frontdesk knowledge list")]
    List,
    /// Show which passages a question finds, with their scores.
    #[command(after_help = "Example:\n  frontdesk knowledge search \"export my data\" --limit 3")]
    Search {
        question: String,
        #[arg(long, default_value_t = 5)]
        limit: usize,
    },
    /// Look for what is wrong within the documents: passages that contradict each other, dates that have passed, old files.
    ///
    /// An answer that quotes a disputed fact is held for approval until one of the passages is changed, or you accept it.
    #[command(after_help = "Examples:\n  frontdesk knowledge check\n  frontdesk knowledge check --json\n  \
        frontdesk knowledge check --accept 7        these two do not contradict each other")]
    Check {
        /// The number of a finding that is none: it is not shown again and holds no answer.
        #[arg(long, value_name = "NUMBER")]
        accept: Option<i64>,
        /// Print a JSON array.
        #[arg(long)]
        json: bool,
    },
    /// Take a document out of the index, by its source or its name.
    #[command(after_help = "Example:\n  frontdesk knowledge remove faq")]
    Remove { source: String },
}

/// # Errors
/// When the store or the models cannot be used, or nothing could be read.
pub fn run(command: &KnowledgeCommand, config: &Config) -> anyhow::Result<()> {
    runtime()?.block_on(async {
        let assistant = Assistant::open(config)?;
        let result = match command {
            KnowledgeCommand::Add { paths } => {
                assistant.models_loaded().await;
                add(config, &assistant, paths).await
            }
            KnowledgeCommand::ReadAhead => {
                assistant.models_loaded().await;
                read_passages_ahead(&assistant).await
            }
            KnowledgeCommand::List => list(&assistant).await,
            KnowledgeCommand::Search { question, limit } => {
                assistant.models_loaded().await;
                search(&assistant, question, *limit).await
            }
            KnowledgeCommand::Check { accept, json } => check::run(config, &assistant, *accept, *json).await,
            KnowledgeCommand::Remove { source } => remove(&assistant, source).await,
        };
        assistant.store.close().await;
        result
    })
}

fn indexer(assistant: &Assistant) -> Indexer {
    Indexer::new(Arc::new(assistant.store.clone()), Some(assistant.embedder.clone()), Arc::new(SystemClock))
}

/// Adds files and folders, with a progress bar, and says what changed.
pub async fn add(config: &Config, assistant: &Assistant, paths: &[PathBuf]) -> anyhow::Result<()> {
    if let Some(missing) = paths.iter().find(|path| !path.exists()) {
        bail!("{} does not exist", missing.display());
    }
    let watcher = Bar::default();
    let report = indexer(assistant).add(paths, &watcher).await?;
    watcher.finish();
    summary(&report);
    if !matches!(assistant.embedder.state(), ModelState::Ready(_)) && report.without_vector > 0 {
        println!(
            "No embedding model is there: search goes by words alone until `frontdesk serve` runs with one."
        );
    }
    if report.documents.is_empty() && !report.problems.is_empty() {
        bail!("nothing could be read");
    }
    check::hint(config, assistant).await
}

/// Has the chat model read the passages, with a progress bar.
async fn read_passages_ahead(assistant: &Assistant) -> anyhow::Result<()> {
    if let ModelState::Failed(reason) = assistant.chat.state() {
        bail!("{reason}");
    }
    if !assistant.answerer.uses_model() {
        bail!("answers are the passages' own words here: answers.mode is passage, or models.chat is none");
    }
    let bar = bar::counted(0, "reading ahead");
    let progress = |done: usize, total: usize| {
        bar.set_length(total as u64);
        bar.set_position(done as u64);
    };
    let outcome = read_ahead(&assistant.store, &assistant.answerer, assistant.chat.as_ref(), &progress).await;
    bar.finish_and_clear();
    let count = outcome?;
    match count.saturating_sub(1) {
        0 => println!("the instructions are read; there are no passages yet: frontdesk knowledge add FOLDER"),
        passages => println!("the instructions and {passages} passages are read"),
    }
    Ok(())
}

fn summary(report: &IndexReport) {
    let (mut changed, mut same, mut gone, mut passages) = (0, 0, 0, 0);
    for document in &report.documents {
        match document.outcome {
            DocumentOutcome::Unchanged => same += 1,
            DocumentOutcome::Removed => gone += 1,
            DocumentOutcome::Indexed(change) => {
                changed += 1;
                passages += change.added;
            }
        }
    }
    for problem in &report.problems {
        eprintln!("left out {}: {}", problem.path.display(), problem.reason);
    }
    println!("{changed} documents read ({passages} new passages), {same} unchanged, {gone} removed");
}

async fn list(assistant: &Assistant) -> anyhow::Result<()> {
    let documents = assistant.store.documents().await?;
    if documents.is_empty() {
        println!("No documents yet. Add some with: frontdesk knowledge add FOLDER");
        return Ok(());
    }
    for document in documents {
        println!(
            "{:24} {:40} {:>4} passages  {}",
            document.slug, document.title, document.passages, document.source
        );
    }
    Ok(())
}

async fn search(assistant: &Assistant, question: &str, limit: usize) -> anyhow::Result<()> {
    let found = assistant.retriever.search(question, limit).await?;
    if found.is_empty() {
        println!("Nothing found. `frontdesk knowledge list` shows what there is.");
    }
    for (position, hit) in found.iter().enumerate() {
        let similarity =
            hit.similarity.map_or_else(|| "-".to_owned(), |similarity| format!("{similarity:.2}"));
        println!("{}. {} ({})", position + 1, hit.passage.section(), hit.passage.url);
        println!("   score {:.3}, meaning {similarity}, words {:.2}", hit.score, hit.word_coverage);
        let text: String =
            hit.passage.text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(200).collect();
        println!("   {text}");
    }
    Ok(())
}

async fn remove(assistant: &Assistant, name: &str) -> anyhow::Result<()> {
    let documents = assistant.store.documents().await?;
    let Some(document) = documents.iter().find(|document| document.source == name || document.slug == name)
    else {
        bail!("there is no document {name}; `frontdesk knowledge list` shows them");
    };
    indexer(assistant).remove(&document.source).await?;
    println!("removed {}", document.title);
    Ok(())
}

/// A progress bar over documents.
#[derive(Default)]
struct Bar {
    bar: OnceLock<ProgressBar>,
}

impl Bar {
    fn finish(&self) {
        if let Some(bar) = self.bar.get() {
            bar.finish_and_clear();
        }
    }
}

impl IndexProgress for Bar {
    fn started(&self, documents: usize) {
        self.bar.get_or_init(|| bar::counted(documents as u64, "reading documents"));
    }

    fn document(&self, position: usize, _: &DocumentReport) {
        if let Some(bar) = self.bar.get() {
            bar.set_position(position as u64);
        }
    }
}
