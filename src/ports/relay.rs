//! What a box behind a router and the relay on a public machine say to each other. Both hold one key; every message carries a proof
//! under it, bound to a moment and a number used once.

use super::webhook::WebhookCall;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// Where the box asks for the next call, and where it brings an answer.
pub const NEXT_PATH: &str = "/relay/next";
pub const ANSWER_PATH: &str = "/relay/answer";
/// Headers: seconds since 1970, a number used once, and the proof in hexadecimal.
pub const TIME_HEADER: &str = "x-relay-time";
pub const NONCE_HEADER: &str = "x-relay-nonce";
pub const PROOF_HEADER: &str = "x-relay-proof";
/// The relay holds a question so long when nothing comes; proxies between commonly wait a minute.
pub const HELD_FOR_S: u64 = 50;
/// Clocks may differ by so much, and numbers used once are remembered for twice as long.
pub const CLOCKS_DIFFER_S: i64 = 60;

/// A provider's request on its way to the box.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RelayedCall {
    pub id: String,
    pub method: String,
    pub path: String,
    pub query: String,
    pub headers: Vec<(String, String)>,
    /// Base64: signatures are made over exactly these bytes.
    pub body: String,
}

/// What the box answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RelayedAnswer {
    pub id: String,
    pub status: u16,
    pub content_type: String,
    pub body: String,
}

impl RelayedCall {
    pub fn new(id: String, call: WebhookCall) -> Self {
        let body = STANDARD.encode(&call.body);
        Self { id, method: call.method, path: call.path, query: call.query, headers: call.headers, body }
    }

    /// The request as the provider sent it; `None` when the body is no Base64.
    pub fn into_call(self) -> Option<WebhookCall> {
        let body = STANDARD.decode(self.body).ok()?;
        Some(WebhookCall {
            method: self.method,
            path: self.path,
            query: self.query,
            headers: self.headers,
            body,
        })
    }
}

/// The proof of a message: HMAC-SHA256 over each piece with its length, so that no two messages read alike.
pub fn proof(key: &str, pieces: &[&[u8]]) -> String {
    hex::encode(mac(key, pieces))
}

/// Whether a proof fits; an empty key proves nothing.
pub fn fits(key: &str, pieces: &[&[u8]], given: &str) -> bool {
    let Ok(given) = hex::decode(given) else { return false };
    let fits: bool = mac(key, pieces).ct_eq(&given).into();
    fits && !key.is_empty()
}

fn mac(key: &str, pieces: &[&[u8]]) -> Vec<u8> {
    // A key of any length is one: the error cannot happen, and without a MAC nothing fits.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key.as_bytes()) else { return Vec::new() };
    for piece in pieces {
        mac.update(&(piece.len() as u64).to_be_bytes());
        mac.update(piece);
    }
    mac.finalize().into_bytes().to_vec()
}
