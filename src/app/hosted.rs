//! The hosted model, where the owner turned it on, behind the one way out of the box.

use crate::{
    config::{Config, HostedProvider},
    egress::{Client, ClientSettings, Gate},
    hosted::Hosted,
    ports::{clock::Clock, hosted::HostedModel, model::Embedder},
    store::Store,
};
use anyhow::Context;
use std::{sync::Arc, time::Duration};

/// What lets anything leave this box, and writes it down first.
pub fn gate(config: &Config, store: &Store) -> Gate {
    Gate { ledger: Arc::new(store.clone()), offline: config.network.offline }
}

/// `None` when it is off.
///
/// # Errors
/// When its settings cannot be used.
pub fn hosted(
    config: &Config,
    store: &Store,
    embedder: &Arc<dyn Embedder>,
    clock: &Arc<dyn Clock>,
) -> anyhow::Result<Option<Arc<dyn HostedModel>>> {
    if config.hosted.provider == HostedProvider::Off {
        return Ok(None);
    }
    let timeout = Duration::from_millis(config.hosted.timeout_ms);
    let settings = ClientSettings { timeout, ..ClientSettings::default() };
    let client = Client::new(gate(config, store), settings).context("no HTTP client for the hosted model")?;
    let keep = vec![config.company.name.clone(), config.company.product.clone()];
    let hosted =
        Hosted::new(&config.hosted, keep, embedder.clone(), client, Arc::new(store.clone()), clock.clone())?;
    tracing::info!(model = %config.hosted.model, "hard cases may be shown to the hosted model, redacted");
    Ok(Some(Arc::new(hosted)))
}
