//! Which files of a path are documents.

use super::{FileKind, ReadError, ReadProblem};
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

/// Most files of one listing; more is surely the wrong folder.
const MAXIMUM_FILES: usize = 20_000;

/// What was found under a path.
#[derive(Debug, Default)]
pub struct Listing {
    /// Canonical paths of documents, sorted.
    pub files: Vec<PathBuf>,
    /// The canonical folder, when the path is one.
    pub folder: Option<PathBuf>,
    /// Folders and files that could not be looked at. What lies under them is unknown, not gone.
    pub problems: Vec<ReadProblem>,
}

/// Lists the documents of a file or folder, folders with all that is below. Hidden names are skipped; a symbolic link
/// is followed only while it stays inside the folder. Blocking.
pub fn list_files(path: &Path) -> Listing {
    let mut listing = Listing::default();
    let canonical = match path.canonicalize() {
        Ok(canonical) => canonical,
        Err(error) => {
            listing.problems.push(problem(path, error));
            return listing;
        }
    };
    if canonical.is_file() {
        if FileKind::of(&canonical).is_some() {
            listing.files.push(canonical);
        } else {
            listing.problems.push(ReadProblem { path: canonical, reason: ReadError::UnknownKind });
        }
        return listing;
    }
    let mut files = BTreeSet::new();
    let mut visited = BTreeSet::from([canonical.clone()]);
    let mut folders = vec![canonical.clone()];
    while let Some(folder) = folders.pop() {
        match std::fs::read_dir(&folder).and_then(Iterator::collect::<Result<Vec<_>, _>>) {
            Ok(entries) => {
                for entry in entries {
                    let Some(inside) = document_or_folder(&canonical, &entry, &mut listing.problems) else {
                        continue;
                    };
                    if inside.is_dir() {
                        if visited.insert(inside.clone()) {
                            folders.push(inside);
                        }
                    } else if files.len() < MAXIMUM_FILES {
                        files.insert(inside);
                    }
                }
            }
            Err(error) => listing.problems.push(problem(&folder, error)),
        }
    }
    listing.files = files.into_iter().collect();
    listing.folder = Some(canonical);
    listing
}

/// The entry's canonical path when it is a document or a folder within `root`.
fn document_or_folder(
    root: &Path,
    entry: &std::fs::DirEntry,
    problems: &mut Vec<ReadProblem>,
) -> Option<PathBuf> {
    if entry.file_name().to_string_lossy().starts_with('.') {
        return None;
    }
    let path = entry.path();
    let canonical = match path.canonicalize() {
        Ok(canonical) => canonical,
        Err(error) => {
            problems.push(problem(&path, error));
            return None;
        }
    };
    let hidden = canonical
        .strip_prefix(root)
        .ok()?
        .components()
        .any(|component| component.as_os_str().to_string_lossy().starts_with('.'));
    let wanted = canonical.is_dir() || (canonical.is_file() && FileKind::of(&canonical).is_some());
    (wanted && !hidden).then_some(canonical)
}

fn problem(path: &Path, error: std::io::Error) -> ReadProblem {
    let reason = match error.kind() {
        std::io::ErrorKind::NotFound => ReadError::Missing,
        _ => ReadError::Unreadable(error),
    };
    ReadProblem { path: path.to_owned(), reason }
}
