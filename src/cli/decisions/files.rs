//! Decisions as files: one JSON object a line.

use crate::{
    domain::{
        escalation::EscalationCategory,
        exemplar::{
            EXEMPLAR_CHARS, LocalExemplar, MAX_LOCAL_EXEMPLARS, NOTE_CHARS, OPERATOR_CHARS, RightDecision,
        },
    },
    pipeline::Corrections,
    ports::exemplars::NewExemplar,
};
use anyhow::{Context, bail};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::{
    fs,
    io::{Read as _, Write as _},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

/// The longest file that is read: all exemplars a box holds, at their longest, have room.
const MAX_FILE_BYTES: u64 = 64 << 20;

/// One line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    text: String,
    should: RightDecision,
    #[serde(default = "general")]
    category: EscalationCategory,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    language: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    marked_by: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    marked_at: Option<Timestamp>,
}

fn general() -> EscalationCategory {
    EscalationCategory::General
}

impl From<LocalExemplar> for Line {
    fn from(exemplar: LocalExemplar) -> Self {
        Self {
            text: exemplar.text,
            should: exemplar.should,
            category: exemplar.category,
            language: exemplar.language,
            note: exemplar.note,
            marked_by: Some(exemplar.marked_by),
            marked_at: Some(exemplar.marked_at),
        }
    }
}

/// Writes what is in force; the file is for its owner alone.
pub async fn export(corrections: &Corrections, file: &Path) -> anyhow::Result<()> {
    let found = corrections.exemplars.exemplars(false).await?;
    let count = found.len();
    let mut text = String::new();
    for exemplar in found {
        text.push_str(&serde_json::to_string(&Line::from(exemplar))?);
        text.push('\n');
    }
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    options
        .open(file)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .with_context(|| format!("{} cannot be written", file.display()))?;
    println!("{count} decisions written to {}", file.display());
    Ok(())
}

/// Reads a file and keeps what is new.
pub async fn import(corrections: &Corrections, file: &Path, by: &str) -> anyhow::Result<()> {
    let mut text = String::new();
    fs::File::open(file)
        .and_then(|open| open.take(MAX_FILE_BYTES + 1).read_to_string(&mut text))
        .with_context(|| format!("{} cannot be read", file.display()))?;
    if text.len() as u64 > MAX_FILE_BYTES {
        bail!("{} is longer than {} MiB; split it", file.display(), MAX_FILE_BYTES >> 20);
    }
    let now = corrections.clock.now();
    let exemplars = read(&text, by, now).with_context(|| file.display().to_string())?;
    let done = corrections.exemplars.import_exemplars(exemplars, by, now).await?;
    println!("{} decisions taken in, {} known already", done.added, done.known);
    Ok(())
}

fn read(text: &str, by: &str, now: Timestamp) -> anyhow::Result<Vec<NewExemplar>> {
    let mut exemplars = Vec::new();
    for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
        let line: Line = serde_json::from_str(line).with_context(|| format!("line {number}"))?;
        let words = line.text.trim();
        let short = |text: &Option<String>, max| text.as_ref().is_none_or(|text| text.chars().count() <= max);
        if words.is_empty() || words.contains('\0') {
            bail!("line {number}: the text is empty or holds a character that cannot be stored");
        }
        if words.chars().count() > EXEMPLAR_CHARS
            || !short(&line.note, NOTE_CHARS)
            || !short(&line.marked_by, OPERATOR_CHARS)
            || !short(&line.language, 20)
        {
            bail!(
                "line {number}: a text has at most {EXEMPLAR_CHARS} characters, a note {NOTE_CHARS}, a name {OPERATOR_CHARS}"
            );
        }
        exemplars.push(NewExemplar {
            text: words.to_owned(),
            should: line.should,
            category: line.category,
            language: line.language,
            origin: None,
            note: line.note,
            marked_by: line.marked_by.filter(|by| !by.trim().is_empty()).unwrap_or_else(|| by.to_owned()),
            marked_at: line.marked_at.unwrap_or(now),
        });
        if exemplars.len() > MAX_LOCAL_EXEMPLARS {
            bail!("a box holds at most {MAX_LOCAL_EXEMPLARS} decisions; the file has more");
        }
    }
    Ok(exemplars)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(r#"{"text":"a","should":"answer"}"#, "")]
    #[case("\n{\"text\":\"a\",\"should\":\"maybe\"}", "line 2")]
    #[case(r#"{"text":"  ","should":"answer"}"#, "line 1")]
    #[case(r#"{"text":"a","should":"answer","categori":"legal"}"#, "categori")]
    #[case("nonsense", "line 1")]
    fn a_faulty_line_is_named(#[case] text: &str, #[case] fault: &str) {
        let found = read(text, "kim", Timestamp::UNIX_EPOCH);
        match found {
            Ok(exemplars) => assert_eq!((exemplars.len(), fault), (1, "")),
            Err(error) => assert!(!fault.is_empty() && format!("{error:#}").contains(fault), "{error:#}"),
        }
    }
}
