//! What is asked of an opened folder.

use super::{
    cursor::Numbering,
    session::{ImapError, Session, within},
};
use async_imap::types::UnsolicitedResponse;
use futures_util::TryStreamExt as _;
use std::time::Duration;

/// A folder opened for reading: nothing we do marks a mail as read.
pub struct Folder {
    pub session: Session,
    pub numbering: Numbering,
    pub can_idle: bool,
    pub limit: Duration,
}

/// A mail found in the folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    pub uid: u32,
    pub size_bytes: u64,
}

impl Folder {
    /// # Errors
    /// When the folder does not exist or the connection is lost.
    pub async fn open(mut session: Session, name: &str, limit: Duration) -> Result<Self, ImapError> {
        let can_idle = within(limit, session.capabilities()).await?.has_str("IDLE");
        let mailbox = within(limit, session.examine(name)).await?;
        let missing = || ImapError::Unusable("the mail server numbers no mails (no UIDVALIDITY)".to_owned());
        let uid_validity = mailbox.uid_validity.ok_or_else(missing)?;
        let uid_next = mailbox.uid_next.ok_or_else(missing)?;
        Ok(Self { session, numbering: Numbering { uid_validity, uid_next }, can_idle, limit })
    }

    /// UIDs from `from` on that a search finds, oldest first.
    ///
    /// # Errors
    /// When the connection is lost.
    pub async fn search(&mut self, query: &str, from: u32) -> Result<Vec<u32>, ImapError> {
        let found = within(self.limit, self.session.uid_search(query)).await?;
        let mut uids: Vec<u32> = found.into_iter().filter(|uid| *uid >= from).collect();
        uids.sort_unstable();
        Ok(uids)
    }

    /// The sizes of these mails, oldest first; one that was removed meanwhile is missing.
    ///
    /// # Errors
    /// When the connection is lost.
    pub async fn sizes(&mut self, uids: &[u32]) -> Result<Vec<Found>, ImapError> {
        let set = uids.iter().map(u32::to_string).collect::<Vec<_>>().join(",");
        let exchange = async {
            let rows = self.session.uid_fetch(set, "(UID RFC822.SIZE)").await?;
            rows.try_collect::<Vec<_>>().await
        };
        let rows = within(self.limit, exchange).await?;
        let mut found: Vec<Found> = rows
            .iter()
            .filter_map(|row| Some(Found { uid: row.uid?, size_bytes: row.size?.into() }))
            .filter(|found| uids.contains(&found.uid))
            .collect();
        found.sort_unstable_by_key(|found| found.uid);
        Ok(found)
    }

    /// A mail, or its headers alone, without marking it as read. `None` when it was removed meanwhile.
    ///
    /// # Errors
    /// When the connection is lost.
    pub async fn read(&mut self, uid: u32, headers_only: bool) -> Result<Option<Vec<u8>>, ImapError> {
        let part = if headers_only { "(UID BODY.PEEK[HEADER])" } else { "(UID BODY.PEEK[])" };
        let exchange = async {
            let rows = self.session.uid_fetch(uid.to_string(), part).await?;
            rows.try_collect::<Vec<_>>().await
        };
        // A large mail takes its time; the limit is for a server that says nothing.
        let rows = within(self.limit * 4, exchange).await?;
        Ok(rows.iter().filter(|row| row.uid == Some(uid)).find_map(|row| {
            let bytes = if headers_only { row.header() } else { row.body() };
            bytes.map(<[u8]>::to_vec)
        }))
    }

    /// Forgets what the server announced so far: the search that follows sees it anyway.
    pub fn forget_announcements(&self) {
        while self.session.unsolicited_responses.try_recv().is_ok() {}
    }

    /// Waits until the server announces something, or `at_most`.
    ///
    /// # Errors
    /// When the connection is lost.
    pub async fn wait(self, at_most: Duration) -> Result<Self, ImapError> {
        let Self { mut session, numbering, can_idle, limit } = self;
        if !can_idle {
            tokio::time::sleep(at_most).await;
            within(limit, session.noop()).await?;
            return Ok(Self { session, numbering, can_idle, limit });
        }
        let announced = session.unsolicited_responses.clone();
        let mut idle = session.idle();
        within(limit, idle.init()).await?;
        // Mail that came between the search and now was announced before the waiting began.
        let waits = !std::iter::from_fn(|| announced.try_recv().ok())
            .any(|response| matches!(response, UnsolicitedResponse::Exists(_)));
        if waits {
            let (waiting, _interrupt) = idle.wait_with_timeout(at_most);
            // The server's signs of life restart its own clock; ours goes on.
            if let Ok(ended) = tokio::time::timeout(at_most, waiting).await
                && ended? == async_imap::extensions::idle::IdleResponse::ManualInterrupt
            {
                return Err(ImapError::Lost("the connection was lost".to_owned()));
            }
        }
        let session = within(limit, idle.done()).await?;
        Ok(Self { session, numbering, can_idle, limit })
    }
}
