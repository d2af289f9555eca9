//! `frontdesk egress`: what left the box, and whether the record of it is whole.
#![allow(clippy::print_stdout, reason = "this is the command line")]

use super::runtime;
use crate::{
    app::open_store,
    config::Config,
    ports::egress::{ChainState, EgressReports, LedgerEntry, LedgerFilter},
};
use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::{
    fs::File,
    io::{BufWriter, Write},
    path::PathBuf,
};

/// Rows read at once.
const PAGE: usize = 1000;

/// What left this box: mails, WhatsApp messages, requests to hosted models, downloads, notifications. Each was written down
/// before it left, with its size and digest and without its content.
#[derive(Debug, Subcommand)]
pub enum EgressCommand {
    /// Show what left, oldest first.
    #[command(after_help = "Examples:\n  \
        frontdesk egress list\n  \
        frontdesk egress list --purpose hosted_model --since 2026-11-01T00:00:00Z")]
    List(ListArguments),
    /// Check that no row was changed, removed or put in between; ends with status 1 if one was.
    #[command(after_help = "Example:\n  frontdesk egress verify")]
    Verify,
    /// Write the whole ledger to a file, one JSON object a line, hashes included.
    #[command(after_help = "Example:\n  frontdesk egress export ledger.jsonl")]
    Export { file: PathBuf },
}

#[derive(Debug, Args)]
pub struct ListArguments {
    /// Only what left since then, for example 2026-11-01T00:00:00Z.
    #[arg(long, value_name = "TIME")]
    since: Option<Timestamp>,
    /// mail, whatsapp, sign_in, hosted_model, model_download, notification or broker.
    #[arg(long, value_name = "PURPOSE")]
    purpose: Option<String>,
    /// At most so many rows.
    #[arg(long, value_name = "N", default_value_t = 200)]
    limit: usize,
    /// Print a JSON array.
    #[arg(long)]
    json: bool,
}

/// # Errors
/// When the store cannot be read, or (`verify`) the ledger was tampered with.
pub fn run(command: &EgressCommand, config: &Config) -> anyhow::Result<()> {
    let store = open_store(config, None)?;
    runtime()?.block_on(async {
        match command {
            EgressCommand::List(arguments) => list(&store, arguments).await,
            EgressCommand::Verify => verify(&store).await,
            EgressCommand::Export { file } => export(&store, file).await,
        }
    })
}

async fn list(ledger: &dyn EgressReports, arguments: &ListArguments) -> anyhow::Result<()> {
    let filter = LedgerFilter {
        since: arguments.since,
        purpose: arguments.purpose.clone(),
        ..LedgerFilter::default()
    };
    let entries = ledger.entries(filter, arguments.limit).await?;
    if arguments.json {
        let rows: Vec<Value> = entries.iter().map(row).collect();
        println!("{}", serde_json::to_string_pretty(&rows)?);
        return Ok(());
    }
    if entries.is_empty() {
        println!("Nothing left this box.");
        return Ok(());
    }
    println!("{:<20}  {:<14}  {:>9}  destination", "when", "purpose", "bytes");
    for entry in &entries {
        let at = entry.at.strftime("%Y-%m-%dT%H:%M:%SZ");
        println!("{at:<20}  {:<14}  {:>9}  {}", entry.purpose, entry.byte_count, entry.destination);
    }
    if entries.len() == arguments.limit {
        println!("… more: raise --limit, or see all with `frontdesk egress export FILE`");
    }
    Ok(())
}

async fn verify(ledger: &dyn EgressReports) -> anyhow::Result<()> {
    match ledger.verify_chain().await? {
        ChainState::Whole { rows } => {
            println!("The ledger is whole: {rows} rows, each continues the one before.");
            Ok(())
        }
        ChainState::BrokenAt { number } => {
            bail!("the ledger was tampered with: row {number} does not continue the one before")
        }
    }
}

async fn export(ledger: &dyn EgressReports, path: &PathBuf) -> anyhow::Result<()> {
    let file = File::create(path).with_context(|| format!("{} cannot be written", path.display()))?;
    let mut out = BufWriter::new(file);
    let (mut after, mut rows) = (None, 0_u64);
    loop {
        let page = ledger.entries(LedgerFilter { after, ..LedgerFilter::default() }, PAGE).await?;
        for entry in &page {
            writeln!(out, "{}", row(entry))?;
            rows += 1;
        }
        match page.last() {
            Some(last) if page.len() == PAGE => after = Some(last.number),
            _ => break,
        }
    }
    out.flush()?;
    println!("{rows} rows are in {}.", path.display());
    Ok(())
}

fn row(entry: &LedgerEntry) -> Value {
    json!({
        "number": entry.number,
        "at": entry.at.to_string(),
        "purpose": entry.purpose,
        "destination": entry.destination,
        "ticket": entry.ticket.map(|ticket| ticket.to_string()),
        "bytes": entry.byte_count,
        "sha256": hex::encode(entry.sha256),
        "hash": hex::encode(entry.hash),
    })
}
