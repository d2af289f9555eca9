//! The company's documents: reading files, cutting them into passages, keeping the index up to date, and finding the
//! passages that answer a question. Knows the domain and the ports; must not know which database or engine is behind them.

mod chunking;
mod contradictions;
mod documents;
pub mod evaluation;
mod help_page;
mod indexer;
pub mod memory_index;
mod parts;
mod reading;
mod search;
mod slug;
mod words;

pub use chunking::{Chunk, chunk_markdown};
pub use contradictions::ConflictFinder;
pub use documents::{HelpDocument, parse_document};
pub use help_page::render_help_page;
pub use indexer::{
    DocumentOutcome, DocumentReport, IndexError, IndexProgress, IndexReport, Indexer, NoProgress,
    ReembedReport,
};
pub use reading::{FileKind, ReadError, ReadProblem, SourceFile, list_files, read_bytes, read_file};
pub use search::{Searcher, SentenceKind, SentenceMatch, Weights, best_sentences, split_sentences};
pub use slug::slug_of;
pub use words::Synonyms;
