//! `frontdesk eval retrieval`: documents into a store of their own, then every question, with the real index and search.

use super::{Bench, OutputArguments, output};
use crate::{
    cli::{bar, demo},
    config::Config,
    domain::knowledge::Passage,
    evaluation::{QueryOutcome, RetrievalReport},
    knowledge::{
        DocumentReport, IndexProgress, IndexReport, Indexer,
        evaluation::{Query, help_identifier, parse_queries, read_corpus, read_queries},
    },
    ports::{clock::SystemClock, knowledge::KnowledgeIndex as _},
};
use anyhow::{Context, bail};
use clap::Args;
use indicatif::ProgressBar;
use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::Arc,
    time::Instant,
};

const QUERIES: &str = include_str!("../../../assets/demo/eval/queries.jsonl");
const JUDGEMENTS: &str = include_str!("../../../assets/demo/eval/qrels.tsv");
/// Results looked at: nDCG is taken of ten. Several passages of one document count as one, so more are asked for then.
const RESULTS: usize = 10;
const RESULTS_BY_DOCUMENT: usize = 20;

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    frontdesk eval retrieval                               the demo company's help centre and its questions\n  \
    frontdesk eval retrieval --corpus help/ --queries queries.jsonl --qrels qrels.tsv\n  \
    frontdesk eval retrieval --corpus corpus.jsonl --queries queries.jsonl --qrels qrels.tsv --json out.json\n\n\
    The files are in the BEIR layout. Of a folder, a passage's id is {document}#{heading}, both in lower case with dashes;\n\
    of a corpus.jsonl, it is the _id of the document the passage is from.")]
pub struct RetrievalArguments {
    /// A folder of documents, or a corpus.jsonl.
    #[arg(long, value_name = "PATH", requires = "queries", requires = "qrels")]
    corpus: Option<PathBuf>,
    /// The questions: {"_id": "1", "text": "…"} a line.
    #[arg(long, value_name = "FILE", requires = "qrels")]
    queries: Option<PathBuf>,
    /// Which passages answer them: query-id, corpus-id and score, separated by tabs, under a header line.
    #[arg(long, value_name = "FILE", requires = "queries")]
    qrels: Option<PathBuf>,
    #[command(flatten)]
    output: OutputArguments,
}

pub fn run(arguments: &RetrievalArguments, config: &Config) -> anyhow::Result<()> {
    let (queries, sources) = questions(arguments)?;
    let bench = Bench::open(config)?;
    let outcomes = bench.runtime.block_on(async {
        let names = index(&bench, arguments.corpus.as_deref()).await?;
        search(&bench, queries, &names).await
    });
    bench.close();
    output::finish(&arguments.output, "retrieval", &sources, &RetrievalReport::of(outcomes?))
}

fn questions(arguments: &RetrievalArguments) -> anyhow::Result<(Vec<Query>, Vec<String>)> {
    let (queries, sources) = if let (Some(queries), Some(qrels)) = (&arguments.queries, &arguments.qrels) {
        let read = read_queries(queries, qrels)
            .with_context(|| format!("{} and {} cannot be used", queries.display(), qrels.display()))?;
        (read, vec![queries.display().to_string(), qrels.display().to_string()])
    } else {
        let (queries, qrels) = ("assets/demo/eval/queries.jsonl", "assets/demo/eval/qrels.tsv");
        let read = parse_queries((Path::new(queries), QUERIES), (Path::new(qrels), JUDGEMENTS))?;
        (read, vec![queries.to_owned(), qrels.to_owned()])
    };
    if queries.is_empty() {
        bail!("no question has a judgement with a score over 0");
    }
    Ok((queries, sources))
}

/// What the judgements call a document, by its slug; empty where passages are named by document and heading.
type Names = HashMap<String, String>;

pub(super) async fn index(bench: &Bench, corpus: Option<&Path>) -> anyhow::Result<Names> {
    let store = Arc::new(bench.assistant.store.clone());
    let indexer = Indexer::new(store.clone(), Some(bench.assistant.embedder.clone()), Arc::new(SystemClock));
    match corpus {
        None => {
            for (name, bytes) in demo::documents() {
                check(&indexer.add_bytes(&name, &name, bytes).await?)?;
            }
            Ok(Names::new())
        }
        Some(path) if path.extension().is_some_and(|extension| extension == "jsonl") => {
            let documents =
                read_corpus(path).with_context(|| format!("{} cannot be used", path.display()))?;
            let bar = bar::counted(documents.len() as u64, "indexing documents");
            for document in documents {
                let text = format!("# {}\n\n{}\n", document.title.replace('\n', " "), document.text);
                check(&indexer.add_bytes(&document.id, "document.md", text.into_bytes()).await?)?;
                bar.inc(1);
            }
            bar.finish_and_clear();
            let documents = store.documents().await?;
            Ok(documents.into_iter().map(|document| (document.slug, document.source)).collect())
        }
        Some(path) => {
            if !path.exists() {
                bail!("{} does not exist", path.display());
            }
            let bar = Bar(bar::counted(0, "indexing documents"));
            let report = indexer.add(&[path.to_owned()], &bar).await?;
            bar.0.finish_and_clear();
            check(&report)?;
            Ok(Names::new())
        }
    }
}

/// A document that is left out would count as not found: better no figure than a wrong one.
fn check(report: &IndexReport) -> anyhow::Result<()> {
    match report.problems.first() {
        Some(problem) => bail!("{}: {}", problem.path.display(), problem.reason),
        None => Ok(()),
    }
}

async fn search(bench: &Bench, queries: Vec<Query>, names: &Names) -> anyhow::Result<Vec<QueryOutcome>> {
    let bar = bar::counted(queries.len() as u64, "searching");
    let mut outcomes = Vec::with_capacity(queries.len());
    let limit = if names.is_empty() { RESULTS } else { RESULTS_BY_DOCUMENT };
    for query in queries {
        let started = Instant::now();
        let found = bench.assistant.retriever.search(&query.text, limit).await?;
        let milliseconds = started.elapsed().as_secs_f64() * 1000.0;
        let ranking = found.iter().map(|hit| identifier(&hit.passage, names)).collect();
        outcomes.push(QueryOutcome { query, ranking, milliseconds });
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(outcomes)
}

fn identifier(passage: &Passage, names: &Names) -> String {
    let document = passage.url.trim_start_matches("/help/").split('#').next().unwrap_or_default();
    names.get(document).cloned().unwrap_or_else(|| help_identifier(passage))
}

struct Bar(ProgressBar);

impl IndexProgress for Bar {
    fn started(&self, documents: usize) {
        self.0.set_length(documents as u64);
    }

    fn document(&self, position: usize, _: &DocumentReport) {
        self.0.set_position(position as u64);
    }
}
