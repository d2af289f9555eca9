//! Finding the passages that answer a question: by words and by meaning, put in one order. Works by words alone while
//! the embedder is not there.

mod candidates;
mod courtesies;
mod names;
mod near_duplicates;
mod ranking;
mod sentences;
mod spelling;
#[cfg(test)]
mod tests;
mod words;

use super::words::{Synonyms, informative_words, light_stem};
use crate::{
    domain::knowledge::RetrievedPassage,
    ports::{
        knowledge::KnowledgeIndex,
        model::{Embedder, ModelState},
        store::StoreError,
    },
};
use candidates::{Query, QueryWord};
use courtesies::without_courtesies;
use names::{people, proper_names};
pub use ranking::Weights;
pub use sentences::{SentenceKind, SentenceMatch, best_sentences, plain_text, split_sentences};
use spelling::Vocabulary;
use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
};

/// A question longer than this is read at its beginning and end.
const MAXIMUM_QUESTION_CHARACTERS: usize = 3_000;
/// Words looked for at most, the rarest.
const MAXIMUM_WORDS: usize = 32;
/// A word in more than this share of all passages tells them apart too little.
const COMMON_SHARE: f32 = 0.4;
/// Fewer passages than this say nothing about how common a word is.
const FEW_PASSAGES: usize = 20;
/// A question with fewer informative words leans on what was said before.
const FEW_WORDS: usize = 3;

/// Searches the index.
pub struct Searcher {
    index: Arc<dyn KnowledgeIndex>,
    embedder: Option<Arc<dyn Embedder>>,
    synonyms: Synonyms,
    weights: Weights,
    vocabulary: Mutex<KeptVocabulary>,
}

/// The documents' words, and the hashes of the documents they are from.
type KeptVocabulary = (Vec<String>, Arc<Vocabulary>);

impl Searcher {
    /// With the shipped synonyms.
    pub fn new(index: Arc<dyn KnowledgeIndex>, embedder: Option<Arc<dyn Embedder>>) -> Self {
        let (synonyms, weights) = (Synonyms::shipped(), Weights::default());
        Self { index, embedder, synonyms, weights, vocabulary: Mutex::default() }
    }

    /// With other synonyms than the shipped.
    #[must_use]
    pub fn with_synonyms(mut self, synonyms: Synonyms) -> Self {
        self.synonyms = synonyms;
        self
    }

    /// The passages that answer the question best, best first. `history_hint` is what the customer wrote before; it
    /// counts when the question alone says little ("and on Android?").
    pub async fn search(
        &self,
        question: &str,
        history_hint: Option<&str>,
        limit: usize,
    ) -> Result<Vec<RetrievedPassage>, StoreError> {
        let query = self.read_question(question, history_hint).await?;
        let candidates = candidates::gather(self.index.as_ref(), &query).await?;
        let ranked = ranking::rank(candidates, self.weights, query.names_unknown);
        Ok(near_duplicates::collapse(ranked, limit))
    }

    async fn read_question(&self, question: &str, history_hint: Option<&str>) -> Result<Query, StoreError> {
        let people = people(question);
        let question = self.put_right(&without_courtesies(&shortened(question))).await?;
        let own_words = informative_words(&question);
        let text = match history_hint.map(shortened) {
            Some(hint) if own_words.len() < FEW_WORDS && !hint.trim().is_empty() => {
                format!("{hint}\n{question}")
            }
            _ => question.clone(),
        };
        let groups: Vec<HashSet<String>> = self
            .synonyms
            .said(&text)
            .iter()
            .map(|group| group.iter().map(|word| light_stem(word)).collect())
            .collect();
        let mut words = self.weighed(distinct_by_stem(informative_words(&text)), &people).await?;
        words.truncate(MAXIMUM_WORDS);
        for word in &mut words {
            let with_word = groups.iter().filter(|group| group.contains(&word.stem));
            word.synonyms = with_word.flatten().cloned().collect();
        }
        let mut expansions = self.weighed(distinct_by_stem(self.synonyms.expand(&text)), &people).await?;
        expansions.truncate(MAXIMUM_WORDS);
        let names = proper_names(&question);
        let (frequencies, passages) = self.index.word_frequencies(&names).await?;
        let names_unknown = passages >= FEW_PASSAGES && frequencies.contains(&0);
        Ok(Query { vector: self.vector_of(&text).await, words, expansions, names_unknown })
    }

    /// The question with misspelt words put right by the documents' own.
    async fn put_right(&self, question: &str) -> Result<String, StoreError> {
        if !spelling::has_suspicious_words(question) {
            return Ok(question.to_owned());
        }
        let vocabulary = self.vocabulary().await?;
        Ok(vocabulary.put_right(question, |stem| self.synonyms.knows(stem)))
    }

    /// The documents' words, read again when a document has changed.
    async fn vocabulary(&self) -> Result<Arc<Vocabulary>, StoreError> {
        let documents = self.index.documents().await?;
        let hashes: Vec<String> = documents.into_iter().map(|document| document.content_hash).collect();
        {
            let kept = self.vocabulary.lock().unwrap_or_else(PoisonError::into_inner);
            if kept.0 == hashes {
                return Ok(Arc::clone(&kept.1));
            }
        }
        let passages = self.index.all_passages().await?;
        let texts =
            passages.iter().map(|passage| format!("{}\n{}", passage.section_path.join("\n"), passage.text));
        let vocabulary = Arc::new(Vocabulary::of(texts));
        let mut kept = self.vocabulary.lock().unwrap_or_else(PoisonError::into_inner);
        *kept = (hashes, Arc::clone(&vocabulary));
        Ok(vocabulary)
    }

    /// The words with their weights, heaviest first; those that nearly every passage has are left out, and people whom
    /// none names.
    async fn weighed(
        &self,
        words: Vec<String>,
        people: &HashSet<String>,
    ) -> Result<Vec<QueryWord>, StoreError> {
        let (frequencies, passages) = self.index.word_frequencies(&words).await?;
        let tells =
            |frequency: usize| passages < FEW_PASSAGES || frequency as f32 <= COMMON_SHARE * passages as f32;
        let mut weighed: Vec<QueryWord> = words
            .into_iter()
            .zip(frequencies)
            .filter(|(word, frequency)| tells(*frequency) && (*frequency > 0 || !people.contains(word)))
            .map(|(word, frequency)| QueryWord {
                stem: light_stem(&word),
                word,
                weight: inverse_frequency(frequency, passages),
                synonyms: HashSet::new(),
            })
            .collect();
        weighed.sort_by(|one, other| other.weight.total_cmp(&one.weight));
        Ok(weighed)
    }

    async fn vector_of(&self, text: &str) -> Option<(Vec<f32>, String)> {
        let embedder = self.embedder.as_ref()?;
        let ModelState::Ready(info) = embedder.state() else { return None };
        if text.trim().is_empty() {
            return None;
        }
        match embedder.embed(vec![text.to_owned()]).await {
            Ok(vectors) => Some((vectors.into_iter().next()?, info.id)),
            Err(error) => {
                tracing::warn!(%error, "searching by words only: the question could not be embedded");
                None
            }
        }
    }
}

/// How much a word tells: the usual inverse document frequency, never negative.
fn inverse_frequency(frequency: usize, passages: usize) -> f32 {
    ((passages as f32 + 1.0) / (frequency as f32 + 0.5)).ln().max(0.1)
}

fn distinct_by_stem(words: Vec<String>) -> Vec<String> {
    let mut seen = HashSet::new();
    words.into_iter().filter(|word| seen.insert(light_stem(word))).collect()
}

/// Beginning and end of a long text: the subject stands at one of them.
fn shortened(text: &str) -> String {
    let count = text.chars().count();
    if count <= MAXIMUM_QUESTION_CHARACTERS {
        return text.trim().to_owned();
    }
    let head: String = text.chars().take(MAXIMUM_QUESTION_CHARACTERS * 2 / 3).collect();
    let tail: String = text.chars().skip(count - MAXIMUM_QUESTION_CHARACTERS / 3).collect();
    format!("{head}\n{tail}")
}
