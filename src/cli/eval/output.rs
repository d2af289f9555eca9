//! Tables for people, JSON for programs.
#![allow(clippy::print_stdout, reason = "this is the command line")]

use super::OutputArguments;
use anyhow::Context;
use serde::Serialize;
use std::fmt::Display;

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
        println!("{report}");
        return Ok(());
    };
    if path.as_os_str() == "-" {
        println!("{object}");
        return Ok(());
    }
    println!("{report}");
    std::fs::write(path, format!("{object:#}\n"))
        .with_context(|| format!("{} cannot be written", path.display()))?;
    println!("All of it is in {}.", path.display());
    Ok(())
}
