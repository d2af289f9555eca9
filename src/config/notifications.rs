//! Settings of telling teams that a ticket waits for them.

use super::{Secret, is_loopback};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// How teams hear of hand-overs. Nothing by default.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct NotificationsConfig {
    /// Gets a signed POST for each hand-over. Empty: none.
    pub webhook_url: String,
    /// Signs the body; at least 32 characters.
    pub webhook_secret: Secret,
    /// A file that holds the secret; wins over `webhook_secret`.
    pub webhook_secret_file: Option<PathBuf>,
    /// A mail for each hand-over, through the first mailbox of `channels.email`.
    pub mail: bool,
    /// These addresses get it instead of the team's mailbox (`routing.toml`).
    pub mail_to: Vec<String>,
    /// Also for drafts that wait for approval.
    pub approvals: bool,
    /// Reason and summary go along; they may hold a customer's words.
    pub include_text: bool,
}

impl NotificationsConfig {
    /// Every fault, each in a sentence that says what would be right.
    pub fn faults(&self, has_mailbox: bool) -> Vec<String> {
        let mut faults = Vec::new();
        if !self.webhook_url.is_empty() {
            let local = self
                .webhook_url
                .strip_prefix("http://")
                .and_then(|rest| rest.split(['/', ':']).next())
                .is_some_and(is_loopback);
            if !(self.webhook_url.starts_with("https://") || local) {
                faults.push("notifications.webhook_url must start with https://".to_owned());
            }
            if self.webhook_secret.expose().len() < 32 {
                faults.push(
                    "notifications.webhook_secret needs at least 32 characters; make one with `openssl rand -hex 32`".to_owned(),
                );
            }
        }
        if self.mail && !has_mailbox {
            faults.push(
                "notifications.mail needs a mailbox: set one up with `frontdesk channels connect`".to_owned(),
            );
        }
        if self.mail_to.iter().any(|address| !address.contains('@') || address.contains(char::is_whitespace))
        {
            faults.push("notifications.mail_to holds addresses such as support-lead@example.com".to_owned());
        }
        faults
    }
}
