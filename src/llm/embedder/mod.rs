//! Sentence vectors from a BERT model, on a thread of its own behind a bounded queue. Short requests go first, so a
//! customer's question does not wait for a document being read in.

mod bert;
mod float_layer;
#[cfg(test)]
mod tests;
mod vector_cache;
mod weights;
mod worker;

use super::queue::{BoundedQueue, Refused};
use crate::{
    domain::token_states::TokenStates,
    ports::model::{Embedder, ModelError, ModelState},
};
use async_trait::async_trait;
pub use bert::Pooling;
use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    thread::JoinHandle,
};
use tokio::sync::{oneshot, watch};
use vector_cache::{TextKey, VectorCache, key_of};
use worker::{EmbedJob, Job, ReadJob};

/// Which model and within which bounds.
#[derive(Debug, Clone)]
pub struct EmbedderOptions {
    /// Name of the model, for [`ModelInfo`].
    pub id: String,
    /// `model.safetensors` (f32 or f16).
    pub weights: PathBuf,
    /// The model's `tokenizer.json`.
    pub tokenizer: PathBuf,
    /// The model's `config.json`; without it, 12 heads and an epsilon of 1e-12 are taken.
    pub config: Option<PathBuf>,
    /// Length of the vectors, known before the model is loaded.
    pub dimensions: usize,
    /// Longer texts are cut here.
    pub window_tokens: usize,
    pub pooling: Pooling,
    /// Requests that may wait.
    pub queue_length: usize,
    /// Vectors kept of texts seen lately.
    pub cache_entries: usize,
    /// Threads of a pass; `None` takes as many as there are cores.
    pub threads: Option<usize>,
}

impl EmbedderOptions {
    /// all-MiniLM-L6-v2 in a folder with its three files.
    pub fn mini_lm(folder: &std::path::Path) -> Self {
        Self {
            id: "all-minilm-l6-v2".to_owned(),
            weights: folder.join("model.safetensors"),
            tokenizer: folder.join("tokenizer.json"),
            config: Some(folder.join("config.json")),
            dimensions: 384,
            window_tokens: 256,
            pooling: Pooling::Mean,
            queue_length: 64,
            cache_entries: 4096,
            threads: None,
        }
    }
}

/// The embedder. Dropping it ends its thread.
#[derive(Debug)]
pub struct SentenceEmbedder {
    dimensions: usize,
    shared: Arc<Shared>,
    cache: Mutex<VectorCache>,
    thread: Option<JoinHandle<()>>,
}

/// A text the cache does not know, and its place in the request.
struct Missing {
    index: usize,
    key: TextKey,
    text: String,
}

/// What callers and the thread have in common.
#[derive(Debug)]
struct Shared {
    queue: BoundedQueue<Job>,
    state: watch::Sender<ModelState>,
}

impl Shared {
    fn state(&self) -> ModelState {
        self.state.borrow().clone()
    }

    fn set_state(&self, state: ModelState) {
        self.state.send_replace(state);
    }
}

impl SentenceEmbedder {
    /// Starts the thread, which loads the model first. Fails only when the system gives no thread.
    pub fn start(options: EmbedderOptions) -> Result<Self, ModelError> {
        let shared = Arc::new(Shared {
            queue: BoundedQueue::new(options.queue_length),
            state: watch::Sender::new(ModelState::Loading),
        });
        let cache = Mutex::new(VectorCache::new(options.cache_entries));
        let dimensions = options.dimensions;
        let worker = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name("embedder".to_owned())
            .spawn(move || worker::run(&options, &worker))
            .map_err(|error| ModelError::Failed(format!("no thread for the embedder: {error}")))?;
        Ok(Self { dimensions, shared, cache, thread: Some(thread) })
    }

    /// Waits until loading has ended, well or badly.
    pub async fn loaded(&self) -> ModelState {
        let mut changes = self.shared.state.subscribe();
        let state = changes.wait_for(|state| *state != ModelState::Loading).await;
        // The sender lives as long as `self`, so waiting cannot fail.
        state.map_or(ModelState::Absent, |state| state.clone())
    }

    /// Fills in what the cache knows and names the rest.
    fn split_known(&self, texts: Vec<String>) -> (Vec<Option<Vec<f32>>>, Vec<Missing>) {
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        let mut known = Vec::with_capacity(texts.len());
        let mut missing = Vec::new();
        for (index, text) in texts.into_iter().enumerate() {
            let key = key_of(&text);
            known.push(cache.get(&key).map(|vector| vector.to_vec()));
            if known[index].is_none() {
                missing.push(Missing { index, key, text });
            }
        }
        (known, missing)
    }

    fn submit(&self, job: Job) -> Result<(), ModelError> {
        match self.shared.state() {
            ModelState::Ready(_) => {}
            ModelState::Loading => return Err(ModelError::Loading),
            ModelState::Failed(reason) => return Err(ModelError::Failed(reason)),
            ModelState::Absent => return Err(ModelError::Absent),
        }
        match self.shared.queue.push(job) {
            Ok(()) => Ok(()),
            Err(Refused::Full(_)) => Err(ModelError::Overloaded),
            Err(Refused::Closed(_)) => Err(stopped()),
        }
    }
}

fn stopped() -> ModelError {
    ModelError::Failed("the embedder was stopped".to_owned())
}

#[async_trait]
impl Embedder for SentenceEmbedder {
    fn state(&self) -> ModelState {
        self.shared.state()
    }

    fn dimensions(&self) -> usize {
        self.dimensions
    }

    async fn embed(&self, texts: Vec<String>) -> Result<Vec<Vec<f32>>, ModelError> {
        let (mut vectors, mut missing) = self.split_known(texts);
        if !missing.is_empty() {
            let texts = missing.iter_mut().map(|missing| std::mem::take(&mut missing.text)).collect();
            let (reply, answer) = oneshot::channel();
            self.submit(Job::Embed(EmbedJob { texts, reply }))?;
            let computed = answer.await.map_err(|_| stopped())??;
            let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
            for (missing, vector) in missing.into_iter().zip(computed) {
                cache.insert(missing.key, Arc::from(vector.as_slice()));
                vectors[missing.index] = Some(vector);
            }
        }
        vectors.into_iter().map(|vector| vector.ok_or_else(stopped)).collect()
    }

    async fn token_states(&self, text: String, layer: usize) -> Result<TokenStates, ModelError> {
        let (reply, answer) = oneshot::channel();
        self.submit(Job::Read(ReadJob { text, layer, reply }))?;
        answer.await.map_err(|_| stopped())?
    }
}

impl Drop for SentenceEmbedder {
    fn drop(&mut self) {
        drop(self.shared.queue.close());
        if let Some(thread) = self.thread.take() {
            // The thread catches its own panics; there is nothing left to report here.
            let _ = thread.join();
        }
    }
}
