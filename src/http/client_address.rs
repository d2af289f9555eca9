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

#[cfg(test)]
mod tests {
    use super::client_address;
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
}
