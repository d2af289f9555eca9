//! `frontdesk channels connect twilio|meta`: what a WhatsApp number needs, as questions. To add a provider, add its questions.
#![allow(clippy::print_stdout, reason = "this is the command line")]

use super::{ask, settings_file};
use crate::config::{Config, LoadOptions};
use anyhow::bail;

/// One question and the setting its answer belongs to.
pub struct Question {
    /// Below the provider's section; a secret's is the name of its file's setting.
    pub key: &'static str,
    pub text: &'static str,
    pub secret: bool,
}

/// A provider's questions, and what remains to be done at the provider's side.
pub struct Provider {
    pub name: &'static str,
    pub questions: &'static [Question],
    /// `{url}` stands for the box's address.
    pub remains: &'static str,
}

pub const TWILIO: Provider = Provider {
    name: "twilio",
    questions: &[
        Question {
            key: "account_sid",
            text: "Account SID (AC…, on the start page of Twilio's console)",
            secret: false,
        },
        Question { key: "from", text: "The number customers write to, as +14155238886", secret: false },
        Question { key: "auth_token_file", text: "Auth token (below the Account SID)", secret: true },
    ],
    remains: "In Twilio's console, set the number's \"When a message comes in\" to {url}/webhooks/whatsapp and its status callback to {url}/webhooks/whatsapp/status (both POST).",
};

pub const META: Provider = Provider {
    name: "meta",
    questions: &[
        Question {
            key: "phone_number_id",
            text: "Phone number ID (digits, in WhatsApp Manager; not the number itself)",
            secret: false,
        },
        Question { key: "access_token_file", text: "Access token of a system user", secret: true },
        Question { key: "app_secret_file", text: "App secret (the app's settings, Basic)", secret: true },
        Question {
            key: "verify_token_file",
            text: "A word of your choice to verify the webhook",
            secret: true,
        },
    ],
    remains: "In the app's WhatsApp configuration, set the callback address to {url}/webhooks/whatsapp with the word you chose, and subscribe to \"messages\".",
};

/// The address that the provider is to call. Neither calls one without TLS, and the signature covers it to the letter.
fn public_url(suggested: &str) -> anyhow::Result<String> {
    let suggestion = suggested.starts_with("https://").then_some(suggested);
    let url = ask::line(
        "Public address that the provider calls: this box's own, or the relay's (https://…)",
        suggestion,
    )?;
    let url = url.trim_end_matches('/').to_owned();
    if !url.starts_with("https://") || url.len() <= "https://".len() {
        bail!("{url:?} is no address that begins with https://; see \"Behind a router\" in docs/CHANNELS.md");
    }
    Ok(url)
}

/// Asks, writes, and says what remains.
///
/// # Errors
/// When a WhatsApp number is set up already, or the file cannot be written.
pub fn connect(provider: &Provider, config: &Config, options: &LoadOptions) -> anyhow::Result<()> {
    const SECTION: &str = "channels.whatsapp";
    let file = settings_file::path(options);
    settings_file::check_free(&file, SECTION)?;
    let public_url = public_url(&config.server.public_url)?;
    let mut values = toml::Table::new();
    for question in provider.questions {
        let value = if question.secret {
            let secret = ask::secret(question.text)?;
            let name = format!("{}.{}", provider.name, question.key.trim_end_matches("_file"));
            settings_file::keep_secret(config, &name, &secret)?.display().to_string()
        } else {
            ask::line(question.text, None)?
        };
        values.insert(question.key.to_owned(), value.into());
    }
    let mut section = toml::Table::new();
    section.insert("provider".to_owned(), provider.name.into());
    section.insert("public_url".to_owned(), public_url.clone().into());
    section.insert(provider.name.to_owned(), values.into());
    settings_file::append(&file, SECTION, &section)?;
    println!("wrote [{SECTION}] to {}", file.display());
    println!("{}", provider.remains.replace("{url}", &public_url));
    println!("Then start the server again: frontdesk serve --config {}", file.display());
    Ok(())
}
