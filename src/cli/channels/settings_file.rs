//! Writing a channel into the settings file: a section at its end, secrets in files of their own.

use crate::config::{Config, LoadOptions};
use anyhow::{Context, bail};
use std::{
    fs,
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

/// The settings file that is written to.
pub fn path(options: &LoadOptions) -> PathBuf {
    options.file.clone().unwrap_or_else(|| PathBuf::from("frontdesk.toml"))
}

/// Refuses where the file holds the section already: nobody's settings are changed behind their back.
///
/// # Errors
/// A sentence that says what to do.
pub fn check_free(file: &Path, section: &str) -> anyhow::Result<()> {
    let text = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error).with_context(|| format!("{} cannot be read", file.display())),
    };
    let table: toml::Table = text.parse().with_context(|| format!("{} cannot be read", file.display()))?;
    let whole = toml::Value::Table(table);
    let found = section.split('.').try_fold(&whole, |value, part| value.get(part));
    if found.is_some() {
        bail!(
            "{} has a section [{section}] already; change it there, or choose another --name",
            file.display()
        );
    }
    Ok(())
}

/// Appends a section with these values, and returns the text written.
///
/// # Errors
/// When the file cannot be written.
pub fn append(file: &Path, section: &str, values: &toml::Table) -> anyhow::Result<()> {
    let mut nested = toml::Value::Table(values.clone());
    for part in section.rsplit('.') {
        let mut table = toml::Table::new();
        table.insert(part.to_owned(), nested);
        nested = toml::Value::Table(table);
    }
    let text = toml::to_string(&nested)?;
    let mut target = fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(file)
        .with_context(|| format!("{} cannot be written", file.display()))?;
    write!(target, "\n{text}").with_context(|| format!("{} cannot be written", file.display()))?;
    Ok(())
}

/// Keeps a secret beside the data, readable by the owner alone; its path for the settings.
///
/// # Errors
/// When it cannot be written.
pub fn keep_secret(config: &Config, name: &str, secret: &str) -> anyhow::Result<PathBuf> {
    let folder = config.data.directory.join("secrets");
    fs::create_dir_all(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    let folder = folder.canonicalize()?;
    let path = folder.join(name);
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&path)
        .with_context(|| format!("{} cannot be written", path.display()))?;
    writeln!(file, "{secret}")?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_is_added_once_and_nothing_else_changes() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("frontdesk.toml");
        fs::write(&file, "# ours\n[company]\nname = \"Acme\"\n").expect("written");
        let section = "channels.email.mailboxes.support";
        check_free(&file, section).expect("free");
        let mut values = toml::Table::new();
        values.insert("address".to_owned(), "support@acme.example".into());
        let mut imap = toml::Table::new();
        imap.insert("host".to_owned(), "imap.acme.example".into());
        values.insert("imap".to_owned(), imap.into());
        append(&file, section, &values).expect("written");
        let text = fs::read_to_string(&file).expect("readable");
        assert!(text.starts_with("# ours\n[company]\nname = \"Acme\"\n"), "{text}");
        let table: toml::Table = text.parse().expect("TOML");
        assert_eq!(
            table["channels"]["email"]["mailboxes"]["support"]["imap"]["host"].as_str(),
            Some("imap.acme.example")
        );
        let error = check_free(&file, section).expect_err("taken").to_string();
        assert!(error.contains("--name"), "{error}");
    }
}
