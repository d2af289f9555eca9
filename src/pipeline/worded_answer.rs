//! The answer worded by the local model: streamed, each sentence verified as soon as it is whole, unsupported ones dropped.

use super::{
    answer::{AnswerObserver, Answerer, millis},
    verify::{Ground, judge},
};
use crate::{
    domain::{
        draft::SentenceSupport,
        knowledge::Passage,
        text::{Block, blocks, write},
    },
    ports::model::{ChatRequest, Embedder, GenerationEvent, GenerationStats, ModelState},
};
use futures_util::StreamExt;
use std::time::Instant;

/// Less support than this, and the passage itself is the better answer.
const LEAST_SUPPORTED_SHARE: f32 = 0.6;

/// A verified answer in the model's words.
pub struct Worded {
    pub body: String,
    pub sentences: Vec<SentenceSupport>,
    /// Share of the sentences that were supported, 0..1.
    pub supported_share: f32,
    /// Milliseconds from the start of drafting to the first verified sentence.
    pub first_sentence_ms: Option<u64>,
    /// What the model says of its work.
    pub generation: Option<GenerationStats>,
}

/// The model's words are not used.
pub struct Unused {
    pub reason: String,
    /// What the model says of its work, if it got that far.
    pub generation: Option<GenerationStats>,
}

impl From<String> for Unused {
    fn from(reason: String) -> Self {
        Self { reason, generation: None }
    }
}

/// Streams an answer and verifies it.
pub async fn word_answer(
    answerer: &Answerer,
    question: &str,
    ground_passages: &[Passage],
    show: bool,
    started: Instant,
    observer: &dyn AnswerObserver,
) -> Result<Worded, Unused> {
    let settings = &answerer.settings;
    let messages = answerer
        .prompts
        .answer(&answerer.speaks_for(), ground_passages, question)
        .map_err(|error| error.to_string())?;
    let mut stream = answerer
        .chat
        .generate(ChatRequest::greedy(messages, settings.max_tokens))
        .map_err(|error| error.to_string())?;
    let mut checker = Checker::new(Ground::new(ground_passages, question), answerer.embedder.as_ref());
    let mut text = String::new();
    let (mut first_sentence_ms, mut generation) = (None, None);
    let mut shown = 0;
    let reading = async {
        while let Some(event) = stream.next().await {
            match event.map_err(|error| error.to_string())? {
                GenerationEvent::Done(stats) => {
                    generation = Some(stats);
                    break;
                }
                GenerationEvent::Text(piece) => text.push_str(&piece),
            }
            // The last unit may still grow; all before it are whole.
            let units = units(&blocks(&text));
            for unit in units.iter().take(units.len().saturating_sub(1)).skip(checker.verdicts.len()) {
                let supported = checker.check(unit).await;
                if supported && first_sentence_ms.is_none() {
                    first_sentence_ms = Some(millis(started));
                }
                if supported && show {
                    observer.sentence(shown, unit);
                    shown += 1;
                }
            }
        }
        Ok::<(), String>(())
    };
    match tokio::time::timeout(settings.model_timeout, reading).await {
        Err(_) => {
            return Err(format!("the model took longer than {} s", settings.model_timeout.as_secs()).into());
        }
        Ok(result) => result?,
    }
    match checker.finish(&blocks(&text)).await {
        Ok(worded) => Ok(Worded { first_sentence_ms, generation, ..worded }),
        Err(reason) => Err(Unused { reason, generation }),
    }
}

/// Verifies a whole text as if the local model had written it.
pub async fn verify_text(
    answerer: &Answerer,
    question: &str,
    ground_passages: &[Passage],
    text: &str,
) -> Result<Worded, String> {
    let checker = Checker::new(Ground::new(ground_passages, question), answerer.embedder.as_ref());
    checker.finish(&blocks(text)).await
}

/// Sentences with their list markers, in order.
fn units(all: &[Block]) -> Vec<String> {
    all.iter()
        .flat_map(|block| {
            block.sentences.iter().enumerate().map(|(index, sentence)| {
                if index == 0 { format!("{}{sentence}", block.marker) } else { sentence.clone() }
            })
        })
        .collect()
}

/// Verifies sentences one after the other.
struct Checker<'a> {
    ground: Ground,
    embedder: &'a dyn Embedder,
    /// Vectors of the ground's sentences, made at the first sentence that needs them.
    vectors: Option<Vec<Vec<f32>>>,
    verdicts: Vec<SentenceSupport>,
}

impl<'a> Checker<'a> {
    fn new(ground: Ground, embedder: &'a dyn Embedder) -> Self {
        Self { ground, embedder, vectors: None, verdicts: Vec::new() }
    }

    async fn check(&mut self, unit: &str) -> bool {
        let best = if self.ground.literal_fault(unit).is_some() { None } else { self.nearest(unit).await };
        let verdict = judge(&self.ground, unit, best);
        let supported = verdict.supported;
        self.verdicts.push(verdict);
        supported
    }

    /// The ground's sentence nearest in meaning, when the embedder answers.
    async fn nearest(&mut self, unit: &str) -> Option<(usize, f32)> {
        if !matches!(self.embedder.state(), ModelState::Ready(_)) {
            return None;
        }
        if self.vectors.is_none() {
            let texts = self.ground.sentences.iter().map(|(_, sentence)| sentence.clone()).collect();
            self.vectors = self.embedder.embed(texts).await.ok();
        }
        let possible = self.ground.possible_sources(unit);
        let unit = self.embedder.embed(vec![unit.to_owned()]).await.ok()?.pop()?;
        let similarity = |vector: &Vec<f32>| vector.iter().zip(&unit).map(|(a, b)| a * b).sum::<f32>();
        let vectors = self.vectors.as_ref()?.iter().map(similarity).enumerate();
        vectors.filter(|(index, _)| possible.get(*index) == Some(&true)).max_by(|a, b| a.1.total_cmp(&b.1))
    }

    /// Checks what is left, drops what no passage supports, and refuses an answer that lost too much or a step of its steps.
    async fn finish(mut self, all: &[Block]) -> Result<Worded, String> {
        let units = units(all);
        // Earlier units may have been read differently while the text grew: those are checked again.
        let same =
            self.verdicts.iter().zip(&units).take_while(|(verdict, unit)| verdict.text == **unit).count();
        self.verdicts.truncate(same);
        for unit in &units[same..] {
            self.check(unit).await;
        }
        let supported = self.verdicts.iter().filter(|verdict| verdict.supported).count();
        let supported_share = supported as f32 / units.len().max(1) as f32;
        let mut verdicts = self.verdicts.iter();
        let mut lost_step = false;
        let mut kept: Vec<Block> = Vec::new();
        for block in all {
            let sentences: Vec<String> = block
                .sentences
                .iter()
                .filter(|_| verdicts.next().is_some_and(|verdict| verdict.supported))
                .cloned()
                .collect();
            lost_step |= block.marker.starts_with(|c: char| c.is_ascii_digit())
                && sentences.len() < block.sentences.len();
            if !sentences.is_empty() {
                kept.push(Block { marker: block.marker.clone(), sentences });
            }
        }
        // A line that announces a list which did not survive announces nothing.
        while kept
            .last()
            .is_some_and(|block| block.sentences.last().is_some_and(|sentence| sentence.ends_with(':')))
        {
            kept.pop();
        }
        if kept.is_empty() || supported_share < LEAST_SUPPORTED_SHARE {
            return Err(format!("only {supported} of {} sentences were supported", units.len()));
        }
        if lost_step {
            return Err("a step of the procedure was not supported".to_owned());
        }
        Ok(Worded {
            body: write(&kept),
            sentences: self.verdicts,
            supported_share,
            first_sentence_ms: None,
            generation: None,
        })
    }
}
