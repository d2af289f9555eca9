//! When a sign-in must wait, and when a session is over. Pure: the time comes in.

use jiff::{SignedDuration, Timestamp};

/// Wrong tries that cost nothing.
const FREE_TRIES: u32 = 5;
/// The first wait, doubled with every further wrong try.
const FIRST_WAIT: SignedDuration = SignedDuration::from_secs(30);
const LONGEST_WAIT: SignedDuration = SignedDuration::from_mins(15);
/// Wrong tries are forgotten after so long without another.
pub const FORGOTTEN_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// A session unused for so long is over.
pub const SESSION_IDLE: SignedDuration = SignedDuration::from_hours(12);
/// No session lasts longer.
pub const SESSION_LONGEST: SignedDuration = SignedDuration::from_hours(24 * 14);
/// The last use of a session is noted at most this often: a read must not become a write every time.
pub const SEEN_EVERY: SignedDuration = SignedDuration::from_mins(1);

/// Failed tries under one name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Failures {
    pub count: u32,
    pub last_at: Option<Timestamp>,
}

/// How long a name must still wait, or `None` when it may try. Five tries are free; then half a minute, doubling up to a
/// quarter of an hour.
pub fn locked_for(failures: Failures, now: Timestamp) -> Option<SignedDuration> {
    let last = failures.last_at?;
    let since = now.duration_since(last);
    let over = failures.count.checked_sub(FREE_TRIES)?;
    if since >= FORGOTTEN_AFTER {
        return None;
    }
    let wait = FIRST_WAIT.saturating_mul(1_i32 << over.min(10)).min(LONGEST_WAIT);
    // A clock set back must not lock anybody out for longer than the longest wait.
    (since < wait).then(|| wait - since.max(SignedDuration::ZERO))
}

/// When a session ends if nobody uses it again.
pub fn session_ends(created_at: Timestamp, last_seen_at: Timestamp) -> Timestamp {
    let idle = last_seen_at.saturating_add(SESSION_IDLE).unwrap_or(Timestamp::MAX);
    let longest = created_at.saturating_add(SESSION_LONGEST).unwrap_or(Timestamp::MAX);
    idle.min(longest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a timestamp")
    }

    #[rstest]
    #[case::never(0, 0, None)]
    #[case::four_wrong(4, 0, None)]
    #[case::the_fifth(5, 0, Some(30))]
    #[case::half_of_it_waited(5, 15, Some(15))]
    #[case::waited(5, 30, None)]
    #[case::doubles(6, 0, Some(60))]
    #[case::up_to_a_quarter_of_an_hour(60, 0, Some(900))]
    #[case::forgotten(60, 86_400, None)]
    #[case::clock_set_back(5, -3_600, Some(30))]
    fn wrong_tries_cost_time(#[case] count: u32, #[case] seconds_ago: i64, #[case] wait_s: Option<i64>) {
        let last = at("2026-11-24T12:00:00Z");
        let now = last + SignedDuration::from_secs(seconds_ago);
        let failures = Failures { count, last_at: (count > 0).then_some(last) };
        assert_eq!(locked_for(failures, now).map(|wait| wait.as_secs()), wait_s);
    }

    #[rstest]
    #[case::idle("2026-11-01T00:00:00Z", "2026-11-01T08:00:00Z", "2026-11-01T20:00:00Z")]
    #[case::longest("2026-11-01T00:00:00Z", "2026-11-14T23:00:00Z", "2026-11-15T00:00:00Z")]
    fn a_session_ends_by_rest_or_age(#[case] created: &str, #[case] seen: &str, #[case] ends: &str) {
        assert_eq!(session_ends(at(created), at(seen)), at(ends));
    }
}
