//! From a question to a draft: retrieve, word, verify, weigh. Used by the pipeline's turns and by `frontdesk ask` alike.

use super::{
    conflicts::{Doubts, heed},
    follow_up,
    passage_answer::passage_answer,
    prompt::{PromptError, Prompts},
    questions::several,
    worded_answer::{Worded, word_answer},
};
use crate::{
    domain::{
        confidence::{Band, Bands, Calibration, Evidence, confidence},
        draft::{Draft, DraftOrigin, SentenceSupport},
        ids::PassageId,
        knowledge::{Passage, RetrievedPassage},
        progress::Stage,
    },
    ports::{
        conflicts::ConflictStore,
        model::{ChatModel, Embedder, GenerationStats, ModelState, PromptMessage},
        retrieval::Retriever,
        store::StoreError,
    },
};
use std::{
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, Instant},
};

/// How answers are made.
#[derive(Debug, Clone)]
pub struct AnswerSettings {
    /// Whom prompts speak for, until [`Answerer::speak_for`] names another.
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
    /// What the chat model did for it, when it was asked.
    pub generation: Option<GenerationStats>,
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
    conflicts: Option<Arc<dyn ConflictStore>>,
    /// Whom prompts speak for; an administrator may change it while the box works.
    speaks_for: RwLock<Arc<str>>,
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
        let speaks_for = RwLock::new(settings.company.as_str().into());
        let prompts = Prompts::shipped()?;
        Ok(Self { retriever, chat, embedder, settings, prompts, conflicts: None, speaks_for })
    }

    /// Whom prompts speak for from now on.
    pub fn speak_for(&self, company: &str) {
        *self.speaks_for.write().unwrap_or_else(PoisonError::into_inner) = company.into();
    }

    /// Whom prompts speak for.
    pub fn speaks_for(&self) -> Arc<str> {
        // A panic while holding this lock leaves a whole value behind.
        self.speaks_for.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Heeds what was found wrong in the documents: an answer that quotes a disputed fact waits for a person.
    #[must_use]
    pub fn with_conflicts(mut self, conflicts: Arc<dyn ConflictStore>) -> Self {
        self.conflicts = Some(conflicts);
        self
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
            let mut messages = self.prompts.answer(&self.speaks_for(), passages, "")?;
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

    /// The passages an answer would be made from, the best first.
    ///
    /// # Errors
    /// When the document index cannot be read.
    pub async fn passages(
        &self,
        subject: &str,
        text: &str,
        earlier: Option<&str>,
    ) -> Result<Vec<RetrievedPassage>, StoreError> {
        let found = self.find(&question(subject, text, earlier)).await?;
        Ok(found.map(|found| found.passages).unwrap_or_default())
    }

    /// Drafts an answer. `earlier` is what the customer wrote before in this conversation. A model that fails, is slow or says what no passage supports only costs its words: the passage answers.
    ///
    /// # Errors
    /// When the document index cannot be read.
    pub async fn answer(
        &self,
        subject: &str,
        text: &str,
        earlier: Option<&str>,
        observer: &dyn AnswerObserver,
    ) -> Result<Answer, StoreError> {
        let question = question(subject, text, earlier);
        let started = Instant::now();
        observer.stage(Stage::Searching);
        let found = self.find(&question).await?;
        let mut answer = Answer { timings_ms: vec![("retrieve", millis(started))], ..Answer::default() };
        super::fault::point("turn.retrieved").await;
        let Some(Found { passages, best, weakest }) = found else { return Ok(answer) };
        answer.passages = passages;
        let evidence = evidence(&weakest, 1.0, true);
        let expected = confidence(evidence, &self.settings.calibration);
        answer.evidence = Some(evidence);
        if self.settings.bands.band(expected) == Band::HardCase {
            answer.note =
                Some(format!("the best passage fits too little (expected confidence {expected:.2})"));
            return Ok(answer);
        }
        let doubts = self.doubts(&best, &answer.passages).await?;
        let drafting = Instant::now();
        observer.stage(Stage::Writing);
        if self.settings.use_model && matches!(self.chat.state(), ModelState::Ready(_)) {
            // What may be held back must not be shown while it is written.
            let will_send = doubts.is_empty()
                && matches!(self.settings.bands.band(expected), Band::Send | Band::SendAndFlag);
            let ground: Vec<Passage> = relevant(&answer.passages, self.settings.passages);
            match word_answer(self, &question, &ground, will_send, drafting, observer).await {
                Ok(worded) => {
                    if let Some(at) = worded.first_sentence_ms {
                        answer.timings_ms.push(("first_sentence", at));
                    }
                    answer.generation = worded.generation;
                    let evidence = self::evidence(&weakest, worded.supported_share, false);
                    answer.draft = Some(self.weigh(evidence, worded, &ground));
                    answer.evidence = Some(evidence);
                }
                Err(unused) => {
                    observer.retracted();
                    answer.generation = unused.generation;
                    answer.note = Some(unused.reason);
                }
            }
        }
        if answer.draft.is_none() {
            answer.draft = Some(passage_draft(&best, expected));
        }
        if let Some(reason) =
            answer.draft.as_mut().and_then(|draft| heed(&doubts, draft, &self.settings.bands))
        {
            answer.note = Some(match answer.note.take() {
                Some(note) => format!("{reason}; {note}"),
                None => reason,
            });
        }
        answer.timings_ms.push(("draft", millis(drafting)));
        Ok(answer)
    }

    /// What is disputed in the passages that an answer may be made from.
    async fn doubts(
        &self,
        best: &[(String, RetrievedPassage)],
        passages: &[RetrievedPassage],
    ) -> Result<Doubts, StoreError> {
        let Some(conflicts) = &self.conflicts else { return Ok(Doubts::new()) };
        let ground =
            passages.iter().take(self.settings.passages).chain(best.iter().map(|(_, passage)| passage));
        let mut ids: Vec<PassageId> = ground.map(|found| found.passage.id).collect();
        ids.sort_unstable();
        ids.dedup();
        conflicts.conflicts_of(&ids).await
    }

    /// Searches for the question, and for each of several questions by itself where each has its own sure answer.
    async fn find(&self, question: &str) -> Result<Option<Found>, StoreError> {
        let limit = self.settings.passages.max(3);
        let whole = self.retriever.search(question, limit).await?;
        let Some(first) = whole.first().cloned() else { return Ok(None) };
        let sure =
            |passage: &RetrievedPassage| confidence(evidence(passage, 1.0, true), &self.settings.calibration);
        let mut best: Vec<(String, RetrievedPassage)> = Vec::new();
        for part in several(question) {
            let found = self.retriever.search(&part, limit).await?.into_iter().next();
            let Some(found) = found.filter(|found| sure(found) >= self.settings.bands.send_and_flag) else {
                best.clear();
                break;
            };
            if !best.iter().any(|(_, other)| other.passage.id == found.passage.id) {
                best.push((part, found));
            }
        }
        if best.len() < 2 {
            best = vec![(question.to_owned(), first.clone())];
        }
        let weakest = best.iter().map(|(_, passage)| passage).min_by(|a, b| sure(a).total_cmp(&sure(b)));
        let weakest = weakest.cloned().unwrap_or(first);
        let mut passages: Vec<RetrievedPassage> = best.iter().map(|(_, passage)| passage.clone()).collect();
        passages.extend(
            whole
                .into_iter()
                .filter(|other| !best.iter().any(|(_, passage)| passage.passage.id == other.passage.id)),
        );
        Ok(Some(Found { passages, best, weakest }))
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

/// What was found for a question.
struct Found {
    /// The best first; of several questions the best of each.
    passages: Vec<RetrievedPassage>,
    /// Each question with the passage that answers it.
    best: Vec<(String, RetrievedPassage)>,
    /// Of those the least sure: an answer is as sure as its weakest part.
    weakest: RetrievedPassage,
}

/// The passages' own words as a draft; several questions are answered one after the other, numbered.
fn passage_draft(best: &[(String, RetrievedPassage)], confidence: f32) -> Draft {
    let bodies: Vec<String> =
        best.iter().map(|(question, found)| passage_answer(question, &found.passage)).collect();
    let body = if let [only] = bodies.as_slice() {
        only.clone()
    } else {
        let numbered = (1..).zip(&bodies).map(|(number, body)| format!("Question {number}.\n\n{body}"));
        numbered.collect::<Vec<_>>().join("\n\n")
    };
    let sentences = best
        .iter()
        .map(|(_, found)| SentenceSupport {
            text: found.passage.heading().to_owned(),
            supported: true,
            passage_id: Some(found.passage.id),
            similarity: found.similarity,
            fault: None,
        })
        .collect();
    let sources = best.iter().map(|(_, found)| found.passage.source()).collect();
    Draft { body, origin: DraftOrigin::Passage, sources, sentences, confidence }
}

/// What is asked. The subject counts as part of the first message, unless the text says it again; later messages have left
/// it behind, and lean on the message before them when they cannot stand alone: "and on the Free plan?".
pub fn question(subject: &str, text: &str, earlier: Option<&str>) -> String {
    let subject = subject.trim();
    if let Some(earlier) = earlier {
        let text = text.trim();
        return if follow_up::leans_on_earlier(text) {
            format!("{}\n{text}", earlier.trim())
        } else {
            text.to_owned()
        };
    }
    if subject.is_empty() || text.to_lowercase().contains(&subject.to_lowercase()) {
        text.trim().to_owned()
    } else {
        format!("{subject}\n{}", text.trim())
    }
}

/// What retrieval says of a passage as the answer.
fn evidence(best: &RetrievedPassage, supported_share: f32, verbatim: bool) -> Evidence {
    let similarity = best.sentence_similarity.or(best.similarity);
    Evidence {
        similarity: similarity.map(|similarity| similarity.clamp(0.0, 1.0)),
        word_coverage: best.word_coverage,
        certainty: best.certainty,
        unknown_name: best.names_unknown,
        supported_share,
        verbatim,
    }
}

/// Least share of the belief for a passage to be given to the model beside the best.
const LEAST_CERTAINTY: f32 = 0.2;

/// The best passage and those that may be the right one too: a model given a weak passage mixes it in, and reading each
/// costs seconds.
pub(super) fn relevant(passages: &[RetrievedPassage], limit: usize) -> Vec<Passage> {
    passages
        .iter()
        .take(limit)
        .enumerate()
        .filter(|(index, passage)| *index == 0 || passage.certainty >= LEAST_CERTAINTY)
        .map(|(_, passage)| passage.passage.clone())
        .collect()
}

pub(super) fn millis(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("Export", "How long does it take?", None, "Export\nHow long does it take?")]
    #[case("Export", "The export is slow.", None, "The export is slow.")]
    #[case("Export", "And on the Free plan?", Some("Can I export?"), "Can I export?\nAnd on the Free plan?")]
    #[case("Export", "How do I change my password?", Some("Can I export?"), "How do I change my password?")]
    fn a_question_takes_along_what_it_needs(
        #[case] subject: &str,
        #[case] text: &str,
        #[case] earlier: Option<&str>,
        #[case] expected: &str,
    ) {
        assert_eq!(question(subject, text, earlier), expected);
    }
}
