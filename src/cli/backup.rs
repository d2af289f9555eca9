//! `frontdesk backup` and `frontdesk restore`: one verified file holds everything.
#![allow(clippy::print_stdout, reason = "this is the command line")]

use super::runtime;
use crate::{app, config::Config, store::FileReport};
use clap::Args;
use std::path::PathBuf;

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    frontdesk backup                              into backup.directory, older copies are removed\n  \
    frontdesk backup /media/stick/frontdesk.db\n\n\
    The box may serve meanwhile. A serving box makes a copy every backup.every_hours by itself.")]
pub struct BackupArguments {
    /// The file to write; it must not exist.
    file: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  \
    frontdesk restore backups/frontdesk-20261124T030000Z.db\n\n\
    Stop the server first. The backup is checked before anything is touched; the store that was there is kept beside it.")]
pub struct RestoreArguments {
    /// The backup to put in the store's place.
    file: PathBuf,
}

/// # Errors
/// When the copy cannot be written or is not whole.
pub fn back_up(arguments: &BackupArguments, config: &Config) -> anyhow::Result<()> {
    let store = app::open_store(config, None)?;
    let (path, report) =
        runtime()?.block_on(async { app::back_up(config, &store, arguments.file.as_deref()).await })?;
    println!("{} is whole: {}.", path.display(), describe(&report));
    Ok(())
}

/// # Errors
/// When a server runs, or the backup cannot be used.
pub fn restore(arguments: &RestoreArguments, config: &Config) -> anyhow::Result<()> {
    let (report, kept) = app::restore(config, &arguments.file)?;
    println!("The store is back: {}.", describe(&report));
    if let Some(kept) = kept {
        println!(
            "The store that was there is kept as {}; remove it when you no longer need it.",
            kept.display()
        );
    }
    Ok(())
}

fn describe(report: &FileReport) -> String {
    format!(
        "{} customers, {} tickets, {} messages, {:.1} MB",
        report.customers,
        report.tickets,
        report.messages,
        report.byte_count as f64 / 1e6
    )
}
