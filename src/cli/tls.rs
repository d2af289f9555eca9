//! `frontdesk tls`: the box's own certificate.
#![allow(clippy::print_stdout, reason = "this is the command line")]

use crate::{app, config::Config};
use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub enum TlsCommand {
    /// Make (or renew) a certificate for the LAN under an authority of this box, and print the authority's fingerprint.
    Create(CreateArguments),
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    frontdesk tls create\n  \
    frontdesk tls create --name desk.lan --name 192.168.1.20\n\n\
    Then set server.tls.self_made = true and server.public_url = \"https://…\", start the server again, and put the authority\n\
    (ca.pem) into the browsers and devices of your LAN after comparing its fingerprint. A serving box renews its certificate\n\
    at the start when less than 30 days are left; the authority stays.")]
pub struct CreateArguments {
    /// A name or address the box is reached by; may be repeated. Its own name and addresses come along by themselves.
    #[arg(long = "name", value_name = "NAME")]
    names: Vec<String>,
}

/// # Errors
/// When files cannot be read or written.
pub fn run(command: &TlsCommand, config: &Config) -> anyhow::Result<()> {
    let TlsCommand::Create(arguments) = command;
    let made = app::self_made(config, &arguments.names)?;
    println!("{}", if made.new { "A certificate was made." } else { "The certificate is good as it is." });
    println!("  for          {}", made.names.join(", "));
    println!("  until        {}", made.until.strftime("%Y-%m-%d"));
    println!("  certificate  {}", made.certificate.display());
    println!("  authority    {}", made.authority.display());
    println!("  fingerprint  {} (SHA-256 of the authority)", made.fingerprint);
    Ok(())
}
