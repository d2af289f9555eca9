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
    Token {
        token: Secret,
        /// Made for this very sign-in.
        fresh: bool,
    },
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
            Self::Tokens { tokens, .. } => {
                let (token, fresh) = tokens.access_or_renew().await?;
                Ok(Proof::Token { token: Secret::new(token), fresh })
            }
        }
    }

    /// Whether somebody signed in again since the last proof.
    pub async fn renewed(&self) -> bool {
        match self {
            Self::Password { .. } => false,
            Self::Tokens { tokens, .. } => tokens.renewed_since().await,
        }
    }

    /// The server refused the proof: a token is asked for anew next time. True when that is worth doing at once: the token was one
    /// that we had for a while, and a provider may end those early. A password, and a token just made, would only be refused again.
    pub async fn refused(&self, proof: &Proof) -> bool {
        match (self, proof) {
            (Self::Tokens { tokens, .. }, Proof::Token { fresh, .. }) => {
                tokens.forget().await;
                !fresh
            }
            _ => false,
        }
    }
}
