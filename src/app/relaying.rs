//! The relay's two sides, composed.

use crate::{
    channels::relay::{PATIENCE, Relayed},
    config::Config,
    egress::{Client, ClientSettings, Gate},
    http::{RelaySettings, relay_router},
    ports::{
        clock::{Clock, SystemClock},
        webhook::Webhooks,
    },
};
use std::{net::SocketAddr, sync::Arc};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// The public side: serves until `stop` is cancelled. Keeps no data.
///
/// # Errors
/// When serving fails.
pub async fn serve_relay(
    config: &Config,
    listener: TcpListener,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let settings = RelaySettings {
        key: config.relay.key.clone(),
        max_body_bytes: config.server.max_webhook_bytes,
        calls_per_minute: config.server.webhooks_per_minute,
        behind_proxy: config.server.behind_proxy,
    };
    let service =
        relay_router(settings, Arc::new(SystemClock)).into_make_service_with_connect_info::<SocketAddr>();
    tokio::select! {
        served = async { axum::serve(listener, service).await } => served?,
        // A held question would keep it for a minute, and nothing here needs an orderly end.
        () = stop.cancelled() => {}
    }
    Ok(())
}

/// The box's side: asks the relay in the background, if one is set.
///
/// # Errors
/// When the relay's address or the machine's certificates cannot be used.
pub fn start(
    config: &Config,
    gate: Gate,
    clock: &Arc<dyn Clock>,
    webhooks: &Arc<Webhooks>,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    if config.relay.url.is_empty() {
        return Ok(());
    }
    let client = Client::new(gate, ClientSettings { timeout: PATIENCE, ..ClientSettings::default() })?;
    let relayed = Relayed::new(&config.relay, client, clock.clone(), webhooks.clone())?;
    tokio::spawn(relayed.run(stop));
    Ok(())
}
