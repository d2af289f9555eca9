//! From settings and catalog to running models. Loading goes on in the background; a model that is missing is said once, clearly.

use super::absent::NoModel;
use crate::{
    catalog::{Catalog, ChosenSources, ModelStore, NetworkSettings, default_directory},
    config::Config,
    llm::{
        chat_engine::{ChatEngine, ChatEngineOptions},
        embedder::{EmbedderOptions, SentenceEmbedder},
        model_decoder::NetworkOptions,
        prefix_cache::DiskStore,
        transformer::LoadOptions,
    },
    ports::model::{ChatModel, Embedder},
};
use anyhow::Context;
use std::sync::Arc;

/// Vector length of the default embedding model, for boxes that run without one.
const DEFAULT_DIMENSIONS: usize = 384;
/// What `models.chat` and `models.embedding` say to run without a model.
const NONE: &str = "none";

/// Which models the settings want and where their files lie.
pub struct ModelPlan {
    pub store: ModelStore,
    /// `None` when switched off.
    pub chat: Option<String>,
    pub embedding: Option<String>,
}

impl ModelPlan {
    /// # Errors
    /// When the operator's catalog is wrong, an id is unknown, or there is no folder for models.
    pub fn new(config: &Config) -> anyhow::Result<Self> {
        let catalog = config
            .models
            .catalog_file
            .as_ref()
            .map_or_else(|| Ok(Catalog::embedded()), |path| Catalog::with_file(path))?;
        let directory = config
            .models
            .directory
            .clone()
            .or_else(default_directory)
            .context("there is no home folder to keep models in: set models.directory")?;
        let defaults = catalog.defaults().clone();
        let chosen = |set: &str, default: String| match set {
            NONE => None,
            "" => Some(default),
            id => Some(id.to_owned()),
        };
        let (chat, embedding) = (
            chosen(&config.models.chat, defaults.chat),
            chosen(&config.models.embedding, defaults.embedding),
        );
        for id in [&chat, &embedding].into_iter().flatten() {
            catalog.find(id)?;
        }
        Ok(Self { store: ModelStore::with_catalog(directory, catalog), chat, embedding })
    }

    /// The ids whose files are not here yet.
    pub fn missing(&self) -> Vec<String> {
        let wanted = [&self.chat, &self.embedding];
        wanted
            .into_iter()
            .flatten()
            .filter(|id| !self.store.installed(id).unwrap_or(false))
            .cloned()
            .collect()
    }

    fn unless_missing(&self, id: &str) -> Result<(), String> {
        match self.store.installed(id) {
            Ok(true) => Ok(()),
            Ok(false) => {
                Err(format!("the model {id} is not on this box; get it with `frontdesk models pull {id}`"))
            }
            Err(error) => Err(error.to_string()),
        }
    }
}

/// Starts the chat model, or says why there is none.
pub fn chat(config: &Config, plan: &ModelPlan) -> Arc<dyn ChatModel> {
    #[cfg(feature = "fault-points")]
    if let Some(stub) = super::stub_model::from_environment() {
        return stub;
    }
    let Some(id) = &plan.chat else { return Arc::new(NoModel::switched_off(0)) };
    let start = || -> Result<ChatEngine, String> {
        plan.unless_missing(id)?;
        let entry = plan.store.catalog().find(id).map_err(|error| error.to_string())?;
        let file = entry
            .files
            .iter()
            .find(|file| {
                std::path::Path::new(&file.name).extension().is_some_and(|extension| extension == "gguf")
            })
            .ok_or("the catalog names no GGUF file")?;
        let options = ChatEngineOptions {
            id: id.clone(),
            context_tokens: config.models.context_tokens,
            queue_length: config.models.queue_length,
            ..ChatEngineOptions::default()
        };
        let network = NetworkOptions {
            load: LoadOptions { threads: thread_count(config), ..LoadOptions::default() },
            prefix_cache_bytes: config.models.prompt_memory_mib << 20,
            kept: (config.models.prompt_disk_mib > 0).then(|| DiskStore {
                folder: config.data.directory.join("prompt-states"),
                max_bytes: config.models.prompt_disk_mib << 20,
            }),
            weights_id: file.sha256.clone().unwrap_or_else(|| file.name.clone()),
            lookup: true,
        };
        ChatEngine::start(options, &plan.store.path(id, &file.name), network)
            .map_err(|error| error.to_string())
    };
    match start() {
        Ok(engine) => Arc::new(engine),
        Err(reason) => {
            tracing::error!(%reason, "no chat model: answers come from passages alone");
            Arc::new(NoModel::failed(reason, 0))
        }
    }
}

/// The engine's threads as set; `None` for one a core.
fn thread_count(config: &Config) -> Option<usize> {
    (config.models.threads > 0).then_some(config.models.threads)
}

/// Starts the embedding model, or says why there is none.
pub fn embedder(plan: &ModelPlan) -> Arc<dyn Embedder> {
    let Some(id) = &plan.embedding else { return Arc::new(NoModel::switched_off(DEFAULT_DIMENSIONS)) };
    let start = || -> Result<SentenceEmbedder, String> {
        plan.unless_missing(id)?;
        let options =
            EmbedderOptions { id: id.clone(), ..EmbedderOptions::mini_lm(&plan.store.directory().join(id)) };
        SentenceEmbedder::start(options).map_err(|error| error.to_string())
    };
    match start() {
        Ok(embedder) => Arc::new(embedder),
        Err(reason) => {
            tracing::error!(%reason, "no embedding model: search goes by words alone");
            Arc::new(NoModel::failed(reason, DEFAULT_DIMENSIONS))
        }
    }
}

/// How the network is reached for model files: what the box is set up for, then what the settings say.
pub fn network_settings(config: &Config) -> NetworkSettings {
    #[expect(
        clippy::disallowed_methods,
        reason = "pip's, npm's and the hub's own variables, read once, where the program is put together"
    )]
    let lookup = |name: &str| std::env::var(name).ok();
    let sources = &config.models.sources;
    NetworkSettings::discover(&lookup, &|path| std::fs::read_to_string(path).ok()).with_chosen(
        ChosenSources {
            hub_url: &sources.hub_url,
            hub_token: sources.hub_token.expose(),
            pypi_index_url: &sources.pypi_index_url,
            npm_registry_url: &sources.npm_registry_url,
        },
    )
}
