//! Serving connections: plain or over TLS, so many at once, and none that keeps a place without using it.

use super::guard::{Guard, Limits};
use axum::Router;
use axum_server::{
    Handle,
    tls_rustls::{RustlsAcceptor, RustlsConfig},
};
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::net::TcpListener;
use tokio_rustls::rustls::ServerConfig as TlsConfig;
use tokio_util::sync::CancellationToken;

/// How connections are served.
#[derive(Clone)]
pub struct Serving {
    pub limits: Limits,
    /// `None` serves plain HTTP.
    pub tls: Option<Arc<TlsConfig>>,
    /// Requests under way get this long to end after a stop.
    pub grace: Duration,
}

/// Serves until `stop`, then takes no more and lets what is under way end.
///
/// # Errors
/// When the listener cannot be used.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    serving: Serving,
    stop: CancellationToken,
) -> std::io::Result<()> {
    let handle = Handle::new();
    let (ending, grace) = (handle.clone(), serving.grace);
    tokio::spawn(async move {
        stop.cancelled().await;
        ending.graceful_shutdown(Some(grace));
    });
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let guard = Guard::new(serving.limits);
    // One protocol: what the guard knows of a connection is true of HTTP/1.1.
    let server = axum_server::from_tcp(listener.into_std()?)?.handle(handle).http1_only();
    match serving.tls {
        None => server.acceptor(guard).serve(service).await,
        Some(config) => {
            let tls = RustlsAcceptor::new(RustlsConfig::from_config(config)).acceptor(guard);
            server.acceptor(tls).serve(service).await
        }
    }
}
