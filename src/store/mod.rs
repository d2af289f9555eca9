//! Everything durable, in one SQLite file: one writing thread, a few reading connections, the tables and their queries,
//! one file an aggregate. The only module that names rusqlite; it knows no channel, no model and no clock.

mod accept;
mod analytics;
mod attachments;
mod audit;
mod backup;
mod channel_state;
mod code_redemption;
mod conflicts;
mod console_actions;
mod console_detail;
mod console_inbox_port;
mod console_replies;
mod console_reports;
mod console_settings;
mod context;
mod conversations;
mod customers;
mod dead_letters;
mod drafts;
mod egress;
mod erasure;
mod error;
mod escalation_list;
mod escalations;
mod exemplars;
mod feedback;
mod hosted_calls;
mod inbox;
mod jobs;
mod knowledge;
mod knowledge_update;
mod lifecycle;
mod mail_headers;
mod mail_reports;
mod mail_threads;
mod mail_traffic;
mod merges;
mod messages;
mod metrics;
mod monitoring;
mod one_time_codes;
mod operators;
mod operators_port;
mod outbox;
mod privacy;
mod queue;
mod readers;
mod reports;
mod retention;
mod retry;
mod schema;
mod search;
mod sent_parts;
mod sessions;
mod space;
mod tickets;
mod triage;
mod turns;
mod values;
mod writer;

#[cfg(test)]
mod tests;

use crate::ports::store::StoreError;
pub use backup::FileReport;
pub use erasure::Tombstone;
use jiff::SignedDuration;
pub use monitoring::figure_names;
use readers::Readers;
pub use retry::RetryPolicy;
use rusqlite::Connection;
pub use space::FreeSpace;
use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    thread::JoinHandle,
    time::Duration,
};
use writer::Writer;

/// What a finished transaction survives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Durability {
    /// A crash or kill of this process (SQLite's NORMAL in WAL mode). A power cut may undo the last moments.
    #[default]
    ProcessCrash,
    /// A power cut as well (FULL): one disk flush a group of transactions.
    PowerLoss,
}

/// Who gets tickets that our own failures left unanswered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailureRoute {
    pub team: String,
    pub mailbox: String,
    pub due_within: SignedDuration,
    /// The promise in words, matching `due_within`.
    pub promise: String,
}

/// How the store works. The defaults suit a box of two cores.
#[derive(Debug, Clone, PartialEq)]
pub struct StoreOptions {
    /// Start of every ticket reference: two to six capital letters or digits.
    pub ticket_prefix: String,
    pub durability: Durability,
    /// Reading connections; each takes some memory for its page cache.
    pub readers: usize,
    /// Transactions that may wait for the writer; the next is refused as busy.
    pub queue_length: usize,
    /// How long to wait for another process that holds the file's write lock (a backup tool, the sqlite3 shell).
    pub busy_timeout: Duration,
    /// So much of the file is read through memory mapping.
    pub memory_map_bytes: u64,
    pub job_retries: RetryPolicy,
    pub delivery_retries: RetryPolicy,
    pub failure_route: FailureRoute,
    /// With less free space on the file's disk, new messages are refused; 0 refuses none.
    pub keep_free_bytes: u64,
    /// How the free space is found out.
    pub free_space: FreeSpace,
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self {
            ticket_prefix: "TF".to_owned(),
            durability: Durability::default(),
            readers: 2,
            queue_length: 1024,
            busy_timeout: Duration::from_secs(5),
            memory_map_bytes: 64 * 1024 * 1024,
            job_retries: RetryPolicy {
                max_attempts: 5,
                first_delay: SignedDuration::from_secs(2),
                longest_delay: SignedDuration::from_mins(5),
            },
            delivery_retries: RetryPolicy {
                max_attempts: 8,
                first_delay: SignedDuration::from_secs(5),
                longest_delay: SignedDuration::from_mins(30),
            },
            failure_route: FailureRoute {
                team: "Support".to_owned(),
                mailbox: String::new(),
                due_within: SignedDuration::from_hours(1),
                promise: "within 1 hour".to_owned(),
            },
            keep_free_bytes: 0,
            free_space: FreeSpace::default(),
        }
    }
}

/// The store. Cheap to clone; the file is closed by [`Store::close`] or with the last clone.
#[derive(Clone)]
pub struct Store {
    shared: Arc<Shared>,
}

struct Shared {
    options: StoreOptions,
    /// `None` in memory.
    path: Option<PathBuf>,
    /// `None` once closed.
    writer: Mutex<Option<Arc<Writer>>>,
    writer_thread: Mutex<Option<JoinHandle<()>>>,
    /// `None` in memory, where only the writer's connection sees the data.
    readers: Option<Readers>,
    space: space::Watch,
}

impl Store {
    /// Opens the file, creates it if there is none, and brings its schema up to date. Blocks; call it before serving.
    ///
    /// # Errors
    /// [`StoreError::Unwritable`] when the file cannot be opened or written, [`StoreError::Failed`] when a migration fails or
    /// the file comes from a newer version.
    pub fn open(path: &Path, options: StoreOptions) -> Result<Self, StoreError> {
        let connection = schema::open_writer(Some(path), &options)?;
        let readers = (0..options.readers.max(1))
            .map(|_| schema::open_reader(path, &options))
            .collect::<Result<Vec<_>, _>>()?;
        Self::start(connection, Some((path.to_owned(), Readers::new(readers))), options)
    }

    /// A store that is gone when it is closed: for tests and evaluations.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn open_in_memory(options: StoreOptions) -> Result<Self, StoreError> {
        Self::start(schema::open_writer(None, &options)?, None, options)
    }

    fn start(
        connection: Connection,
        file: Option<(PathBuf, Readers)>,
        options: StoreOptions,
    ) -> Result<Self, StoreError> {
        let valid_prefix = (2..=6).contains(&options.ticket_prefix.len())
            && options.ticket_prefix.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        if !valid_prefix {
            return Err(error::failed("the ticket prefix must be two to six capital letters or digits"));
        }
        let (writer, thread) = Writer::start(connection, options.queue_length)
            .map_err(|error| error::failed(format!("the store's thread did not start: {error}")))?;
        let (path, readers) = file.unzip();
        Ok(Self {
            shared: Arc::new(Shared {
                options,
                path,
                writer: Mutex::new(Some(Arc::new(writer))),
                writer_thread: Mutex::new(Some(thread)),
                readers,
                space: space::Watch::default(),
            }),
        })
    }

    /// Finishes what is waiting, brings the log into the file and closes it. Later calls are refused as busy.
    pub async fn close(&self) {
        if let Some(readers) = &self.shared.readers {
            readers.close().await;
        }
        drop(lock(&self.shared.writer).take());
        let thread = lock(&self.shared.writer_thread).take();
        if let Some(thread) = thread {
            // The thread catches panics of its transactions; there is nothing left to do if it ended otherwise.
            drop(tokio::task::spawn_blocking(move || thread.join()).await);
        }
    }

    fn options(&self) -> &StoreOptions {
        &self.shared.options
    }

    async fn write<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let writer = lock(&self.shared.writer).clone().ok_or(StoreError::Busy)?;
        writer.write(work).await
    }

    async fn read<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        match &self.shared.readers {
            Some(readers) => readers.read(work).await,
            None => self.write(work).await,
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
