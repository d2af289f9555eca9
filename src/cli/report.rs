//! `frontdesk report`: what the desk did.
#![allow(clippy::print_stdout, reason = "this is the command line")]

use super::runtime;
use crate::{app, config::Config};
use clap::Args;

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  \
    frontdesk report --days 7\n\n\
    A serving box sends the last day's report every morning to alerts.mail_to and alerts.webhook_url.")]
pub struct ReportArguments {
    /// How many days back.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=366))]
    days: u32,
}

/// # Errors
/// When the store cannot be read.
pub fn run(arguments: &ReportArguments, config: &Config) -> anyhow::Result<()> {
    let store = app::open_store(config, None)?;
    let text = runtime()?.block_on(async { app::day_report(config, &store, arguments.days).await })?;
    print!("{text}");
    Ok(())
}
