//! Proof that a request comes from the provider. Compared in constant time; a missing signature never fits.

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::Sha256;
use std::collections::BTreeMap;
use subtle::ConstantTimeEq;

/// Twilio's `X-Twilio-Signature`: Base64 of HMAC-SHA1 under the account's token over the URL Twilio was given and, in the names' order,
/// each field's name and value; of a field that comes several times, each different value once, in order.
pub fn twilio_fits(token: &str, url: &str, fields: &[(String, String)], signature: &str) -> bool {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    let Ok(given) = STANDARD.decode(signature.trim()) else { return false };
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(token.as_bytes()) else { return false };
    if token.is_empty() {
        return false;
    }
    let mut sorted: BTreeMap<&str, std::collections::BTreeSet<&str>> = BTreeMap::new();
    for (name, value) in fields {
        sorted.entry(name).or_default().insert(value);
    }
    mac.update(url.as_bytes());
    for (name, values) in sorted {
        for value in values {
            mac.update(name.as_bytes());
            mac.update(value.as_bytes());
        }
    }
    mac.finalize().into_bytes().as_slice().ct_eq(&given).into()
}

/// Meta's `X-Hub-Signature-256`: `sha256=` and the hexadecimal HMAC-SHA256 under the app's secret over the raw body.
pub fn meta_fits(secret: &str, body: &[u8], signature: &str) -> bool {
    let Some(given) = signature.trim().strip_prefix("sha256=").and_then(|text| hex::decode(text).ok()) else {
        return false;
    };
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return false };
    mac.update(body);
    let fits: bool = mac.finalize().into_bytes().as_slice().ct_eq(&given).into();
    fits && !secret.is_empty()
}
