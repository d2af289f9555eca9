//! `frontdesk healthcheck`: for timers, containers and people.
#![allow(clippy::print_stdout, reason = "this is the command line")]

use crate::config::{LoadOptions, load};
use anyhow::{Context, bail};
use clap::Args;
use std::time::Duration;

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  frontdesk healthcheck\n  frontdesk healthcheck --url http://127.0.0.1:8080"
)]
pub struct HealthcheckArguments {
    /// Address of the running Frontdesk; taken from server.listen when left out.
    #[arg(long)]
    url: Option<String>,
    #[arg(long, default_value_t = 5)]
    timeout_s: u64,
}

/// # Errors
/// When nothing answers, or what answers is not ready; the text says which part.
pub fn run(arguments: &HealthcheckArguments, options: &LoadOptions) -> anyhow::Result<()> {
    let mut own_machine = false;
    let url = if let Some(url) = &arguments.url {
        url.trim_end_matches('/').to_owned()
    } else {
        let server = load(options)?.config.server;
        let mut listen = server.listen;
        if listen.ip().is_unspecified() {
            listen.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
        }
        own_machine = server.tls.is_on();
        let scheme = if own_machine { "https" } else { "http" };
        format!("{scheme}://{listen}")
    };
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .timeout_global(Some(Duration::from_secs(arguments.timeout_s)))
        .http_status_as_error(false)
        .proxy(None)
        // The certificate is for the names others use; what answers on this machine's own port is asked nothing but whether it is ready.
        .tls_config(ureq::tls::TlsConfig::builder().disable_verification(own_machine).build())
        .build()
        .into();
    let mut response = agent
        .get(format!("{url}/health/ready"))
        .call()
        .with_context(|| format!("nothing answers at {url}; is `frontdesk serve` running?"))?;
    let ready = response.status() == 200;
    let body = response.body_mut().read_to_string().unwrap_or_default();
    if ready {
        println!("ready: {body}");
        Ok(())
    } else {
        bail!("not ready: {body}")
    }
}
