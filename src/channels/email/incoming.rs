//! From the bytes of a mail to what the desk makes of it.

use super::Mailbox;
use crate::domain::{inbound::Inbound, mail::DeliveryReport};
use jiff::Timestamp;

/// What a mail is to us.
#[derive(Debug, Clone, PartialEq)]
pub enum Incoming {
    /// To be accepted by [`crate::ports::store::Inbox::accept`], whoever or whatever wrote it.
    Message(Box<Inbound>),
    /// A mail server's word on a mail of ours, to be recorded by [`crate::ports::mail::MailReports`]; no customer wrote it.
    Report(DeliveryReport),
    /// A mail we sent, met again in the mailbox: nothing to do.
    Ours,
}

/// Why the bytes of a mail cannot be read. The transport keeps such a mail where it is, tells an operator, and goes on to the next.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnreadableMail {
    /// Larger than the mailbox's `limits.max_bytes`.
    #[error("the mail has {bytes} bytes; at most {limit} are read")]
    TooLarge { bytes: usize, limit: usize },
    /// Not a mail at all, or nested beyond the limits.
    #[error("the mail cannot be read: {0}")]
    Malformed(&'static str),
    /// No From address that could be answered or told apart.
    #[error("the mail names no usable sender")]
    NoSender,
}

/// Reads one mail. Pure: the same bytes give the same result, except for `received_at`, which is passed through.
///
/// The `provider_message_id` of a message is `account`, Message-ID and a digest of the content: fetching the same mail twice is
/// one message, while another mail under the same Message-ID is another one.
///
/// # Errors
/// [`UnreadableMail`]; no bytes make it panic.
pub fn read(raw: &[u8], mailbox: &Mailbox, received_at: Timestamp) -> Result<Incoming, UnreadableMail> {
    if raw.len() > mailbox.limits.max_bytes {
        return Err(UnreadableMail::TooLarge { bytes: raw.len(), limit: mailbox.limits.max_bytes });
    }
    let _ = received_at;
    Err(UnreadableMail::Malformed("not read yet"))
}
