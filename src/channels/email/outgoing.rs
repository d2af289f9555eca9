//! From a reply to the bytes of a mail.

use super::Mailbox;
use crate::ports::delivery::OutboundMessage;

/// A mail ready to be handed to a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Composed {
    /// The envelope's sender (MAIL FROM): the mailbox's bounce address if it has one.
    pub envelope_sender: String,
    /// The envelope's one recipient (RCPT TO).
    pub envelope_recipient: String,
    /// Its Message-ID without angle brackets: give it back as the receipt's `provider_message_ids`.
    pub message_id: String,
    /// RFC 5322, lines ended by CRLF. The same for every attempt at the same message.
    pub bytes: Vec<u8>,
}

/// Why no mail can be made of a message: never to be tried again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CannotCompose {
    #[error("the message has no recipient")]
    NoRecipient,
    #[error("the recipient is no mail address")]
    BadRecipient,
}

/// Makes the mail of a reply. The transport sends `bytes` as they are: nothing may be added, or attempts would differ.
///
/// # Errors
/// [`CannotCompose`], which is permanent.
pub fn compose(message: &OutboundMessage, mailbox: &Mailbox) -> Result<Composed, CannotCompose> {
    let recipient = message.recipient.as_deref().ok_or(CannotCompose::NoRecipient)?;
    let _ = (recipient, mailbox);
    Err(CannotCompose::BadRecipient)
}
