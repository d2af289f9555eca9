//! A signed-in IMAP connection: opening it, and what can go wrong on it.

use crate::{
    channels::email::{
        credential::{Credential, Proof},
        oauth::TokenError,
        wire::Wire,
    },
    config::{ImapConfig, Security},
    egress::{Dialer, EgressError},
};
use async_imap::{Authenticator, Client, error::Error};
use std::time::Duration;

pub type Session = async_imap::Session<Wire>;

/// Why there is no connection, or none any more.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImapError {
    /// The server does not let us in: trying soon again may lock the account.
    #[error("{0}")]
    Refused(String),
    /// Certificates or settings: a person must act, but asking again harms nothing.
    #[error("{0}")]
    Unusable(String),
    #[error("{0}")]
    Lost(String),
}

impl From<EgressError> for ImapError {
    fn from(error: EgressError) -> Self {
        Self::Lost(error.to_string())
    }
}

impl From<TokenError> for ImapError {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Refused(reason) => Self::Refused(reason),
            TokenError::Unavailable(reason) => Self::Lost(reason),
        }
    }
}

impl From<Error> for ImapError {
    fn from(error: Error) -> Self {
        match error {
            Error::No(text) | Error::Bad(text) => {
                Self::Unusable(format!("the mail server answered: {}", short(&text)))
            }
            // Answers may hold a mail's text: the kind of fault is told, not its content.
            Error::Parse(_) => Self::Lost("the mail server's answer cannot be read".to_owned()),
            Error::Validate(_) => Self::Unusable("a name in the settings holds a line break".to_owned()),
            Error::Io(error) => Self::Lost(format!("the connection broke: {error}")),
            _ => Self::Lost("the connection was lost".to_owned()),
        }
    }
}

/// Runs one exchange with the server under a time limit.
///
/// # Errors
/// [`ImapError`].
pub async fn within<T>(
    limit: Duration,
    exchange: impl Future<Output = async_imap::error::Result<T>>,
) -> Result<T, ImapError> {
    match tokio::time::timeout(limit, exchange).await {
        Ok(result) => Ok(result?),
        Err(_) => Err(ImapError::Lost("the mail server took too long to answer".to_owned())),
    }
}

/// Connects and signs in. A token that is refused before its time is renewed, once.
///
/// # Errors
/// [`ImapError`]; the reason says what to check.
pub async fn open(
    dialer: &Dialer,
    settings: &ImapConfig,
    credential: &Credential,
) -> Result<Session, ImapError> {
    loop {
        let proof = credential.proof().await?;
        let limit = Duration::from_millis(settings.timeout_ms);
        let opening = async {
            let client = greet(dialer, settings).await?;
            sign_in(client, credential.user(), &proof).await
        };
        let opened = tokio::time::timeout(limit, opening)
            .await
            .map_err(|_| ImapError::Lost("the mail server took too long to answer".to_owned()))?;
        match opened {
            // The next proof is fresh, so that this happens once.
            Err(ImapError::Refused(_)) if credential.refused(&proof).await => {
                tracing::info!(host = %settings.host, "the mail server refused a token before its time; trying a new one");
            }
            other => return other,
        }
    }
}

async fn greet(dialer: &Dialer, settings: &ImapConfig) -> Result<Client<Wire>, ImapError> {
    let wire = Wire::open(dialer, &settings.host, settings.port, settings.security).await?;
    let mut client = Client::new(wire);
    let greeting = client.read_response().await.map_err(|error| ImapError::from(Error::Io(error)))?;
    if greeting.is_none() {
        return Err(ImapError::Lost(
            "the mail server closed the connection at once; check imap.port and imap.security".to_owned(),
        ));
    }
    if settings.security != Security::Starttls {
        return Ok(client);
    }
    client.run_command_and_check_ok("STARTTLS", None).await.map_err(|_| {
        ImapError::Unusable("the mail server offers no STARTTLS; check imap.security".to_owned())
    })?;
    // What came in plain text before TLS is dropped with the client: nobody can put words in the server's mouth.
    match client.into_inner() {
        Wire::Plain(stream) => {
            let stream = dialer.secure(stream, &settings.host).await?;
            Ok(Client::new(Wire::Tls(Box::new(stream))))
        }
        Wire::Tls(_) => Err(ImapError::Unusable("TLS was there already".to_owned())),
    }
}

async fn sign_in(client: Client<Wire>, user: &str, proof: &Proof) -> Result<Session, ImapError> {
    let result = match proof {
        Proof::Password(password) if user.is_ascii() && password.expose().is_ascii() => {
            client.login(user, password.expose()).await
        }
        // LOGIN takes ASCII only.
        Proof::Password(password) => {
            let said = format!("\0{user}\0{}", password.expose());
            client.authenticate("PLAIN", Said { first: Some(said) }).await
        }
        Proof::Token { token, .. } => {
            let said = format!("user={user}\x01auth=Bearer {}\x01\x01", token.expose());
            client.authenticate("XOAUTH2", Said { first: Some(said) }).await
        }
    };
    result.map_err(|(error, _)| refusal(error, proof))
}

/// Says its piece once; to a server's complaint it answers with nothing, which ends the exchange (XOAUTH2).
struct Said {
    first: Option<String>,
}

impl Authenticator for Said {
    type Response = String;
    fn process(&mut self, _: &[u8]) -> String {
        self.first.take().unwrap_or_default()
    }
}

fn refusal(error: Error, proof: &Proof) -> ImapError {
    let text = match &error {
        Error::No(text) | Error::Bad(text) => text.to_ascii_uppercase(),
        _ => return error.into(),
    };
    // RFC 5530: these pass by themselves.
    if ["UNAVAILABLE", "[INUSE]", "[LIMIT]", "[SERVERBUG]", "TEMPORAR"].iter().any(|code| text.contains(code))
    {
        return ImapError::Lost("the mail server cannot check passwords right now".to_owned());
    }
    ImapError::Refused(match proof {
        Proof::Password(_) => {
            "the mail server refused user name or password; check user_name and password".to_owned()
        }
        Proof::Token { .. } => {
            "the mail server refused the sign-in, also with a new token; check that the account may use IMAP, then sign in again"
                .to_owned()
        }
    })
}

/// A server's word, harmless in a log: short and without control characters.
pub fn short(text: &str) -> String {
    text.chars().filter(|character| !character.is_control()).take(160).collect()
}
