//! The network address a request came from.

use axum::http::HeaderMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// The peer's address; behind a trusted proxy, the last one that proxy added to `X-Forwarded-For`.
pub fn client_address(peer: Option<SocketAddr>, headers: &HeaderMap, behind_proxy: bool) -> IpAddr {
    let peer = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip());
    if !behind_proxy {
        return peer;
    }
    let last = headers
        .get_all("x-forwarded-for")
        .iter()
        .next_back()
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.rsplit(',').next());
    last.and_then(|address| address.trim().parse().ok()).unwrap_or(peer)
}

/// A range of addresses, `10.1.0.0/16`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: u128,
    /// Bits that must be the same, of 128.
    bits: u32,
}

impl Network {
    /// `None` when the text is no range; a single address is one of itself alone.
    pub fn parse(text: &str) -> Option<Self> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits.parse::<u32>().ok()?)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let widest = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.unwrap_or(widest);
        (bits <= widest).then(|| Self { address: wide(address), bits: 128 - widest + bits })
    }

    pub fn holds(&self, address: IpAddr) -> bool {
        let differs = wide(address) ^ self.address;
        differs.leading_zeros() >= self.bits
    }
}

/// IPv4 addresses as IPv6 writes them, so that both are one kind.
fn wide(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => v4.to_ipv6_mapped().into(),
        IpAddr::V6(v6) => v6.into(),
    }
}

/// Whether a proxy says that it asks for somebody else.
pub fn is_forwarded(headers: &HeaderMap) -> bool {
    ["x-forwarded-for", "forwarded", "x-real-ip"].iter().any(|name| headers.contains_key(*name))
}

#[cfg(test)]
mod tests {
    use super::{Network, client_address};
    use axum::http::HeaderMap;
    use rstest::rstest;

    #[rstest]
    #[case(false, "9.9.9.9", "10.0.0.1")]
    #[case(true, "1.1.1.1, 9.9.9.9", "9.9.9.9")]
    #[case(true, "garbage", "10.0.0.1")]
    fn a_forged_header_counts_only_behind_a_proxy(
        #[case] behind_proxy: bool,
        #[case] header: &str,
        #[case] expected: &str,
    ) {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", header.parse().expect("header"));
        let peer = "10.0.0.1:5".parse().ok();
        assert_eq!(client_address(peer, &headers, behind_proxy).to_string(), expected);
    }

    #[rstest]
    #[case("127.0.0.0/8", "127.9.9.9", true)]
    #[case("127.0.0.0/8", "128.0.0.1", false)]
    #[case("10.1.0.0/16", "10.1.255.1", true)]
    #[case("10.1.0.0/16", "10.2.0.1", false)]
    #[case("10.1.2.3", "10.1.2.3", true)]
    #[case("10.1.2.3", "10.1.2.4", false)]
    #[case("10.1.0.0/16", "::ffff:10.1.0.1", true)]
    #[case("::1/128", "::1", true)]
    #[case("2001:db8::/32", "2001:db8:1::1", true)]
    #[case("0.0.0.0/0", "2001:db8::1", false)]
    fn a_network_holds_its_own_addresses(#[case] network: &str, #[case] address: &str, #[case] held: bool) {
        let network = Network::parse(network).expect("a network");
        assert_eq!(network.holds(address.parse().expect("an address")), held);
    }

    #[rstest]
    #[case("10.0.0.0/33")]
    #[case("ten/8")]
    #[case("10.0.0.0/x")]
    fn what_is_no_network_is_refused(#[case] text: &str) {
        assert_eq!(Network::parse(text), None);
    }
}
