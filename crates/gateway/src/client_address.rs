//! Where a request came from: the peer, or what a trusted proxy says.

use http::HeaderMap;
use model::ip_range::IpRange;
use std::net::IpAddr;

/// The client's address. Walks `X-Forwarded-For` from its end, where our own proxies wrote, to the first address that
/// isn't one of `trusted`; what anybody else sends in that header counts for nothing.
pub fn client_address(peer: IpAddr, trusted: &[IpRange], headers: &HeaderMap) -> IpAddr {
    let is_trusted = |address| trusted.iter().any(|range| range.contains(address));
    let peer = peer.to_canonical();
    if !is_trusted(peer) {
        return peer;
    }
    let mut client = peer;
    let lines: Vec<_> = headers.get_all("x-forwarded-for").iter().collect();
    // Bytes, not text: what a stranger put in front must not hide what our proxy wrote behind it.
    let parts = lines.iter().rev().flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b','));
    for part in parts {
        let Some(address) = std::str::from_utf8(part).ok().and_then(address) else { return client };
        client = address.to_canonical();
        if !is_trusted(client) {
            return client;
        }
    }
    client
}

/// An address as proxies write it: `203.0.113.9`, `203.0.113.9:4711`, `2001:db8::9`, `[2001:db8::9]:4711`.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    text.parse().ok().or_else(|| text.parse::<std::net::SocketAddr>().ok().map(|socket| socket.ip()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn forwarded_addresses_count_only_behind_trusted_proxies() {
        let proxy: IpAddr = "10.0.0.1".parse().unwrap();
        let trusted: [IpRange; 1] = ["10.0.0.0/8".parse().unwrap()];
        let stranger: IpAddr = "198.51.100.7".parse().unwrap();
        let mut headers = HeaderMap::new();
        headers.append("x-forwarded-for", "6.6.6.6, 198.51.100.7".parse().unwrap());
        assert_eq!(client_address(proxy, &trusted, &headers), stranger);
        assert_eq!(client_address(proxy, &[], &headers), proxy);
        assert_eq!(client_address(stranger, &trusted, &headers), stranger);
        headers.append("x-forwarded-for", "10.0.0.1".parse().unwrap());
        assert_eq!(client_address(proxy, &trusted, &headers), stranger);
        headers.append("x-forwarded-for", "garbage".parse().unwrap());
        assert_eq!(client_address(proxy, &trusted, &headers), proxy);
        let hidden = HeaderValue::from_bytes(b"\xff, 203.0.113.10:4711").unwrap();
        headers.insert("x-forwarded-for", hidden);
        let client: IpAddr = "203.0.113.10".parse().unwrap();
        assert_eq!(client_address(proxy, &trusted, &headers), client);
    }
}
