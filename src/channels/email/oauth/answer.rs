//! What a token endpoint answered (RFC 6749, section 5).

use super::{Granted, TokenError};
use crate::egress::Answer;
use serde::Deserialize;

#[derive(Deserialize)]
struct Good {
    access_token: String,
    refresh_token: Option<String>,
    /// Left out by some; RFC 6749 then leaves it open.
    #[serde(default = "an_hour")]
    expires_in: i64,
}

fn an_hour() -> i64 {
    3600
}

#[derive(Default, Deserialize)]
pub(super) struct Bad {
    #[serde(default)]
    pub error: String,
}

impl Bad {
    pub fn of(answer: &Answer) -> Self {
        serde_json::from_slice(&answer.body).unwrap_or_default()
    }
}

/// Reads the answer. `advice` says what a person does about a refusal.
pub(super) fn read(answer: &Answer, advice: &str) -> Result<Granted, TokenError> {
    if answer.status == 200 {
        let good: Good = serde_json::from_slice(&answer.body)
            .map_err(|_| TokenError::Unavailable("the token endpoint's answer cannot be read".to_owned()))?;
        return Ok(Granted {
            access_token: good.access_token,
            refresh_token: good.refresh_token,
            seconds: good.expires_in,
        });
    }
    let bad = Bad::of(answer);
    let reason = match bad.error.as_str() {
        "invalid_grant" | "interaction_required" => {
            format!("the sign-in has ended or was taken back: {advice}")
        }
        "invalid_client" => {
            "the client id or its secret is wrong: check oauth.client_id and oauth.client_secret".to_owned()
        }
        "unauthorized_client" | "access_denied" | "invalid_scope" => {
            format!("the provider does not allow this ({}): {advice}", bad.error)
        }
        "temporarily_unavailable" | "server_error" | "slow_down" => String::new(),
        _ if answer.status == 429 || answer.status >= 500 => String::new(),
        other => format!("the token endpoint answered {} {}: {advice}", answer.status, short(other)),
    };
    if reason.is_empty() {
        Err(TokenError::Unavailable(format!("the token endpoint answered {}", answer.status)))
    } else {
        tracing::debug!(status = answer.status, error = %short(&bad.error), "a token was refused");
        Err(TokenError::Refused(reason))
    }
}

/// A provider's word, harmless in a log: short and without control characters.
pub(super) fn short(text: &str) -> String {
    text.chars().filter(|character| !character.is_control()).take(120).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> Answer {
        Answer { status, headers: reqwest::header::HeaderMap::new(), body: body.as_bytes().to_vec() }
    }

    /// A refusal that trying again cannot change must reach a person; a passing fault must not.
    #[test]
    fn answers_are_told_apart() {
        let granted = read(&answer(200, r#"{"access_token":"a","expires_in":60,"refresh_token":"r"}"#), "")
            .expect("granted");
        assert_eq!(
            (granted.access_token.as_str(), granted.seconds, granted.refresh_token.as_deref()),
            ("a", 60, Some("r"))
        );
        for (status, body, refused) in [
            (400, r#"{"error":"invalid_grant"}"#, true),
            (401, r#"{"error":"invalid_client"}"#, true),
            (403, r#"{"error":"access_denied"}"#, true),
            (400, r#"{"error":"temporarily_unavailable"}"#, false),
            (429, "{}", false),
            (503, "<html>", false),
            (404, "nothing here", true),
            (200, "<html>", false),
        ] {
            let error = read(&answer(status, body), "sign in again").err().expect("no token");
            assert_eq!(matches!(error, TokenError::Refused(_)), refused, "{status} {body}: {error}");
        }
    }
}
