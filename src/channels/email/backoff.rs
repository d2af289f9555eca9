//! How long to wait before the next try.

use std::time::Duration;

/// Doubles with each failure in a row up to a limit, with jitter, so that several mailboxes do not come back at once.
#[derive(Debug, Clone, Copy)]
pub struct Backoff {
    pub first: Duration,
    pub limit: Duration,
}

/// After a cut or a server that is down.
pub const NETWORK: Backoff = Backoff { first: Duration::from_secs(1), limit: Duration::from_mins(5) };
/// After a refused password: servers lock out who tries again and again.
pub const REFUSED: Backoff = Backoff { first: Duration::from_mins(5), limit: Duration::from_hours(1) };

impl Backoff {
    /// The wait after `failures` failures in a row (from 1 on); `random` is 0 to 1 and takes up to a half off.
    pub fn wait(self, failures: u32, random: f64) -> Duration {
        let doubled = self.first.saturating_mul(2u32.saturating_pow(failures.saturating_sub(1).min(20)));
        doubled.min(self.limit).mul_f64(1.0 - random.clamp(0.0, 1.0) / 2.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_limit_and_differ() {
        let cases = [
            (1, 0.0, 1.0),
            (2, 0.0, 2.0),
            (3, 1.0, 2.0),
            (9, 0.0, 256.0),
            (10, 0.0, 300.0),
            (4_000_000, 1.0, 150.0),
        ];
        for (failures, random, seconds) in cases {
            assert_eq!(
                NETWORK.wait(failures, random),
                Duration::from_secs_f64(seconds),
                "{failures} {random}"
            );
        }
        assert!(
            REFUSED.wait(1, 1.0) >= Duration::from_secs(150),
            "a refused password is not tried again at once"
        );
    }
}
