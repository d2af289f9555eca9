//! `frontdesk eval redaction`.

use super::{OutputArguments, output, rows};
use crate::{
    cli::bar,
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
    Towns, organisations, dates, ages, titles, peoples and sites are neither asked for nor counted as wrong.")]
pub struct RedactionArguments {
    /// Files with one JSON object a line.
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    output: OutputArguments,
}

pub fn run(arguments: &RedactionArguments) -> anyhow::Result<()> {
    let read = rows::read::<RedactionRow>(&arguments.files, SHIPPED)?;
    let redactor = Redactor::shipped()?;
    let bar = bar::counted(read.rows.len() as u64, "redacting");
    let find = |text: &str| {
        let found = redactor.find(text, Known::default());
        found.into_iter().map(|finding| (format!("{:?}", finding.kind), finding.range)).collect()
    };
    let report = evaluate_redaction(&read.rows, find, |done| bar.set_position(done as u64));
    bar.finish_and_clear();
    output::finish(&arguments.output, "redaction", &read.sources, &report)
}
