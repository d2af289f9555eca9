//! `frontdesk eval redaction`.
#![allow(clippy::print_stderr, reason = "this is the command line")]

use super::{Bench, OutputArguments, output, rows};
use crate::{
    cli::bar,
    config::Config,
    evaluation::{RedactionRow, evaluate_redaction},
    redaction::{Known, Redactor},
};
use clap::Args;
use std::path::PathBuf;

const SHIPPED: (&str, &str) =
    ("assets/demo/eval/redaction.jsonl", include_str!("../../../assets/demo/eval/redaction.jsonl"));

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    frontdesk eval redaction                           the sample texts that come with Frontdesk\n  \
    frontdesk eval redaction mine.jsonl --json out.json\n\n\
    A row: {\"id\": \"1\", \"text\": \"…\", \"spans\": [{\"type\": \"PERSON\", \"start\": 0, \"end\": 3}]}, places in characters.\n\
    `--set models.embedding=none` measures the rules alone. Towns, organisations, dates, ages, titles, peoples and sites are neither asked for nor counted as wrong.")]
pub struct RedactionArguments {
    /// Files with one JSON object a line.
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    output: OutputArguments,
}

pub fn run(arguments: &RedactionArguments, config: &Config) -> anyhow::Result<()> {
    let read = rows::read::<RedactionRow>(&arguments.files, SHIPPED)?;
    let redactor = Redactor::shipped()?;
    let bench = Bench::open(config)?;
    let bar = bar::counted(read.rows.len() as u64, "redacting");
    let mut by_rules_alone = None;
    let find = |text: &str| {
        let states = bench.assistant.embedder.token_states(text.to_owned(), redactor.layer());
        let states = bench.runtime.block_on(states);
        let states = states.map_err(|error| by_rules_alone = Some(error)).ok();
        let found = redactor.find(text, Known::default(), states.as_ref());
        found.into_iter().map(|finding| (format!("{:?}", finding.kind), finding.range)).collect()
    };
    let report = evaluate_redaction(&read.rows, find, |done| bar.set_position(done as u64));
    bar.finish_and_clear();
    bench.close();
    if let Some(error) = by_rules_alone {
        eprintln!("By the rules alone ({error}): names and addresses that only their context tells stay in.");
    }
    output::finish(&arguments.output, "redaction", &read.sources, &report)
}
