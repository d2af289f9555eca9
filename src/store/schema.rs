//! Opening the file: sqlite-vec, pragmas, migrations, and what must be there before anybody reads. Knows the migrations'
//! order and no query.

use super::{Durability, StoreOptions, error::failed};
use crate::ports::store::StoreError;
use rusqlite::{Connection, OpenFlags};
use rusqlite_migration::{M, Migrations};
use std::{path::Path, sync::OnceLock};

/// Never edit one that was released: add the next.
const MIGRATIONS: &[M<'static>] = &[
    M::up(include_str!("migrations/0001_create_conversations.sql")),
    M::up(include_str!("migrations/0002_create_queue_and_outbox.sql")),
    M::up(include_str!("migrations/0003_create_knowledge.sql")),
    M::up(include_str!("migrations/0004_create_operation.sql")),
    M::up(include_str!("migrations/0005_create_passage_parts.sql")),
    M::up(include_str!("migrations/0006_create_local_exemplars.sql")),
    M::up(include_str!("migrations/0007_create_knowledge_conflicts.sql")),
    M::up(include_str!("migrations/0008_create_attachments_and_threads.sql")),
    M::up(include_str!("migrations/0009_create_egress_ledger.sql")),
    M::up(include_str!("migrations/0010_create_mail_rules.sql")),
    M::up(include_str!("migrations/0011_create_proofs.sql")),
    M::up(include_str!("migrations/0012_count_hosted_tokens.sql")),
    M::up(include_str!("migrations/0013_create_operators.sql")),
    M::up(include_str!("migrations/0014_create_inbox.sql")),
    M::up(include_str!("migrations/0015_create_console_settings.sql")),
    M::up(include_str!("migrations/0016_create_tool_calls.sql")),
    M::up(include_str!("migrations/0017_create_events.sql")),
    M::up(include_str!("migrations/0018_create_lifecycle.sql")),
    M::up(include_str!("migrations/0019_create_privacy_and_alerts.sql")),
];

/// The version of sqlite-vec this program was tested with.
const VECTOR_VERSION: &str = "v0.1.9";

/// Opens the writing connection, brings the schema up to date, and fills in what every store has.
pub(super) fn open_writer(path: Option<&Path>, options: &StoreOptions) -> Result<Connection, StoreError> {
    register_vectors()?;
    let mut connection = match path {
        Some(path) => {
            create_private(path)?;
            Connection::open(path)?
        }
        None => Connection::open_in_memory()?,
    };
    set_up(&connection, options)?;
    if path.is_some() {
        let mode: String = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
        if !mode.eq_ignore_ascii_case("wal") {
            return Err(StoreError::Unwritable(format!(
                "the file system does not allow write-ahead logging ({mode})"
            )));
        }
    }
    let synchronous = match options.durability {
        Durability::ProcessCrash => "NORMAL",
        Durability::PowerLoss => "FULL",
    };
    connection.execute_batch(&format!(
        "PRAGMA synchronous = {synchronous}; PRAGMA journal_size_limit = 67108864;"
    ))?;
    Migrations::from_slice(MIGRATIONS).to_latest(&mut connection)?;
    let secret: [u8; 32] = rand::random();
    connection.execute(
        "INSERT INTO settings (name, value, updated_at) VALUES ('instance_secret', ?1, 0) ON CONFLICT DO NOTHING",
        [secret],
    )?;
    Ok(connection)
}

/// Makes an empty file that only this user may read, unless there is one: it will hold what customers wrote.
/// (SQLite gives its log files the same permissions.)
pub(super) fn create_private(path: &Path) -> Result<(), StoreError> {
    let mut new = std::fs::OpenOptions::new();
    new.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut new, 0o600);
    match new.open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(StoreError::Unwritable(format!(
            "{} cannot be created ({error}): check that its folder exists and belongs to this user",
            path.display()
        ))),
    }
}

/// Opens one reading connection on a file that [`open_writer`] prepared.
pub(super) fn open_reader(path: &Path, options: &StoreOptions) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    set_up(&connection, options)?;
    connection.execute_batch("PRAGMA query_only = ON")?;
    Ok(connection)
}

/// Opens a further writing connection on a file that [`open_writer`] prepared, for work that cannot be part of a transaction.
pub(super) fn open_maintenance(path: &Path, options: &StoreOptions) -> Result<Connection, StoreError> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    set_up(&connection, options)?;
    connection.busy_timeout(std::time::Duration::from_mins(1))?;
    Ok(connection)
}

/// Opens a file of any version for reading.
pub(super) fn open_plain(path: &Path) -> Result<Connection, StoreError> {
    register_vectors()?;
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Ok(Connection::open_with_flags(path, flags)?)
}

fn set_up(connection: &Connection, options: &StoreOptions) -> Result<(), StoreError> {
    connection.busy_timeout(options.busy_timeout)?;
    connection.set_prepared_statement_cache_capacity(128);
    connection.execute_batch(&format!(
        "PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY; PRAGMA mmap_size = {};",
        options.memory_map_bytes
    ))?;
    let version: String = connection.query_row("SELECT vec_version()", [], |row| row.get(0))?;
    if version == VECTOR_VERSION {
        Ok(())
    } else {
        Err(failed(format!("sqlite-vec is {version}, but this program needs {VECTOR_VERSION}")))
    }
}

/// The version of a file that went through every migration.
pub(super) fn version() -> usize {
    MIGRATIONS.len()
}

/// Makes sqlite-vec's functions part of every connection of this process. Once is enough.
pub(super) fn register_vectors() -> Result<(), StoreError> {
    static REGISTERED: OnceLock<Result<(), String>> = OnceLock::new();
    let registered = REGISTERED.get_or_init(|| {
        #[expect(unsafe_code, reason = "SQLite takes an extension's entry point as a bare C function")]
        // SAFETY: sqlite3_vec_init has the signature of an extension's entry point (its binding declares no arguments,
        // hence the transmute between function pointers), is linked statically, and neither opens nor closes
        // connections nor touches the list of extensions.
        let result = unsafe {
            let entry: rusqlite::auto_extension::RawAutoExtension =
                std::mem::transmute::<*const (), rusqlite::auto_extension::RawAutoExtension>(
                    sqlite_vec::sqlite3_vec_init as *const (),
                );
            rusqlite::auto_extension::register_auto_extension(entry)
        };
        result.map_err(|error| error.to_string())
    });
    registered.clone().map_err(failed)
}
