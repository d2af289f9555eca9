//! Settings of the WhatsApp channel.

use super::Secret;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// One WhatsApp number, reached through one provider.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct WhatsappConfig {
    pub provider: WhatsappProvider,
    /// The name of this number on messages and in logs.
    pub account: String,
    /// The address the provider calls, without a slash at its end and without `/webhooks/…`; empty: `server.public_url`. Twilio signs it.
    pub public_url: String,
    /// Messages sent a second, to all customers together.
    pub messages_per_second: u32,
    /// The least time between two messages to one customer.
    pub pause_ms: u64,
    /// What is sent more than 24 hours after the customer's last message: the name (Meta) or ContentSid (Twilio) of an approved
    /// template whose one variable takes the text. Empty: such messages wait for a person.
    pub template: String,
    /// Meta: the template's language.
    pub template_language: String,
    /// Machines besides the provider's own that hold customers' files.
    pub media_hosts: Vec<String>,
    /// Largest file fetched.
    pub max_media_bytes: usize,
    pub twilio: TwilioConfig,
    pub meta: MetaConfig,
}

impl Default for WhatsappConfig {
    fn default() -> Self {
        Self {
            provider: WhatsappProvider::Off,
            account: "whatsapp".to_owned(),
            public_url: String::new(),
            messages_per_second: 20,
            pause_ms: 1_000,
            template: String::new(),
            template_language: "en".to_owned(),
            media_hosts: ["mms.twiliocdn.com", "media.twiliocdn.com", "lookaside.fbsbx.com"]
                .map(str::to_owned)
                .to_vec(),
            max_media_bytes: 15 * 1024 * 1024,
            twilio: TwilioConfig::default(),
            meta: MetaConfig::default(),
        }
    }
}

/// Who carries WhatsApp messages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WhatsappProvider {
    #[default]
    Off,
    Twilio,
    Meta,
}

/// An account at Twilio.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct TwilioConfig {
    pub account_sid: String,
    /// Signs what Twilio sends us and lets us send. Without it the channel is off.
    pub auth_token: Secret,
    /// A file that holds the token; wins over `auth_token`.
    pub auth_token_file: Option<PathBuf>,
    /// The number customers write to, as `+14155238886`.
    pub from: String,
    pub api_url: String,
}

impl Default for TwilioConfig {
    fn default() -> Self {
        Self {
            account_sid: String::new(),
            auth_token: Secret::default(),
            auth_token_file: None,
            from: String::new(),
            api_url: "https://api.twilio.com".to_owned(),
        }
    }
}

/// A number at Meta's Cloud API.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct MetaConfig {
    pub phone_number_id: String,
    /// Lets us send and fetch files.
    pub access_token: Secret,
    pub access_token_file: Option<PathBuf>,
    /// Signs what Meta sends us. Without it the channel is off.
    pub app_secret: Secret,
    pub app_secret_file: Option<PathBuf>,
    /// A word of your choice that Meta sends once, when the webhook is set up.
    pub verify_token: Secret,
    pub verify_token_file: Option<PathBuf>,
    pub api_url: String,
    pub api_version: String,
}

impl Default for MetaConfig {
    fn default() -> Self {
        Self {
            phone_number_id: String::new(),
            access_token: Secret::default(),
            access_token_file: None,
            app_secret: Secret::default(),
            app_secret_file: None,
            verify_token: Secret::default(),
            verify_token_file: None,
            api_url: "https://graph.facebook.com".to_owned(),
            api_version: "v23.0".to_owned(),
        }
    }
}

impl WhatsappConfig {
    /// Every fault, each in a sentence that says what would be right. A missing secret is none: the channel is then off and says so.
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let mut check = |fits: bool, fault: &str| {
            if !fits {
                faults.push(fault.to_owned());
            }
        };
        let web =
            |url: &str| (url.starts_with("http://") || url.starts_with("https://")) && !url.ends_with('/');
        check(
            self.public_url.is_empty() || web(&self.public_url),
            "channels.whatsapp.public_url must start with https:// and end without a slash",
        );
        check(
            (1..=1000).contains(&self.messages_per_second),
            "channels.whatsapp.messages_per_second must be 1 to 1000",
        );
        check(self.pause_ms <= 60_000, "channels.whatsapp.pause_ms must be at most 60000");
        check(
            (1024..=15 * 1024 * 1024).contains(&self.max_media_bytes),
            "channels.whatsapp.max_media_bytes must be 1024 to 15728640",
        );
        check(!self.account.trim().is_empty(), "channels.whatsapp.account must not be empty");
        match self.provider {
            WhatsappProvider::Off => {}
            WhatsappProvider::Twilio => {
                check(
                    !self.twilio.account_sid.is_empty(),
                    "channels.whatsapp.twilio.account_sid is missing (AC…, in Twilio's console)",
                );
                check(
                    self.twilio.from.starts_with('+'),
                    "channels.whatsapp.twilio.from must be the number customers write to, as +14155238886",
                );
                check(
                    web(&self.twilio.api_url),
                    "channels.whatsapp.twilio.api_url must be a web address without a slash at its end",
                );
            }
            WhatsappProvider::Meta => {
                check(
                    self.meta.phone_number_id.bytes().all(|byte| byte.is_ascii_digit())
                        && !self.meta.phone_number_id.is_empty(),
                    "channels.whatsapp.meta.phone_number_id must be the number's id (digits, in WhatsApp Manager), not the number",
                );
                check(
                    web(&self.meta.api_url),
                    "channels.whatsapp.meta.api_url must be a web address without a slash at its end",
                );
                check(
                    !self.meta.api_version.is_empty(),
                    "channels.whatsapp.meta.api_version must not be empty",
                );
            }
        }
        faults
    }

    /// The secrets that may stand in files of their own: the key, where the file is named, and where its text goes.
    pub(super) fn secret_files(&mut self) -> Vec<(&'static str, Option<PathBuf>, &mut Secret)> {
        let (twilio, meta) = (&mut self.twilio, &mut self.meta);
        vec![
            (
                "channels.whatsapp.twilio.auth_token_file",
                twilio.auth_token_file.clone(),
                &mut twilio.auth_token,
            ),
            (
                "channels.whatsapp.meta.access_token_file",
                meta.access_token_file.clone(),
                &mut meta.access_token,
            ),
            ("channels.whatsapp.meta.app_secret_file", meta.app_secret_file.clone(), &mut meta.app_secret),
            (
                "channels.whatsapp.meta.verify_token_file",
                meta.verify_token_file.clone(),
                &mut meta.verify_token,
            ),
        ]
    }
}
