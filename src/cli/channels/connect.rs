//! `frontdesk channels connect`.
#![allow(clippy::print_stdout, reason = "this is the command line")]

use super::{
    ConnectCommand, MailArguments, ask,
    mailbox::{Kind, values},
    phone, settings_file,
};
use crate::{
    app::{MailboxParts, check_mailbox, mailboxes, open_store},
    channels::email::oauth::{Provider, google, keep_refresh_token, microsoft},
    cli::runtime,
    config::{Config, LoadOptions, MailboxConfig, SignIn, load_mailbox},
    ports::store::Reports as _,
    store::Store,
};
use anyhow::Context;

/// # Errors
/// When an answer is missing, the provider refuses, or the settings cannot be written.
pub fn run(command: &ConnectCommand, config: Config, options: &LoadOptions) -> anyhow::Result<()> {
    let (kind, arguments) = match command {
        ConnectCommand::Twilio => return phone::connect(&phone::TWILIO, &config, options),
        ConnectCommand::Meta => return phone::connect(&phone::META, &config, options),
        ConnectCommand::Gmail(arguments) => (Kind::Gmail, arguments),
        ConnectCommand::M365(arguments) => (Kind::M365, arguments),
        ConnectCommand::Imap(arguments) => (Kind::Imap, arguments),
    };
    connect_mailbox(kind, arguments, config, options)
}

fn connect_mailbox(
    kind: Kind,
    arguments: &MailArguments,
    mut config: Config,
    options: &LoadOptions,
) -> anyhow::Result<()> {
    let file = settings_file::path(options);
    let section = format!("channels.email.mailboxes.{}", arguments.name);
    // A mailbox that is set up already is only signed in to again.
    let known = config.channels.email.mailboxes.contains_key(&arguments.name);
    let new = if known {
        println!("{section} is set up already; its settings stay as they are");
        None
    } else {
        settings_file::check_free(&file, &section)?;
        let values = values(kind, arguments, &config)?;
        let mailbox = load_mailbox(&arguments.name, &values).map_err(anyhow::Error::msg)?;
        config.channels.email.mailboxes.insert(arguments.name.clone(), mailbox);
        Some(values)
    };
    runtime()?.block_on(async {
        let store = open_store(&config, None)?;
        let result = sign_in_and_check(&arguments.name, arguments.no_check, &config, &store).await;
        store.close().await;
        result
    })?;
    if let Some(values) = new {
        settings_file::append(&file, &section, &values)?;
        println!("wrote [{section}] to {}", file.display());
    }
    println!(
        "A running server must be started again. Try it out with: frontdesk channels test {}",
        arguments.name
    );
    Ok(())
}

async fn sign_in_and_check(
    account: &str,
    no_check: bool,
    config: &Config,
    store: &Store,
) -> anyhow::Result<()> {
    let secret = store.instance_secret().await?;
    let parts = mailboxes(config, store, secret)?
        .into_iter()
        .find(|parts| parts.account == account)
        .with_context(|| format!("the mailbox {account} is switched off (enabled = false)"))?;
    match parts.settings.sign_in {
        SignIn::Google => {
            let token = google_token(&parts).await?;
            keep_refresh_token(store, account, &token).await?;
        }
        SignIn::Microsoft => {
            let token = microsoft_token(&parts).await?;
            keep_refresh_token(store, account, &token).await?;
        }
        SignIn::Password | SignIn::GoogleServiceAccount => {}
    }
    if no_check {
        return Ok(());
    }
    println!("signing in …");
    check_mailbox(&parts).await.context("nothing was written to the settings; mend this and try again")?;
    println!("the mailbox can be read and sent from");
    Ok(())
}

async fn google_token(parts: &MailboxParts) -> anyhow::Result<String> {
    let settings: &MailboxConfig = &parts.settings;
    let provider = Provider::of(settings);
    let begun = google::begin(&provider, &settings.oauth.client_id, &settings.address)?;
    println!(
        "\n1. Open this address in a browser, on any machine, and agree as {}:\n\n{}\n",
        settings.address, begun.url
    );
    println!(
        "2. The browser then shows an error, for it looks for a program on its own machine. That is right so."
    );
    let pasted = ask::line("   Copy the whole address from its address bar and paste it here", None)?;
    let code = begun.code(&pasted)?;
    let oauth = &settings.oauth;
    Ok(begun.finish(&parts.client, &provider, &oauth.client_id, &oauth.client_secret, code).await?)
}

async fn microsoft_token(parts: &MailboxParts) -> anyhow::Result<String> {
    let provider = Provider::of(&parts.settings);
    let client_id = &parts.settings.oauth.client_id;
    let begun = microsoft::begin(&parts.client, &provider, client_id).await?;
    println!(
        "\nOpen {} in a browser, on any machine, and type the code {}",
        begun.verification_uri, begun.user_code
    );
    println!("as {}. Waiting …", parts.settings.address);
    Ok(begun.finish(&parts.client, &provider, client_id).await?)
}
