//! Connections to other machines for protocols other than HTTP.

use super::{EgressError, Gate};
use crate::{domain::ids::TicketId, ports::egress::Purpose};
use std::{sync::Arc, time::Duration};
use tokio::net::TcpStream;
use tokio_rustls::{
    TlsConnector,
    client::TlsStream,
    rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs, pki_types::ServerName},
};

/// Opens connections. Cheap to clone.
#[derive(Clone)]
pub struct Dialer {
    gate: Gate,
    tls: Arc<ClientConfig>,
    connect_timeout: Duration,
}

impl Dialer {
    /// Trusts the machine's certificates and the given further ones (DER), for a company's own authority.
    pub fn new(gate: Gate, further_authorities: &[Vec<u8>], connect_timeout: Duration) -> Self {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        roots.add_parsable_certificates(further_authorities.iter().map(|der| der.clone().into()));
        // Named, for other crates bring a second provider along, and rustls refuses to choose between two.
        let provider = Arc::new(aws_lc_rs::default_provider());
        let tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("the provider has the usual versions of TLS")
            .with_root_certificates(roots)
            .with_no_client_auth();
        Self { gate, tls: Arc::new(tls), connect_timeout }
    }

    /// Opens a plain connection; record what is said over it with [`Dialer::record`].
    ///
    /// # Errors
    /// When the box is offline, the ledger cannot be written or the host cannot be reached.
    #[expect(clippy::disallowed_methods, reason = "this is the one dialer")]
    pub async fn dial(&self, purpose: Purpose, host: &str, port: u16) -> Result<TcpStream, EgressError> {
        let destination = format!("{host}:{port}");
        self.gate.pass(purpose, &destination, None, &[]).await?;
        let unreachable =
            |reason: String| EgressError::Unreachable { destination: destination.clone(), reason };
        let connecting = TcpStream::connect((host, port));
        match tokio::time::timeout(self.connect_timeout, connecting).await {
            Ok(Ok(stream)) => {
                // Short commands and their answers: waiting to fill packets only delays them.
                stream.set_nodelay(true).map_err(|error| unreachable(error.to_string()))?;
                Ok(stream)
            }
            Ok(Err(error)) => Err(unreachable(error.to_string())),
            Err(_) => Err(unreachable("it took too long".to_owned())),
        }
    }

    /// Starts TLS on a connection.
    ///
    /// # Errors
    /// When the certificate is not trusted or names another host.
    pub async fn secure(&self, stream: TcpStream, host: &str) -> Result<TlsStream<TcpStream>, EgressError> {
        let unreachable = |reason: String| EgressError::Unreachable { destination: host.to_owned(), reason };
        let name = ServerName::try_from(host.to_owned()).map_err(|error| unreachable(error.to_string()))?;
        let shaking = TlsConnector::from(self.tls.clone()).connect(name, stream);
        match tokio::time::timeout(self.connect_timeout, shaking).await {
            Ok(Ok(stream)) => Ok(stream),
            Ok(Err(error)) => Err(unreachable(format!("TLS failed: {error}"))),
            Err(_) => Err(unreachable("TLS took too long".to_owned())),
        }
    }

    /// Records what is about to be said over an open connection.
    ///
    /// # Errors
    /// When the ledger cannot be written: then do not say it.
    pub async fn record(
        &self,
        purpose: Purpose,
        destination: &str,
        ticket: Option<TicketId>,
        content: &[u8],
    ) -> Result<(), EgressError> {
        self.gate.pass(purpose, destination, ticket, &[content]).await
    }

    /// What TLS trusts, for libraries that start it themselves on a connection of ours.
    pub fn tls(&self) -> Arc<ClientConfig> {
        self.tls.clone()
    }
}
