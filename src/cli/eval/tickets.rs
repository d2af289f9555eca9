//! `frontdesk eval tickets`.

use super::{Bench, OutputArguments, output, rows};
use crate::{
    cli::bar,
    config::Config,
    evaluation::{TicketRow, evaluate_tickets},
};
use anyhow::bail;
use clap::Args;
use std::{path::PathBuf, time::Instant};

const SHIPPED: (&str, &str) =
    ("assets/demo/eval/tickets.jsonl", include_str!("../../../assets/demo/eval/tickets.jsonl"));

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    frontdesk eval tickets                                     the sample tickets that come with Frontdesk\n  \
    frontdesk eval tickets mine.jsonl --json out.json          your own, with every miss and its signals\n  \
    frontdesk eval tickets mine.jsonl --sets north,south       only rows of these sets\n\n\
    A row: {\"id\": \"1\", \"set\": \"north\", \"subject\": \"…\", \"body\": \"…\", \"customer\": {\"plan\": \"pro\"},\n        \
    \"expect\": {\"escalate\": true, \"category\": \"billing\", \"sentiment\": \"negative\"}}\n\
    Only id, body and expect.escalate are needed. Labels are never shown to what is measured.")]
pub struct TicketsArguments {
    /// Files with one JSON object a line.
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Only rows of these sets.
    #[arg(long, value_name = "SET,…", value_delimiter = ',')]
    sets: Vec<String>,
    #[command(flatten)]
    output: OutputArguments,
}

pub fn run(arguments: &TicketsArguments, config: &Config) -> anyhow::Result<()> {
    let mut read = rows::read::<TicketRow>(&arguments.files, SHIPPED)?;
    read.rows.retain(|row| arguments.sets.is_empty() || arguments.sets.contains(&row.set));
    if read.rows.is_empty() {
        bail!("no row is of the sets {}", arguments.sets.join(", "));
    }
    let bench = Bench::open(config)?;
    let bar = bar::counted(read.rows.len() as u64, "deciding on messages");
    let started = Instant::now();
    let report = evaluate_tickets(
        &read.rows,
        |input| bench.runtime.block_on(bench.assistant.triager.triage(input)),
        || started.elapsed(),
        |done| bar.set_position(done as u64),
    );
    bar.finish_and_clear();
    bench.close();
    output::finish(&arguments.output, "tickets", &read.sources, &report)
}
