//! Where a mailbox was read up to. A mail's place is its UID under the folder's UIDVALIDITY (RFC 3501, section 2.3.1.1).

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};

/// Kept after every batch, and only after its mails were accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    pub uid_validity: u32,
    /// Every mail up to this one was seen to.
    pub last_uid: u32,
    /// When it was last moved; where the folder's numbering changes, mails from before then are looked through again.
    pub at: Timestamp,
    /// Mails that were there at the first look, of which only some are wanted.
    pub catching_up: Option<CatchingUp>,
}

/// One search. A range that ends in `*` also finds the folder's last mail where that lies below the range: it is not meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    pub query: String,
    /// The first UID that is meant.
    pub from: u32,
}

impl Search {
    fn everything(from: u32) -> Self {
        Self { query: format!("UID {from}:*"), from }
    }
}

/// Which of the mails that were there before are wanted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CatchingUp {
    /// Mails from this UID on are new and all wanted.
    pub below_uid: u32,
    /// A day as IMAP writes it.
    pub since: String,
    pub unread_only: bool,
}

/// A folder's numbering, as the server gives it when the folder is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Numbering {
    pub uid_validity: u32,
    pub uid_next: u32,
}

/// Searches go by days of the server's time zone, which we do not know: two days more are looked through, and what was accepted
/// before is recognised.
const MARGIN: SignedDuration = SignedDuration::from_hours(48);

impl Cursor {
    /// Where to go on: from the kept place, from the first look's backlog, or through the mails of the last days again when the
    /// folder was numbered anew.
    pub fn resume(kept: Option<Self>, folder: Numbering, backlog_days: u16, now: Timestamp) -> Self {
        let (since, unread_only) = match kept {
            Some(kept) if kept.uid_validity == folder.uid_validity => return kept,
            Some(kept) => (kept.at - MARGIN, false),
            None if backlog_days == 0 => {
                return Self {
                    uid_validity: folder.uid_validity,
                    last_uid: folder.uid_next.saturating_sub(1),
                    at: now,
                    catching_up: None,
                };
            }
            None => (now - SignedDuration::from_hours(24 * i64::from(backlog_days)), true),
        };
        let since = since.to_zoned(TimeZone::UTC).strftime("%-d-%b-%Y").to_string();
        let catching_up = Some(CatchingUp { below_uid: folder.uid_next, since, unread_only });
        Self { uid_validity: folder.uid_validity, last_uid: 0, at: now, catching_up }
    }

    /// What to search for, in order.
    pub fn searches(&self) -> Vec<Search> {
        let from = self.last_uid.saturating_add(1);
        match &self.catching_up {
            Some(old) if from < old.below_uid => {
                let unread = if old.unread_only { " UNSEEN" } else { "" };
                let wanted = format!("UID {from}:{} SINCE {}{unread}", old.below_uid - 1, old.since);
                vec![Search { query: wanted, from }, Search::everything(old.below_uid)]
            }
            _ => vec![Search::everything(from)],
        }
    }

    /// After everything that was found was seen to: what was there at the first look is not looked at again.
    #[must_use]
    pub fn caught_up(&self, now: Timestamp) -> Self {
        match &self.catching_up {
            Some(old) => self.moved(old.below_uid.saturating_sub(1), now),
            None => self.clone(),
        }
    }

    /// After every mail up to `uid` was seen to.
    #[must_use]
    pub fn moved(&self, uid: u32, now: Timestamp) -> Self {
        let last_uid = self.last_uid.max(uid);
        let catching_up = self.catching_up.clone().filter(|old| last_uid.saturating_add(1) < old.below_uid);
        Self { uid_validity: self.uid_validity, last_uid, at: now, catching_up }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    const NOW: &str = "2026-11-24T12:00:00Z";

    fn searches(cursor: &Cursor) -> Vec<String> {
        cursor.searches().into_iter().map(|search| search.query).collect()
    }

    fn folder(uid_validity: u32, uid_next: u32) -> Numbering {
        Numbering { uid_validity, uid_next }
    }

    #[test]
    fn the_first_look_takes_unread_mails_of_some_days_and_everything_new() {
        let cursor = Cursor::resume(None, folder(7, 100), 3, at(NOW));
        assert_eq!(searches(&cursor), ["UID 1:99 SINCE 21-Nov-2026 UNSEEN", "UID 100:*"]);
        // The second range finds mail 99, read long ago, where no newer one is there.
        assert_eq!(cursor.searches()[1].from, 100);
        // Broken off in the middle of the backlog, the rest is still only what was unread.
        let kept = cursor.moved(40, at(NOW));
        let cursor = Cursor::resume(Some(kept), folder(7, 130), 3, at(NOW));
        assert_eq!(searches(&cursor), ["UID 41:99 SINCE 21-Nov-2026 UNSEEN", "UID 100:*"]);
        assert_eq!(searches(&cursor.caught_up(at(NOW))), ["UID 100:*"]);
        assert_eq!(searches(&cursor.moved(120, at(NOW))), ["UID 121:*"]);
    }

    #[test]
    fn without_a_backlog_only_new_mails_count() {
        assert_eq!(searches(&Cursor::resume(None, folder(7, 100), 0, at(NOW))), ["UID 100:*"]);
    }

    /// A restored mailbox is numbered anew: mails of the last days are looked through again, read or not, or some would be lost.
    #[test]
    fn a_new_numbering_is_looked_through_from_before_the_last_look() {
        let kept =
            Cursor { uid_validity: 7, last_uid: 500, at: at("2026-11-23T12:00:00Z"), catching_up: None };
        let cursor = Cursor::resume(Some(kept), folder(8, 30), 3, at(NOW));
        assert_eq!(searches(&cursor), ["UID 1:29 SINCE 21-Nov-2026", "UID 30:*"]);
    }

    #[test]
    fn a_cursor_never_moves_back() {
        let cursor = Cursor::resume(None, folder(7, 100), 0, at(NOW));
        assert_eq!(cursor.moved(5, at(NOW)).last_uid, 99);
    }
}
