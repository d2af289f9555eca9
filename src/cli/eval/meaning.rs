//! `frontdesk eval meaning`: fits the weights of meaning to the exemplars of the policy and says what they are worth.

use super::{Bench, output};
use crate::{cli::bar, config::Config};
use anyhow::Context;
use clap::Args;
use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    frontdesk eval meaning                                       what words and meaning are worth, apart and together\n  \
    frontdesk eval meaning --write assets/policy/meaning.toml    the same, and keep the weights\n  \
    frontdesk eval meaning --vectors vectors.json --write …      remember the vectors, for the next time\n\n\
    Each exemplar goes through the embedding model: several minutes on a small box.")]
pub struct MeaningArguments {
    /// Write the weights to this file.
    #[arg(long, value_name = "FILE")]
    write: Option<PathBuf>,
    /// Take vectors of texts from this file, and keep new ones in it: {"text": [0.1, …], …}.
    #[arg(long, value_name = "FILE")]
    vectors: Option<PathBuf>,
}

pub fn run(arguments: &MeaningArguments, config: &Config) -> anyhow::Result<()> {
    let mut vectors = arguments.vectors.as_deref().map_or_else(|| Ok(HashMap::new()), read)?;
    let bench = Bench::open(config)?;
    let assistant = &bench.assistant;
    let bar = bar::counted(0, "reading exemplars");
    let fitted = bench.runtime.block_on(assistant.policies.fit_meaning(
        assistant.embedder.as_ref(),
        &mut vectors,
        |done, all| {
            bar.set_length(all as u64);
            bar.set_position(done as u64);
        },
    ));
    bar.finish_and_clear();
    bench.close();
    let fitted = fitted?;
    if let Some(path) = &arguments.vectors {
        write(path, &serde_json::to_string(&vectors)?)?;
    }
    if let Some(path) = &arguments.write {
        write(path, &fitted.toml)?;
    }
    output::print(&fitted)
}

/// Vectors kept before; a file that is not there yet holds none.
fn read(path: &Path) -> anyhow::Result<HashMap<String, Vec<f32>>> {
    if !path.exists() {
        return Ok(HashMap::new());
    }
    let text = std::fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} holds no vectors", path.display()))
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    std::fs::write(path, text).with_context(|| format!("{} cannot be written", path.display()))
}
