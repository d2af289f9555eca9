//! Entry point: parse, start logging, dispatch. No logic lives here.

use clap::Parser;
use frontdesk::cli::Cli;
use std::process::ExitCode;

fn main() -> ExitCode {
    frontdesk::cli::run(Cli::parse())
}
