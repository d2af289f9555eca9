//! Google's public keys, kept as long as Google says, and what a pushed announcement's token must say.

use crate::{
    egress::{Answer, Client},
    ports::egress::Purpose,
};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header, jwk::JwkSet};
use reqwest::{Method, Url};
use serde::Deserialize;
use std::time::Duration;
use tokio::{sync::Mutex, time::Instant};

const ISSUERS: [&str; 2] = ["https://accounts.google.com", "accounts.google.com"];
/// An unknown key is looked for anew at most this often: anyone can name one.
const BETWEEN_FETCHES: Duration = Duration::from_mins(1);
const DEFAULT_LIFE: Duration = Duration::from_mins(30);
const LONGEST_LIFE: Duration = Duration::from_hours(24);
const KEYS_LIMIT: usize = 256 * 1024;
const TOKEN_LIMIT: usize = 8 * 1024;

/// Whose announcements are taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    pub audience: String,
    pub service_account: String,
}

/// Why a token was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenFault {
    /// It proves nothing.
    Refused,
    /// The keys to check it cannot be had.
    NoKeys,
}

/// What we read of a token.
#[derive(Debug, Deserialize)]
struct Claims {
    #[serde(default)]
    email: String,
    #[serde(default)]
    email_verified: bool,
}

/// The keys behind one address.
pub struct Keys {
    client: Client,
    url: String,
    held: Mutex<Option<HeldKeys>>,
}

struct HeldKeys {
    keys: JwkSet,
    fetched: Instant,
    fresh_until: Instant,
}

impl Keys {
    pub fn new(client: Client, url: &str) -> Self {
        Self { client, url: url.to_owned(), held: Mutex::default() }
    }

    /// Checks signature, issuer, audience, time and signer of a token.
    ///
    /// # Errors
    /// [`TokenFault`].
    pub async fn check(&self, token: &str, expected: &Expected) -> Result<(), TokenFault> {
        if token.len() > TOKEN_LIMIT || expected.service_account.is_empty() {
            return Err(TokenFault::Refused);
        }
        let header = decode_header(token).map_err(|_| TokenFault::Refused)?;
        let key_id = header.kid.filter(|_| header.alg == Algorithm::RS256).ok_or(TokenFault::Refused)?;
        let key = self.key(&key_id).await?;
        let mut validation = Validation::new(Algorithm::RS256);
        validation.set_issuer(&ISSUERS);
        validation.set_audience(&[&expected.audience]);
        validation.set_required_spec_claims(&["exp", "iss", "aud"]);
        let claims = decode::<Claims>(token, &key, &validation)
            .map_err(|error| {
                tracing::debug!(kind = ?error.kind(), "a pushed announcement's token was refused");
                TokenFault::Refused
            })?
            .claims;
        let is_signer = claims.email_verified && claims.email == expected.service_account;
        if is_signer { Ok(()) } else { Err(TokenFault::Refused) }
    }

    async fn key(&self, id: &str) -> Result<DecodingKey, TokenFault> {
        let mut held = self.held.lock().await;
        let now = Instant::now();
        let known = |held: &Option<HeldKeys>| held.as_ref().and_then(|held| held.keys.find(id).cloned());
        let is_fresh = held.as_ref().is_some_and(|held| now < held.fresh_until);
        let may_ask = held.as_ref().is_none_or(|held| now.duration_since(held.fetched) >= BETWEEN_FETCHES);
        if !is_fresh || (known(&held).is_none() && may_ask) {
            *held = Some(self.fetch(now).await.ok_or(TokenFault::NoKeys)?);
        }
        let key = known(&held).ok_or(TokenFault::Refused)?;
        DecodingKey::from_jwk(&key).map_err(|_| TokenFault::Refused)
    }

    async fn fetch(&self, now: Instant) -> Option<HeldKeys> {
        let request = self.client.request(Method::GET, Url::parse(&self.url).ok()?);
        let answer = self.client.fetch(Purpose::SignIn, None, request, KEYS_LIMIT).await;
        let answer = answer
            .inspect_err(|error| tracing::warn!(%error, "Google's keys cannot be read"))
            .ok()
            .filter(|answer| answer.status == 200)?;
        let keys = serde_json::from_slice(&answer.body).ok()?;
        Some(HeldKeys { keys, fetched: now, fresh_until: now + life(&answer) })
    }
}

/// How long an answer may be kept (`Cache-Control: max-age`).
fn life(answer: &Answer) -> Duration {
    let control =
        answer.headers.get("cache-control").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let seconds = control.split(',').find_map(|part| part.trim().strip_prefix("max-age=")?.parse().ok());
    seconds.map_or(DEFAULT_LIFE, Duration::from_secs).min(LONGEST_LIFE)
}
