//! The one way out of the box for requests and connections. Whatever leaves is written to the ledger first; an offline box
//! refuses. No other module makes an HTTP client or opens a connection to another host.

mod client;
mod dialer;

pub use client::{Answer, Client, ClientSettings};
pub use dialer::Dialer;

use crate::domain::ids::TicketId;
use crate::ports::{
    egress::{Departure, EgressLedger, Purpose},
    store::StoreError,
};
use sha2::{Digest as _, Sha256};
use std::sync::Arc;

/// Why something did not leave, or what became of it on the way.
#[derive(Debug, thiserror::Error)]
pub enum EgressError {
    #[error("this box is offline (network.offline): nothing may leave for {0}")]
    Offline(String),
    #[error("the egress ledger cannot be written, so nothing leaves: {0}")]
    Ledger(#[from] StoreError),
    /// Nothing was sent: safe to try again.
    #[error("{destination} cannot be reached: {reason}")]
    Unreachable { destination: String, reason: String },
    /// It was sent, at least in part, and no answer came: the other side may have acted.
    #[error("no answer from {destination}: {reason}")]
    NoAnswer { destination: String, reason: String },
    #[error("the answer of {destination} is larger than {limit_bytes} bytes")]
    TooLarge { destination: String, limit_bytes: usize },
}

/// Whether anything may leave, and where that is written down. Shared by client and dialer.
#[derive(Clone)]
pub struct Gate {
    pub ledger: Arc<dyn EgressLedger>,
    pub offline: bool,
}

impl Gate {
    /// Whether anything may leave for a destination at all.
    ///
    /// # Errors
    /// When the box is offline and the destination another machine.
    pub fn permits(&self, destination: &str) -> Result<(), EgressError> {
        if self.offline && !is_this_machine(destination) {
            return Err(EgressError::Offline(destination.to_owned()));
        }
        Ok(())
    }

    /// Records what is about to leave.
    ///
    /// # Errors
    /// When the box is offline and the destination another machine, or the ledger cannot be written.
    pub async fn pass(
        &self,
        purpose: Purpose,
        destination: &str,
        ticket: Option<TicketId>,
        content: &[&[u8]],
    ) -> Result<(), EgressError> {
        self.permits(destination)?;
        let mut digest = Sha256::new();
        let mut byte_count = 0;
        for piece in content {
            digest.update(piece);
            byte_count += piece.len() as u64;
        }
        let departure = Departure {
            purpose,
            destination: destination.to_owned(),
            ticket,
            byte_count,
            sha256: digest.finalize().into(),
        };
        Ok(self.ledger.record(departure).await?)
    }
}

/// A destination (`host:port`) on the loopback network never leaves the box.
fn is_this_machine(destination: &str) -> bool {
    let host = destination.rsplit_once(':').map_or(destination, |(host, _)| host);
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests;
