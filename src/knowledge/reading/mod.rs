//! From files and folders to Markdown: which files count, how large they may be, how their bytes become text.
//! Knows nothing of passages or of the index.

mod decode;
mod folders;
mod html;
mod plain_text;

pub use folders::{Listing, list_files};
pub use html::fragment_to_markdown as html_fragment;
use std::path::{Path, PathBuf};

/// Largest file that is read, in bytes.
pub const MAXIMUM_FILE_BYTES: u64 = 5 * 1024 * 1024;

/// Why a file or folder could not be read. The text is for the operator.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error("it does not exist")]
    Missing,
    #[error("this kind of file is not read; use .md, .txt or .html")]
    UnknownKind,
    #[error("it has {bytes} bytes; the limit is {MAXIMUM_FILE_BYTES}: split it")]
    TooLarge { bytes: u64 },
    #[error("it is not a text file")]
    NotText,
    #[error("its HTML is nested more than {limit} levels deep")]
    TooDeep { limit: usize },
    #[error("it holds no text")]
    Empty,
    #[error("it cannot be read: {0}")]
    Unreadable(#[from] std::io::Error),
}

/// A file or folder that was left out, and why.
#[derive(Debug, thiserror::Error)]
#[error("{}: {reason}", path.display())]
pub struct ReadProblem {
    pub path: PathBuf,
    #[source]
    pub reason: ReadError,
}

/// What a file's name says of its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    Markdown,
    PlainText,
    Html,
}

impl FileKind {
    /// By the extension; `None` for files that are not documents.
    pub fn of(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        match extension.as_str() {
            "md" | "markdown" | "mdx" => Some(Self::Markdown),
            "txt" | "text" => Some(Self::PlainText),
            "html" | "htm" | "xhtml" => Some(Self::Html),
            _ => None,
        }
    }
}

/// A file as text: always Markdown, whatever it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// The path as given to the index.
    pub source: String,
    /// File name without its extension.
    pub stem: String,
    /// The whole text as Markdown, front matter included.
    pub markdown: String,
    /// The bytes as read, for the content hash.
    pub bytes: Vec<u8>,
}

/// Reads one file. Blocking.
pub fn read_file(path: &Path) -> Result<SourceFile, ReadError> {
    let kind = FileKind::of(path).ok_or(ReadError::UnknownKind)?;
    let bytes = read_limited(path)?;
    let stem =
        path.file_stem().map_or_else(|| "document".to_owned(), |stem| stem.to_string_lossy().into_owned());
    read_bytes(&path.to_string_lossy(), &stem, kind, bytes)
}

/// Turns bytes that are already in memory (an upload, an embedded file) into a document's text.
pub fn read_bytes(source: &str, stem: &str, kind: FileKind, bytes: Vec<u8>) -> Result<SourceFile, ReadError> {
    if bytes.len() as u64 > MAXIMUM_FILE_BYTES {
        return Err(ReadError::TooLarge { bytes: bytes.len() as u64 });
    }
    let text = decode::text_of(&bytes).ok_or(ReadError::NotText)?;
    let markdown = match kind {
        FileKind::Markdown => text,
        FileKind::PlainText => plain_text::to_markdown(&text),
        FileKind::Html => html::to_markdown(&text)?,
    };
    if markdown.trim().is_empty() {
        return Err(ReadError::Empty);
    }
    Ok(SourceFile { source: source.to_owned(), stem: stem.to_owned(), markdown, bytes })
}

fn read_limited(path: &Path) -> Result<Vec<u8>, ReadError> {
    use std::io::Read;
    let file = std::fs::File::open(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => ReadError::Missing,
        _ => ReadError::Unreadable(error),
    })?;
    let bytes = file.metadata()?.len();
    if bytes > MAXIMUM_FILE_BYTES {
        return Err(ReadError::TooLarge { bytes });
    }
    // The file may grow while it is read.
    let mut content = Vec::with_capacity(bytes as usize);
    file.take(MAXIMUM_FILE_BYTES + 1).read_to_end(&mut content)?;
    Ok(content)
}

#[cfg(test)]
mod tests;
