//! Mail: what its rules are. [`incoming::read`] makes a message of a mail's bytes, [`outgoing::compose`] makes a mail's bytes of
//! a reply; both are pure. The transports beside them fetch and send, and decide nothing.

pub mod backoff;
pub mod credential;
pub mod gmail;
pub mod imap;
pub mod incoming;
pub mod intake;
pub mod journal;
mod mailbox;
pub mod oauth;
pub mod outgoing;
pub mod pace;
pub mod sending;
pub mod signed_id;
pub mod smtp;
pub mod wire;

pub use mailbox::{MailLimits, Mailbox};
