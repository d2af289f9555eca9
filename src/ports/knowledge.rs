//! The index of the company's documents.

use super::store::StoreError;
use crate::domain::{
    ids::{DocumentId, PassageId},
    knowledge::Passage,
};
use async_trait::async_trait;
use jiff::Timestamp;

/// A document as it is about to be indexed.
#[derive(Debug, Clone, PartialEq)]
pub struct NewDocument {
    /// Where it came from: a file path or an address. One document a source.
    pub source: String,
    /// Name in `/help/{slug}`; unique.
    pub slug: String,
    pub title: String,
    /// SHA-256 of the file's bytes, hex: an unchanged hash means nothing to do.
    pub content_hash: String,
    /// The whole text as Markdown, for the help page.
    pub markdown: String,
    pub passages: Vec<NewPassage>,
}

/// A passage about to be indexed. Passages whose hash the document already has keep their id and embedding.
#[derive(Debug, Clone, PartialEq)]
pub struct NewPassage {
    pub section_path: Vec<String>,
    /// `{document slug}#{anchor}`-style address within `/help/`, or a public address.
    pub url: String,
    /// Anchor of the heading within the document.
    pub anchor: String,
    pub text: String,
    /// Questions that the document says the passage answers; searched, never shown.
    pub asked: Vec<String>,
    /// SHA-256 of section path, text and questions, hex.
    pub content_hash: String,
    /// Unit vector of the embedding model; `None` when it is to be filled later.
    pub embedding: Option<Vec<f32>>,
    /// Vectors of its heading and sentences, packed by whoever indexes; kept with `embedding` and of the same model.
    pub part_vectors: Option<Vec<u8>>,
}

/// An indexed document, without its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentSummary {
    pub id: DocumentId,
    pub source: String,
    pub slug: String,
    pub title: String,
    pub content_hash: String,
    pub passages: usize,
    pub updated_at: Timestamp,
}

/// What indexing a document changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct IndexChange {
    pub added: usize,
    pub kept: usize,
    pub removed: usize,
}

/// A passage number with its rank score; higher is better.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hit {
    pub passage_id: PassageId,
    pub score: f32,
}

/// The document index: full text (BM25) and vectors side by side.
#[async_trait]
pub trait KnowledgeIndex: Send + Sync {
    /// Adds or replaces a document in one transaction. `embedding_model` names what made the vectors.
    async fn upsert(
        &self,
        document: NewDocument,
        embedding_model: &str,
        now: Timestamp,
    ) -> Result<IndexChange, StoreError>;
    /// Removes the document of a source; false when there was none.
    async fn remove(&self, source: &str) -> Result<bool, StoreError>;
    async fn documents(&self) -> Result<Vec<DocumentSummary>, StoreError>;
    /// A document's title and Markdown by slug.
    async fn document_text(&self, slug: &str) -> Result<Option<(String, String)>, StoreError>;
    /// Content hashes of a source's passages that already have their vectors of this model.
    async fn embedded_hashes(&self, source: &str, embedding_model: &str) -> Result<Vec<String>, StoreError>;
    /// BM25 over heading path, questions and text. `words` are plain words (any of them), never query syntax. Score: positive, higher is better.
    async fn search_words(&self, words: &[String], limit: usize) -> Result<Vec<Hit>, StoreError>;
    /// Nearest vectors of this model; score is the cosine similarity.
    async fn search_vector(
        &self,
        vector: &[f32],
        embedding_model: &str,
        limit: usize,
    ) -> Result<Vec<Hit>, StoreError>;
    /// What [`NewPassage::part_vectors`] held, for those of the passages that have any of this model.
    async fn part_vectors(
        &self,
        ids: &[PassageId],
        embedding_model: &str,
    ) -> Result<Vec<(PassageId, Vec<u8>)>, StoreError>;
    /// Passages by number, in the order asked; unknown numbers are left out.
    async fn passages(&self, ids: &[PassageId]) -> Result<Vec<Passage>, StoreError>;
    /// Every passage, document by document.
    async fn all_passages(&self) -> Result<Vec<Passage>, StoreError>;
    /// In how many passages each word occurs, and the number of passages: for choosing informative words.
    async fn word_frequencies(&self, words: &[String]) -> Result<(Vec<usize>, usize), StoreError>;
}
