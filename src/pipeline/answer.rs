//! From a question to a draft: retrieve, word, verify, weigh. Used by the pipeline's turns and by `frontdesk ask` alike.

use super::{
    passage_answer::passage_answer,
    prompt::{PromptError, Prompts},
    worded_answer::{Worded, word_answer},
};
use crate::{
    domain::{
        confidence::{Band, Bands, Calibration, Evidence, confidence},
        draft::{Draft, DraftOrigin, SentenceSupport},
        knowledge::{Passage, RetrievedPassage},
        progress::Stage,
    },
    ports::{
        model::{ChatModel, Embedder, ModelState, PromptMessage},
        retrieval::Retriever,
        store::StoreError,
    },
};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

/// How answers are made.
#[derive(Debug, Clone)]
pub struct AnswerSettings {
    pub company: String,
    /// False: the passage's own words are the answer, no chat model is asked.
    pub use_model: bool,
    pub bands: Bands,
    pub calibration: Calibration,
    pub max_tokens: usize,
    /// Passages given to the model.
    pub passages: usize,
    pub model_timeout: Duration,
}

/// Watches an answer come about.
pub trait AnswerObserver: Send + Sync {
    fn stage(&self, stage: Stage);
    /// A verified sentence of an answer that will be sent if nothing intervenes.
    fn sentence(&self, index: usize, text: &str);
    fn retracted(&self);
}

/// Watches nothing.
pub struct Silent;

impl AnswerObserver for Silent {
    fn stage(&self, _: Stage) {}
    fn sentence(&self, _: usize, _: &str) {}
    fn retracted(&self) {}
}

/// What came of a question.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    /// `None` when the documents do not answer it.
    pub draft: Option<Draft>,
    pub passages: Vec<RetrievedPassage>,
    /// Milliseconds by step: `retrieve`, `draft` (verification of streamed sentences included), `first_sentence`.
    pub timings_ms: Vec<(&'static str, u64)>,
    /// What the draft's confidence was made from, or, without a draft, what spoke too little for one.
    pub evidence: Option<Evidence>,
    /// Why the model's words were not used, when it was asked.
    pub note: Option<String>,
}

/// Makes drafts.
pub struct Answerer {
    pub(super) retriever: Arc<dyn Retriever>,
    pub(super) chat: Arc<dyn ChatModel>,
    pub(super) embedder: Arc<dyn Embedder>,
    pub(super) settings: AnswerSettings,
    pub(super) prompts: Prompts,
}

impl Answerer {
    /// # Errors
    /// When a shipped prompt is faulty.
    pub fn new(
        retriever: Arc<dyn Retriever>,
        chat: Arc<dyn ChatModel>,
        embedder: Arc<dyn Embedder>,
        settings: AnswerSettings,
    ) -> Result<Self, PromptError> {
        Ok(Self { retriever, chat, embedder, settings, prompts: Prompts::shipped()? })
    }

    /// Whether a model that answers need is still on its way; then the question waits.
    pub fn still_loading(&self) -> bool {
        self.embedder.state() == ModelState::Loading
            || (self.settings.use_model && self.chat.state() == ModelState::Loading)
    }

    /// How prompts begin: with the instructions alone, and with each passage as the best one behind them.
    ///
    /// # Errors
    /// When a prompt cannot be rendered.
    pub fn beginnings(&self, passages: &[Passage]) -> Result<Vec<Vec<PromptMessage>>, PromptError> {
        let beginning = |passages: &[Passage]| {
            let mut messages = self.prompts.answer(&self.settings.company, passages, "")?;
            messages.truncate(1);
            Ok(messages)
        };
        std::iter::once(beginning(&[])).chain(passages.chunks(1).map(beginning)).collect()
    }

    /// Whether replies are worded by the chat model.
    pub fn uses_model(&self) -> bool {
        self.settings.use_model
    }

    pub fn bands(&self) -> &Bands {
        &self.settings.bands
    }

    /// Drafts an answer. A model that fails, is slow or says what no passage supports only costs its words: the passage answers.
    ///
    /// # Errors
    /// When the document index cannot be read.
    pub async fn answer(
        &self,
        subject: &str,
        text: &str,
        observer: &dyn AnswerObserver,
    ) -> Result<Answer, StoreError> {
        let question = question(subject, text);
        let started = Instant::now();
        observer.stage(Stage::Searching);
        let passages = self.retriever.search(&question, self.settings.passages.max(3)).await?;
        let mut answer = Answer { timings_ms: vec![("retrieve", millis(started))], ..Answer::default() };
        super::fault::point("turn.retrieved").await;
        let found = passages.first().map(|best| (best.clone(), evidence(&passages, 1.0, true)));
        answer.passages = passages;
        let Some((best, evidence)) = found else { return Ok(answer) };
        let expected = confidence(evidence, &self.settings.calibration);
        answer.evidence = Some(evidence);
        if self.settings.bands.band(expected) == Band::HardCase {
            answer.note =
                Some(format!("the best passage fits too little (expected confidence {expected:.2})"));
            return Ok(answer);
        }
        let drafting = Instant::now();
        observer.stage(Stage::Writing);
        if self.settings.use_model && matches!(self.chat.state(), ModelState::Ready(_)) {
            let will_send = matches!(self.settings.bands.band(expected), Band::Send | Band::SendAndFlag);
            let ground: Vec<Passage> = relevant(&answer.passages, self.settings.passages);
            match word_answer(self, &question, &ground, will_send, drafting, observer).await {
                Ok(worded) => {
                    if let Some(at) = worded.first_sentence_ms {
                        answer.timings_ms.push(("first_sentence", at));
                    }
                    let evidence = self::evidence(&answer.passages, worded.supported_share, false);
                    answer.draft = Some(self.weigh(evidence, worded, &ground));
                    answer.evidence = Some(evidence);
                }
                Err(reason) => {
                    observer.retracted();
                    answer.note = Some(reason);
                }
            }
        }
        if answer.draft.is_none() {
            answer.draft = Some(passage_draft(&question, &best, expected));
        }
        answer.timings_ms.push(("draft", millis(drafting)));
        Ok(answer)
    }

    fn weigh(&self, evidence: Evidence, worded: Worded, ground: &[Passage]) -> Draft {
        let used = |passage: &&Passage| {
            passage.id == ground[0].id
                || worded.sentences.iter().any(|s| s.supported && s.passage_id == Some(passage.id))
        };
        Draft {
            body: worded.body,
            origin: DraftOrigin::Model,
            sources: ground.iter().filter(used).map(Passage::source).collect(),
            sentences: worded.sentences,
            confidence: confidence(evidence, &self.settings.calibration),
        }
    }
}

/// The passage's own words as a draft.
fn passage_draft(question: &str, best: &RetrievedPassage, confidence: f32) -> Draft {
    let body = passage_answer(question, &best.passage);
    let sentences = vec![SentenceSupport {
        text: best.passage.heading().to_owned(),
        supported: true,
        passage_id: Some(best.passage.id),
        similarity: best.similarity,
        fault: None,
    }];
    Draft { body, origin: DraftOrigin::Passage, sources: vec![best.passage.source()], sentences, confidence }
}

/// The subject counts as part of the question unless the text says it again.
pub fn question(subject: &str, text: &str) -> String {
    let subject = subject.trim();
    if subject.is_empty() || text.to_lowercase().contains(&subject.to_lowercase()) {
        text.trim().to_owned()
    } else {
        format!("{subject}\n{}", text.trim())
    }
}

/// What retrieval says of the best passage. The passages are ordered, the best first, and at least one.
fn evidence(passages: &[RetrievedPassage], supported_share: f32, verbatim: bool) -> Evidence {
    let best = &passages[0];
    let margin = passages
        .get(1)
        .map_or(1.0, |next| if best.score > 0.0 { (best.score - next.score) / best.score } else { 0.0 });
    Evidence {
        similarity: best.similarity.map(|similarity| similarity.clamp(0.0, 1.0)),
        word_coverage: best.word_coverage,
        margin: margin.clamp(0.0, 1.0),
        supported_share,
        verbatim,
    }
}

/// The best passage and those about as good: a model given a weak passage mixes it in.
fn relevant(passages: &[RetrievedPassage], limit: usize) -> Vec<Passage> {
    let best = passages[0].similarity.unwrap_or(0.0);
    passages
        .iter()
        .take(limit)
        .enumerate()
        .filter(|(index, passage)| {
            *index == 0 || passage.similarity.is_none_or(|similarity| similarity >= best - 0.12)
        })
        .map(|(_, passage)| passage.passage.clone())
        .collect()
}

pub(super) fn millis(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}
