//! The one way a download's requests leave: whatever the HTTP library is about to put on a connection is shown to whoever keeps the
//! ledger first, to the byte, redirects and proxies included. What may not be recorded is not said.

use std::{fmt::Debug, sync::Arc};
use ureq::{
    Error,
    unversioned::transport::{
        Buffers, ConnectionDetails, Connector, DefaultConnector, NextTimeout, Transport,
    },
};

/// Records what is about to leave, or refuses it.
pub trait Departures: Debug + Send + Sync {
    /// Whether anything may leave for `destination` (host and port) at all; asked before its name is looked up.
    ///
    /// # Errors
    /// A text for people when nothing may.
    fn permits(&self, destination: &str) -> Result<(), String>;
    /// `content` is empty when only a connection is about to be opened.
    ///
    /// # Errors
    /// A text for people when it must not leave.
    fn leaving(&self, destination: &str, content: &[u8]) -> Result<(), String>;
}

/// Lets nothing leave: whoever wants downloads names who records them.
#[derive(Debug, Clone, Copy, Default)]
pub struct NothingLeaves;

impl Departures for NothingLeaves {
    fn permits(&self, destination: &str) -> Result<(), String> {
        self.leaving(destination, &[])
    }

    fn leaving(&self, destination: &str, _: &[u8]) -> Result<(), String> {
        Err(format!("nobody records what leaves for {destination}"))
    }
}

/// The library's own connections, each with its record.
#[derive(Debug)]
pub(super) struct RecordedConnector {
    inner: DefaultConnector,
    departures: Arc<dyn Departures>,
}

impl RecordedConnector {
    pub(super) fn new(departures: Arc<dyn Departures>) -> Self {
        Self { inner: DefaultConnector::new(), departures }
    }
}

impl Connector<()> for RecordedConnector {
    type Out = RecordedTransport;

    fn connect(&self, details: &ConnectionDetails, chained: Option<()>) -> Result<Option<Self::Out>, Error> {
        let destination = destination(details.uri.scheme_str(), details.uri.host(), details.uri.port_u16());
        self.departures.leaving(&destination, &[]).map_err(refusal)?;
        let departures = self.departures.clone();
        let inner = self.inner.connect(details, chained)?;
        Ok(inner.map(|inner| RecordedTransport { inner, departures, destination }))
    }
}

/// One connection.
#[derive(Debug)]
pub(super) struct RecordedTransport {
    inner: Box<dyn Transport>,
    departures: Arc<dyn Departures>,
    destination: String,
}

impl Transport for RecordedTransport {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.inner.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        let leaving = self.inner.buffers().output().get(..amount).unwrap_or_default();
        self.departures.leaving(&self.destination, leaving).map_err(refusal)?;
        self.inner.transmit_output(amount, timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.inner.await_input(timeout)
    }

    fn is_open(&mut self) -> bool {
        self.inner.is_open()
    }

    fn is_tls(&self) -> bool {
        self.inner.is_tls()
    }
}

/// Host and port.
pub(super) fn destination(scheme: Option<&str>, host: Option<&str>, port: Option<u16>) -> String {
    let usual = if scheme == Some("http") { 80 } else { 443 };
    format!("{}:{}", host.unwrap_or_default(), port.unwrap_or(usual))
}

/// Why a request did not leave.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct NotLeft(pub String);

fn refusal(reason: String) -> Error {
    Error::Other(Box::new(NotLeft(reason)))
}
