//! `frontdesk check-config`: the settings in force.
#![allow(clippy::print_stdout, reason = "this is the command line")]

use crate::config::{LoadOptions, load};
use clap::Args;

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  frontdesk check-config\n  frontdesk check-config --config /etc/frontdesk/frontdesk.toml --json"
)]
pub struct CheckConfigArguments {
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// # Errors
/// Every fault of the settings at once.
pub fn run(arguments: &CheckConfigArguments, options: &LoadOptions) -> anyhow::Result<()> {
    let loaded = load(options)?;
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&loaded.config)?);
        return Ok(());
    }
    match &loaded.file {
        Some(file) => {
            println!("# Settings of {}, the environment and flags; defaults for the rest.", file.display())
        }
        None => println!("# No settings file was found: the environment, flags and defaults."),
    }
    print!("{}", toml::to_string_pretty(&loaded.config)?);
    println!("\n# These settings are fine.");
    if !loaded.config.server.operator_token.is_set() {
        println!("# No server.operator_token is set: the operators' routes are closed.");
    }
    if !loaded.config.server.listen.ip().is_loopback()
        && loaded.config.server.public_url.contains("//localhost")
    {
        println!(
            "# server.public_url still says localhost: customers on other machines cannot follow links."
        );
    }
    Ok(())
}
