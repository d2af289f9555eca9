//! `frontdesk openapi`: the console's interface, described.
#![allow(clippy::print_stdout, reason = "this is the command line")]

use crate::http::console::description;

#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  frontdesk openapi > openapi.json")]
pub struct OpenapiArguments {}

/// # Errors
/// When it cannot be written as JSON.
pub fn run(_: &OpenapiArguments) -> anyhow::Result<()> {
    println!("{}", serde_json::to_string_pretty(&description()?)?);
    Ok(())
}
