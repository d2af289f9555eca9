//! The chat model behind its port: one thread owns the network, a bounded queue stands before it. Prompts are rendered
//! and turned into tokens on the caller's side, so that a prompt that does not fit is refused at once.

use super::{
    chat_template::ChatTemplate,
    decoder::Decoder,
    error::EngineError,
    generate::{EventSink, Generator, PreparedRequest},
    gguf_metadata::GgufMetadata,
    grammar::LazyGrammars,
    model_decoder::{ModelDecoder, NetworkOptions},
    queue::{Abandonable, BoundedQueue, Refused},
    sampler::Sampler,
    tokenizer::Tokenizer,
};
use crate::ports::model::{
    ChatModel, ChatRequest, GenerationEvent, ModelError, ModelInfo, ModelState, PromptMessage, PromptRole,
};
use futures_util::stream::{BoxStream, StreamExt};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::{Arc, OnceLock},
    thread::JoinHandle,
    time::Instant,
};
use tokio::sync::{mpsc, watch};
use tokio_stream::wrappers::UnboundedReceiverStream;

type Event = Result<GenerationEvent, ModelError>;

/// The bounds within which the engine works.
#[derive(Debug, Clone)]
pub struct ChatEngineOptions {
    /// Name of the model, for [`ModelInfo`].
    pub id: String,
    /// Longest prompt plus answer; the model's own limit if that is less.
    pub context_tokens: usize,
    /// Requests that may wait.
    pub queue_length: usize,
    /// Answers made at the same time.
    pub parallel: usize,
}

impl Default for ChatEngineOptions {
    fn default() -> Self {
        Self { id: "chat".to_owned(), context_tokens: 4096, queue_length: 16, parallel: 8 }
    }
}

/// What turns messages into a prompt's tokens.
#[derive(Debug)]
pub struct PromptMaker {
    pub tokenizer: Tokenizer,
    pub template: ChatTemplate,
}

impl PromptMaker {
    /// From a model file, with the `tokenizer.json` beside it if there is one.
    pub fn from_gguf(path: &Path) -> Result<Self, EngineError> {
        let metadata = GgufMetadata::read(path)?;
        let json = path.with_file_name("tokenizer.json");
        let tokenizer = if json.is_file() {
            let bytes = std::fs::read(&json)
                .map_err(|error| EngineError::File { path: json, reason: error.to_string() })?;
            Tokenizer::from_json(&bytes, &metadata)?
        } else {
            Tokenizer::from_gguf(&metadata)?
        };
        Self::new(tokenizer, metadata.chat_template())
    }

    /// With the model's template, or ChatML for a model that has none but knows ChatML's control tokens.
    pub fn new(tokenizer: Tokenizer, template: Option<&str>) -> Result<Self, EngineError> {
        let template = match template {
            Some(source) => ChatTemplate::new(source, tokenizer.begin_spelling(), tokenizer.end_spelling())?,
            None if tokenizer.has_control_token("<|im_start|>")
                && tokenizer.has_control_token("<|im_end|>") =>
            {
                ChatTemplate::chatml()?
            }
            None => {
                return Err(EngineError::MissingMetadata {
                    key: "tokenizer.chat_template",
                    purpose: "lay out a conversation; this is a base model, choose an instruct or chat one",
                });
            }
        };
        Ok(Self { tokenizer, template })
    }

    /// A prompt's tokens. Nothing in the contents becomes a control token.
    pub fn prompt(&self, messages: &[PromptMessage]) -> Result<Vec<u32>, EngineError> {
        let guarded: Vec<PromptMessage> = messages
            .iter()
            .map(|message| PromptMessage {
                role: message.role,
                content: self.tokenizer.guard(&message.content).into_owned(),
            })
            .collect();
        self.tokenizer.encode_prompt(&self.template.render(&guarded)?)
    }
}

/// The engine. Dropping it ends its thread; answers in progress end with an error.
#[derive(Debug)]
pub struct ChatEngine {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

/// What callers and the thread have in common.
#[derive(Debug)]
struct Shared {
    options: ChatEngineOptions,
    queue: BoundedQueue<Work>,
    state: watch::Sender<ModelState>,
    ready: OnceLock<Ready>,
}

/// What is known once the model is loaded.
#[derive(Debug)]
struct Ready {
    maker: PromptMaker,
    grammars: LazyGrammars,
    context_tokens: usize,
}

/// What the thread is asked to do.
#[derive(Debug)]
enum Work {
    Request(Box<PreparedRequest>),
    /// Forget what is kept across restarts but for these prompts.
    KeepOnly(Vec<Vec<u32>>),
}

impl Work {
    /// Nobody will do it any more.
    fn refuse(self, error: ModelError) {
        if let Self::Request(request) = self {
            let _ = request.sink.send(Err(error));
        }
    }
}

impl Abandonable for Work {
    fn is_abandoned(&self) -> bool {
        match self {
            Self::Request(request) => request.sink.is_closed(),
            Self::KeepOnly(_) => false,
        }
    }
}

impl ChatEngine {
    /// Starts the thread, which loads the model from a GGUF file.
    pub fn start(
        options: ChatEngineOptions,
        model: &Path,
        network: impl Into<NetworkOptions>,
    ) -> Result<Self, ModelError> {
        let (path, network) = (model.to_owned(), network.into());
        Self::start_with(options, move || {
            Ok((PromptMaker::from_gguf(&path)?, ModelDecoder::load(&path, &network)?))
        })
    }

    /// Starts the thread, which first loads the model with `load`. Fails only when the system gives no thread.
    pub fn start_with<D: Decoder>(
        options: ChatEngineOptions,
        load: impl FnOnce() -> Result<(PromptMaker, D), EngineError> + Send + 'static,
    ) -> Result<Self, ModelError> {
        let shared = Arc::new(Shared {
            queue: BoundedQueue::new(options.queue_length),
            options,
            state: watch::Sender::new(ModelState::Loading),
            ready: OnceLock::new(),
        });
        let worker = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name("chat-engine".to_owned())
            .spawn(move || worker.run(load))
            .map_err(|error| ModelError::Failed(format!("no thread for the chat model: {error}")))?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// Waits until loading has ended, well or badly.
    pub async fn loaded(&self) -> ModelState {
        let mut changes = self.shared.state.subscribe();
        let state = changes.wait_for(|state| *state != ModelState::Loading).await;
        // The sender lives as long as `self`, so waiting cannot fail.
        state.map_or(ModelState::Absent, |state| state.clone())
    }

    /// The state and its changes, for health checks.
    pub fn states(&self) -> watch::Receiver<ModelState> {
        self.shared.state.subscribe()
    }
}

impl ChatModel for ChatEngine {
    fn state(&self) -> ModelState {
        self.shared.state.borrow().clone()
    }

    fn generate(&self, request: ChatRequest) -> Result<BoxStream<'static, Event>, ModelError> {
        match self.state() {
            ModelState::Ready(_) => {}
            ModelState::Loading => return Err(ModelError::Loading),
            ModelState::Failed(reason) => return Err(ModelError::Failed(reason)),
            ModelState::Absent => return Err(ModelError::Absent),
        }
        let ready = self.shared.ready.get().ok_or(ModelError::Loading)?;
        let (sink, events) = mpsc::unbounded_channel();
        match self.shared.queue.push(Work::Request(Box::new(ready.prepare(request, sink)?))) {
            Ok(()) => Ok(ending_with_a_word(UnboundedReceiverStream::new(events)).boxed()),
            Err(Refused::Full(_)) => Err(ModelError::Overloaded),
            Err(Refused::Closed(_)) => Err(stopped()),
        }
    }

    fn prepare(&self, beginnings: Vec<Vec<PromptMessage>>) -> BoxStream<'static, Result<(), ModelError>> {
        let shared = Arc::clone(&self.shared);
        let Some(ready) = shared.ready.get() else {
            return futures_util::stream::iter([Err(ModelError::Loading)]).boxed();
        };
        let prompts: Result<Vec<Vec<u32>>, ModelError> =
            beginnings.into_iter().map(|messages| ready.beginning(messages)).collect();
        let prompts = match prompts {
            Ok(prompts) => prompts,
            Err(error) => return futures_util::stream::iter([Err(error)]).boxed(),
        };
        shared.queue.push_idle_work(Work::KeepOnly(prompts.clone()));
        futures_util::stream::iter(prompts).then(move |prompt| Arc::clone(&shared).read_ahead(prompt)).boxed()
    }
}

impl Drop for ChatEngine {
    fn drop(&mut self) {
        for work in self.shared.queue.close() {
            work.refuse(stopped());
        }
        if let Some(thread) = self.thread.take() {
            // The thread catches its own panics; there is nothing left to report here.
            let _ = thread.join();
        }
    }
}

/// Ends a stream whose sender vanished without a last word with an error: silence is no answer.
fn ending_with_a_word(events: UnboundedReceiverStream<Event>) -> impl futures_util::Stream<Item = Event> {
    futures_util::stream::unfold(Some(events), |events| async {
        let mut events = events?;
        match events.next().await {
            Some(Ok(GenerationEvent::Text(text))) => Some((Ok(GenerationEvent::Text(text)), Some(events))),
            Some(last) => Some((last, None)),
            None => Some((Err(ModelError::Failed("the chat model broke off".to_owned())), None)),
        }
    })
}

fn stopped() -> ModelError {
    ModelError::Failed("the chat model was stopped".to_owned())
}

impl Ready {
    /// The tokens that all prompts which start with these messages share.
    fn beginning(&self, mut messages: Vec<PromptMessage>) -> Result<Vec<u32>, ModelError> {
        let mut goes_on = |text: &str| {
            messages.push(PromptMessage { role: PromptRole::User, content: text.to_owned() });
            let prompt = self.maker.prompt(&messages);
            messages.pop();
            prompt.map_err(|error| ModelError::Failed(error.to_string()))
        };
        let (mut one, other) = (goes_on("1")?, goes_on("?")?);
        let shared = one.iter().zip(&other).take_while(|(one, other)| one == other).count();
        one.truncate(shared.min(self.context_tokens));
        Ok(one)
    }

    fn prepare(&self, request: ChatRequest, sink: EventSink) -> Result<PreparedRequest, ModelError> {
        let context_tokens = self.context_tokens;
        let too_long = |prompt_tokens| ModelError::PromptTooLong { prompt_tokens, context_tokens };
        // A flood of text is refused before any work is spent on it.
        let bytes: usize = request.messages.iter().map(|message| message.content.len()).sum();
        let fewest = self.maker.tokenizer.fewest_tokens(bytes);
        if fewest > context_tokens {
            return Err(too_long(fewest));
        }
        let prompt =
            self.maker.prompt(&request.messages).map_err(|error| ModelError::Failed(error.to_string()))?;
        if prompt.len().saturating_add(request.max_tokens) > context_tokens {
            return Err(too_long(prompt.len()));
        }
        Ok(PreparedRequest {
            prompt,
            max_tokens: request.max_tokens,
            keep: false,
            sampler: Sampler::new(request.temperature, request.top_p, request.seed),
            constraint: self.grammars.constraint(&self.maker.tokenizer, &request.calls)?,
            detokenizer: self.maker.tokenizer.detokenizer(),
            stop: request.stop,
            end_ids: self.maker.tokenizer.end_ids().to_vec(),
            queued_at: Instant::now(),
            sink,
        })
    }
}

impl Shared {
    /// Has a beginning read and kept, when nothing else is to do.
    async fn read_ahead(self: Arc<Self>, prompt: Vec<u32>) -> Result<(), ModelError> {
        let ready = self.ready.get().ok_or(ModelError::Loading)?;
        let (sink, mut events) = mpsc::unbounded_channel();
        let request = PreparedRequest {
            prompt,
            max_tokens: 0,
            keep: true,
            sampler: Sampler::new(0.0, 1.0, 0),
            constraint: None,
            detokenizer: ready.maker.tokenizer.detokenizer(),
            stop: Vec::new(),
            end_ids: Vec::new(),
            queued_at: Instant::now(),
            sink,
        };
        if !self.queue.push_idle_work(Work::Request(Box::new(request))) {
            return Err(stopped());
        }
        match events.recv().await {
            Some(Ok(_)) => Ok(()),
            Some(Err(error)) => Err(error),
            None => Err(stopped()),
        }
    }

    /// The thread's body.
    fn run<D: Decoder>(&self, load: impl FnOnce() -> Result<(PromptMaker, D), EngineError>) {
        let started = Instant::now();
        let loaded = catch_unwind(AssertUnwindSafe(load));
        let (maker, decoder) = match loaded {
            Ok(Ok(loaded)) => loaded,
            Ok(Err(error)) => return self.fail(&error.to_string()),
            Err(_) => return self.fail("loading the chat model broke down"),
        };
        let facts = decoder.facts();
        let context_tokens = self.options.context_tokens.min(facts.context_tokens);
        if maker.tokenizer.vocabulary_size() > facts.vocabulary {
            return self.fail(
                "the tokenizer has more tokens than the network; the files belong to different models",
            );
        }
        let info = ModelInfo {
            id: self.options.id.clone(),
            architecture: facts.architecture,
            context_tokens,
            file_bytes: facts.file_bytes,
        };
        tracing::info!(model = %info.id, architecture = %info.architecture, load_ms = started.elapsed().as_millis() as u64, "chat model ready");
        if self.ready.set(Ready { maker, grammars: LazyGrammars::default(), context_tokens }).is_ok() {
            self.state.send_replace(ModelState::Ready(info));
        }
        self.serve(Generator::new(decoder));
    }

    fn serve<D: Decoder>(&self, mut generator: Generator<D>) {
        loop {
            let first = if generator.active() == 0 { self.queue.pop() } else { None };
            if self.queue.is_closed() {
                return generator.fail_all(&stopped());
            }
            let turn = catch_unwind(AssertUnwindSafe(|| {
                if let Some(work) = first {
                    take_on(&mut generator, work);
                }
                while generator.answering() < self.options.parallel.max(1) {
                    let Some(work) = self.queue.try_pop() else { break };
                    take_on(&mut generator, work);
                }
                generator.step()
            }));
            let reason = match turn {
                Ok(Ok(())) => continue,
                Ok(Err(error)) => error.to_string(),
                Err(_) => "the chat model broke down; restart to use it again".to_owned(),
            };
            self.fail(&reason);
            return generator.fail_all(&ModelError::Failed(reason));
        }
    }

    fn fail(&self, reason: &str) {
        tracing::error!(model = %self.options.id, reason, "chat model unusable");
        self.state.send_replace(ModelState::Failed(reason.to_owned()));
        for work in self.queue.close() {
            work.refuse(ModelError::Failed(reason.to_owned()));
        }
    }
}

fn take_on<D: Decoder>(generator: &mut Generator<D>, work: Work) {
    match work {
        Work::Request(request) => generator.admit(*request),
        Work::KeepOnly(prompts) => generator.keep_only(&prompts),
    }
}

#[cfg(test)]
#[path = "chat_engine_tests.rs"]
mod tests;
