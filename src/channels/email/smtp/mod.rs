//! Sending mail by SMTP.

mod connection;
mod sent;

pub use connection::{Connection, SmtpError};
pub use sent::SentFolder;

use super::{
    backoff::REFUSED,
    credential::Credential,
    outgoing::Composed,
    sending::{Carrier, Evidence, Handed},
};
use crate::{
    config::SmtpConfig,
    egress::Dialer,
    ports::{
        delivery::{DeliveryError, OutboundMessage},
        egress::Purpose,
    },
};
use async_trait::async_trait;
use std::time::Duration;
use tokio::{sync::Mutex, time::Instant};

/// A connection that was idle this long is not trusted with a mail any more.
const FRESH: Duration = Duration::from_secs(20);
/// Looks into the mailbox for a mail whose answer was lost, with a pause between: providers file sent mails a moment later.
const LOOKS: u32 = 3;
const BETWEEN_LOOKS: Duration = Duration::from_secs(2);

/// Sends by one server.
pub struct Smtp {
    pub account: String,
    pub dialer: Dialer,
    pub settings: SmtpConfig,
    /// Further certificate authorities (DER).
    pub authorities: Vec<Vec<u8>>,
    /// What we call ourselves in the greeting.
    pub hello: String,
    pub credential: Credential,
    pub sent: SentFolder,
    /// Whether the copy among the sent mails is ours to make.
    pub saves_sent: bool,
    pub held: Mutex<Held>,
}

/// The open connection, and how often in a row the server refused us.
#[derive(Default)]
pub struct Held {
    connection: Option<(Connection, Instant)>,
    refusals: u32,
    refused: Option<(Instant, String)>,
}

#[async_trait]
impl Carrier for Smtp {
    async fn prepare(&self) -> Result<(), Handed> {
        let mut held = self.held.lock().await;
        if let Some((until, reason)) = &held.refused
            && let Some(left) = until.checked_duration_since(Instant::now())
        {
            return Err(not_taken(SmtpError::Refused(reason.clone()), Some(left)));
        }
        match self.connection(&mut held).await {
            Ok(connection) => {
                held.connection = Some((connection, Instant::now()));
                Ok(())
            }
            Err(error) => Err(Self::failed_to_open(&mut held, error)),
        }
    }

    async fn hand_over(&self, mail: &Composed, message: &OutboundMessage) -> Handed {
        let mut held = self.held.lock().await;
        let mut connection = match self.connection(&mut held).await {
            Ok(connection) => connection,
            Err(error) => return Self::failed_to_open(&mut held, error),
        };
        let destination = format!("{}:{}", self.settings.host, self.settings.port);
        let recorded =
            self.dialer.record(Purpose::Mail, &destination, Some(message.ticket_id), &mail.bytes).await;
        if let Err(error) = recorded {
            return not_taken(SmtpError::Unreachable(error.to_string()), None);
        }
        match connection.hand_over(mail).await {
            Ok(()) => {
                held.connection = Some((connection, Instant::now()));
                Handed::Taken(Vec::new())
            }
            Err(SmtpError::Unknown(reason)) => Handed::Unknown(reason),
            Err(error) => {
                connection.quit().await;
                not_taken(error, None)
            }
        }
    }

    async fn evidence(&self, mail: &Composed) -> Evidence {
        for look in 0..LOOKS {
            if look > 0 {
                tokio::time::sleep(BETWEEN_LOOKS).await;
            }
            match self.sent.holds(&mail.message_id).await {
                Ok(true) => return Evidence::Taken,
                // Where the copy is ours to make, none can be there yet, whatever became of the mail.
                Ok(false) if self.saves_sent => return Evidence::None,
                Ok(false) => {}
                Err(error) => {
                    tracing::warn!(account = %self.account, %error, "the sent mails cannot be looked through");
                    return Evidence::None;
                }
            }
        }
        Evidence::NotTaken
    }

    async fn file(&self, mail: &Composed) {
        if self.saves_sent
            && let Err(error) = self.sent.append(&mail.bytes).await
        {
            tracing::warn!(account = %self.account, %error, "a sent mail has no copy among the sent ones");
        }
    }
}

impl Smtp {
    /// The open connection if it still answers, else a new one.
    async fn connection(&self, held: &mut Held) -> Result<Connection, SmtpError> {
        if let Some((mut connection, used)) = held.connection.take() {
            if used.elapsed() < FRESH || connection.is_alive().await {
                return Ok(connection);
            }
            connection.quit().await;
        }
        let connection =
            Connection::open(&self.dialer, &self.settings, &self.authorities, &self.hello, &self.credential)
                .await?;
        (held.refusals, held.refused) = (0, None);
        Ok(connection)
    }

    fn failed_to_open(held: &mut Held, error: SmtpError) -> Handed {
        let mut wait = None;
        if let SmtpError::Refused(reason) = &error {
            held.refusals += 1;
            let pause = REFUSED.wait(held.refusals, rand::random());
            held.refused = Some((Instant::now() + pause, reason.clone()));
            wait = Some(pause);
        }
        not_taken(error, wait)
    }
}

fn not_taken(error: SmtpError, wait: Option<Duration>) -> Handed {
    let retry_after_ms = wait.map(|wait| wait.as_millis() as u64);
    match error {
        SmtpError::Refused(reason) | SmtpError::Unreachable(reason) => {
            Handed::NotTaken { error: DeliveryError::Retryable { reason, retry_after_ms }, failing: true }
        }
        SmtpError::PutOff(reason) => {
            Handed::NotTaken { error: DeliveryError::Retryable { reason, retry_after_ms }, failing: false }
        }
        SmtpError::Rejected(reason) => {
            Handed::NotTaken { error: DeliveryError::Permanent { reason }, failing: false }
        }
        SmtpError::Unknown(reason) => Handed::Unknown(reason),
    }
}

#[cfg(test)]
mod tests;
