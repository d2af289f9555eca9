//! The mail reader and Gmail's announcements.

#[path = "../../src/channels/email/gmail/announcement.rs"]
pub mod announcement;
#[path = "../../src/channels/email/authentication.rs"]
mod authentication;
#[path = "../../src/channels/email/automatic.rs"]
mod automatic;
#[path = "../../src/channels/email/body.rs"]
mod body;
#[path = "../../src/channels/email/files.rs"]
mod files;
#[path = "../../src/channels/email/headers.rs"]
mod headers;
#[path = "../../src/channels/email/incoming.rs"]
pub mod incoming;
#[path = "../../src/channels/email/mailbox.rs"]
mod mailbox;
#[path = "../../src/channels/email/quotes.rs"]
mod quotes;
#[path = "../../src/channels/email/reports.rs"]
mod reports;
#[path = "../../src/channels/email/sanitised_html.rs"]
mod sanitised_html;
#[path = "../../src/channels/email/signed_id.rs"]
pub mod signed_id;
#[path = "../../src/channels/email/style.rs"]
mod style;
#[path = "../../src/channels/email/visible_text.rs"]
mod visible_text;

pub use mailbox::{MailLimits, Mailbox};
