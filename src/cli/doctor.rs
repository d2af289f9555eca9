//! `frontdesk doctor`: what is wrong with this set-up, and what to do.
#![allow(clippy::print_stdout, reason = "this is the command line")]

use super::runtime;
use crate::{
    app::{Severity, examine},
    config::{LoadOptions, load},
};
use anyhow::bail;
use clap::Args;

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  frontdesk doctor\n\nEnds with status 1 when something does not work.")]
pub struct DoctorArguments {}

/// # Errors
/// When the settings cannot be read, or a check found a fault.
pub fn run(options: &LoadOptions) -> anyhow::Result<()> {
    let loaded = load(options)?;
    let file = loaded.file.as_ref().map_or("no file, defaults".to_owned(), |path| path.display().to_string());
    println!("ok     settings: {file}");
    let findings = runtime()?.block_on(examine(&loaded.config));
    for finding in &findings {
        let mark = match finding.severity {
            Severity::Fine => "ok    ",
            Severity::Worry => "worry ",
            Severity::Fault => "FAULT ",
        };
        println!("{mark} {}: {}", finding.subject, finding.text);
    }
    let faults = findings.iter().filter(|finding| finding.severity == Severity::Fault).count();
    if faults > 0 {
        bail!("{faults} of {} checks found a fault", findings.len() + 1);
    }
    Ok(())
}
