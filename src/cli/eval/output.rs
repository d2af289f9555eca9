//! Tables for people, JSON for programs.

use super::OutputArguments;
use anyhow::Context;
use serde::Serialize;
use std::{
    fmt::Display,
    io::{ErrorKind, Write as _},
};

/// Prints the table, and writes the whole report as JSON where that was asked for.
pub fn finish<R: Display + Serialize>(
    arguments: &OutputArguments,
    kind: &str,
    sources: &[String],
    report: &R,
) -> anyhow::Result<()> {
    let mut object = serde_json::to_value(report).context("the report cannot be written as JSON")?;
    if let Some(fields) = object.as_object_mut() {
        fields.shift_insert(0, "eval".to_owned(), kind.into());
        fields.shift_insert(1, "sources".to_owned(), sources.into());
        fields.shift_insert(2, "version".to_owned(), env!("CARGO_PKG_VERSION").into());
    }
    let Some(path) = &arguments.json else {
        return print(report);
    };
    if path.as_os_str() == "-" {
        return print(&object);
    }
    // Before the table: a reader that closes the pipe early does not cost the file.
    std::fs::write(path, format!("{object:#}\n"))
        .with_context(|| format!("{} cannot be written", path.display()))?;
    print(report)?;
    print(&format!("All of it is in {}.", path.display()))
}

/// A reader that has seen enough (`| head`) is no error.
pub(super) fn print(text: &impl Display) -> anyhow::Result<()> {
    match writeln!(std::io::stdout().lock(), "{text}") {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}
