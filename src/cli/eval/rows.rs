//! Labelled rows from files, or those that come with Frontdesk.

use crate::evaluation::parse_rows;
use anyhow::{Context, bail};
use serde::de::DeserializeOwned;
use std::path::{Path, PathBuf};

/// Rows and where they are from.
pub struct Rows<T> {
    pub rows: Vec<T>,
    pub sources: Vec<String>,
}

/// Reads every file, or the shipped set when there are none. A bad row is named with its file and line.
pub fn read<T: DeserializeOwned>(files: &[PathBuf], shipped: (&str, &str)) -> anyhow::Result<Rows<T>> {
    let texts = if files.is_empty() {
        vec![(format!("{} (comes with Frontdesk)", shipped.0), shipped.1.to_owned())]
    } else {
        files.iter().map(|file| text_of(file)).collect::<anyhow::Result<Vec<_>>>()?
    };
    let mut rows = Vec::new();
    let mut sources = Vec::new();
    for (source, text) in texts {
        rows.extend(parse_rows(&text).with_context(|| format!("{source} must have one JSON object a line"))?);
        sources.push(source);
    }
    if rows.is_empty() {
        bail!("{} holds no rows", sources.join(", "));
    }
    Ok(Rows { rows, sources })
}

fn text_of(file: &Path) -> anyhow::Result<(String, String)> {
    let source = file.display().to_string();
    let text = std::fs::read_to_string(file).with_context(|| format!("{source} cannot be read"))?;
    Ok((source, text))
}
