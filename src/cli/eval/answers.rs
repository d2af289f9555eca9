//! `frontdesk eval answers`: labelled questions through triage, search, drafting and verification, nothing sent.
#![allow(clippy::print_stdout, reason = "this is the command line")]

use super::{Bench, OutputArguments, output, retrieval::index, rows};
use crate::{
    cli::bar,
    config::{AnswerMode, Config},
    evaluation::{AnswerRow, AnswersReport, Example, cross_validated, evaluate_answers, fit},
};
use clap::Args;
use std::path::PathBuf;

const SHIPPED: (&str, &str) =
    ("assets/demo/eval/answers.jsonl", include_str!("../../../assets/demo/eval/answers.jsonl"));

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    frontdesk eval answers                              worded by the chat model\n  \
    frontdesk eval answers --set answers.mode=passage   in the documents' own words\n  \
    frontdesk eval answers mine.jsonl --knowledge help/ --json out.json\n  \
    frontdesk eval answers --set answers.mode=passage --fit\n\n\
    A line: {\"id\": \"1\", \"question\": \"…\", \"answerable\": true,\n         \
    \"sources\": [\"document#heading\"], \"must_contain\": [\"…\"], \"reference\": \"…\"}")]
pub struct AnswersArguments {
    /// The questions; the demo company's when left out.
    #[arg(value_name = "FILE", requires = "knowledge")]
    file: Option<PathBuf>,
    /// The documents they are about; the demo company's when left out.
    #[arg(long, value_name = "PATH", requires = "file")]
    knowledge: Option<PathBuf>,
    /// Fit the confidence's weights to these questions and print them, with what they would be worth on unseen ones.
    #[arg(long)]
    fit: bool,
    #[command(flatten)]
    output: OutputArguments,
}

pub fn run(arguments: &AnswersArguments, config: &Config) -> anyhow::Result<()> {
    let read = rows::read::<AnswerRow>(arguments.file.as_slice(), SHIPPED)?;
    let bench = if config.answers.mode == AnswerMode::Passage {
        Bench::open(config)?
    } else {
        Bench::open_whole(config)?
    };
    let report = bench.runtime.block_on(async {
        index(&bench, arguments.knowledge.as_deref()).await?;
        let assistant = &bench.assistant;
        let bar = bar::counted(read.rows.len() as u64, "answering");
        let report = evaluate_answers(
            &read.rows,
            &assistant.answerer,
            assistant.triager.as_ref(),
            assistant.embedder.as_ref(),
            |done| bar.set_position(done as u64),
        )
        .await;
        bar.finish_and_clear();
        anyhow::Ok(report?)
    });
    bench.close();
    let report = report?;
    output::finish(&arguments.output, "answers", &read.sources, &report)?;
    if arguments.fit {
        print_fitted(&report)?;
    }
    Ok(())
}

fn print_fitted(report: &AnswersReport) -> anyhow::Result<()> {
    let examples: Vec<Example> =
        report.answers.iter().filter_map(|row| Some((row.evidence?, row.right()))).collect();
    println!("\nWeights for confidence.toml:\n\n{}", toml::to_string(&fit(&examples))?);
    println!("On questions they were not fitted to (five folds):\n{}", cross_validated(&examples));
    Ok(())
}
