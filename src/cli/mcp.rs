//! `frontdesk mcp`: the tools for an assistant that starts this program.

use super::runtime;
use crate::{app, config::Config};
use clap::Args;

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    frontdesk mcp                all six tools, for whoever may start this program\n  \
    frontdesk mcp --read-only    search, history and mood only\n\n\
    Speaks the Model Context Protocol over standard input and output. Over the network, the same stands at /mcp of\n\
    `frontdesk serve`, with a token.")]
pub struct McpArguments {
    /// Only the tools that change nothing.
    #[arg(long)]
    read_only: bool,
}

/// # Errors
/// When the store cannot be used or the other side does not speak the protocol.
pub fn run(arguments: &McpArguments, config: Config) -> anyhow::Result<()> {
    runtime()?.block_on(app::serve_mcp(config, arguments.read_only))
}
