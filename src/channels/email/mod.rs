//! Mail: what its rules are. [`incoming::read`] makes a message of a mail's bytes, [`outgoing::compose`] makes a mail's bytes of
//! a reply; both are pure. The transports beside them fetch and send, and decide nothing.

pub mod incoming;
mod mailbox;
pub mod outgoing;
pub mod signed_id;

pub use mailbox::{MailLimits, Mailbox};
