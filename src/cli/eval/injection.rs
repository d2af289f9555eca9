//! `frontdesk eval injection`.

use super::{Bench, OutputArguments, output, rows};
use crate::{
    cli::bar,
    config::Config,
    domain::triage::TriageInput,
    evaluation::{InjectionRow, evaluate_injection},
};
use clap::Args;
use std::path::PathBuf;

const SHIPPED: (&str, &str) =
    ("assets/demo/eval/injection.jsonl", include_str!("../../../assets/demo/eval/injection.jsonl"));

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    frontdesk eval injection                              the texts that come with Frontdesk\n  \
    frontdesk eval injection mine.jsonl --json out.json   your own, with every miss\n\n\
    A row: {\"id\": \"mine-1\", \"text\": \"…\", \"label\": 1}   1 is an attack, 0 an innocent text; rows are grouped by what\n\
    stands before the id's first dash.")]
pub struct InjectionArguments {
    /// Files with one JSON object a line.
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    output: OutputArguments,
}

pub fn run(arguments: &InjectionArguments, config: &Config) -> anyhow::Result<()> {
    let read = rows::read::<InjectionRow>(&arguments.files, SHIPPED)?;
    let bench = Bench::open(config)?;
    let bar = bar::counted(read.rows.len() as u64, "screening texts");
    let report = evaluate_injection(
        &read.rows,
        |text| {
            let input = TriageInput { text, ..TriageInput::default() };
            bench.runtime.block_on(bench.assistant.triager.triage(&input)).injection
        },
        |done| bar.set_position(done as u64),
    );
    bar.finish_and_clear();
    bench.close();
    output::finish(&arguments.output, "injection", &read.sources, &report)
}
