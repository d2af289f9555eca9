//! `frontdesk channels test`: a real mail, there and back; or whether WhatsApp's provider and we find each other.
#![allow(clippy::print_stdout, reason = "this is the command line")]

use super::TestArguments;
use crate::{
    app::{MailboxParts, mailboxes, open_store, round_trip, try_whatsapp},
    cli::runtime,
    config::{Config, WhatsappProvider},
    ports::store::Reports as _,
};
use anyhow::bail;
use std::time::Duration;

/// # Errors
/// When the channel is not set up, cannot be reached, or the mail does not arrive in time.
pub fn run(arguments: &TestArguments, config: &Config) -> anyhow::Result<()> {
    let number = &config.channels.whatsapp;
    let only_number = number.provider != WhatsappProvider::Off && config.channels.email.mailboxes.is_empty();
    if arguments.mailbox.as_ref().map_or(only_number, |name| *name == number.account) {
        return whatsapp(config);
    }
    runtime()?.block_on(async {
        let store = open_store(config, None)?;
        let secret = store.instance_secret().await?;
        let parts = mailboxes(config, &store, secret)?;
        let chosen = choose(parts, arguments.mailbox.as_deref())?;
        println!("{}: sending one mail to {} …", chosen.account, chosen.mailbox.address);
        let trip = round_trip(&chosen, Duration::from_secs(arguments.wait)).await;
        store.close().await;
        let trip = trip?;
        println!("sent      in {:.1} s", trip.sent.as_secs_f64());
        println!("received  after {:.1} s more", trip.received.as_secs_f64());
        println!("The mailbox works both ways. The mail lies in it; remove it as you like.");
        Ok(())
    })
}

fn whatsapp(config: &Config) -> anyhow::Result<()> {
    runtime()?.block_on(async {
        let store = open_store(config, None)?;
        let tried = try_whatsapp(config, &store).await;
        store.close().await;
        tried?;
        println!("The provider knows the account, and its public address leads to a Frontdesk that refuses who signs nothing.");
        println!("Now write to the number: only the provider can sign.");
        Ok(())
    })
}

fn choose(mut parts: Vec<MailboxParts>, name: Option<&str>) -> anyhow::Result<MailboxParts> {
    let names: Vec<String> = parts.iter().map(|part| part.account.clone()).collect();
    let position = match name {
        Some(name) => names.iter().position(|other| other == name),
        None if parts.len() == 1 => Some(0),
        None => None,
    };
    match position {
        Some(position) => Ok(parts.swap_remove(position)),
        None if names.is_empty() => {
            bail!("no mailbox is set up; begin with `frontdesk channels connect --help`")
        }
        None => bail!("name one of: {}", names.join(", ")),
    }
}
