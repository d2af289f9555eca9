//! What a new mailbox's settings are, from flags and answers.

use super::{MailArguments, ask, settings_file};
use crate::config::Config;
use anyhow::{Context, bail};
use std::path::Path;

/// Which kind of mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Gmail,
    M365,
    Imap,
}

/// The values of the mailbox's section. Asks for what the flags leave out.
///
/// # Errors
/// When an answer is missing or a secret cannot be kept.
pub fn values(kind: Kind, arguments: &MailArguments, config: &Config) -> anyhow::Result<toml::Table> {
    let mut values = toml::Table::new();
    let address = match &arguments.address {
        Some(address) => address.clone(),
        None => ask::line("The address customers write to", Some(&config.company.support_email))?,
    };
    let Some((_, domain)) = address.split_once('@') else { bail!("{address:?} is no mail address") };
    let domain = domain.to_owned();
    put(&mut values, "address", &address);
    if let Some(user) = &arguments.user {
        put(&mut values, "user_name", user);
    }
    if let Some(file) = &arguments.certificate_authority_file {
        put(&mut values, "certificate_authority_file", &absolute(file)?);
    }
    match kind {
        Kind::Imap => imap(&mut values, arguments, config, &domain)?,
        Kind::Gmail => gmail(&mut values, arguments, config)?,
        Kind::M365 => {
            put(&mut values, "sign_in", "microsoft");
            let mut oauth = toml::Table::new();
            put(&mut oauth, "client_id", &client_id(arguments)?);
            put(&mut oauth, "tenant", &arguments.tenant);
            values.insert("oauth".to_owned(), oauth.into());
            servers(&mut values, arguments, "outlook.office365.com", "smtp.office365.com");
        }
    }
    Ok(values)
}

fn imap(
    values: &mut toml::Table,
    arguments: &MailArguments,
    config: &Config,
    domain: &str,
) -> anyhow::Result<()> {
    let host = |given: &Option<String>, question: &str, guess: String| match given {
        Some(host) => Ok(host.clone()),
        None => ask::line(question, Some(&guess)),
    };
    let imap =
        host(&arguments.imap_host, "The server mail is fetched from (IMAP)", format!("imap.{domain}"))?;
    let smtp = host(&arguments.smtp_host, "The server mail is sent by (SMTP)", format!("smtp.{domain}"))?;
    servers(values, arguments, &imap, &smtp);
    let path = if let Some(file) = &arguments.password_file {
        absolute(file)?
    } else {
        let secret = ask::secret("Password (an app password, where your provider has them)")?;
        settings_file::keep_secret(config, &format!("{}.password", arguments.name), &secret)?
            .display()
            .to_string()
    };
    put(values, "password_file", &path);
    Ok(())
}

fn gmail(values: &mut toml::Table, arguments: &MailArguments, config: &Config) -> anyhow::Result<()> {
    put(values, "transport", "gmail");
    let mut oauth = toml::Table::new();
    if let Some(file) = &arguments.service_account {
        put(values, "sign_in", "google_service_account");
        put(&mut oauth, "service_account_file", &absolute(file)?);
    } else {
        put(values, "sign_in", "google");
        put(&mut oauth, "client_id", &client_id(arguments)?);
        let path = if let Some(file) = &arguments.client_secret_file {
            absolute(file)?
        } else {
            let secret = ask::secret("Client secret")?;
            settings_file::keep_secret(config, &format!("{}.client_secret", arguments.name), &secret)?
                .display()
                .to_string()
        };
        put(&mut oauth, "client_secret_file", &path);
    }
    values.insert("oauth".to_owned(), oauth.into());
    Ok(())
}

fn client_id(arguments: &MailArguments) -> anyhow::Result<String> {
    match &arguments.client_id {
        Some(id) => Ok(id.clone()),
        None => ask::line("Client id (docs/CHANNELS.md says where it comes from)", None),
    }
}

fn servers(values: &mut toml::Table, arguments: &MailArguments, imap: &str, smtp: &str) {
    for (name, host, given, port, usual) in [
        ("imap", imap, &arguments.imap_host, arguments.imap_port, 993),
        ("smtp", smtp, &arguments.smtp_host, arguments.smtp_port, 587),
    ] {
        let mut table = toml::Table::new();
        put(&mut table, "host", given.as_deref().unwrap_or(host));
        if port != usual {
            table.insert("port".to_owned(), i64::from(port).into());
        }
        // The usual ports say how they are secured; 465 is TLS from the first byte, 143 after a greeting.
        match (name, port) {
            ("smtp", 465) => put(&mut table, "security", "tls"),
            ("imap", 143) => put(&mut table, "security", "starttls"),
            _ => {}
        }
        values.insert(name.to_owned(), table.into());
    }
}

fn put(table: &mut toml::Table, key: &str, value: &str) {
    table.insert(key.to_owned(), value.into());
}

/// The settings are read from any folder.
fn absolute(path: &Path) -> anyhow::Result<String> {
    let path = path.canonicalize().with_context(|| format!("there is no file {}", path.display()))?;
    Ok(path.display().to_string())
}
