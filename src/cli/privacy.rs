//! `frontdesk privacy`: a person's copy of what is kept of them, and its end.
#![allow(clippy::print_stdout, reason = "this is the command line")]

use super::runtime;
use crate::{
    app::{self, PrivacyDesk},
    config::Config,
    domain::ids::CustomerId,
    ports::privacy::{Privacy as _, PrivacyStore as _},
    store::Store,
};
use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub enum PrivacyCommand {
    /// Write all that is kept of a person: records as JSON, files and original messages.
    Export(ExportArguments),
    /// Remove a person: rows, indexes, files, log and backups. Prints a receipt.
    Erase(EraseArguments),
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    frontdesk privacy export ana@example.org --to ana.zip\n  \
    frontdesk privacy export +491711234567 --to folder\n\n\
    The box may serve meanwhile.")]
pub struct ExportArguments {
    /// A customer's id, mail address or phone number.
    customer: String,
    /// A new ZIP file, or a folder.
    #[arg(long, value_name = "FOLDER|FILE.zip")]
    to: PathBuf,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  \
    frontdesk privacy erase ana@example.org --yes > receipt.json\n\n\
    What the person wrote is gone from the store, from its copies in the backup folder and from its log; a digest of the\n\
    customer's id stays, so that an older copy kept elsewhere is put right when it is restored. Mails in the mailbox itself\n\
    and messages at a provider are not the box's to remove. The box may serve meanwhile; it answers slowly for some seconds.")]
pub struct EraseArguments {
    /// A customer's id, mail address or phone number.
    customer: String,
    /// It cannot be taken back: say that you mean it.
    #[arg(long)]
    yes: bool,
}

/// # Errors
/// When nobody or more than one person is meant, or files cannot be written.
pub fn run(command: &PrivacyCommand, config: &Config) -> anyhow::Result<()> {
    let store = app::open_store(config, None)?;
    runtime()?.block_on(async {
        let done = match command {
            PrivacyCommand::Export(arguments) => export(arguments, config, &store).await,
            PrivacyCommand::Erase(arguments) => erase(arguments, config, &store).await,
        };
        store.close().await;
        done
    })
}

async fn export(arguments: &ExportArguments, config: &Config, store: &Store) -> anyhow::Result<()> {
    let customer = find(store, &arguments.customer).await?;
    let target = &arguments.to;
    let files = app::export_to(config, store, customer, target)
        .await
        .with_context(|| format!("the export to {} broke off", target.display()))?;
    println!(
        "All that is kept of customer {customer} is in {}: records and {files} files.",
        target.display()
    );
    Ok(())
}

async fn erase(arguments: &EraseArguments, config: &Config, store: &Store) -> anyhow::Result<()> {
    let customer = find(store, &arguments.customer).await?;
    if !arguments.yes {
        bail!("this removes customer {customer} for ever; say --yes if you mean it");
    }
    let receipt = PrivacyDesk::new(config, store).erase(customer, "command line").await?;
    println!("{}", serde_json::to_string_pretty(&receipt)?);
    Ok(())
}

async fn find(store: &Store, named: &str) -> anyhow::Result<CustomerId> {
    match store.find_customers(named).await?.as_slice() {
        [] => bail!("nobody is known by {named:?}; name a customer by id, mail address or phone number"),
        [one] => Ok(*one),
        several => {
            let ids: Vec<String> = several.iter().map(ToString::to_string).collect();
            bail!("{named:?} is several customers; name one by id: {}", ids.join(", "))
        }
    }
}
