//! Package registries: where the archive of a package's version lies.
//!
//! Python indexes are read through the "simple" pages (PEP 503 HTML and PEP 691 JSON), which every mirror has;
//! npm registries through the package document.

use super::address::Address;
use super::client::{Client, Page};
use super::settings::NetworkSettings;
use crate::catalog::entry::PackagePart;
use crate::catalog::error::SourceFailure;
use regex::Regex;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// One archive, found in a registry.
pub(in crate::catalog) struct Archive {
    pub address: Address,
    pub file_name: String,
    /// What the registry says the archive's sha256 is.
    pub sha256: Option<String>,
}

/// A package registry's kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::catalog) enum Registry {
    Python,
    Npm,
}

impl Registry {
    /// For messages.
    pub(in crate::catalog) fn word(self) -> &'static str {
        match self {
            Self::Python => "the Python index",
            Self::Npm => "the npm registry",
        }
    }

    /// How the file names of this package's archives begin, and how they end.
    pub(in crate::catalog) fn file_name_pattern(self, part: &PackagePart) -> (Vec<String>, &'static str) {
        match self {
            Self::Python => {
                let escaped = normalised(&part.package).replace('-', "_");
                (vec![format!("{escaped}-{}-", part.version.to_lowercase())], ".whl")
            }
            Self::Npm => {
                // As the registry names it, and as `npm pack` does.
                let bare = part.package.rsplit('/').next().unwrap_or_default();
                let packed = part.package.trim_start_matches('@').replace('/', "-");
                let names =
                    [bare, packed.as_str()].map(|name| format!("{name}-{}.", part.version).to_lowercase());
                (names.to_vec(), "tgz")
            }
        }
    }

    /// Whether a file of this name is an archive of this package's version.
    pub(in crate::catalog) fn is_archive_of(self, file_name: &str, part: &PackagePart) -> bool {
        let (beginnings, ending) = self.file_name_pattern(part);
        let name = file_name.to_lowercase();
        // Index pages spell `My.Package` in many ways; a wheel's name spells it in one.
        beginnings.iter().any(|beginning| name.starts_with(beginning.as_str())) && name.ends_with(ending)
    }

    /// Looks the archive up, in each index in turn.
    pub(in crate::catalog) fn locate(
        self,
        client: &Client,
        settings: &NetworkSettings,
        part: &PackagePart,
    ) -> Result<Archive, SourceFailure> {
        match self {
            Self::Npm => locate_npm(client, &settings.npm_registry, part),
            Self::Python => {
                let mut last = None;
                for index in &settings.python_indexes {
                    match locate_python(client, index, part) {
                        Ok(archive) => return Ok(archive),
                        Err(failure) => last = Some(failure),
                    }
                }
                Err(last.unwrap_or_else(|| SourceFailure::NotThere {
                    host: "the settings".to_owned(),
                    what: "Python index".to_owned(),
                }))
            }
        }
    }
}

/// PEP 503: runs of `-`, `_` and `.` are one `-`, letters are small.
fn normalised(package: &str) -> String {
    let mut name = String::with_capacity(package.len());
    for letter in package.chars() {
        match letter {
            '-' | '_' | '.' if name.ends_with('-') => {}
            '-' | '_' | '.' => name.push('-'),
            other => name.extend(other.to_lowercase()),
        }
    }
    name
}

fn locate_python(client: &Client, index: &str, part: &PackagePart) -> Result<Archive, SourceFailure> {
    let page_address =
        Address::new(&format!("{}/{}/", index.trim_end_matches('/'), normalised(&part.package)));
    let accept = "application/vnd.pypi.simple.v1+json, text/html;q=0.5";
    let page = client.page(&page_address, accept)?;
    let links = python_links(&page)
        .map_err(|reason| SourceFailure::BadAnswer { host: page_address.host(), reason })?;
    let link = links.into_iter().find(|link| Registry::Python.is_archive_of(&link.file_name, part));
    let archive = link.and_then(|link| {
        let address = page_address.follow(&link.url)?;
        Some(Archive { address, file_name: link.file_name, sha256: link.sha256 })
    });
    archive.ok_or_else(|| SourceFailure::NotThere {
        host: page_address.host(),
        what: format!("wheel of {} {}", part.package, part.version),
    })
}

struct Link {
    url: String,
    file_name: String,
    sha256: Option<String>,
}

#[derive(Deserialize)]
struct SimplePage {
    files: Vec<SimpleFile>,
}

#[derive(Deserialize)]
struct SimpleFile {
    filename: String,
    url: String,
    #[serde(default)]
    hashes: BTreeMap<String, String>,
}

#[allow(clippy::expect_used, reason = "the pattern is constant and a test uses it")]
static ANCHOR: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?is)<a\s[^>]*?href\s*=\s*["']([^"']+)["'][^>]*>(.*?)</a>"#).expect("a constant pattern")
});

fn python_links(page: &Page) -> Result<Vec<Link>, String> {
    if page.content_type.contains("json") {
        let parsed: SimplePage = serde_json::from_str(&page.text).map_err(|error| error.to_string())?;
        let links = parsed.files.into_iter().map(|mut file| Link {
            sha256: file.hashes.remove("sha256"),
            url: file.url,
            file_name: file.filename,
        });
        return Ok(links.collect());
    }
    let links = ANCHOR.captures_iter(&page.text).map(|found| {
        let url = found[1].replace("&amp;", "&");
        let sha256 =
            url.split_once("#sha256=").map(|(_, rest)| rest.split('&').next().unwrap_or(rest).to_owned());
        Link { sha256, url, file_name: found[2].trim().to_owned() }
    });
    Ok(links.collect())
}

#[derive(Deserialize)]
struct NpmPackage {
    versions: BTreeMap<String, NpmVersion>,
}

#[derive(Deserialize)]
struct NpmVersion {
    dist: NpmDist,
}

#[derive(Deserialize)]
struct NpmDist {
    tarball: String,
}

fn locate_npm(client: &Client, registry: &str, part: &PackagePart) -> Result<Archive, SourceFailure> {
    let escaped = part.package.replace('/', "%2f");
    let address = Address::new(&format!("{}/{escaped}", registry.trim_end_matches('/')));
    let page = client.page(&address, "application/json")?;
    let package: NpmPackage = serde_json::from_str(&page.text)
        .map_err(|error| SourceFailure::BadAnswer { host: address.host(), reason: error.to_string() })?;
    let tarball =
        package.versions.get(&part.version).and_then(|version| address.follow(&version.dist.tarball));
    let bare = part.package.rsplit('/').next().unwrap_or_default();
    tarball
        .map(|address| Archive { address, file_name: format!("{bare}-{}.tgz", part.version), sha256: None })
        .ok_or_else(|| SourceFailure::NotThere {
            host: address.host(),
            what: format!("package {} {}", part.package, part.version),
        })
}

#[cfg(test)]
mod tests;
