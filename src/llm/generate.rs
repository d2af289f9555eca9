//! Generates several answers at once, one pass of the network a step: every answer in progress gets its next token,
//! and at most one prompt is read on beside them. Knows no threads and no queue.

use super::{
    decoder::{Decoder, Pass},
    error::EngineError,
    grammar::Constraint,
    sampler::Sampler,
    stop_scanner::{Scanned, StopScanner},
    tokenizer::Detokenizer,
};
use crate::ports::model::{FinishReason, GenerationEvent, GenerationStats, ModelError};
use std::time::{Duration, Instant};
use tokio::sync::mpsc::UnboundedSender;

/// Prompt tokens read in a step while other answers are in progress: a step stays short, so they keep flowing.
const SHARED_PROMPT_TOKENS: usize = 64;
/// Prompt tokens read in a step otherwise; between steps a caller who left is noticed.
const LONE_PROMPT_TOKENS: usize = 256;
/// Tokens of a beginning read ahead in a step: a request that comes meanwhile waits no longer than that.
const IDLE_PROMPT_TOKENS: usize = 64;
/// Tokens of answers in progress that a step takes at hardly more cost than one: the kernels multiply so many rows in one go.
/// One answer may guess with all of them; several share them.
const STEP_TOKENS: usize = 8;

/// Where an answer's events go. Its bound is the answer's token budget; a closed one means that nobody listens.
pub type EventSink = UnboundedSender<Result<GenerationEvent, ModelError>>;

/// One prepared request.
#[derive(Debug)]
pub struct PreparedRequest {
    pub prompt: Vec<u32>,
    pub max_tokens: usize,
    /// Nothing is answered: the prompt is read while nothing else is to do, and its state kept across restarts.
    pub keep: bool,
    pub sampler: Sampler,
    /// What the answer may say; `None`: anything.
    pub constraint: Option<Constraint>,
    pub detokenizer: Detokenizer,
    /// Strings that end the answer.
    pub stop: Vec<String>,
    /// Tokens that end the answer.
    pub end_ids: Vec<u32>,
    pub queued_at: Instant,
    pub sink: EventSink,
}

/// The answers in progress and the network that makes them.
pub struct Generator<D: Decoder> {
    decoder: D,
    active: Vec<Generation<D::Sequence>>,
}

/// One answer in progress.
struct Generation<S> {
    /// `None` only while its sequence is away in a pass.
    sequence: Option<S>,
    /// Prompt and answer so far.
    tokens: Vec<u32>,
    prompt_tokens: usize,
    cached_tokens: usize,
    generated_tokens: usize,
    passes: usize,
    max_tokens: usize,
    keep: bool,
    sampler: Sampler,
    constraint: Option<Constraint>,
    detokenizer: Detokenizer,
    stop: StopScanner,
    end_ids: Vec<u32>,
    guesses: usize,
    queue_time: Duration,
    started_at: Instant,
    first_token_at: Option<Instant>,
    sink: EventSink,
    outcome: Option<Result<FinishReason, ModelError>>,
}

/// What one generation contributes to a step.
struct Share {
    index: usize,
    tokens: Vec<u32>,
    /// How many of the tokens are guesses.
    guessed: usize,
    wanted: usize,
}

impl<D: Decoder> Generator<D> {
    pub fn new(decoder: D) -> Self {
        Self { decoder, active: Vec::new() }
    }

    /// Answers in progress.
    pub fn active(&self) -> usize {
        self.active.len()
    }

    /// Answers in progress, without beginnings that are read ahead.
    pub fn answering(&self) -> usize {
        self.active.iter().filter(|generation| !generation.keep).count()
    }

    /// Forgets what is kept across restarts but for these prompts.
    pub fn keep_only(&mut self, prompts: &[Vec<u32>]) {
        self.decoder.keep_only(prompts);
    }

    /// Takes on a request.
    pub fn admit(&mut self, request: PreparedRequest) {
        let started_at = Instant::now();
        if request.keep && self.decoder.keeps(&request.prompt) {
            let stats = GenerationStats {
                prompt_tokens: request.prompt.len(),
                cached_tokens: request.prompt.len(),
                generated_tokens: 0,
                passes: 0,
                queue_ms: 0,
                prefill_ms: 0,
                decode_ms: 0,
                finish: FinishReason::Length,
            };
            let _ = request.sink.send(Ok(GenerationEvent::Done(stats)));
            return;
        }
        let capacity = request.prompt.len() + request.max_tokens;
        let begun = if request.prompt.is_empty() {
            Err(EngineError::Tokenizer("the prompt has no tokens".to_owned()))
        } else {
            self.decoder.begin(&request.prompt, capacity)
        };
        let sequence = match begun {
            Ok(sequence) => sequence,
            Err(error) => {
                let _ = request.sink.send(Err(ModelError::Failed(error.to_string())));
                return;
            }
        };
        let cached_tokens = self.decoder.length(&sequence);
        self.active.push(Generation {
            sequence: Some(sequence),
            prompt_tokens: request.prompt.len(),
            tokens: request.prompt,
            cached_tokens,
            generated_tokens: 0,
            passes: 0,
            max_tokens: request.max_tokens,
            keep: request.keep,
            sampler: request.sampler,
            constraint: request.constraint,
            detokenizer: request.detokenizer,
            stop: StopScanner::new(&request.stop),
            end_ids: request.end_ids,
            guesses: STEP_TOKENS - 1,
            queue_time: started_at.saturating_duration_since(request.queued_at),
            started_at,
            first_token_at: None,
            sink: request.sink,
            outcome: (request.max_tokens == 0 && !request.keep).then_some(Ok(FinishReason::Length)),
        });
    }

    /// One pass of the network, and its tokens sent. An error means the network is of no more use.
    pub fn step(&mut self) -> Result<(), EngineError> {
        self.retire();
        let mut shares = self.shares();
        if shares.is_empty() {
            return Ok(());
        }
        let mut sequences: Vec<(usize, D::Sequence)> = Vec::with_capacity(shares.len());
        for share in &shares {
            if let Some(sequence) = self.active[share.index].sequence.take() {
                sequences.push((self.decoder.length(&sequence), sequence));
            }
        }
        let mut passes: Vec<Pass<'_, D::Sequence>> = sequences
            .iter_mut()
            .zip(&shares)
            .map(|((_, sequence), share)| Pass { sequence, tokens: &share.tokens, wanted: share.wanted })
            .collect();
        let vocabulary = self.decoder.facts().vocabulary;
        let mut rows = self.decoder.run(&mut passes)?.chunks_exact(vocabulary);
        let mut kept = Vec::with_capacity(shares.len());
        for share in &mut shares {
            let logits: Vec<&[f32]> = rows.by_ref().take(share.wanted).collect();
            kept.push(self.active[share.index].take_rows(share, &logits));
        }
        for ((share, (before, mut sequence)), kept) in shares.iter().zip(sequences).zip(kept) {
            self.decoder.truncate(&mut sequence, before + kept);
            let generation = &mut self.active[share.index];
            if before < generation.prompt_tokens && before + kept == generation.prompt_tokens {
                let prompt = &generation.tokens[..generation.prompt_tokens];
                self.decoder.remember(prompt, &sequence, generation.keep);
                if generation.keep {
                    generation.outcome = Some(Ok(FinishReason::Length));
                }
            }
            generation.sequence = Some(sequence);
        }
        self.retire();
        Ok(())
    }

    /// Ends every answer with an error.
    pub fn fail_all(&mut self, error: &ModelError) {
        for generation in self.active.drain(..) {
            let _ = generation.sink.send(Err(error.clone()));
        }
    }

    /// Reports what is finished and forgets it, and what nobody listens to any more.
    fn retire(&mut self) {
        self.active.retain_mut(|generation| match generation.outcome.take() {
            Some(Ok(finish)) => {
                let _ = generation.sink.send(Ok(GenerationEvent::Done(generation.stats(finish))));
                false
            }
            Some(Err(error)) => {
                let _ = generation.sink.send(Err(error));
                false
            }
            None => !generation.sink.is_closed(),
        });
    }

    /// Every answer in progress takes part, and the first prompt that is still being read.
    fn shares(&self) -> Vec<Share> {
        let lengths = self.active.iter().map(|generation| {
            generation.sequence.as_ref().map_or(0, |sequence| self.decoder.length(sequence))
        });
        let writing = self.active.iter().filter(|generation| generation.generated_tokens > 0).count();
        let guesses = (STEP_TOKENS / writing.max(1)).saturating_sub(1);
        let mut shares = Vec::new();
        let (mut reading, mut ahead) = (None, None);
        for (index, (generation, length)) in self.active.iter().zip(lengths).enumerate() {
            if generation.generated_tokens > 0 {
                shares.push(self.next_token_share(index, generation, guesses));
            } else if generation.keep {
                ahead = ahead.or(Some((index, length)));
            } else {
                reading = reading.or(Some((index, length)));
            }
        }
        if reading.is_none() && shares.is_empty() {
            reading = ahead;
        }
        if let Some((index, length)) = reading {
            let most = match (shares.is_empty(), self.active[index].keep) {
                (_, true) => IDLE_PROMPT_TOKENS,
                (true, _) => LONE_PROMPT_TOKENS,
                (false, _) => SHARED_PROMPT_TOKENS,
            };
            let unread = &self.active[index].tokens[length..];
            let tokens = unread[..unread.len().min(most)].to_vec();
            let wanted = usize::from(tokens.len() == unread.len() && !self.active[index].keep);
            shares.push(Share { index, tokens, guessed: 0, wanted });
        }
        shares
    }

    /// The newest token, with at most so many guesses behind it.
    fn next_token_share(&self, index: usize, generation: &Generation<D::Sequence>, guesses: usize) -> Share {
        let mut tokens = generation.tokens[generation.tokens.len() - 1..].to_vec();
        // The last token of the budget needs no successor, so guesses stop one short of it.
        let room = generation.max_tokens - generation.generated_tokens - 1;
        // A guess that breaks the grammar would only be thrown away.
        let most =
            if generation.constraint.is_some() { 0 } else { generation.guesses.min(guesses).min(room) };
        if most > 0 {
            let mut guesses = self.decoder.propose(&generation.tokens, most);
            guesses.truncate(most);
            tokens.extend(guesses);
        }
        Share { index, guessed: tokens.len() - 1, wanted: tokens.len(), tokens }
    }
}

impl<S> Generation<S> {
    /// Takes tokens from the rows of logits as long as the guesses were right. Answers how many of the share's tokens
    /// the sequence keeps.
    fn take_rows(&mut self, share: &Share, rows: &[&[f32]]) -> usize {
        let certain = share.tokens.len() - share.guessed;
        let mut right = 0;
        self.passes += usize::from(!rows.is_empty());
        for (row, logits) in rows.iter().enumerate() {
            let chosen = match &mut self.constraint {
                Some(constraint) => constraint.choose(&mut self.sampler, logits),
                None => Ok(self.sampler.sample(logits)),
            };
            let token = match chosen {
                Ok(Some(token)) => token,
                Ok(None) => {
                    self.fail("the network's answer is not a number".to_owned());
                    break;
                }
                Err(error) => {
                    self.fail(error.to_string());
                    break;
                }
            };
            self.take_token(token);
            let guess = share.tokens.get(certain + row);
            if self.outcome.is_some() || guess != Some(&token) {
                break;
            }
            right += 1;
        }
        self.adapt_guesses(share.guessed, right);
        certain + right
    }

    fn fail(&mut self, reason: String) {
        self.outcome = Some(Err(ModelError::Failed(reason)));
    }

    /// Guesses more after a full success, fewer after a failure.
    fn adapt_guesses(&mut self, guessed: usize, right: usize) {
        if guessed > 0 && right == guessed {
            self.guesses = (self.guesses + 2).min(STEP_TOKENS - 1);
        } else if guessed > 0 && right == 0 {
            self.guesses = (self.guesses / 2).max(2);
        }
    }

    fn take_token(&mut self, token: u32) {
        self.first_token_at.get_or_insert_with(Instant::now);
        self.tokens.push(token);
        if self.end_ids.contains(&token) {
            self.end(FinishReason::Stop);
            return;
        }
        self.generated_tokens += 1;
        let piece = self.detokenizer.push(token);
        match self.stop.push(&piece) {
            Scanned::Continue(text) => self.emit(text),
            Scanned::Stopped(text) => {
                self.emit(text);
                self.outcome = Some(Ok(FinishReason::Stop));
                return;
            }
        }
        if self.generated_tokens >= self.max_tokens {
            self.end(FinishReason::Length);
        }
    }

    /// Ends the answer; text that only looked like the beginning of a stop string is text after all.
    fn end(&mut self, finish: FinishReason) {
        let held = std::mem::replace(&mut self.stop, StopScanner::new(&[])).finish();
        self.emit(held);
        self.outcome = Some(Ok(finish));
    }

    fn emit(&self, text: String) {
        if !text.is_empty() {
            let _ = self.sink.send(Ok(GenerationEvent::Text(text)));
        }
    }

    fn stats(&self, finish: FinishReason) -> GenerationStats {
        let now = Instant::now();
        let first = self.first_token_at.unwrap_or(now);
        GenerationStats {
            prompt_tokens: self.prompt_tokens,
            cached_tokens: self.cached_tokens,
            generated_tokens: self.generated_tokens,
            passes: self.passes,
            queue_ms: milliseconds(self.queue_time),
            prefill_ms: milliseconds(first - self.started_at),
            decode_ms: milliseconds(now - first),
            finish,
        }
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
#[path = "generate_tests.rs"]
mod tests;
