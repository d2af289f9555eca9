//! What is wrong with a set-up, in plain words: each check says what it looked at, what it found and what to do.

use super::{ModelPlan, backups, open_store};
use crate::{
    config::{Config, HostedProvider},
    ports::{
        clock::{Clock as _, SystemClock},
        egress::{ChainState, EgressReports as _},
        knowledge::KnowledgeIndex as _,
        store::Reports as _,
    },
    store::Store,
};
use jiff::SignedDuration;
use std::net::TcpListener;

/// Less free space than this on the data's disk is a worry.
const LOW_DISK_BYTES: u64 = 2 * 1024 * 1024 * 1024;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    Fine,
    /// It works, but not as it should.
    Worry,
    /// It does not work.
    Fault,
}

/// What one check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub severity: Severity,
    /// What was looked at.
    pub subject: &'static str,
    /// What was found, and what to do about it.
    pub text: String,
}

impl Finding {
    fn new(severity: Severity, subject: &'static str, text: impl Into<String>) -> Self {
        Self { severity, subject, text: text.into() }
    }
}

/// Looks at everything. Changes nothing but what opening the store changes.
pub async fn examine(config: &Config) -> Vec<Finding> {
    let mut findings = vec![disk(config), models(config), address(config)];
    let path = config.data.directory.join("frontdesk.db");
    if !path.exists() {
        let text = format!("there is none at {} yet; `frontdesk init` sets this box up", path.display());
        findings.push(Finding::new(Severity::Worry, "store", text));
        return findings;
    }
    match Store::inspect(&path) {
        Ok(report) => findings.push(Finding::new(
            Severity::Fine,
            "store",
            format!("whole: {} tickets, {} messages", report.tickets, report.messages),
        )),
        Err(error) => {
            let text = format!("{error}. Stop the server and use `frontdesk restore BACKUP`");
            findings.push(Finding::new(Severity::Fault, "store", text));
            return findings;
        }
    }
    match open_store(config, None) {
        Ok(store) => findings.extend(contents(config, &store).await),
        Err(error) => findings.push(Finding::new(Severity::Fault, "store", format!("{error:#}"))),
    }
    findings
}

fn disk(config: &Config) -> Finding {
    let folder = &config.data.directory;
    if let Err(error) = std::fs::create_dir_all(folder) {
        let text = format!("{} cannot be made ({error}); set data.directory", folder.display());
        return Finding::new(Severity::Fault, "data folder", text);
    }
    if let Err(error) = tempfile::tempfile_in(folder) {
        let text = format!("{} cannot be written ({error}); whose is it?", folder.display());
        return Finding::new(Severity::Fault, "data folder", text);
    }
    match rustix::fs::statvfs(folder) {
        Ok(space) => free_space(
            space.f_bavail.saturating_mul(space.f_frsize),
            config.data.keep_free_mib.saturating_mul(1024 * 1024),
        ),
        Err(error) => {
            Finding::new(Severity::Worry, "data folder", format!("its free space is unknown: {error}"))
        }
    }
}

/// `kept` bytes stay free: with less, new messages are refused.
fn free_space(bytes: u64, kept: u64) -> Finding {
    let gigabytes = bytes as f64 / 1e9;
    if bytes < kept {
        let text = format!(
            "only {gigabytes:.2} GB are free: new messages are refused until there is room (data.keep_free_mib)"
        );
        Finding::new(Severity::Fault, "data folder", text)
    } else if bytes < LOW_DISK_BYTES {
        Finding::new(
            Severity::Worry,
            "data folder",
            format!("only {gigabytes:.1} GB are free: make room soon"),
        )
    } else {
        Finding::new(Severity::Fine, "data folder", format!("writable, {gigabytes:.0} GB free"))
    }
}

fn models(config: &Config) -> Finding {
    match ModelPlan::new(config) {
        Err(error) => Finding::new(Severity::Fault, "models", format!("{error:#}")),
        Ok(plan) => match plan.missing().as_slice() {
            [] => Finding::new(Severity::Fine, "models", "all wanted models are here"),
            missing => {
                let missing = missing.join(" ");
                let text = format!("not here: {missing}. Get them with `frontdesk models pull {missing}`");
                Finding::new(Severity::Worry, "models", text)
            }
        },
    }
}

fn address(config: &Config) -> Finding {
    let listen = config.server.listen;
    match TcpListener::bind(listen) {
        Ok(_) => Finding::new(Severity::Fine, "address", format!("{listen} is free")),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => Finding::new(
            Severity::Fine,
            "address",
            format!("{listen} is in use: by a running Frontdesk if `frontdesk healthcheck` says ready"),
        ),
        Err(error) => {
            let text = format!("{listen} cannot be listened on ({error}); set server.listen");
            Finding::new(Severity::Fault, "address", text)
        }
    }
}

async fn contents(config: &Config, store: &Store) -> Vec<Finding> {
    let mut findings = Vec::new();
    match store.documents().await {
        Ok(documents) if documents.is_empty() => findings.push(Finding::new(
            Severity::Worry,
            "documents",
            "there are none, so every question goes to a person; add some with `frontdesk knowledge add FOLDER`",
        )),
        Ok(documents) => {
            findings.push(Finding::new(Severity::Fine, "documents", format!("{} documents", documents.len())));
        }
        Err(error) => findings.push(Finding::new(Severity::Fault, "documents", error.to_string())),
    }
    match store.queue_figures(SystemClock.now()).await {
        Ok(figures) if figures.dead + figures.outbox_dead > 0 => findings.push(Finding::new(
            Severity::Worry,
            "queue",
            format!(
                "{} messages could not be worked on and {} replies not delivered: each waits with a person",
                figures.dead, figures.outbox_dead
            ),
        )),
        Ok(figures) => {
            findings.push(Finding::new(
                Severity::Fine,
                "queue",
                format!("{} messages wait", figures.waiting),
            ));
        }
        Err(error) => findings.push(Finding::new(Severity::Fault, "queue", error.to_string())),
    }
    findings.push(match store.verify_chain().await {
        Ok(ChainState::Whole { rows }) => {
            Finding::new(Severity::Fine, "egress ledger", format!("whole: {rows} rows"))
        }
        Ok(ChainState::BrokenAt { number }) => {
            let text = format!("row {number} does not continue the one before: somebody changed the file");
            Finding::new(Severity::Fault, "egress ledger", text)
        }
        Err(error) => Finding::new(Severity::Fault, "egress ledger", error.to_string()),
    });
    findings.push(copies(config));
    if config.hosted.provider != HostedProvider::Off && config.network.offline {
        let text =
            "hosted.provider is set, but network.offline lets nothing leave: hard cases go to a person";
        findings.push(Finding::new(Severity::Worry, "hosted model", text));
    }
    findings
}

fn copies(config: &Config) -> Finding {
    let newest = backups::newest(&backups::folder(config));
    let age = newest.map(|newest| SystemClock.now().duration_since(newest));
    match age {
        None => {
            Finding::new(Severity::Worry, "backups", "there are none yet; make one with `frontdesk backup`")
        }
        Some(age) if age > SignedDuration::from_hours(24 * 8) => Finding::new(
            Severity::Worry,
            "backups",
            format!("the newest is {} days old; set backup.every_hours", age.as_hours() / 24),
        ),
        Some(age) => {
            Finding::new(Severity::Fine, "backups", format!("the newest is {} hours old", age.as_hours()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(10 * 1024 * 1024, Severity::Fault)]
    #[case(1024 * 1024 * 1024, Severity::Worry)]
    #[case(50 * 1024 * 1024 * 1024, Severity::Fine)]
    fn a_disk_that_fills_up_is_said_in_time(#[case] bytes: u64, #[case] expected: Severity) {
        assert_eq!(free_space(bytes, 200 * 1024 * 1024).severity, expected);
    }
}
