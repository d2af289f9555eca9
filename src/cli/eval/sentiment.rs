//! `frontdesk eval sentiment`.

use super::{Bench, OutputArguments, output, rows};
use crate::{
    cli::bar,
    config::Config,
    domain::triage::TriageInput,
    evaluation::{SentimentRow, evaluate_sentiment},
};
use clap::Args;
use std::path::PathBuf;

const SHIPPED: (&str, &str) =
    ("assets/demo/eval/sentiment.jsonl", include_str!("../../../assets/demo/eval/sentiment.jsonl"));

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    frontdesk eval sentiment                              the messages that come with Frontdesk\n  \
    frontdesk eval sentiment mine.jsonl --json out.json   your own, with every miss\n\n\
    A row: {\"id\": \"1\", \"subject\": \"…\", \"body\": \"…\", \"label\": \"negative\", \"score\": 0.2}\n\
    The label is negative, neutral or positive, the score goes from 0 (furious) to 1 (delighted); one of them is enough,\n\
    and both may stand under \"expect\" as \"sentiment\" and \"score\".")]
pub struct SentimentArguments {
    /// Files with one JSON object a line.
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    output: OutputArguments,
}

pub fn run(arguments: &SentimentArguments, config: &Config) -> anyhow::Result<()> {
    let read = rows::read::<SentimentRow>(&arguments.files, SHIPPED)?;
    let bench = Bench::open(config)?;
    let bar = bar::counted(read.rows.len() as u64, "reading moods");
    let report = evaluate_sentiment(
        &read.rows,
        |subject, text| {
            let input = TriageInput { subject, text, ..TriageInput::default() };
            bench.runtime.block_on(bench.assistant.triager.triage(&input)).sentiment
        },
        |done| bar.set_position(done as u64),
    );
    bar.finish_and_clear();
    bench.close();
    output::finish(&arguments.output, "sentiment", &read.sources, &report)
}
