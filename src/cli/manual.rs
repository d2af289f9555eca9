//! `frontdesk completions` and `frontdesk manual`: what packages ship for shells and `man`.

use super::Cli;
use anyhow::Context;
use clap::{Args, CommandFactory};
use clap_complete::Shell;
use std::path::PathBuf;

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    frontdesk completions bash > /usr/share/bash-completion/completions/frontdesk\n  \
    frontdesk completions fish > ~/.config/fish/completions/frontdesk.fish")]
pub struct CompletionsArguments {
    shell: Shell,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  frontdesk manual target/man && man target/man/frontdesk.1")]
pub struct ManualArguments {
    /// Where the pages are written, one a subcommand.
    folder: PathBuf,
}

/// Prints the completion script.
pub fn completions(arguments: &CompletionsArguments) {
    clap_complete::generate(arguments.shell, &mut Cli::command(), "frontdesk", &mut std::io::stdout());
}

/// # Errors
/// When the folder cannot be written.
pub fn manual(arguments: &ManualArguments) -> anyhow::Result<()> {
    let folder = &arguments.folder;
    std::fs::create_dir_all(folder)
        .and_then(|()| clap_mangen::generate_to(Cli::command(), folder))
        .with_context(|| format!("{} cannot be written", folder.display()))
}
