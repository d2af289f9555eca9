//! `frontdesk worker`: a helper box that drafts for another.
#![allow(clippy::print_stdout, reason = "this is the command line")]

use super::{runtime, serve::stop_on_signal};
use crate::{
    app,
    config::{LoadOptions, load},
    telemetry,
};
use clap::Args;
use tokio_util::sync::CancellationToken;

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    frontdesk worker --broker mqtts://broker.lan --site main --set mqtt.user=helper --set mqtt.password_file=helper.pw\n  \
    frontdesk worker --slots 4\n\n\
    The box sets mqtt.helpers=true. The helper sees questions and passages and keeps nothing of them; see docs/SCALING.md.")]
pub struct WorkerArguments {
    /// The broker, mqtts://host[:port]; wins over mqtt.broker.
    #[arg(long, value_name = "ADDRESS")]
    broker: Option<String>,
    /// The site of the box to help; wins over mqtt.site.
    #[arg(long, value_name = "NAME")]
    site: Option<String>,
    /// Drafts made at once; wins over mqtt.worker_slots.
    #[arg(long, value_name = "COUNT")]
    slots: Option<usize>,
}

/// # Errors
/// When no broker is set or the settings do not fit.
pub fn run(arguments: WorkerArguments, mut options: LoadOptions) -> anyhow::Result<()> {
    let flags = [
        ("mqtt.broker", arguments.broker),
        ("mqtt.site", arguments.site),
        ("mqtt.worker_slots", arguments.slots.map(|slots| slots.to_string())),
    ];
    options.flags.extend(flags.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))));
    let config = load(&options)?.config;
    telemetry::start(&config.log)?;
    runtime()?.block_on(async {
        let stop = CancellationToken::new();
        tokio::spawn(stop_on_signal(stop.clone()));
        if config.mqtt.is_on() {
            println!(
                "Drafting for the site {}, {} at once (Ctrl-C to stop)",
                config.mqtt.site, config.mqtt.worker_slots
            );
        }
        app::help(config, stop).await
    })
}
