//! How fast a mailbox sends: providers block those who send too fast.

use crate::domain::ids::OutboxId;
use std::{collections::HashMap, time::Duration};
use tokio::time::Instant;

/// Sends that may follow each other at once after a pause.
const BURST: u32 = 10;

/// Gives each message a time to be sent at. One that was told its time keeps it, however often it asks.
#[derive(Debug)]
pub struct Pace {
    every: Duration,
    next: Option<Instant>,
    promised: HashMap<OutboxId, Instant>,
}

impl Pace {
    /// `per_minute` 0 sets no limit.
    pub fn new(per_minute: u32) -> Self {
        let every = if per_minute == 0 { Duration::ZERO } else { Duration::from_mins(1) / per_minute };
        Self { every, next: None, promised: HashMap::new() }
    }

    /// How long this message has to wait yet.
    pub fn wait(&mut self, message: OutboxId, now: Instant) -> Duration {
        if self.every.is_zero() {
            return Duration::ZERO;
        }
        // Promises of messages that never came back end some time after they were due.
        self.promised.retain(|_, at| now.saturating_duration_since(*at) < Duration::from_hours(1));
        let (every, next) = (self.every, &mut self.next);
        let at = *self.promised.entry(message).or_insert_with(|| {
            let earliest = now.checked_sub(every * (BURST - 1)).unwrap_or(now);
            let at = next.map_or(earliest, |next| next.max(earliest));
            *next = Some(at + every);
            at
        });
        at.saturating_duration_since(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_and_the_rest_is_spread() {
        let mut pace = Pace::new(60);
        let now = Instant::now() + Duration::from_hours(1);
        let ids: Vec<OutboxId> = (0..20).map(|_| OutboxId::new()).collect();
        let waits: Vec<u64> = ids.iter().map(|id| pace.wait(*id, now).as_secs()).collect();
        assert_eq!(waits[..10], [0; 10]);
        assert_eq!(waits[10..], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
        // Asking again moves nobody back.
        assert_eq!(pace.wait(ids[12], now + Duration::from_secs(2)).as_secs(), 1);
        assert_eq!(pace.wait(OutboxId::new(), now).as_secs(), 11);
    }

    #[test]
    fn without_a_limit_nobody_waits() {
        let mut pace = Pace::new(0);
        assert!((0..1000).all(|_| pace.wait(OutboxId::new(), Instant::now()).is_zero()));
    }
}
