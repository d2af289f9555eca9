//! The embedder's thread: loads the model, then works through requests, the shortest remaining one first, in passes
//! small enough that a new short request never waits long.

use super::{
    EmbedderOptions, Shared,
    bert::{Bert, BertShape, Pooling, Workspace},
    weights::Weights,
};
use crate::{
    llm::{error::EngineError, kernels::Backend, queue::Abandonable},
    ports::model::{ModelError, ModelInfo, ModelState},
};
use serde::Deserialize;
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    thread,
    time::Instant,
};
use tokenizers::{Tokenizer, TruncationParams};
use tokio::sync::oneshot;

/// Tokens of one pass: enough to keep the matrix products busy, and little enough that its rows stay in the caches and that
/// a question waits some hundredths of a second at most for a document.
const PASS_TOKENS: usize = 256;

pub(super) type Answer = Result<Vec<Vec<f32>>, ModelError>;

/// One caller's texts.
#[derive(Debug)]
pub(super) struct EmbedJob {
    pub texts: Vec<String>,
    pub reply: oneshot::Sender<Answer>,
}

impl Abandonable for EmbedJob {
    fn is_abandoned(&self) -> bool {
        self.reply.is_closed()
    }
}

/// A request being worked on.
struct ActiveJob {
    job: EmbedJob,
    vectors: Vec<Vec<f32>>,
}

impl ActiveJob {
    fn remaining(&self) -> usize {
        self.job.texts.len() - self.vectors.len()
    }
}

/// The thread's body.
pub(super) fn run(options: &EmbedderOptions, shared: &Shared) {
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        let started = Instant::now();
        let (mut encoder, info) = Encoder::load(options)?;
        tracing::info!(model = %info.id, load_ms = started.elapsed().as_millis() as u64, "embedding model ready");
        shared.set_state(ModelState::Ready(info));
        serve(&mut encoder, shared);
        Ok::<(), EngineError>(())
    }));
    let reason = match outcome {
        Ok(Ok(())) => return,
        Ok(Err(error)) => error.to_string(),
        Err(_) => "the embedder broke down; restart to use it again".to_owned(),
    };
    tracing::error!(model = %options.id, reason, "embedding model unusable");
    shared.set_state(ModelState::Failed(reason.clone()));
    for job in shared.queue.close() {
        let _ = job.reply.send(Err(ModelError::Failed(reason.clone())));
    }
}

fn serve(encoder: &mut Encoder, shared: &Shared) {
    let mut active: Vec<ActiveJob> = Vec::new();
    loop {
        if active.is_empty() {
            let Some(job) = shared.queue.pop() else { return };
            active.push(ActiveJob { job, vectors: Vec::new() });
        }
        while let Some(job) = shared.queue.try_pop() {
            active.push(ActiveJob { job, vectors: Vec::new() });
        }
        if shared.queue.is_closed() {
            return;
        }
        active.retain(|entry| !entry.job.is_abandoned());
        active.sort_by_key(ActiveJob::remaining);
        let Some(first) = active.first_mut() else { continue };
        let outcome = encoder.pass(&first.job.texts[first.vectors.len()..]);
        match outcome {
            Ok(vectors) => first.vectors.extend(vectors),
            Err(error) => {
                let failed = active.swap_remove(0);
                let _ = failed.job.reply.send(Err(ModelError::Failed(error.to_string())));
                continue;
            }
        }
        if first.remaining() == 0 {
            let done = active.swap_remove(0);
            let _ = done.job.reply.send(Ok(done.vectors));
        }
    }
}

/// The loaded model with its tokenizer.
pub(super) struct Encoder {
    bert: Bert,
    tokenizer: Tokenizer,
    pooling: Pooling,
    backend: Backend,
    work: Workspace,
}

#[derive(Deserialize)]
struct ConfigFile {
    num_attention_heads: usize,
    #[serde(default = "default_epsilon")]
    layer_norm_eps: f32,
    #[serde(default = "default_activation")]
    hidden_act: String,
}

fn default_epsilon() -> f32 {
    1e-12
}

fn default_activation() -> String {
    "gelu".to_owned()
}

impl Encoder {
    pub fn load(options: &EmbedderOptions) -> Result<(Self, ModelInfo), EngineError> {
        let shape = options
            .config
            .as_deref()
            .map_or(Ok(BertShape { heads: 12, epsilon: default_epsilon() }), read_shape)?;
        let weights = Weights::open(&options.weights)?;
        let bert = Bert::load(&weights, shape)?;
        if bert.dimensions() != options.dimensions {
            return Err(EngineError::Network(format!(
                "the embedding model gives {} dimensions where {} are expected; the knowledge base must be built anew \
                 for another model",
                bert.dimensions(),
                options.dimensions
            )));
        }
        let window = options.window_tokens.min(bert.position_count());
        let tokenizer = read_tokenizer(&options.tokenizer, window)?;
        let info = ModelInfo {
            id: options.id.clone(),
            architecture: "bert".to_owned(),
            context_tokens: window,
            file_bytes: weights.bytes(),
        };
        let threads =
            options.threads.or_else(|| thread::available_parallelism().ok().map(Into::into)).unwrap_or(1);
        let backend = Backend::new(threads, None);
        Ok((Self { bert, tokenizer, pooling: options.pooling, backend, work: Workspace::default() }, info))
    }

    /// Vectors of as many of the first texts as fit one pass, at least one.
    pub fn pass(&mut self, texts: &[String]) -> Result<Vec<Vec<f32>>, EngineError> {
        let mut encoded = Vec::new();
        let mut tokens = 0;
        for text in texts {
            let encoding = self
                .tokenizer
                .encode_fast(text.as_str(), true)
                .map_err(|error| EngineError::Tokenizer(error.to_string()))?;
            tokens += encoding.get_ids().len();
            if tokens > PASS_TOKENS && !encoded.is_empty() {
                break;
            }
            encoded.push(encoding);
        }
        let ids: Vec<&[u32]> = encoded.iter().map(tokenizers::Encoding::get_ids).collect();
        self.bert.embed(&self.backend, &mut self.work, &ids, self.pooling)
    }
}

fn read_shape(path: &Path) -> Result<BertShape, EngineError> {
    let json = std::fs::read(path)
        .map_err(|error| EngineError::File { path: path.to_owned(), reason: error.to_string() })?;
    let config: ConfigFile = serde_json::from_slice(&json)
        .map_err(|error| EngineError::Format { path: path.to_owned(), reason: error.to_string() })?;
    if config.hidden_act != "gelu" {
        return Err(EngineError::Unsupported {
            what: "activation",
            name: config.hidden_act,
            supported: "gelu",
        });
    }
    Ok(BertShape { heads: config.num_attention_heads, epsilon: config.layer_norm_eps })
}

pub(super) fn read_tokenizer(path: &Path, window: usize) -> Result<Tokenizer, EngineError> {
    let mut tokenizer = Tokenizer::from_file(path)
        .map_err(|error| EngineError::Tokenizer(format!("{}: {error}", path.display())))?;
    // A text that spells `[SEP]` means those letters.
    tokenizer.set_encode_special_tokens(true);
    tokenizer.with_padding(None);
    tokenizer
        .with_truncation(Some(TruncationParams { max_length: window, ..TruncationParams::default() }))
        .map_err(|error| EngineError::Tokenizer(error.to_string()))?;
    Ok(tokenizer)
}
