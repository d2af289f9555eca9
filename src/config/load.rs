//! Reading settings in their order of precedence.

use super::{Config, Secret, validate::faults};
use figment::{
    Figment, Profile, Provider,
    providers::{Env, Format, Serialized, Toml},
};
use std::path::{Path, PathBuf};

/// The name of the settings file looked for when none is given.
pub const DEFAULT_FILE: &str = "frontdesk.toml";

/// Where settings come from.
#[derive(Debug, Clone, Default)]
pub struct LoadOptions {
    /// A settings file that must exist. Without one, `frontdesk.toml` in the working folder is used if it is there.
    pub file: Option<PathBuf>,
    /// `(key, value)` pairs of flags, keys as in `server.listen`; they win over everything.
    pub flags: Vec<(String, String)>,
}

/// Settings and where they came from.
#[derive(Debug, Clone)]
pub struct Loaded {
    pub config: Config,
    /// The file that was read, if one was.
    pub file: Option<PathBuf>,
}

/// Why settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("there is no settings file {0}; write one with `frontdesk init` or leave --config out")]
    NoFile(PathBuf),
    #[error("a setting is wrong: {0}")]
    Unreadable(String),
    #[error("settings do not fit:\n{}", .0.iter().map(|fault| format!("  - {fault}")).collect::<Vec<_>>().join("\n"))]
    Faults(Vec<String>),
    #[error("the secret file {path} for {key} cannot be read: {source}")]
    SecretFile { key: &'static str, path: PathBuf, source: std::io::Error },
}

/// Loads, merges and checks settings: defaults < file < environment < flags.
///
/// # Errors
/// A text that names the key and says what would be right.
pub fn load(options: &LoadOptions) -> Result<Loaded, ConfigError> {
    let file = match &options.file {
        Some(path) if !path.is_file() => return Err(ConfigError::NoFile(path.clone())),
        Some(path) => Some(path.clone()),
        None => Some(PathBuf::from(DEFAULT_FILE)).filter(|path| path.is_file()),
    };
    let mut figment = Figment::from(Serialized::defaults(Config::default()));
    if let Some(path) = &file {
        figment = figment.merge(Toml::file_exact(path));
    }
    figment = figment.merge(Env::prefixed("FRONTDESK__").split("__").lowercase(true));
    for (key, value) in &options.flags {
        figment = figment.merge(Flag { key, value });
    }
    let mut config: Config = figment.extract().map_err(|error| ConfigError::Unreadable(explain(&error)))?;
    read_secret_files(&mut config)?;
    let faults = faults(&config);
    if faults.is_empty() { Ok(Loaded { config, file }) } else { Err(ConfigError::Faults(faults)) }
}

/// One flag as a settings source; its value is read like a TOML value, so numbers and booleans keep their type.
struct Flag<'a> {
    key: &'a str,
    value: &'a str,
}

impl Provider for Flag<'_> {
    fn metadata(&self) -> figment::Metadata {
        figment::Metadata::named(format!(
            "--{}",
            self.key.rsplit('.').next().unwrap_or(self.key).replace('_', "-")
        ))
    }

    fn data(&self) -> Result<figment::value::Map<Profile, figment::value::Dict>, figment::Error> {
        // A value such as `8080` or `true` keeps its type; everything else is text.
        let value: figment::value::Value = self.value.parse().unwrap_or_else(|_| self.value.into());
        let nested = figment::util::nest(self.key, value);
        let dict = nested
            .into_dict()
            .ok_or_else(|| figment::Error::from(format!("the flag {} has no section", self.key)))?;
        Ok(figment::value::Map::from([(Profile::Default, dict)]))
    }
}

/// One line an error: the key as a person writes it, what is wrong, and where it stands.
fn explain(error: &figment::Error) -> String {
    let lines: Vec<String> = error
        .clone()
        .into_iter()
        .map(|fault| {
            let key = fault.path.join(".");
            let place = fault.metadata.as_ref().map(|m| format!(" ({})", m.name)).unwrap_or_default();
            if key.is_empty() {
                format!("{}{place}", fault.kind)
            } else {
                format!("{key}: {}{place}", fault.kind)
            }
        })
        .collect();
    lines.join("; ")
}

fn read_secret_files(config: &mut Config) -> Result<(), ConfigError> {
    let Config { server, hosted, relay, channels, alerts, .. } = config;
    let operator =
        ("server.operator_token_file", server.operator_token_file.clone(), &mut server.operator_token);
    let model = ("hosted.api_key_file", hosted.api_key_file.clone(), &mut hosted.api_key);
    let relay = ("relay.key_file", relay.key_file.clone(), &mut relay.key);
    let webhook =
        ("alerts.webhook_secret_file", alerts.webhook_secret_file.clone(), &mut alerts.webhook_secret);
    let channels = channels.email.secret_files().into_iter().chain(channels.whatsapp.secret_files());
    for (key, path, secret) in [operator, model, relay, webhook].into_iter().chain(channels) {
        let Some(path) = path else { continue };
        let text =
            std::fs::read_to_string(&path).map_err(|source| ConfigError::SecretFile { key, path, source })?;
        *secret = Secret::new(text.trim().to_owned());
    }
    Ok(())
}

/// The user's data folder for Frontdesk, or `./data` where the system names none.
pub fn default_data_directory() -> PathBuf {
    directories::ProjectDirs::from("", "", "frontdesk")
        .map_or_else(|| Path::new("data").to_owned(), |dirs| dirs.data_dir().to_owned())
}

#[cfg(test)]
#[path = "load_tests.rs"]
mod tests;
