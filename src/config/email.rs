//! Mailboxes: where mail is fetched from, how it is sent, and how the box signs in there.

use super::Secret;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, path::PathBuf};

/// Mail. Each mailbox has a name of its own (`[channels.email.mailboxes.support]`), by which tickets remember where a mail came in.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct EmailConfig {
    /// Mails that leave by themselves in an hour, over all mailboxes; further answers wait.
    pub max_automatic_replies_an_hour: u32,
    pub mailboxes: BTreeMap<String, MailboxConfig>,
}

impl Default for EmailConfig {
    fn default() -> Self {
        Self { max_automatic_replies_an_hour: 600, mailboxes: BTreeMap::new() }
    }
}

impl EmailConfig {
    /// Secrets that lie in files: the setting's name, the file, and where its content belongs.
    pub(super) fn secret_files(&mut self) -> Vec<(&'static str, Option<PathBuf>, &mut Secret)> {
        let mailboxes = self.mailboxes.values_mut().flat_map(|mailbox| {
            let (password, oauth) = (mailbox.password_file.clone(), &mut mailbox.oauth);
            [
                ("channels.email.mailboxes.*.password_file", password, &mut mailbox.password),
                (
                    "channels.email.mailboxes.*.oauth.client_secret_file",
                    oauth.client_secret_file.clone(),
                    &mut oauth.client_secret,
                ),
            ]
        });
        mailboxes.collect()
    }
}

/// One mailbox.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct MailboxConfig {
    pub enabled: bool,
    /// How mail comes in and goes out.
    pub transport: Transport,
    /// The address customers write to; replies come from it.
    pub address: String,
    /// The name beside it in replies; the company's name when empty.
    pub sender_name: String,
    /// Further addresses that arrive here.
    pub aliases: Vec<String>,
    /// The name by which the receiving server signs its `Authentication-Results`. Without it no sender counts as proven.
    pub authentication_server: String,
    /// Where bounces go, where that is not the address: the sender on the envelope.
    pub bounce_address: String,
    /// Whether mail to `name+anything@domain` arrives here: replies then name their ticket in the address.
    pub plus_addressing: bool,
    /// What the box signs in as; the address when empty.
    pub user_name: String,
    pub sign_in: SignIn,
    pub password: Secret,
    pub password_file: Option<PathBuf>,
    /// A company's own certificate authority (PEM) that its mail servers' certificates come from.
    pub certificate_authority_file: Option<PathBuf>,
    /// Larger mails stay in the mailbox; a person is told.
    pub max_message_bytes: u32,
    /// At the very first look, unread mails of this many days are answered; older ones are left alone.
    pub backlog_days: u16,
    /// Mails sent a minute at most; 0 sets no limit.
    pub sends_per_minute: u32,
    pub imap: ImapConfig,
    pub smtp: SmtpConfig,
    pub oauth: OauthConfig,
    pub gmail: GmailConfig,
}

impl Default for MailboxConfig {
    fn default() -> Self {
        Self {
            enabled: true,
            transport: Transport::Imap,
            address: String::new(),
            sender_name: String::new(),
            aliases: Vec::new(),
            authentication_server: String::new(),
            bounce_address: String::new(),
            plus_addressing: false,
            user_name: String::new(),
            sign_in: SignIn::Password,
            password: Secret::default(),
            password_file: None,
            certificate_authority_file: None,
            max_message_bytes: 30 * 1024 * 1024,
            backlog_days: 3,
            sends_per_minute: 60,
            imap: ImapConfig::default(),
            smtp: SmtpConfig::default(),
            oauth: OauthConfig::default(),
            gmail: GmailConfig::default(),
        }
    }
}

impl MailboxConfig {
    /// What the box signs in as.
    pub fn user(&self) -> &str {
        if self.user_name.is_empty() { &self.address } else { &self.user_name }
    }

    /// Whether sent mails are put into the folder of sent mails by us: Gmail and Microsoft 365 do it themselves.
    pub fn saves_sent(&self) -> bool {
        self.smtp.save_sent.unwrap_or_else(|| {
            let host = self.smtp.host.to_ascii_lowercase();
            !["gmail.com", "googlemail.com", "office365.com", "outlook.com"]
                .iter()
                .any(|provider| host == *provider || host.ends_with(&format!(".{provider}")))
        })
    }
}

/// How mail comes in and goes out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Transport {
    /// IMAP in, SMTP out.
    #[default]
    Imap,
    /// Gmail's HTTP API both ways.
    Gmail,
}

/// How the box signs in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SignIn {
    #[default]
    Password,
    /// A Google account, signed in once with `frontdesk channels connect gmail`.
    Google,
    /// A Google service account with domain-wide delegation.
    GoogleServiceAccount,
    /// A Microsoft 365 account, signed in once with `frontdesk channels connect m365`.
    Microsoft,
}

/// How a connection is secured.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Security {
    /// TLS from the first byte.
    #[default]
    Tls,
    /// TLS after a plain greeting.
    Starttls,
    /// No TLS: on this machine only.
    None,
}

/// Fetching.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct ImapConfig {
    pub host: String,
    pub port: u16,
    pub security: Security,
    pub folder: String,
    /// Where sent mails lie; found by its special use when empty.
    pub sent_folder: String,
    /// Longest wait between two looks, also where the server announces new mail itself.
    pub poll_seconds: u64,
    pub timeout_ms: u64,
}

impl Default for ImapConfig {
    fn default() -> Self {
        Self {
            host: String::new(),
            port: 993,
            security: Security::Tls,
            folder: "INBOX".to_owned(),
            sent_folder: String::new(),
            poll_seconds: 120,
            timeout_ms: 30_000,
        }
    }
}

/// Sending.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct SmtpConfig {
    pub host: String,
    pub port: u16,
    pub security: Security,
    /// Put sent mails into the folder of sent mails. Unset: yes, except where the provider does it itself.
    pub save_sent: Option<bool>,
    /// Longest wait for each answer; after a mail's text too.
    pub timeout_ms: u64,
}

impl Default for SmtpConfig {
    fn default() -> Self {
        Self {
            host: String::new(),
            port: 587,
            security: Security::Starttls,
            save_sent: None,
            timeout_ms: 30_000,
        }
    }
}

/// Signing in by tokens. Empty addresses take the provider's own.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct OauthConfig {
    pub client_id: String,
    pub client_secret: Secret,
    pub client_secret_file: Option<PathBuf>,
    /// Microsoft: the directory (tenant) id or domain; `organizations` when empty.
    pub tenant: String,
    /// The key file (JSON) of a Google service account.
    pub service_account_file: Option<PathBuf>,
    pub authorize_url: String,
    pub token_url: String,
    pub device_url: String,
    /// Space-separated; what the transport needs when empty.
    pub scopes: String,
}

/// Gmail's API. Empty addresses take Google's own.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct GmailConfig {
    pub api_url: String,
    /// `projects/P/topics/T`: Gmail announces new mail there. Without one the mailbox is polled.
    pub topic: String,
    /// `projects/P/subscriptions/S`: announcements are pulled from there, where nothing can reach the box.
    pub subscription: String,
    pub pubsub_url: String,
    /// What pushed announcements name as audience; `server.public_url` + `/webhooks/gmail` when empty.
    pub push_audience: String,
    /// The service account that signs pushed announcements; without one pushes are refused.
    pub push_service_account: String,
    /// Where Google's public keys are read.
    pub keys_url: String,
    pub poll_seconds: u64,
    pub timeout_ms: u64,
}

impl Default for GmailConfig {
    fn default() -> Self {
        Self {
            api_url: "https://gmail.googleapis.com".to_owned(),
            topic: String::new(),
            subscription: String::new(),
            pubsub_url: "https://pubsub.googleapis.com".to_owned(),
            push_audience: String::new(),
            push_service_account: String::new(),
            keys_url: "https://www.googleapis.com/oauth2/v3/certs".to_owned(),
            poll_seconds: 30,
            timeout_ms: 30_000,
        }
    }
}

/// Reads one mailbox as the settings file would be read, its secret files included.
///
/// # Errors
/// A text that says what is wrong.
pub fn load_mailbox(name: &str, values: &toml::Table) -> Result<MailboxConfig, String> {
    let mailbox: MailboxConfig =
        values.clone().try_into().map_err(|error: toml::de::Error| error.message().to_owned())?;
    let mailboxes = BTreeMap::from([(name.to_owned(), mailbox)]);
    let mut email = EmailConfig { mailboxes, ..EmailConfig::default() };
    for (_, path, secret) in email.secret_files() {
        let Some(path) = path else { continue };
        let text = std::fs::read_to_string(&path)
            .map_err(|error| format!("the file {} cannot be read: {error}", path.display()))?;
        *secret = Secret::new(text.trim().to_owned());
    }
    let faults = faults(&email);
    match email.mailboxes.remove(name) {
        Some(mailbox) if faults.is_empty() => Ok(mailbox),
        _ => Err(faults.join("; ")),
    }
}

/// Every fault of the mailboxes, each in a sentence that says what would be right.
pub(super) fn faults(email: &EmailConfig) -> Vec<String> {
    let mut faults = Vec::new();
    if !(1..=100_000).contains(&email.max_automatic_replies_an_hour) {
        faults.push("channels.email.max_automatic_replies_an_hour must be 1 to 100000".to_owned());
    }
    for (name, mailbox) in &email.mailboxes {
        let mut check = |fits: bool, fault: &str| {
            if !fits {
                faults.push(format!("channels.email.mailboxes.{name}: {fault}"));
            }
        };
        check(is_name(name), "a mailbox's name has 1 to 40 small letters, digits, - or _");
        check(mailbox.address.contains('@'), "address must be the address customers write to");
        check(
            (64 * 1024..=100 * 1024 * 1024).contains(&mailbox.max_message_bytes),
            "max_message_bytes must be 65536 to 104857600",
        );
        check(mailbox.backlog_days <= 3650, "backlog_days must be at most 3650");
        check_sign_in(mailbox, &mut check);
        match mailbox.transport {
            Transport::Imap => check_servers(mailbox, &mut check),
            Transport::Gmail => check_gmail(mailbox, &mut check),
        }
    }
    faults
}

fn is_name(name: &str) -> bool {
    (1..=40).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'_')
}

fn check_sign_in(mailbox: &MailboxConfig, check: &mut impl FnMut(bool, &str)) {
    let oauth = &mailbox.oauth;
    match mailbox.sign_in {
        SignIn::Password => {
            check(
                mailbox.transport == Transport::Imap,
                "the Gmail API needs sign_in = \"google\" or \"google_service_account\"",
            );
            check(mailbox.password.is_set(), "set password or password_file");
        }
        SignIn::Google => check(
            !oauth.client_id.is_empty() && oauth.client_secret.is_set(),
            "sign_in = \"google\" needs oauth.client_id and oauth.client_secret of a desktop client; see docs/CHANNELS.md",
        ),
        SignIn::GoogleServiceAccount => {
            check(
                oauth.service_account_file.is_some(),
                "sign_in = \"google_service_account\" needs oauth.service_account_file",
            );
        }
        SignIn::Microsoft => {
            check(mailbox.transport == Transport::Imap, "a Microsoft 365 mailbox has transport = \"imap\"");
            check(
                !oauth.client_id.is_empty(),
                "sign_in = \"microsoft\" needs oauth.client_id of an app registration",
            );
        }
    }
    for (name, url) in [
        ("authorize_url", &oauth.authorize_url),
        ("token_url", &oauth.token_url),
        ("device_url", &oauth.device_url),
    ] {
        check(url.is_empty() || is_safe_url(url), &format!("oauth.{name} must start with https://"));
    }
}

fn check_servers(mailbox: &MailboxConfig, check: &mut impl FnMut(bool, &str)) {
    let (imap, smtp) = (&mailbox.imap, &mailbox.smtp);
    check(!imap.host.is_empty(), "imap.host must name the server mail is fetched from");
    check(!smtp.host.is_empty(), "smtp.host must name the server mail is sent by");
    check(
        imap.security != Security::None || is_loopback(&imap.host),
        "imap.security = \"none\" would show the password to the network; it is for this machine only",
    );
    check(
        smtp.security != Security::None || is_loopback(&smtp.host),
        "smtp.security = \"none\" would show the password to the network; it is for this machine only",
    );
    check((1..=1740).contains(&imap.poll_seconds), "imap.poll_seconds must be 1 to 1740");
    check((1_000..=120_000).contains(&imap.timeout_ms), "imap.timeout_ms must be 1000 to 120000");
    check((1_000..=90_000).contains(&smtp.timeout_ms), "smtp.timeout_ms must be 1000 to 90000");
}

fn check_gmail(mailbox: &MailboxConfig, check: &mut impl FnMut(bool, &str)) {
    let gmail = &mailbox.gmail;
    for (name, url) in
        [("api_url", &gmail.api_url), ("pubsub_url", &gmail.pubsub_url), ("keys_url", &gmail.keys_url)]
    {
        check(is_safe_url(url), &format!("gmail.{name} must start with https://"));
    }
    check(
        gmail.topic.is_empty() || gmail.topic.starts_with("projects/"),
        "gmail.topic looks like projects/my-project/topics/my-topic",
    );
    check(
        gmail.subscription.is_empty() || gmail.subscription.starts_with("projects/"),
        "gmail.subscription looks like projects/my-project/subscriptions/my-subscription",
    );
    check((1..=3600).contains(&gmail.poll_seconds), "gmail.poll_seconds must be 1 to 3600");
    check((500..=120_000).contains(&gmail.timeout_ms), "gmail.timeout_ms must be 500 to 120000");
}

/// Encrypted, or to this machine.
fn is_safe_url(url: &str) -> bool {
    url.starts_with("https://")
        || url.strip_prefix("http://").is_some_and(|rest| {
            let authority = rest.split('/').next().unwrap_or_default();
            is_loopback(authority.rsplit_once(':').map_or(authority, |(host, _)| host))
        })
}

/// Whether a host is this machine.
pub fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}
