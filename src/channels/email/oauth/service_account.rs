//! A Google service account that acts for a mailbox of its Workspace (RFC 7523).

use crate::config::Secret;
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Why a key file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    #[error("the service account's key file {path} cannot be read: {reason}")]
    Unreadable { path: PathBuf, reason: String },
    #[error("the service account's key cannot sign: {0}")]
    Key(String),
}

/// What a key file holds, as Google writes it.
#[derive(Deserialize)]
struct KeyFile {
    client_email: String,
    private_key: Secret,
    private_key_id: Option<String>,
    token_uri: Option<String>,
}

/// A service account, ready to ask for tokens.
pub struct ServiceAccount {
    email: String,
    key: EncodingKey,
    key_id: Option<String>,
    pub(super) token_url: String,
    subject: String,
    scopes: String,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: &'a str,
    scope: &'a str,
    aud: &'a str,
    iat: i64,
    exp: i64,
}

impl ServiceAccount {
    /// `token_url` wins over the key file's when it is not empty; `subject` is the mailbox it acts for.
    ///
    /// # Errors
    /// [`KeyFileError`].
    pub fn read(path: &Path, subject: &str, scopes: &str, token_url: &str) -> Result<Self, KeyFileError> {
        let unreadable = |reason: String| KeyFileError::Unreadable { path: path.to_owned(), reason };
        let text = std::fs::read(path).map_err(|error| unreadable(error.to_string()))?;
        let file: KeyFile = serde_json::from_slice(&text).map_err(|error| {
            unreadable(format!("it is no key file of a service account (line {})", error.line()))
        })?;
        let key = EncodingKey::from_rsa_pem(file.private_key.expose().as_bytes())
            .map_err(|error| KeyFileError::Key(error.to_string()))?;
        let named = file.token_uri.unwrap_or_else(|| "https://oauth2.googleapis.com/token".to_owned());
        Ok(Self {
            email: file.client_email,
            key,
            key_id: file.private_key_id,
            token_url: if token_url.is_empty() { named } else { token_url.to_owned() },
            subject: subject.to_owned(),
            scopes: scopes.to_owned(),
        })
    }

    /// The signed request for a token of an hour.
    pub(super) fn form(&self, now: Timestamp) -> Result<Vec<(&'static str, String)>, KeyFileError> {
        let header = Header { kid: self.key_id.clone(), ..Header::new(Algorithm::RS256) };
        let iat = now.as_second();
        let claims = Claims {
            iss: &self.email,
            sub: &self.subject,
            scope: &self.scopes,
            aud: &self.token_url,
            iat,
            exp: iat + 3600,
        };
        let assertion =
            encode(&header, &claims, &self.key).map_err(|error| KeyFileError::Key(error.to_string()))?;
        Ok(vec![
            ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer".to_owned()),
            ("assertion", assertion),
        ])
    }
}
