//! Settings of the relay: for boxes that providers cannot reach.

use super::Secret;
use serde::{Deserialize, Serialize};
use std::{net::SocketAddr, path::PathBuf};

/// One key on both sides; `url` on the box, `listen` on the public machine.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct RelayConfig {
    /// The relay's public address, without a slash at its end. Empty: this box uses none.
    pub url: String,
    /// At least 32 characters, the same on both sides.
    pub key: Secret,
    pub key_file: Option<PathBuf>,
    /// Where `frontdesk relay serve` listens.
    pub listen: SocketAddr,
}

impl Default for RelayConfig {
    fn default() -> Self {
        Self {
            url: String::new(),
            key: Secret::default(),
            key_file: None,
            listen: SocketAddr::from(([127, 0, 0, 1], 8090)),
        }
    }
}

impl RelayConfig {
    /// Every fault, each in a sentence that says what would be right.
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let length = self.key.expose().len();
        if length > 0 && length < 32 {
            faults.push(
                "relay.key needs at least 32 characters; make one with `openssl rand -hex 32`".to_owned(),
            );
        }
        if !self.url.is_empty() {
            let local =
                ["http://127.0.0.1:", "http://localhost:"].iter().any(|start| self.url.starts_with(start));
            if !(self.url.starts_with("https://") || local) || self.url.ends_with('/') {
                faults.push(
                    "relay.url must start with https:// (customers' messages travel there) and end without a slash".to_owned(),
                );
            }
            if length == 0 {
                faults.push("relay.url needs relay.key or relay.key_file".to_owned());
            }
        }
        faults
    }
}
