//! Where a request came from: the peer, or what a trusted proxy says.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::Response;
use control::Client;
use gateway::PeerAddr;
use std::net::IpAddr;
use std::sync::Arc;

/// Puts the [`Client`] into the request.
pub(super) async fn identify(
    State(trusted): State<Arc<[IpAddr]>>,
    mut request: Request,
    next: Next,
) -> Response {
    let peer = request.extensions().get::<PeerAddr>().map(|peer| peer.0.ip());
    let ip = peer.map(|peer| believed(peer, &trusted, request.headers()));
    let user_agent = request
        .headers()
        .get(header::USER_AGENT)
        .and_then(|value| value.to_str().ok())
        .map(|text| text.chars().take(200).collect());
    request.extensions_mut().insert(Client { ip, user_agent });
    next.run(request).await
}

/// Walks `X-Forwarded-For` from its end, where our own proxies wrote, to the first address that isn't one of them.
fn believed(peer: IpAddr, trusted: &[IpAddr], headers: &HeaderMap) -> IpAddr {
    let peer = peer.to_canonical();
    if !trusted.contains(&peer) {
        return peer;
    }
    let mut client = peer;
    let lines: Vec<_> = headers.get_all("x-forwarded-for").iter().collect();
    // Bytes, not text: what a stranger put in front must not hide what our proxy wrote behind it.
    let parts = lines.iter().rev().flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b','));
    for part in parts {
        let Some(address) = std::str::from_utf8(part).ok().and_then(address) else { return client };
        client = address.to_canonical();
        if !trusted.contains(&client) {
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
    use axum::http::HeaderValue;

    #[test]
    fn forwarded_addresses_count_only_behind_trusted_proxies() {
        let proxy: IpAddr = "10.0.0.1".parse().unwrap();
        let stranger: IpAddr = "198.51.100.7".parse().unwrap();
        let mut headers = HeaderMap::new();
        headers.append("x-forwarded-for", "6.6.6.6, 198.51.100.7".parse().unwrap());
        assert_eq!(believed(proxy, &[proxy], &headers), stranger);
        assert_eq!(believed(proxy, &[], &headers), proxy);
        assert_eq!(believed(stranger, &[proxy], &headers), stranger);
        headers.append("x-forwarded-for", "10.0.0.1".parse().unwrap());
        assert_eq!(believed(proxy, &[proxy], &headers), stranger);
        headers.append("x-forwarded-for", "garbage".parse().unwrap());
        assert_eq!(believed(proxy, &[proxy], &headers), proxy);
        let hidden = HeaderValue::from_bytes(b"\xff, 203.0.113.10:4711").unwrap();
        headers.insert("x-forwarded-for", hidden);
        assert_eq!(believed(proxy, &[proxy], &headers), "203.0.113.10".parse::<IpAddr>().unwrap());
    }
}
