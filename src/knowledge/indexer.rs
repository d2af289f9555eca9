//! Keeping the index equal to the files: what changed is read, cut and embedded, what vanished is removed.

use super::{
    chunking::chunk_markdown,
    documents::parse_document,
    parts,
    reading::{self, FileKind, Listing, ReadError, ReadProblem, SourceFile},
};
use crate::ports::{
    clock::Clock,
    knowledge::{DocumentSummary, IndexChange, KnowledgeIndex, NewDocument, NewPassage},
    model::{Embedder, ModelError, ModelState},
    store::StoreError,
};
use sha2::{Digest, Sha256};
use std::{
    collections::{HashMap, HashSet},
    path::PathBuf,
    sync::Arc,
};

/// Part of every document's hash. Raise it when reading, cutting or what is embedded changes, so that unchanged files are read
/// again.
const READER_VERSION: &str = "3";

/// Texts a call of the embedder: enough to fill a batch, few enough that a question need not wait long.
const EMBEDDING_BATCH: usize = 32;
/// Passages between two reports of progress.
const PASSAGE_BATCH: usize = 8;

/// Why indexing stopped. What was indexed until then stays.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the embedding model failed: {0}")]
    Model(#[from] ModelError),
    #[error("reading the files failed: {0}")]
    Interrupted(#[from] tokio::task::JoinError),
}

/// Watches indexing, for a progress bar. All calls come from one task.
pub trait IndexProgress: Send + Sync {
    /// So many documents will be looked at.
    fn started(&self, _documents: usize) {}
    /// A document is done; `position` counts from 1.
    fn document(&self, _position: usize, _report: &DocumentReport) {}
    /// So many of the present document's changed passages have their vector.
    fn embedded(&self, _done: usize, _of: usize) {}
}

/// Nobody watches.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoProgress;
impl IndexProgress for NoProgress {}

/// What became of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DocumentOutcome {
    /// Same content as before.
    Unchanged,
    /// New or changed: passages added, kept and removed.
    Indexed(IndexChange),
    /// Its file is gone, and so is it.
    Removed,
}

/// One line of the report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentReport {
    pub source: String,
    pub title: String,
    pub outcome: DocumentOutcome,
}

/// What an indexing run did.
#[derive(Debug, Default)]
pub struct IndexReport {
    pub documents: Vec<DocumentReport>,
    /// Files and folders that were left out. Their earlier content stays in the index.
    pub problems: Vec<ReadProblem>,
    /// Passages that were indexed for words only; [`Indexer::reembed_missing`] completes them.
    pub without_vector: usize,
}

/// What filling in vectors did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ReembedReport {
    pub documents: usize,
    pub passages: usize,
}

/// Writes to the index; one run at a time.
pub struct Indexer {
    index: Arc<dyn KnowledgeIndex>,
    embedder: Option<Arc<dyn Embedder>>,
    clock: Arc<dyn Clock>,
    running: tokio::sync::Mutex<()>,
}

impl Indexer {
    pub fn new(
        index: Arc<dyn KnowledgeIndex>,
        embedder: Option<Arc<dyn Embedder>>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { index, embedder, clock, running: tokio::sync::Mutex::new(()) }
    }

    /// Brings the index up to date with files and folders. A file that cannot be read is reported and keeps its
    /// earlier content; a document whose file vanished from one of the folders is removed.
    pub async fn add(
        &self,
        paths: &[PathBuf],
        progress: &dyn IndexProgress,
    ) -> Result<IndexReport, IndexError> {
        let _running = self.running.lock().await;
        let mut report = IndexReport::default();
        let wanted = paths.to_vec();
        let listings = tokio::task::spawn_blocking(move || {
            wanted.iter().map(|path| reading::list_files(path)).collect::<Vec<_>>()
        })
        .await?;
        let mut known = Known::of(self.index.documents().await?);
        self.remove_vanished(&listings, &mut known, &mut report).await?;
        let mut files: Vec<PathBuf> =
            listings.iter().flat_map(|listing| listing.files.iter().cloned()).collect();
        files.sort();
        files.dedup();
        report.problems.extend(listings.into_iter().flat_map(|listing| listing.problems));
        progress.started(files.len());
        for (index, path) in files.into_iter().enumerate() {
            let at = path.clone();
            match tokio::task::spawn_blocking(move || reading::read_file(&at)).await? {
                Ok(file) => {
                    let line =
                        self.index_file(file, &mut known, progress, &mut report.without_vector).await?;
                    progress.document(index + 1, &line);
                    report.documents.push(line);
                }
                Err(reason) => report.problems.push(ReadProblem { path, reason }),
            }
        }
        Ok(report)
    }

    /// Indexes bytes that are in memory: an upload, or a file within the binary. `file_name` gives kind and default
    /// title; `source` is what later calls name the document by.
    pub async fn add_bytes(
        &self,
        source: &str,
        file_name: &str,
        bytes: Vec<u8>,
    ) -> Result<IndexReport, IndexError> {
        let _running = self.running.lock().await;
        let mut report = IndexReport::default();
        let path = PathBuf::from(file_name);
        let stem = path.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
        let name = source.to_owned();
        let kind = FileKind::of(&path).ok_or(ReadError::UnknownKind);
        let read =
            tokio::task::spawn_blocking(move || reading::read_bytes(&name, &stem, kind?, bytes)).await?;
        match read {
            Ok(file) => {
                let mut known = Known::of(self.index.documents().await?);
                let line = self.index_file(file, &mut known, &NoProgress, &mut report.without_vector).await?;
                report.documents.push(line);
            }
            Err(reason) => report.problems.push(ReadProblem { path, reason }),
        }
        Ok(report)
    }

    /// Removes the document of a source; false when there was none.
    pub async fn remove(&self, source: &str) -> Result<bool, IndexError> {
        let _running = self.running.lock().await;
        Ok(self.index.remove(source).await?)
    }

    /// Gives vectors to passages that have none of the present model: after a run without an embedder, and after a
    /// change of model. Does nothing while the embedder is not ready.
    pub async fn reembed_missing(&self, progress: &dyn IndexProgress) -> Result<ReembedReport, IndexError> {
        let _running = self.running.lock().await;
        let mut report = ReembedReport::default();
        let Some(model) = self.model_name() else { return Ok(report) };
        let documents = self.index.documents().await?;
        progress.started(documents.len());
        for document in documents {
            let embedded = self.index.embedded_hashes(&document.source, &model).await?;
            if embedded.len() >= document.passages {
                continue;
            }
            let Some((title, markdown)) = self.index.document_text(&document.slug).await? else { continue };
            let mut renewed =
                prepare(&document.source, &title, &markdown, document.content_hash, Some(document.slug));
            renewed.title = title;
            let filled = self.embed(&mut renewed, &model, progress).await?;
            // Embedding takes a while: another process may have read a newer file meanwhile, which must not be undone.
            let now = self.index.documents().await?;
            let same = |other: &DocumentSummary| {
                other.source == renewed.source && other.content_hash == renewed.content_hash
            };
            if !now.iter().any(same) {
                continue;
            }
            self.index.upsert(renewed, &model, self.clock.now()).await?;
            report.documents += 1;
            report.passages += filled;
        }
        Ok(report)
    }

    async fn index_file(
        &self,
        file: SourceFile,
        known: &mut Known,
        progress: &dyn IndexProgress,
        without_vector: &mut usize,
    ) -> Result<DocumentReport, IndexError> {
        let hash =
            hex::encode(Sha256::new().chain_update(READER_VERSION).chain_update(&file.bytes).finalize());
        if let Some(earlier) =
            known.by_source.get(&file.source).filter(|earlier| earlier.content_hash == hash)
        {
            let (source, title) = (file.source, earlier.title.clone());
            return Ok(DocumentReport { source, title, outcome: DocumentOutcome::Unchanged });
        }
        let mut document = prepare(&file.source, &file.stem, &file.markdown, hash, None);
        let slug = known.free_slug(&document.source, &document.slug);
        if slug != document.slug {
            let hash = std::mem::take(&mut document.content_hash);
            document = prepare(&file.source, &file.stem, &file.markdown, hash, Some(slug));
        }
        let model = self.model_name();
        match &model {
            Some(model) => {
                self.embed(&mut document, model, progress).await?;
            }
            None => *without_vector += document.passages.len(),
        }
        let (source, title) = (document.source.clone(), document.title.clone());
        known.take_slug(&document);
        let change =
            self.index.upsert(document, model.as_deref().unwrap_or_default(), self.clock.now()).await?;
        Ok(DocumentReport { source, title, outcome: DocumentOutcome::Indexed(change) })
    }

    /// Embeds the passages that have no vector of this model yet; returns how many.
    async fn embed(
        &self,
        document: &mut NewDocument,
        model: &str,
        progress: &dyn IndexProgress,
    ) -> Result<usize, IndexError> {
        let Some(embedder) = &self.embedder else { return Ok(0) };
        let embedded: HashSet<String> =
            self.index.embedded_hashes(&document.source, model).await?.into_iter().collect();
        let mut missing: Vec<&mut NewPassage> = document
            .passages
            .iter_mut()
            .filter(|passage| !embedded.contains(&passage.content_hash))
            .collect();
        let of = missing.len();
        let mut done = 0;
        for batch in missing.chunks_mut(PASSAGE_BATCH) {
            let texts: Vec<Vec<String>> = batch.iter().map(|passage| texts_to_embed(passage)).collect();
            let mut vectors = Vec::new();
            for some in texts.concat().chunks(EMBEDDING_BATCH) {
                vectors.extend(embedder.embed(some.to_vec()).await?);
            }
            let mut vectors = vectors.into_iter();
            for (passage, texts) in batch.iter_mut().zip(texts) {
                passage.embedding = vectors.next();
                let parts: Vec<Vec<f32>> = vectors.by_ref().take(texts.len() - 1).collect();
                passage.part_vectors = parts::pack(&parts, passage.asked.len());
            }
            done += batch.len();
            progress.embedded(done, of);
        }
        Ok(of)
    }

    async fn remove_vanished(
        &self,
        listings: &[Listing],
        known: &mut Known,
        report: &mut IndexReport,
    ) -> Result<(), IndexError> {
        let present: HashSet<&PathBuf> = listings.iter().flat_map(|listing| &listing.files).collect();
        let gone: Vec<DocumentSummary> = known
            .by_source
            .values()
            .filter(|document| {
                let path = PathBuf::from(&document.source);
                let in_folder = listings.iter().any(|listing| {
                    // What lies under a folder that could not be read is unknown, not gone.
                    let unknown = listing.problems.iter().any(|problem| path.starts_with(&problem.path));
                    listing.folder.as_ref().is_some_and(|folder| path.starts_with(folder)) && !unknown
                });
                in_folder && !present.contains(&path)
            })
            .cloned()
            .collect();
        for document in gone {
            self.index.remove(&document.source).await?;
            known.forget(&document);
            let DocumentSummary { source, title, .. } = document;
            report.documents.push(DocumentReport { source, title, outcome: DocumentOutcome::Removed });
        }
        Ok(())
    }

    fn model_name(&self) -> Option<String> {
        match self.embedder.as_ref()?.state() {
            ModelState::Ready(info) => Some(info.id),
            _ => None,
        }
    }
}

/// The documents in the index by source and by slug.
struct Known {
    by_source: HashMap<String, DocumentSummary>,
    source_of_slug: HashMap<String, String>,
}

impl Known {
    fn of(documents: Vec<DocumentSummary>) -> Self {
        let source_of_slug =
            documents.iter().map(|document| (document.slug.clone(), document.source.clone())).collect();
        let by_source = documents.into_iter().map(|document| (document.source.clone(), document)).collect();
        Self { by_source, source_of_slug }
    }

    /// The wanted slug, with a number when another document has it. A document keeps the number it once got.
    fn free_slug(&self, source: &str, wanted: &str) -> String {
        let is_free = |slug: &str| self.source_of_slug.get(slug).is_none_or(|owner| owner == source);
        if let Some(earlier) = self.by_source.get(source) {
            let number = earlier.slug.strip_prefix(wanted).and_then(|rest| rest.strip_prefix('-'));
            if number.is_some_and(|number| number.parse::<usize>().is_ok()) {
                return earlier.slug.clone();
            }
        }
        let numbered = (2..).map(|number| format!("{wanted}-{number}"));
        std::iter::once(wanted.to_owned()).chain(numbered).find(|slug| is_free(slug)).unwrap_or_default()
    }

    fn take_slug(&mut self, document: &NewDocument) {
        self.source_of_slug.retain(|_, source| *source != document.source);
        self.source_of_slug.insert(document.slug.clone(), document.source.clone());
    }

    fn forget(&mut self, document: &DocumentSummary) {
        self.by_source.remove(&document.source);
        self.source_of_slug.remove(&document.slug);
    }
}

/// A document with its passages, not yet embedded.
fn prepare(
    source: &str,
    stem: &str,
    markdown: &str,
    content_hash: String,
    slug: Option<String>,
) -> NewDocument {
    let mut document = parse_document(markdown, stem);
    if let Some(slug) = slug {
        document.slug = slug;
    }
    let mut seen: HashMap<String, usize> = HashMap::new();
    let passages = chunk_markdown(&document.title, &document.body)
        .into_iter()
        .map(|chunk| {
            let mut content = format!("{}\n\n{}", chunk.section_path.join("\n"), chunk.text);
            for question in &chunk.asked {
                content = format!("{content}\n? {question}");
            }
            let times = seen.entry(content.clone()).or_insert(0);
            *times += 1;
            // The same text twice under one heading is still two passages.
            let repeated = if *times > 1 { format!("\n{times}") } else { String::new() };
            NewPassage {
                url: document.address_of(&chunk.anchor),
                content_hash: hex::encode(Sha256::digest(format!("{content}{repeated}"))),
                section_path: chunk.section_path,
                anchor: chunk.anchor,
                text: chunk.text,
                asked: chunk.asked,
                embedding: None,
                part_vectors: None,
            }
        })
        .collect();
    NewDocument {
        source: source.to_owned(),
        slug: document.slug,
        title: document.title,
        content_hash,
        markdown: markdown.to_owned(),
        passages,
    }
}

/// All texts of a passage that get a vector, the whole passage first.
fn texts_to_embed(passage: &NewPassage) -> Vec<String> {
    let mut texts = vec![embedding_text(&passage.section_path, &passage.text)];
    texts.extend(parts::part_texts(&passage.section_path, &passage.asked, &passage.text));
    texts
}

/// What the embedder sees of a passage: where it stands, then its words without markup.
pub(crate) fn embedding_text(section_path: &[String], text: &str) -> String {
    format!("{}\n{}", section_path.join(" - "), super::search::plain_text(text))
}

#[cfg(test)]
#[path = "indexer_tests.rs"]
mod tests;
