//! Mail: what its rules are. [`incoming::read`] makes a message of a mail's bytes, [`outgoing::compose`] makes a mail's bytes of
//! a reply; both are pure. The transports beside them fetch and send, and decide nothing.

mod authentication;
mod automatic;
pub mod backoff;
mod body;
pub mod credential;
mod files;
pub mod gmail;
mod headers;
pub mod imap;
pub mod incoming;
pub mod intake;
pub mod journal;
mod mailbox;
pub mod oauth;
pub mod outgoing;
mod outgoing_html;
pub mod pace;
mod quotes;
mod reports;
mod sanitised_html;
pub mod sending;
pub mod signed_id;
pub mod smtp;
mod style;
mod visible_text;
pub mod wire;

pub use mailbox::{MailLimits, Mailbox};
