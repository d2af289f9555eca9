//! Documents, the passages they are cut into, and the sources an answer names.

use super::ids::{DocumentId, PassageId};
use serde::{Deserialize, Serialize};

/// One answer of one document: a question with its answer, a procedure, or a section's prose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage {
    pub id: PassageId,
    pub document_id: DocumentId,
    /// The document's title.
    pub title: String,
    /// Headings from the document down to this passage, the passage's own heading last.
    pub section_path: Vec<String>,
    /// Plain Markdown: lists, links and emphasis kept, heading left out.
    pub text: String,
    /// Where a reader can open it: `/help/{slug}#{anchor}` or the document's public address.
    pub url: String,
}

impl Passage {
    /// The passage's own heading.
    pub fn heading(&self) -> &str {
        self.section_path.last().map_or(self.title.as_str(), String::as_str)
    }

    /// The path as readers see it: `Billing › Change your plan`.
    pub fn section(&self) -> String {
        self.section_path.join(" › ")
    }

    /// The source as it is shown beside the title, which therefore does not begin the section once more.
    pub fn source(&self) -> Source {
        let below_title = match self.section_path.split_first() {
            Some((first, rest)) if *first == self.title => rest,
            _ => &self.section_path,
        };
        Source {
            passage_id: self.id,
            title: self.title.clone(),
            section: below_title.join(" › "),
            url: self.url.clone(),
        }
    }
}

/// A passage found for a query, with the scores that led to it.
#[derive(Debug, Clone, PartialEq)]
pub struct RetrievedPassage {
    pub passage: Passage,
    /// Fused rank score, comparable within one search only.
    pub score: f32,
    /// Cosine similarity of the embeddings in -1..1, `None` when the embedder was not available.
    pub similarity: Option<f32>,
    /// Cosine similarity of the passage's sentence that comes nearest; `None` where sentences have no vectors.
    pub sentence_similarity: Option<f32>,
    /// Share of the query's informative words that the passage holds, in these or other words, 0..1.
    pub word_coverage: f32,
    /// Share of the belief, over all that was found, that this is the passage that answers, 0..1.
    pub certainty: f32,
    /// The query names something by a proper name that no document has: "How do I connect a Discord server?".
    pub names_unknown: bool,
}

/// Where an answer was taken from, as stored with the message and shown to the customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Source {
    pub passage_id: PassageId,
    pub title: String,
    pub section: String,
    pub url: String,
}
