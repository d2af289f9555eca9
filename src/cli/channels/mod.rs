//! `frontdesk channels`: the ways customers reach the box, set up, shown and tried out.
#![allow(clippy::print_stdout, reason = "this is the command line")]

mod ask;
mod connect;
mod list;
mod mailbox;
mod phone;
mod settings_file;
mod test;

use crate::config::{Config, LoadOptions};
use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
#[expect(clippy::large_enum_variant, reason = "read once from the command line; clap builds it in place")]
pub enum ChannelsCommand {
    /// Show every channel, and how its connections stood when the server last looked.
    #[command(after_help = "Examples:\n  frontdesk channels list\n  frontdesk channels list --json")]
    List {
        /// Print a JSON array.
        #[arg(long)]
        json: bool,
    },
    /// Try a channel out. A mailbox: sign in, send one mail to the mailbox itself and wait until it is there. WhatsApp: ask the
    /// provider for the account, and see whether the public address leads to this box.
    #[command(after_help = "Examples:\n  \
        frontdesk channels test                      the only channel\n  \
        frontdesk channels test whatsapp\n  \
        frontdesk channels test support --wait 60\n\n\
        The server may run meanwhile: it knows the mail for one of its own and does not answer it.")]
    Test(TestArguments),
    /// Connect a channel: asks what it needs, checks it, and writes it to the settings file.
    #[command(subcommand)]
    Connect(ConnectCommand),
}

#[derive(Debug, Args)]
pub struct TestArguments {
    /// The mailbox's or WhatsApp number's name (`whatsapp`); may be left out when there is only one.
    mailbox: Option<String>,
    /// The longest to wait for the mail to arrive.
    #[arg(long, default_value_t = 60, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=600))]
    wait: u64,
}

#[derive(Debug, Subcommand)]
pub enum ConnectCommand {
    /// A Gmail or Google Workspace mailbox, by a sign-in in any browser or a service account.
    #[command(after_help = "Examples:\n  \
        frontdesk channels connect gmail\n  \
        frontdesk channels connect gmail --address support@example.com --client-id ID --client-secret-file secret.txt\n  \
        frontdesk channels connect gmail --address support@example.com --service-account key.json\n\n\
        You open an address in a browser on any machine, agree, and paste back the address the browser then shows;\n\
        nothing has to reach this box. docs/CHANNELS.md says how to get a client id.")]
    Gmail(MailArguments),
    /// A Microsoft 365 mailbox, by a code typed in any browser.
    #[command(after_help = "Example:\n  \
        frontdesk channels connect m365 --address support@example.com --client-id ID --tenant example.com\n\n\
        docs/CHANNELS.md says how to register the app.")]
    M365(MailArguments),
    /// Any other mailbox, by IMAP and SMTP with a password.
    #[command(after_help = "Examples:\n  \
        frontdesk channels connect imap\n  \
        frontdesk channels connect imap --address support@example.com --imap-host imap.example.com \\\n      \
        --smtp-host smtp.example.com --password-file password.txt")]
    Imap(MailArguments),
    /// WhatsApp by Twilio.
    #[command(after_help = "Example:\n  frontdesk channels connect twilio")]
    Twilio,
    /// WhatsApp by Meta's Cloud API.
    #[command(after_help = "Example:\n  frontdesk channels connect meta")]
    Meta,
}

/// What is asked for when it is left out.
#[derive(Debug, Clone, Args)]
pub struct MailArguments {
    /// A short name for this mailbox.
    #[arg(long, default_value = "support")]
    name: String,
    /// The address customers write to.
    #[arg(long)]
    address: Option<String>,
    /// What to sign in as, where that is not the address.
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
    /// A file that holds the password; asked for when left out.
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    #[arg(long, value_name = "HOST")]
    imap_host: Option<String>,
    #[arg(long, default_value_t = 993)]
    imap_port: u16,
    #[arg(long, value_name = "HOST")]
    smtp_host: Option<String>,
    #[arg(long, default_value_t = 587)]
    smtp_port: u16,
    /// A certificate authority of your own (PEM).
    #[arg(long, value_name = "FILE")]
    certificate_authority_file: Option<PathBuf>,
    /// The client (application) id of your app registration.
    #[arg(long, value_name = "ID")]
    client_id: Option<String>,
    /// A file that holds the client's secret; asked for when left out.
    #[arg(long, value_name = "FILE")]
    client_secret_file: Option<PathBuf>,
    /// Microsoft: your directory's id or domain.
    #[arg(long, default_value = "organizations")]
    tenant: String,
    /// Google: the key file of a service account with domain-wide delegation.
    #[arg(long, value_name = "FILE")]
    service_account: Option<PathBuf>,
    /// Write the settings without signing in first.
    #[arg(long)]
    no_check: bool,
}

/// # Errors
/// When the settings or the store cannot be used, or a provider refuses.
pub fn run(command: &ChannelsCommand, config: Config, options: &LoadOptions) -> anyhow::Result<()> {
    match command {
        ChannelsCommand::List { json } => list::run(&config, *json),
        ChannelsCommand::Test(arguments) => test::run(arguments, &config),
        ChannelsCommand::Connect(command) => connect::run(command, config, options),
    }
}
