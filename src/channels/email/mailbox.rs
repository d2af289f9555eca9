//! What reading and writing mail need to know of one mailbox.

use crate::domain::attachment::{MAX_ATTACHMENT_BYTES, MAX_ATTACHMENTS};

/// One mailbox of ours. Addresses are in normal form (trimmed, lower case).
#[derive(Clone)]
pub struct Mailbox {
    /// Its name in the settings (`support`): threads never cross accounts.
    pub account: String,
    /// The address replies come from.
    pub address: String,
    /// The name shown beside it.
    pub display_name: String,
    /// Every address of this box, of all its mailboxes, aliases and bounce addresses: mail from them is our own.
    pub own_addresses: Vec<String>,
    /// The name by which this mailbox's own server signs `Authentication-Results` (RFC 8601). Without it no sender counts as verified.
    pub authserv_id: Option<String>,
    /// Where bounces go: the envelope's sender. `None`: the address itself.
    pub bounce_address: Option<String>,
    /// Whether `name+anything@domain` reaches this mailbox: then Reply-To carries a signed tag.
    pub plus_addressing: bool,
    /// The box's own secret (`Reports::instance_secret`): signs our Message-IDs.
    pub secret: [u8; 32],
    pub limits: MailLimits,
}

/// How much of a mail is taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MailLimits {
    /// A larger mail is refused whole: the transport should not even fetch it.
    pub max_bytes: usize,
    /// Parts within parts, and mails within mails.
    pub max_depth: usize,
    /// Parts of any kind.
    pub max_parts: usize,
    /// Files kept; the others are named in the text.
    pub max_attachments: usize,
    /// The largest file kept.
    pub max_attachment_bytes: usize,
}

impl Default for MailLimits {
    fn default() -> Self {
        Self {
            max_bytes: 35 * 1024 * 1024,
            max_depth: 20,
            max_parts: 500,
            max_attachments: MAX_ATTACHMENTS,
            max_attachment_bytes: MAX_ATTACHMENT_BYTES,
        }
    }
}

impl Mailbox {
    /// The part of the address behind the @.
    pub fn domain(&self) -> &str {
        self.address.rsplit_once('@').map_or("localhost", |(_, domain)| domain)
    }

    /// Whether an address (in normal form) is one of ours; a signed tag behind a plus does not matter.
    pub fn is_own(&self, address: &str) -> bool {
        let bare = without_tag(address);
        let own = self.own_addresses.iter().map(String::as_str).chain([self.address.as_str()]);
        own.chain(self.bounce_address.as_deref()).any(|own| own == address || own == bare)
    }
}

/// `name+tag@domain` without its tag.
fn without_tag(address: &str) -> String {
    match address.rsplit_once('@') {
        Some((local, domain)) => {
            format!("{}@{domain}", local.split_once('+').map_or(local, |(name, _)| name))
        }
        None => address.to_owned(),
    }
}

impl std::fmt::Debug for Mailbox {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The secret stays out of logs.
        formatter.debug_struct("Mailbox").field("account", &self.account).finish_non_exhaustive()
    }
}
