//! The embedder's thread: loads the model, then works through requests, the shortest remaining one first, in passes
//! small enough that a new short request never waits long.

use super::{
    EmbedderOptions, Shared,
    bert::{Bert, BertShape, Pooling, Workspace},
    weights::Weights,
};
use crate::{
    domain::token_states::TokenStates,
    llm::{error::EngineError, kernels::Backend, queue::Abandonable},
    ports::model::{ModelError, ModelInfo, ModelState},
};
use serde::Deserialize;
use std::{
    ops::Range,
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

/// What one caller wants.
#[derive(Debug)]
pub(super) enum Job {
    Embed(EmbedJob),
    Read(ReadJob),
}

/// Texts, for their vectors.
#[derive(Debug)]
pub(super) struct EmbedJob {
    pub texts: Vec<String>,
    pub reply: oneshot::Sender<Answer>,
}

/// A text, for its tokens' states.
#[derive(Debug)]
pub(super) struct ReadJob {
    pub text: String,
    pub layer: usize,
    pub reply: oneshot::Sender<Result<TokenStates, ModelError>>,
}

impl Job {
    /// Tells whoever waits that there will be no answer.
    fn refuse(self, error: ModelError) {
        match self {
            Self::Embed(job) => drop(job.reply.send(Err(error))),
            Self::Read(job) => drop(job.reply.send(Err(error))),
        }
    }
}

impl Abandonable for Job {
    fn is_abandoned(&self) -> bool {
        match self {
            Self::Embed(job) => job.reply.is_closed(),
            Self::Read(job) => job.reply.is_closed(),
        }
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
        job.refuse(ModelError::Failed(reason.clone()));
    }
}

fn serve(encoder: &mut Encoder, shared: &Shared) {
    let mut active: Vec<ActiveJob> = Vec::new();
    loop {
        if active.is_empty() {
            let Some(job) = shared.queue.pop() else { return };
            begin(job, encoder, &mut active);
        }
        while let Some(job) = shared.queue.try_pop() {
            begin(job, encoder, &mut active);
        }
        if shared.queue.is_closed() {
            return;
        }
        active.retain(|entry| !entry.job.reply.is_closed());
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

/// Puts texts to embed beside the others; reads a message at once, because somebody waits for its answer.
fn begin(job: Job, encoder: &mut Encoder, active: &mut Vec<ActiveJob>) {
    match job {
        Job::Embed(job) => active.push(ActiveJob { job, vectors: Vec::new() }),
        Job::Read(job) => {
            let states = encoder.read(&job.text, job.layer);
            let _ = job.reply.send(states.map_err(|error| ModelError::Failed(error.to_string())));
        }
    }
}

/// The loaded model with its tokenizer.
pub(super) struct Encoder {
    id: String,
    bert: Bert,
    /// Cuts a text to the window.
    tokenizer: Tokenizer,
    /// Cuts nothing off.
    whole: Tokenizer,
    window: usize,
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
        let mut whole = tokenizer.clone();
        whole.with_truncation(None).map_err(|error| EngineError::Tokenizer(error.to_string()))?;
        let info = ModelInfo {
            id: options.id.clone(),
            architecture: "bert".to_owned(),
            context_tokens: window,
            file_bytes: weights.bytes(),
        };
        let threads =
            options.threads.or_else(|| thread::available_parallelism().ok().map(Into::into)).unwrap_or(1);
        let backend = Backend::new(threads, None);
        let encoder = Self {
            id: options.id.clone(),
            bert,
            tokenizer,
            whole,
            window,
            pooling: options.pooling,
            backend,
            work: Workspace::default(),
        };
        Ok((encoder, info))
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

    /// States of all tokens of a text. A long text is read in windows that overlap; what stands in two counts in the earlier.
    fn read(&mut self, text: &str, layer: usize) -> Result<TokenStates, EngineError> {
        let encode = |text: &str, framed: bool| {
            self.whole.encode(text, framed).map_err(|error| EngineError::Tokenizer(error.to_string()))
        };
        let (frame, encoding) = (encode("", true)?, encode(text, false)?);
        let (first, last) = frame.get_ids().split_at(frame.len() / 2);
        let (ids, offsets) = (encoding.get_ids(), encoding.get_offsets());
        let width = self.bert.dimensions();
        let mut read = TokenStates { model: self.id.clone(), width, ..TokenStates::default() };
        for window in windows(ids.len(), self.window.saturating_sub(frame.len())) {
            let framed = [first, &ids[window.clone()], last].concat();
            let states = self.bert.states(&self.backend, &mut self.work, &framed, layer)?;
            let own = states.chunks_exact(width).skip(first.len());
            for (&(start, end), state) in offsets[window].iter().zip(own) {
                let new = read.places.last().is_none_or(|last: &Range<usize>| start >= last.end);
                if new && start < end {
                    read.places.push(start..end);
                    read.states.extend_from_slice(state);
                }
            }
        }
        Ok(read)
    }
}

/// Windows over so many tokens, each beginning with the last quarter of the one before.
fn windows(tokens: usize, width: usize) -> Vec<Range<usize>> {
    let step = (width - width / 4).max(1);
    let mut windows = Vec::new();
    let mut start = 0;
    while tokens > 0 && windows.last().is_none_or(|last: &Range<usize>| last.end < tokens) {
        windows.push(start..(start + width.max(1)).min(tokens));
        start += step;
    }
    windows
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_overlap_and_reach_to_the_end() {
        let places = |tokens| -> Vec<(usize, usize)> {
            windows(tokens, 8).into_iter().map(|window| (window.start, window.end)).collect()
        };
        assert_eq!(places(0), []);
        assert_eq!(places(8), [(0, 8)]);
        assert_eq!(places(15), [(0, 8), (6, 14), (12, 15)]);
    }
}
