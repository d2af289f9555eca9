//! Trying a mailbox out: whether it lets us in, and whether a mail comes round.

use super::channels::MailboxParts;
use crate::{
    channels::email::{
        imap::{Folder, session},
        outgoing::compose,
        sending::Handed,
        smtp::{Connection, SmtpError},
    },
    domain::ids::{MessageId, OutboxId, TicketId},
    ports::delivery::OutboundMessage,
};
use anyhow::{Context, anyhow, bail};
use std::time::{Duration, Instant};

/// How long each way took.
#[derive(Debug, Clone, Copy)]
pub struct RoundTrip {
    pub sent: Duration,
    pub received: Duration,
}

/// Replies never go to the mailbox itself, and this mail is to: it is composed for this address, which then gives way.
const STAND_IN: &str = "trial@frontdesk.invalid";
/// Between two looks for the mail where the server announces nothing.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// Signs in both ways.
///
/// # Errors
/// What is wrong and what to check.
pub async fn check_mailbox(parts: &MailboxParts) -> anyhow::Result<()> {
    if let Some(api) = parts.api() {
        let profile = api.profile().await.context("Gmail cannot be used")?;
        let found = profile.email_address.to_lowercase();
        if found != parts.mailbox.address
            && !parts.settings.aliases.iter().any(|alias| alias.to_lowercase() == found)
        {
            bail!("you signed in as {found}, not as {}; sign in again as the mailbox", parts.mailbox.address);
        }
        return Ok(());
    }
    open_folder(parts).await?;
    let connection = Connection::open(
        &parts.dialer,
        &parts.settings.smtp,
        &parts.authorities,
        parts.mailbox.domain(),
        &parts.credential,
    )
    .await;
    connection.map_err(|error| anyhow!(reason(error))).context("mail cannot be sent")?.quit().await;
    Ok(())
}

async fn open_folder(parts: &MailboxParts) -> anyhow::Result<Folder> {
    let imap = &parts.settings.imap;
    let session =
        session::open(&parts.dialer, imap, &parts.credential).await.context("mail cannot be fetched")?;
    let limit = Duration::from_millis(imap.timeout_ms);
    Folder::open(session, &imap.folder, limit)
        .await
        .with_context(|| format!("the folder {} cannot be opened", imap.folder))
}

fn reason(error: SmtpError) -> String {
    match error {
        SmtpError::Refused(reason)
        | SmtpError::Unreachable(reason)
        | SmtpError::PutOff(reason)
        | SmtpError::Rejected(reason)
        | SmtpError::Unknown(reason) => reason,
    }
}

/// Sends a mail from the mailbox to itself and waits until it is there. A running server knows it for one of its own.
///
/// # Errors
/// Where it got stuck.
pub async fn round_trip(parts: &MailboxParts, wait: Duration) -> anyhow::Result<RoundTrip> {
    let message_id = MessageId::new();
    let message = OutboundMessage {
        outbox_id: OutboxId::new(),
        message_id,
        ticket_id: TicketId::new(),
        account: parts.account.clone(),
        idempotency_key: message_id.to_string(),
        recipient: Some(STAND_IN.to_owned()),
        subject: Some("Frontdesk tries this mailbox out".to_owned()),
        parts: vec!["This mail was sent by `frontdesk channels test`. You may remove it.".to_owned()],
        automatic: true,
        last_inbound_at: None,
        references: Vec::new(),
    };
    let mut mail = compose(&message, &parts.mailbox)?;
    mail.bytes = String::from_utf8_lossy(&mail.bytes).replace(STAND_IN, &parts.mailbox.address).into_bytes();
    mail.envelope_recipient.clone_from(&parts.mailbox.address);
    let begun = Instant::now();
    match parts.carrier().hand_over(&mail, &message).await {
        Handed::Taken(_) => {}
        Handed::NotTaken { error, .. } => bail!("the mail was not sent: {error}"),
        Handed::Unknown(reason) => bail!("it is unknown whether the mail was sent: {reason}"),
    }
    let sent = begun.elapsed();
    let begun = Instant::now();
    tokio::time::timeout(wait, arrived(parts, &mail.message_id)).await.map_err(|_| {
        anyhow!(
            "the mail was sent but did not arrive within {} s; look into the spam folder, or wait longer with --wait",
            wait.as_secs()
        )
    })??;
    Ok(RoundTrip { sent, received: begun.elapsed() })
}

async fn arrived(parts: &MailboxParts, message_id: &str) -> anyhow::Result<()> {
    if let Some(api) = parts.api() {
        let search = format!("in:inbox rfc822msgid:{message_id}");
        while api.list(&search, None).await?.messages.is_empty() {
            tokio::time::sleep(LOOK_EVERY).await;
        }
        return Ok(());
    }
    let mut folder = open_folder(parts).await?;
    let query = format!("HEADER Message-ID \"<{message_id}>\"");
    loop {
        folder.forget_announcements();
        if !folder.search(&query, 0).await?.is_empty() {
            return Ok(());
        }
        folder = folder.wait(LOOK_EVERY).await?;
    }
}
