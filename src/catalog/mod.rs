//! The model catalog: which models Frontdesk knows, where their files can be had, and the folder they are kept in.
//!
//! Owns `models/catalog.toml`, downloads, checksums and the model folder. Knows nothing of what a model is used
//! for: the engine asks for a path, the command line asks for a pull, and both get files whose sha256 was checked.
//! Reads no environment variables itself; the places to look come in through [`NetworkSettings`].

mod archive;
mod check;
mod checksum;
mod entry;
mod error;
mod folder;
mod network;
mod progress;
mod pull;
mod space;
mod store;

pub use entry::{Catalog, Defaults, ModelEntry, ModelFile, PackagePart, Role, Sha256Origin, Source};
pub use error::{Attempt, CatalogError, PullError, SourceFailure};
pub use network::{ChosenSources, Departures, NetworkSettings, NothingLeaves};
pub use progress::{Event, NoProgress, Progress};
pub use pull::PullOptions;
pub use store::{FileState, ModelStore, default_directory};

#[cfg(test)]
mod tests;
