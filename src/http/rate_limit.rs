//! How many requests one network address, or one token, may make.

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter, clock::Clock as _};
use sha2::{Digest as _, Sha256};
use std::{
    hash::Hash,
    net::IpAddr,
    num::NonZeroU32,
    sync::atomic::{AtomicU32, Ordering},
};

/// What a token is told apart by; the token itself is not kept.
pub type TokenKey = [u8; 32];

/// A limit by address (or another key): so many at once, refilled over a minute.
pub struct RateLimit<K: Hash + Eq + Clone = IpAddr> {
    limiter: DefaultKeyedRateLimiter<K>,
    checks: AtomicU32,
}

impl RateLimit<TokenKey> {
    /// `Err` holds the seconds to wait.
    pub fn check_token(&self, token: &str) -> Result<(), u64> {
        self.check_key(&Sha256::digest(token.as_bytes()).into())
    }
}

impl RateLimit<IpAddr> {
    /// `Err` holds the seconds to wait.
    pub fn check(&self, address: IpAddr) -> Result<(), u64> {
        self.check_key(&group(address))
    }
}

impl<K: Hash + Eq + Clone> RateLimit<K> {
    pub fn per_minute(count: u32) -> Self {
        let count = NonZeroU32::new(count).unwrap_or(NonZeroU32::MIN);
        Self { limiter: RateLimiter::keyed(Quota::per_minute(count)), checks: AtomicU32::new(0) }
    }

    fn check_key(&self, key: &K) -> Result<(), u64> {
        // Addresses that have not come back are forgotten now and then, so that the table cannot grow for ever.
        if self.checks.fetch_add(1, Ordering::Relaxed) % 1024 == 1023 {
            self.limiter.retain_recent();
        }
        self.limiter
            .check_key(key)
            .map_err(|refused| refused.wait_time_from(self.limiter.clock().now()).as_secs().max(1))
    }
}

/// An IPv6 customer owns a whole /64: it counts as one address.
fn group(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => IpAddr::V4(v4),
            None => IpAddr::V6((u128::from(v6) & !u128::from(u64::MAX)).into()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::RateLimit;

    #[test]
    fn one_address_is_held_back_and_another_is_not() {
        let limit = RateLimit::per_minute(3);
        let (a, b) = ("10.0.0.1".parse().expect("ip"), "2001:db8::1".parse().expect("ip"));
        assert!((0..3).all(|_| limit.check(a).is_ok()));
        assert!(limit.check(a).is_err_and(|wait| (1..=60).contains(&wait)));
        assert!(limit.check(b).is_ok());
    }

    #[test]
    fn one_token_is_held_back_and_another_is_not() {
        let limit: RateLimit<super::TokenKey> = RateLimit::per_minute(2);
        assert!(limit.check_token("one").is_ok() && limit.check_token("one").is_ok());
        assert!(limit.check_token("one").is_err());
        assert!(limit.check_token("other").is_ok());
    }

    #[test]
    fn a_whole_v6_network_is_one_address() {
        let limit = RateLimit::per_minute(1);
        assert!(limit.check("2001:db8::1".parse().expect("ip")).is_ok());
        assert!(limit.check("2001:db8::2".parse().expect("ip")).is_err());
    }
}
