//! Mail: what its rules are. [`incoming::read`] makes a message of a mail's bytes, [`outgoing::compose`] makes a mail's bytes of
//! a reply; both are pure. The transports beside them fetch and send, and decide nothing.

mod authentication;
mod automatic;
mod body;
mod files;
mod headers;
pub mod incoming;
mod mailbox;
pub mod outgoing;
mod outgoing_html;
mod quotes;
mod reports;
mod sanitised_html;
pub mod signed_id;
mod style;
mod visible_text;

pub use mailbox::{MailLimits, Mailbox};
