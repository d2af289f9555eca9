//! Ids of our own that nobody else can make: in Message-IDs and in plus-addresses. A mail that names one had a mail of ours at hand.

use super::Mailbox;
use crate::domain::ids::MessageId;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use uuid::Uuid;

/// Bytes of the signature in a Message-ID.
const ID_SIGNATURE_BYTES: usize = 16;
/// Bytes of the signature in an address, whose local part may have 64 characters (RFC 5321).
const TAG_SIGNATURE_BYTES: usize = 8;
const LONGEST_LOCAL_PART: usize = 64;

/// The Message-ID of a message, without angle brackets: `uuid.signature@domain`. The same for every attempt.
pub fn message_id(mailbox: &Mailbox, message: MessageId) -> String {
    let signature = signature(mailbox, "message-id", message, ID_SIGNATURE_BYTES);
    format!("{}.{signature}@{}", message.0.simple(), mailbox.domain())
}

/// The message behind a Message-ID of ours (without angle brackets); `None` when the signature is not ours.
pub fn own_message(mailbox: &Mailbox, message_id: &str) -> Option<MessageId> {
    // The domain is not compared: the address may have changed since the mail was sent.
    let (local, _) = message_id.rsplit_once('@')?;
    let (id, signature) = local.split_once('.')?;
    proven(mailbox, "message-id", id, signature, ID_SIGNATURE_BYTES)
}

/// The address a reply should come to: with a signed tag that names the message, where the mailbox supports tags and the local
/// part leaves room for it.
pub fn reply_address(mailbox: &Mailbox, message: MessageId) -> Option<String> {
    let (local, domain) = mailbox.address.rsplit_once('@').filter(|_| mailbox.plus_addressing)?;
    let signature = signature(mailbox, "plus-address", message, TAG_SIGNATURE_BYTES);
    let tagged = format!("{local}+{}{signature}", message.0.simple());
    (tagged.len() <= LONGEST_LOCAL_PART).then(|| format!("{tagged}@{domain}"))
}

/// The message named by the signed tag of one of our addresses.
pub fn addressed_message(mailbox: &Mailbox, address: &str) -> Option<MessageId> {
    let (local, _) = address.rsplit_once('@').filter(|_| mailbox.is_own(address))?;
    let (_, tag) = local.split_once('+')?;
    let (id, signature) = tag.split_at_checked(32)?;
    proven(mailbox, "plus-address", id, signature, TAG_SIGNATURE_BYTES)
}

fn proven(mailbox: &Mailbox, use_: &str, id: &str, claimed: &str, bytes: usize) -> Option<MessageId> {
    // One spelling only: 32 hexadecimal digits. Mail systems may change the case of an address.
    let message = MessageId(Uuid::try_parse(id).ok().filter(|_| id.len() == 32)?);
    let expected = signature(mailbox, use_, message, bytes);
    let equal: bool = expected.as_bytes().ct_eq(claimed.to_ascii_lowercase().as_bytes()).into();
    (equal && !expected.is_empty()).then_some(message)
}

fn signature(mailbox: &Mailbox, use_: &str, message: MessageId, bytes: usize) -> String {
    // HMAC takes keys of any length, so this never fails.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&mailbox.secret) else { return String::new() };
    mac.update(b"mail:");
    mac.update(use_.as_bytes());
    mac.update(b":");
    mac.update(message.0.as_bytes());
    hex::encode(&mac.finalize().into_bytes()[..bytes])
}
