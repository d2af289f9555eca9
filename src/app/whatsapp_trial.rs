//! Trying WhatsApp out from the terminal.

use crate::{
    channels::whatsapp::trial::{TrialError, try_out},
    config::Config,
    egress::{Client, ClientSettings},
    store::Store,
};
use anyhow::Context;

/// Asks the provider for the account, and the public address for a refusal. Sends no message.
///
/// # Errors
/// What is wrong and what to check.
pub async fn try_whatsapp(config: &Config, store: &Store) -> anyhow::Result<()> {
    let gate = super::hosted::gate(config, store);
    let client = Client::new(gate, ClientSettings::default()).context("no HTTP client for WhatsApp")?;
    let tried: Result<(), TrialError> =
        try_out(&config.channels.whatsapp, &config.server.public_url, &client).await;
    Ok(tried?)
}
