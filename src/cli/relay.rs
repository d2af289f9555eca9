//! `frontdesk relay`: the public side of a box that providers cannot reach.
#![allow(clippy::print_stdout, reason = "this is the command line")]

use super::{runtime, serve::stop_on_signal};
use crate::{
    app,
    config::{LoadOptions, load},
    telemetry,
};
use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

#[derive(Debug, Subcommand)]
pub enum RelayCommand {
    /// Take providers' requests on a public machine and hand them to the box, which asks for them from inside its network.
    Serve(RelayServeArguments),
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    frontdesk relay serve --set relay.key_file=/etc/frontdesk/relay.key\n  \
    frontdesk relay serve --listen 0.0.0.0:8090\n\n\
    Put a web server with a certificate before it. The box gets relay.url and the same key; see docs/CHANNELS.md.")]
pub struct RelayServeArguments {
    /// Address and port to listen on; wins over relay.listen.
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<String>,
}

/// # Errors
/// When no key is set, the settings do not fit or the address is taken.
pub fn run(command: RelayCommand, mut options: LoadOptions) -> anyhow::Result<()> {
    let RelayCommand::Serve(arguments) = command;
    options.flags.extend(arguments.listen.map(|listen| ("relay.listen".to_owned(), listen)));
    let loaded = load(&options)?;
    telemetry::start(&loaded.config.log)?;
    let config = loaded.config;
    if !config.relay.key.is_set() {
        bail!("a relay needs a key: set relay.key_file to a file with the output of `openssl rand -hex 32`");
    }
    runtime()?.block_on(async {
        let listen = config.relay.listen;
        let listener = TcpListener::bind(listen).await.with_context(|| {
            format!("cannot listen on {listen}; is another program using it? Choose another with --listen")
        })?;
        let address = listener.local_addr()?;
        let stop = CancellationToken::new();
        tokio::spawn(stop_on_signal(stop.clone()));
        println!("The relay listens on http://{address} (Ctrl-C to stop)");
        app::serve_relay(&config, listener, stop).await
    })
}
