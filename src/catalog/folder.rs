//! Finds model files in a folder somebody brought: by name, by checksum, or inside the archives themselves.

use super::entry::{ModelEntry, ModelFile, PackagePart, Source};
use super::network::registry::Registry;
use std::path::{Path, PathBuf};

/// Files in `folder` that may be `file`, the likeliest first. A size that does not fit rules a file out.
pub(super) fn copies(folder: &Path, model: &ModelEntry, file: &ModelFile) -> Vec<PathBuf> {
    let mut names = vec![file.name.clone()];
    names.extend(file.sources.iter().filter_map(|source| match source {
        Source::Hub { file, .. } => file.rsplit('/').next().map(str::to_owned),
        _ => None,
    }));
    names.extend(file.sha256.clone());
    let own = folder.join(&model.id);
    let mut found: Vec<PathBuf> = names
        .iter()
        .flat_map(|name| [own.join(name), folder.join(name)])
        .filter(|path| path.is_file())
        .collect();
    // Under a name of somebody's own, only size and checksum can tell.
    if file.sha256.is_some() && file.bytes.is_some() {
        found.extend(files_in(&own));
        found.extend(files_in(folder));
    }
    let mut seen = std::collections::HashSet::new();
    found.retain(|path| {
        let fits = file.bytes.is_none_or(|bytes| path.metadata().is_ok_and(|data| data.len() == bytes));
        fits && seen.insert(path.clone())
    });
    found
}

/// The archives of all parts, when `folder` has every one of them.
pub(super) fn archives(
    folder: &Path,
    model: &ModelEntry,
    registry: Registry,
    parts: &[PackagePart],
) -> Option<Vec<PathBuf>> {
    let places = [folder.to_owned(), folder.join(&model.id)];
    let one = |part: &PackagePart| places.iter().find_map(|place| archive_in(place, registry, part));
    parts.iter().map(one).collect()
}

/// The archive of one package in a folder.
pub(super) fn archive_in(folder: &Path, registry: Registry, part: &PackagePart) -> Option<PathBuf> {
    files_in(folder).into_iter().find(|path| {
        path.file_name().and_then(|name| name.to_str()).is_some_and(|name| registry.is_archive_of(name, part))
    })
}

fn files_in(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(|path| path.is_file()).collect();
    files.sort();
    files
}
