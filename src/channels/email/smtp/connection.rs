//! A signed-in SMTP connection, and what a server's answers mean for a mail.

use crate::{
    channels::email::{
        credential::{Credential, Proof},
        imap::session::short,
        oauth::TokenError,
        outgoing::Composed,
        wire::Wire,
    },
    config::{Security, SmtpConfig},
    egress::Dialer,
};
use lettre::{
    Address,
    transport::smtp::{
        authentication::{Credentials, Mechanism},
        client::{AsyncSmtpConnection, Certificate, TlsParameters},
        commands::{Data, Mail, Rcpt},
        extension::{ClientId, Extension, MailBodyParameter, MailParameter},
    },
};
use std::time::Duration;

/// Why a mail did not go, or may have gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SmtpError {
    /// The server does not let us in.
    Refused(String),
    /// The server or the way to it is not there now.
    Unreachable(String),
    /// The server put this mail off.
    PutOff(String),
    /// The server does not want this mail.
    Rejected(String),
    /// The connection failed after the mail's text was sent.
    Unknown(String),
}

type Lettre = lettre::transport::smtp::Error;

/// A connection that can take mails, one after the other.
pub struct Connection {
    inner: AsyncSmtpConnection,
    limit: Duration,
}

impl Connection {
    /// # Errors
    /// [`SmtpError::Refused`] or [`SmtpError::Unreachable`].
    pub async fn open(
        dialer: &Dialer,
        settings: &SmtpConfig,
        authorities: &[Vec<u8>],
        hello: &str,
        credential: &Credential,
    ) -> Result<Self, SmtpError> {
        let limit = Duration::from_millis(settings.timeout_ms);
        loop {
            let proof = credential.proof().await.map_err(|error| match error {
                TokenError::Refused(reason) => SmtpError::Refused(reason),
                TokenError::Unavailable(reason) => SmtpError::Unreachable(reason),
            })?;
            let opening = open(dialer, settings, authorities, hello, credential.user(), &proof);
            let opened = tokio::time::timeout(limit, opening).await.map_err(|_| too_slow())?;
            match opened {
                // A token that is refused before its time is renewed, once: the next proof is fresh.
                Err(SmtpError::Refused(_)) if credential.refused(&proof).await => {
                    tracing::info!(host = %settings.host, "the mail server refused a token for sending before its time; trying a new one");
                }
                other => return Ok(Self { inner: other?, limit }),
            }
        }
    }

    /// Hands a mail over. Only [`SmtpError::Unknown`] leaves open whether the server has it.
    ///
    /// # Errors
    /// [`SmtpError`]; after any error the connection is not to be used again.
    pub async fn hand_over(&mut self, mail: &Composed) -> Result<(), SmtpError> {
        let address = |text: &str| {
            text.parse::<Address>()
                .map_err(|_| SmtpError::Rejected("the recipient is no mail address".to_owned()))
        };
        let (from, to) = (address(&mail.envelope_sender)?, address(&mail.envelope_recipient)?);
        let mut parameters = Vec::new();
        if !mail.bytes.is_ascii() && self.inner.server_info().supports_feature(Extension::EightBitMime) {
            parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
        }
        if !mail.envelope_recipient.is_ascii() || !mail.envelope_sender.is_ascii() {
            if !self.inner.server_info().supports_feature(Extension::SmtpUtfEight) {
                return Err(SmtpError::Rejected(
                    "the server takes no addresses with such letters".to_owned(),
                ));
            }
            parameters.push(MailParameter::SmtpUtfEight);
        }
        let asking = async {
            self.inner.command(Mail::new(Some(from), parameters)).await?;
            self.inner.command(Rcpt::new(to, Vec::new())).await?;
            self.inner.command(Data).await
        };
        match tokio::time::timeout(self.limit, asking).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => return Err(before_text(&error)),
            Err(_) => return Err(too_slow()),
        }
        match tokio::time::timeout(self.limit, self.inner.message(&mail.bytes)).await {
            Ok(Ok(_)) => Ok(()),
            // A code is an answer; without one the server may have taken the mail before the connection failed.
            Ok(Err(error)) if error.status().is_some() => Err(before_text(&error)),
            Ok(Err(_)) => Err(SmtpError::Unknown("the connection broke after the mail was sent".to_owned())),
            Err(_) => Err(SmtpError::Unknown("no answer came after the mail was sent".to_owned())),
        }
    }

    /// Leaves the next mail a clean connection; false when it is of no use any more.
    pub async fn is_alive(&mut self) -> bool {
        tokio::time::timeout(self.limit, self.inner.test_connected()).await.unwrap_or(false)
    }

    pub async fn quit(mut self) {
        let _ = tokio::time::timeout(Duration::from_secs(2), self.inner.quit()).await;
    }
}

async fn open(
    dialer: &Dialer,
    settings: &SmtpConfig,
    authorities: &[Vec<u8>],
    hello: &str,
    user: &str,
    proof: &Proof,
) -> Result<AsyncSmtpConnection, SmtpError> {
    let wire = Wire::open(dialer, &settings.host, settings.port, settings.security)
        .await
        .map_err(|error| SmtpError::Unreachable(error.to_string()))?;
    let hello = ClientId::Domain(hello.to_owned());
    let mut connection = AsyncSmtpConnection::connect_with_transport(Box::new(wire), &hello)
        .await
        .map_err(|error| unreachable(&error))?;
    if settings.security == Security::Starttls {
        if !connection.can_starttls() {
            return Err(SmtpError::Unreachable(
                "the mail server offers no STARTTLS; check smtp.port and smtp.security".to_owned(),
            ));
        }
        let mut tls = TlsParameters::builder(settings.host.clone());
        for der in authorities {
            tls = tls.add_root_certificate(
                Certificate::from_der(der.clone()).map_err(|error| unreachable(&error))?,
            );
        }
        let tls = tls.build().map_err(|error| unreachable(&error))?;
        connection.starttls(tls, &hello).await.map_err(|error| unreachable(&error))?;
    }
    let (mechanisms, secret): (&[Mechanism], _) = match proof {
        Proof::Password(password) => (&[Mechanism::Plain, Mechanism::Login], password),
        Proof::Token { token, .. } => (&[Mechanism::Xoauth2], token),
    };
    let credentials = Credentials::new(user.to_owned(), secret.expose().to_owned());
    match connection.auth(mechanisms, &credentials).await {
        Ok(_) => Ok(connection),
        Err(error) if error.is_permanent() || error.is_client() => Err(SmtpError::Refused(match proof {
            Proof::Password(_) => {
                "the mail server refused user name or password for sending; check user_name and password".to_owned()
            }
            Proof::Token { .. } => "the mail server refused the sign-in for sending, also with a new token; check that the account may use SMTP (authenticated SMTP), then sign in again".to_owned(),
        })),
        Err(error) => Err(unreachable(&error)),
    }
}

fn too_slow() -> SmtpError {
    SmtpError::Unreachable("the mail server took too long to answer".to_owned())
}

fn unreachable(error: &Lettre) -> SmtpError {
    SmtpError::Unreachable(format!("the mail server cannot be used: {}", short(&error.to_string())))
}

/// What an answer means for the mail, as long as its text was not sent or the server answered to it.
fn before_text(error: &Lettre) -> SmtpError {
    let text = short(&error.to_string());
    if error.is_permanent() {
        SmtpError::Rejected(text)
    } else if error.is_transient() {
        SmtpError::PutOff(text)
    } else {
        unreachable(error)
    }
}
