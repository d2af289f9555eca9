//! What a mailbox signs in with.

use super::oauth::{TokenError, Tokens};
use crate::config::Secret;
use std::sync::Arc;

/// A password, or tokens that renew themselves.
#[derive(Clone)]
pub enum Credential {
    Password { user: String, password: Secret },
    Tokens { user: String, tokens: Arc<Tokens> },
}

/// What is said to a server now.
pub enum Proof {
    Password(Secret),
    Token(Secret),
}

impl Credential {
    pub fn user(&self) -> &str {
        match self {
            Self::Password { user, .. } | Self::Tokens { user, .. } => user,
        }
    }

    /// # Errors
    /// When there is no token: [`TokenError`].
    pub async fn proof(&self) -> Result<Proof, TokenError> {
        match self {
            Self::Password { password, .. } => Ok(Proof::Password(password.clone())),
            Self::Tokens { tokens, .. } => Ok(Proof::Token(Secret::new(tokens.access().await?))),
        }
    }

    /// Whether somebody signed in again since the last proof.
    pub async fn renewed(&self) -> bool {
        match self {
            Self::Password { .. } => false,
            Self::Tokens { tokens, .. } => tokens.renewed_since().await,
        }
    }

    /// The server refused the proof: a token is asked for anew next time.
    pub async fn refused(&self) {
        if let Self::Tokens { tokens, .. } = self {
            tokens.forget().await;
        }
    }
}
