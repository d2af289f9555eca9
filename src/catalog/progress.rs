//! What a pull tells whoever watches it. How it is shown is the command line's business.

/// One thing that happened during a pull.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event<'a> {
    /// A file is being fetched. `total_bytes` is `None` while nobody has said how large it is.
    FileStarted { file: &'a str, total_bytes: Option<u64> },
    /// So many bytes of the current file have arrived. May fall when a broken start is thrown away.
    Position { bytes: u64 },
    /// The current file is complete, its checksum was right and it is in its place.
    FileFinished { file: &'a str },
    /// One line worth saying, such as a source that could not be reached.
    Note { text: &'a str },
}

/// Receives the events of a pull, in order, from the thread that pulls.
pub trait Progress {
    /// Takes one event. Must return soon: the download waits for it.
    fn report(&self, event: &Event<'_>);
}

/// A watcher that does not care.
pub struct NoProgress;

impl Progress for NoProgress {
    fn report(&self, _event: &Event<'_>) {}
}
