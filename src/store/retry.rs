//! When something that failed is tried again. Pure.

use crate::ports::store::AfterFailure;
use jiff::{SignedDuration, Timestamp};

/// How often and how fast something that failed is tried again.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RetryPolicy {
    /// After so many attempts it is a dead letter.
    pub max_attempts: u32,
    /// Wait after the first failure; doubled each time.
    pub first_delay: SignedDuration,
    pub longest_delay: SignedDuration,
}

impl RetryPolicy {
    /// What follows the failure of an attempt (1 is the first). `random` in 0..1 spreads the waits by a quarter either way,
    /// so that what failed together does not come back together; `not_before` is what the other side asked for.
    pub(super) fn after(
        &self,
        attempt: u32,
        not_before: Option<SignedDuration>,
        random: f64,
        now: Timestamp,
    ) -> AfterFailure {
        if attempt >= self.max_attempts {
            return AfterFailure::DeadLetter;
        }
        let doubled = self.first_delay.as_secs_f64() * 2f64.powi(attempt.saturating_sub(1).min(30) as i32);
        let seconds = doubled.min(self.longest_delay.as_secs_f64()) * (0.75 + random.clamp(0.0, 1.0) * 0.5);
        let delay = SignedDuration::from_millis((seconds * 1000.0) as i64);
        let delay = not_before.map_or(delay, |asked| asked.max(delay));
        AfterFailure::RetryAt(now.saturating_add(delay).unwrap_or(Timestamp::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const POLICY: RetryPolicy = RetryPolicy {
        max_attempts: 5,
        first_delay: SignedDuration::from_secs(2),
        longest_delay: SignedDuration::from_secs(10),
    };

    #[rstest]
    #[case(1, 0.5, None, Some(2_000))]
    #[case(2, 0.5, None, Some(4_000))]
    #[case(3, 0.5, None, Some(8_000))]
    #[case(4, 0.5, None, Some(10_000))]
    #[case(1, 0.0, None, Some(1_500))]
    #[case(1, 1.0, None, Some(2_500))]
    #[case(1, 0.5, Some(60), Some(60_000))]
    #[case(5, 0.5, Some(60), None)]
    #[case(4_000_000_000, 0.5, None, None)]
    fn waits_double_up_to_the_longest_and_end(
        #[case] attempt: u32,
        #[case] random: f64,
        #[case] asked_s: Option<i64>,
        #[case] expected_ms: Option<i64>,
    ) {
        let now = Timestamp::UNIX_EPOCH;
        let expected = expected_ms.map_or(AfterFailure::DeadLetter, |ms| {
            AfterFailure::RetryAt(now + SignedDuration::from_millis(ms))
        });
        assert_eq!(POLICY.after(attempt, asked_s.map(SignedDuration::from_secs), random, now), expected);
    }
}
