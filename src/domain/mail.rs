//! What mail servers tell us afterwards of mails we sent (RFC 3464).

use super::ids::MessageId;

/// A delivery report on a mail of ours. Whoever made it had our mail in hand: the id in it carries our signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryReport {
    /// The message it is about.
    pub message_id: MessageId,
    /// The same as the mail's own Message-ID, without angle brackets: what was stored when it was sent.
    pub provider_message_id: String,
    pub status: ReportedStatus,
    /// The enhanced status code (`5.1.1`), RFC 3463.
    pub code: String,
}

/// What a report says became of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportedStatus {
    /// Given up (5.x.x).
    Failed,
    /// Not yet delivered, still tried (4.x.x).
    Delayed,
    /// Delivered (2.x.x).
    Delivered,
}
