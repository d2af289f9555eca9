//! Gmail by its HTTP API, for mailboxes where IMAP is not wanted: history in, `messages.send` out, announcements by Pub/Sub.

mod announcement;
pub mod api;
pub mod fetch;
pub mod keys;
pub mod push;
pub mod send;
mod shapes;
