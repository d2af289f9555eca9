//! Checks on catalog entries, and the suggestion for an id that is not there.

use super::entry::{ModelEntry, ModelFile, Source};
use std::collections::HashSet;

/// How like an unknown id must be to a known one to be worth suggesting (Jaro-Winkler, 1 is equal).
const SUGGESTION_SIMILARITY: f64 = 0.75;
const SUGGESTIONS: usize = 3;

/// A sentence that names the known ids like `id`, or where to see them all.
pub(super) fn suggestion<'a>(id: &str, known: impl Iterator<Item = &'a str>) -> String {
    let wanted = id.to_lowercase();
    let mut near: Vec<(f64, &str)> = known
        .map(|name| {
            let part = wanted.len() >= 4 && name.contains(&wanted);
            (if part { 1.0 } else { strsim::jaro_winkler(&wanted, name) }, name)
        })
        .filter(|(similarity, _)| *similarity >= SUGGESTION_SIMILARITY)
        .collect();
    near.sort_by(|left, right| right.0.total_cmp(&left.0));
    let names: Vec<String> = near.iter().take(SUGGESTIONS).map(|(_, name)| format!("`{name}`")).collect();
    if names.is_empty() {
        "See all with: frontdesk models list".to_owned()
    } else {
        format!("Did you mean {}? See all with: frontdesk models list", names.join(" or "))
    }
}

/// Why an entry cannot be right, if it cannot.
pub(super) fn check_model(model: &ModelEntry) -> Result<(), String> {
    if !is_plain_name(&model.id) {
        return Err(
            "the id may have only letters, digits, `.`, `_` and `-`, and starts with a letter or digit"
                .into(),
        );
    }
    if model.files.is_empty() {
        return Err("it has no [[model.file]]".into());
    }
    if model.context_tokens == 0 {
        return Err("context_tokens is 0".into());
    }
    let mut names = HashSet::new();
    for file in &model.files {
        if !names.insert(&file.name) {
            return Err(format!("file `{}` is there twice", file.name));
        }
        check_file(file).map_err(|problem| format!("file `{}`: {problem}", file.name))?;
    }
    Ok(())
}

fn check_file(file: &ModelFile) -> Result<(), String> {
    if !is_plain_name(&file.name) {
        return Err("the name must be a plain file name".into());
    }
    if file.bytes == Some(0) {
        return Err("bytes is 0; leave it out when it is not known".into());
    }
    if file.sha256.as_ref().is_some_and(|hash| !is_sha256(hash)) {
        return Err("sha256 is not 64 lower-case hexadecimal digits".into());
    }
    if file.sha256.is_some() != file.sha256_origin.is_some() {
        return Err("sha256 and sha256_origin come together or not at all".into());
    }
    if file.sources.is_empty() {
        return Err("it has no [[model.file.source]]".into());
    }
    file.sources.iter().try_for_each(check_source)
}

fn check_source(source: &Source) -> Result<(), String> {
    match source {
        Source::Hub { repository, revision, file } => {
            let two_parts = repository.split('/').count() == 2 && repository.split('/').all(is_plain_name);
            if !two_parts || revision.is_empty() || file.is_empty() {
                return Err("a hub source needs repository (owner/name), revision and file".into());
            }
        }
        Source::Python { parts } | Source::Npm { parts } => {
            if parts.is_empty() || parts.iter().any(|part| part.package.is_empty() || part.version.is_empty())
            {
                return Err("a package source needs parts, each with package and version".into());
            }
        }
        Source::Url { url } => {
            let parsed = url::Url::parse(url).map_err(|error| format!("url `{url}`: {error}"))?;
            if !matches!(parsed.scheme(), "https" | "http") {
                return Err(format!("url `{url}` is neither https nor http"));
            }
        }
    }
    Ok(())
}

/// Letters, digits, `.`, `_`, `-`, not starting with a mark: safe as a folder or file name everywhere.
fn is_plain_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphanumeric())
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '_' | '-'))
}

/// Whether the text is a sha256 as the catalog writes it.
pub(super) fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}
