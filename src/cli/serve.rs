//! `frontdesk serve`: the desk itself.
#![allow(clippy::print_stdout, reason = "this is the command line")]

use super::runtime;
use crate::{
    app,
    config::{LoadOptions, load},
    telemetry,
};
use anyhow::Context;
use clap::Args;
use tokio::{net::TcpListener, signal::unix::SignalKind};
use tokio_util::sync::CancellationToken;

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    frontdesk serve\n  \
    frontdesk serve --listen 0.0.0.0:8080\n  \
    frontdesk serve --set answers.mode=passage        answers in the documents' own words, no chat model\n\n\
    Ctrl-C stops it; nothing accepted is lost.")]
pub struct ServeArguments {
    /// Address and port to listen on; wins over server.listen.
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<String>,
}

/// # Errors
/// When the settings do not fit, the store cannot be opened or the address is taken.
pub fn run(arguments: ServeArguments, mut options: LoadOptions) -> anyhow::Result<()> {
    options.flags.extend(arguments.listen.map(|listen| ("server.listen".to_owned(), listen)));
    let loaded = load(&options)?;
    telemetry::start(&loaded.config.log)?;
    let config = loaded.config;
    runtime()?.block_on(async {
        let listen = config.server.listen;
        let listener = TcpListener::bind(listen).await.with_context(|| {
            format!("cannot listen on {listen}; is another program using it? Choose another with --listen")
        })?;
        let address = listener.local_addr()?;
        let stop = CancellationToken::new();
        tokio::spawn(stop_on_signal(stop.clone()));
        let scheme = if config.server.tls.is_on() { "https" } else { "http" };
        println!("Frontdesk listens on {scheme}://{address} (Ctrl-C to stop)");
        app::serve(config, listener, stop).await
    })
}

/// Ctrl-C and a service manager's stop; a second one ends at once.
pub(super) async fn stop_on_signal(stop: CancellationToken) {
    let terminate = async {
        match tokio::signal::unix::signal(SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminate => {}
    }
    tracing::info!("stopping; what is under way is given back to the queue");
    stop.cancel();
    if tokio::signal::ctrl_c().await.is_ok() {
        std::process::exit(130);
    }
}
