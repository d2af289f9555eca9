//! `frontdesk decisions`: putting decisions right, so that the next message like it is decided rightly.
#![allow(clippy::print_stdout, reason = "this is the command line")]

mod files;

use super::runtime;
use crate::{
    app::open_corrections,
    config::Config,
    domain::{
        escalation::EscalationCategory,
        exemplar::{LocalExemplar, NOTE_CHARS, OPERATOR_CHARS, RightDecision},
        ids::{ExemplarId, MessageId},
        ticket::TicketReference,
    },
    pipeline::{Corrected, Correction, Corrections, Verdict},
    ports::store::StoreError,
};
use anyhow::{Context, bail};
use clap::{
    Args, Subcommand,
    builder::{PossibleValuesParser, TypedValueParser as _},
};
use serde_json::{Value, json};
use std::path::PathBuf;

/// What operators have put right on this box. A running server heeds every change from the next message on.
#[derive(Debug, Subcommand)]
pub enum DecisionsCommand {
    /// Mark the decision on a ticket's message as wrong: from now on messages like it are decided as you say.
    ///
    /// Matters that a binding rule holds (refunds, law, security, a wish for a person) are answered only when the text is nearly
    /// the marked one: one mark does not switch a rule off.
    #[command(after_help = "Examples:\n  \
        frontdesk decisions correct TF-20261122-7QK2 --should escalate --category legal\n  \
        frontdesk decisions correct TF-20261122-7QK2 --should answer --note \"only asks where the button is\"")]
    Correct(CorrectArguments),
    /// Show what was put right, newest last.
    #[command(
        after_help = "Examples:\n  frontdesk decisions list\n  frontdesk decisions list --undone --json"
    )]
    List {
        /// Those that were undone, too.
        #[arg(long)]
        undone: bool,
        /// Print a JSON array.
        #[arg(long)]
        json: bool,
    },
    /// Take one back: messages like it are decided as before.
    #[command(after_help = "Example:\n  frontdesk decisions undo 019ab1c2-0000-7000-8000-000000000000")]
    Undo {
        /// The number that `decisions list` shows; its beginning is enough when no other begins so.
        id: String,
        /// Who does it, for the audit log.
        #[arg(long, value_name = "NAME", default_value = "command line")]
        by: String,
    },
    /// Write what is in force to a file, one JSON object a line. It holds customers' words: keep it as you keep tickets.
    #[command(after_help = "Example:\n  frontdesk decisions export decisions.jsonl")]
    Export { file: PathBuf },
    /// Read such a file, from this box or another; what is known already is left alone. A faulty line stops all of it.
    #[command(after_help = "Example:\n  frontdesk decisions import decisions.jsonl\n\n\
        A line: {\"text\":\"…\",\"should\":\"escalate\",\"category\":\"legal\"}, and if you like language, note, marked_by, marked_at.")]
    Import {
        file: PathBuf,
        /// Who does it, for the audit log.
        #[arg(long, value_name = "NAME", default_value = "command line")]
        by: String,
    },
}

#[derive(Debug, Args)]
pub struct CorrectArguments {
    /// The ticket's reference, for example TF-20261122-7QK2.
    ticket: String,
    /// What should have become of it.
    #[arg(long, value_parser = one_of(RightDecision::ALL, RightDecision::as_str))]
    should: String,
    /// Whose matter it is; what triage took it for when left out.
    #[arg(long, value_parser = one_of(EscalationCategory::ALL, EscalationCategory::as_str))]
    category: Option<String>,
    /// Why, for your colleagues.
    #[arg(long)]
    note: Option<String>,
    /// The message meant, where the ticket has several; the newest that was answered or handed over when left out.
    #[arg(long, value_name = "UUID")]
    message: Option<String>,
    /// Who marks it, for the audit log.
    #[arg(long, value_name = "NAME", default_value = "command line")]
    by: String,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

/// The names of an enumeration, checked and shown in the help.
fn one_of<T: Copy>(
    all: &'static [T],
    name: fn(T) -> &'static str,
) -> impl clap::builder::TypedValueParser<Value = String> {
    PossibleValuesParser::new(all.iter().map(|value| name(*value)).collect::<Vec<_>>()).map(|name| name)
}

/// # Errors
/// When the store cannot be used, or what is named does not exist.
pub fn run(command: &DecisionsCommand, config: &Config) -> anyhow::Result<()> {
    runtime()?.block_on(async {
        let (store, corrections) = open_corrections(config)?;
        let result = match command {
            DecisionsCommand::Correct(arguments) => correct(&corrections, arguments).await,
            DecisionsCommand::List { undone, json } => list(&corrections, *undone, *json).await,
            DecisionsCommand::Undo { id, by } => undo(&corrections, id, by).await,
            DecisionsCommand::Export { file } => files::export(&corrections, file).await,
            DecisionsCommand::Import { file, by } => files::import(&corrections, file, by).await,
        };
        store.close().await;
        result
    })
}

async fn correct(corrections: &Corrections, arguments: &CorrectArguments) -> anyhow::Result<()> {
    let ticket: TicketReference = arguments.ticket.trim().to_uppercase().parse()?;
    let message_id: Option<MessageId> =
        arguments.message.as_deref().map(str::parse).transpose().context("--message takes a UUID")?;
    for (name, text, max) in [
        ("--note", arguments.note.as_deref().unwrap_or_default(), NOTE_CHARS),
        ("--by", arguments.by.as_str(), OPERATOR_CHARS),
    ] {
        if text.chars().count() > max {
            bail!("{name} takes at most {max} characters");
        }
    }
    let correction = Correction {
        ticket: ticket.clone(),
        message_id,
        should: known(&arguments.should)?,
        category: arguments.category.as_deref().map(known).transpose()?,
        note: arguments.note.clone(),
        operator: arguments.by.clone(),
    };
    let corrected = match corrections.correct(correction).await {
        Err(StoreError::NotFound("ticket")) => bail!("there is no ticket {ticket} on this box"),
        Err(StoreError::NotFound(_)) => bail!("nothing was decided on {ticket} yet; try again in a moment"),
        other => other?,
    };
    if arguments.json {
        println!("{}", corrected_json(&corrected));
        return Ok(());
    }
    println!("{} noted as {}", ticket, corrected.exemplar.id);
    println!("Recorded:    {} ({})", corrected.recorded.0, corrected.recorded.1);
    println!("Before:      {}", words(&corrected.before));
    println!("From now on: {}", words(&corrected.after));
    if let Some(advice) = corrected.advice() {
        println!("Note: {advice}.");
    }
    println!("Take it back with: frontdesk decisions undo {}", corrected.exemplar.id);
    Ok(())
}

fn known<T: std::str::FromStr>(name: &str) -> anyhow::Result<T> {
    name.parse().map_err(|_| anyhow::anyhow!("{name} is not known here"))
}

fn words(verdict: &Verdict) -> String {
    let category = verdict.category.map(|category| format!(" ({})", category.as_str())).unwrap_or_default();
    let reason = verdict.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
    format!("{}{category}{reason}", verdict.decision)
}

fn verdict_json(verdict: &Verdict) -> Value {
    json!({
        "decision": verdict.decision,
        "category": verdict.category.map(EscalationCategory::as_str),
        "reason": verdict.reason,
    })
}

fn corrected_json(corrected: &Corrected) -> Value {
    json!({
        "decision": exemplar_json(&corrected.exemplar),
        "recorded": { "decision": corrected.recorded.0, "reason": corrected.recorded.1 },
        "before": verdict_json(&corrected.before),
        "after": verdict_json(&corrected.after),
        "took_effect": corrected.took_effect(),
        "advice": corrected.advice(),
    })
}

fn exemplar_json(exemplar: &LocalExemplar) -> Value {
    json!({
        "id": exemplar.id.to_string(),
        "should": exemplar.should.as_str(),
        "category": exemplar.category.as_str(),
        "text": exemplar.text,
        "language": exemplar.language,
        "ticket_id": exemplar.ticket.as_ref().map(TicketReference::as_str),
        "message_id": exemplar.message_id.map(|id| id.to_string()),
        "note": exemplar.note,
        "marked_by": exemplar.marked_by,
        "marked_at": exemplar.marked_at.to_string(),
        "undone_by": exemplar.undone.as_ref().map(|(by, _)| by),
        "undone_at": exemplar.undone.as_ref().map(|(_, at)| at.to_string()),
    })
}

async fn list(corrections: &Corrections, undone: bool, json: bool) -> anyhow::Result<()> {
    let found = corrections.exemplars.exemplars(undone).await?;
    if json {
        println!("{}", Value::Array(found.iter().map(exemplar_json).collect()));
        return Ok(());
    }
    if found.is_empty() {
        println!(
            "Nothing was put right yet. Mark a decision with: frontdesk decisions correct TICKET --should answer|escalate"
        );
        return Ok(());
    }
    for exemplar in found {
        let ticket = exemplar.ticket.as_ref().map_or("(imported)", TicketReference::as_str);
        let day = exemplar.marked_at.strftime("%Y-%m-%d");
        let state = if exemplar.undone.is_some() { "  undone" } else { "" };
        println!(
            "{}  {:8} {:9} {day}  {ticket}  by {}{state}",
            exemplar.id,
            exemplar.should.as_str(),
            exemplar.category.as_str(),
            exemplar.marked_by
        );
        let words = exemplar.text.split_whitespace().collect::<Vec<_>>().join(" ");
        println!("    {}", words.chars().take(160).collect::<String>());
        if let Some(note) = &exemplar.note {
            println!("    note: {note}");
        }
    }
    Ok(())
}

async fn undo(corrections: &Corrections, id: &str, by: &str) -> anyhow::Result<()> {
    let wanted = id.trim().to_lowercase();
    let all = corrections.exemplars.exemplars(true).await?;
    let matching: Vec<&LocalExemplar> = all
        .iter()
        .filter(|exemplar| !wanted.is_empty() && exemplar.id.to_string().starts_with(&wanted))
        .collect();
    let found: ExemplarId = match matching.as_slice() {
        [only] => only.id,
        [] => bail!("there is no decision {id}; `frontdesk decisions list --undone` shows them"),
        several => bail!("{} decisions begin with {id}; give more of the number", several.len()),
    };
    if matching[0].undone.is_some() {
        println!("{found} was undone before");
        return Ok(());
    }
    corrections.undo(found, by).await?;
    println!("{found} is undone; messages like it are decided as before");
    Ok(())
}
