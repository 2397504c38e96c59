//! Connections that wait for their next request: for each host a stack, so that the fewest stay in use.

use super::wire::Wire;
use crate::inflight::lock;
use http::uri::Authority;
use http::{HeaderValue, Uri};
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// How long a connection may wait.
const LONGEST: Duration = Duration::from_secs(90);
/// Most connections that wait for one host: as many requests at once find one open.
const MOST: usize = 1_024;

/// The hosts of one scheme and one reach.
#[derive(Default)]
pub(super) struct Hosts(Mutex<HashMap<Authority, Arc<Host>>>);

impl Hosts {
    /// The host that `uri` names; `None`: it names none.
    pub(super) fn of(&self, uri: &Uri) -> Option<Arc<Host>> {
        let authority = uri.authority()?;
        let mut hosts = lock(&self.0);
        if let Some(host) = hosts.get(authority) {
            return Some(Arc::clone(host));
        }
        let host = Arc::new(Host { header: header(uri)?, idle: Mutex::default() });
        hosts.insert(authority.clone(), Arc::clone(&host));
        Some(host)
    }

    /// Closes what has waited too long, and forgets hosts that aren't called any more.
    pub(super) fn sweep(&self) {
        lock(&self.0).retain(|_, host| {
            expire(&mut lock(&host.idle));
            Arc::strong_count(host) > 1 || !lock(&host.idle).is_empty()
        });
    }
}

/// One host, with the connections to it that nobody uses.
pub(super) struct Host {
    /// The value of the `Host` header.
    pub(super) header: HeaderValue,
    /// Oldest first.
    idle: Mutex<VecDeque<(Instant, Box<Wire>)>>,
}

impl Host {
    /// The connection that was used last, among those that still work.
    pub(super) fn take(&self) -> Option<Box<Wire>> {
        let mut idle = lock(&self.idle);
        expire(&mut idle);
        while let Some((_, mut wire)) = idle.pop_back() {
            if wire.is_free() {
                return Some(wire);
            }
        }
        None
    }

    /// Keeps a connection for the next request, if it can take one.
    pub(super) fn keep(&self, mut wire: Box<Wire>) {
        if !wire.is_free() {
            return;
        }
        let mut idle = lock(&self.idle);
        expire(&mut idle);
        if idle.len() == MOST {
            idle.pop_front();
        }
        idle.push_back((Instant::now(), wire));
    }
}

/// Closes what has waited too long.
fn expire(idle: &mut VecDeque<(Instant, Box<Wire>)>) {
    while idle.front().is_some_and(|(since, _)| since.elapsed() > LONGEST) {
        idle.pop_front();
    }
}

/// Host and port, the port only when it isn't the scheme's own (RFC 9110 §7.2).
fn header(uri: &Uri) -> Option<HeaderValue> {
    let host = uri.host()?;
    let own = if uri.scheme_str() == Some("https") { 443 } else { 80 };
    let text = match uri.port_u16() {
        Some(port) if port != own => format!("{host}:{port}"),
        _ => host.to_owned(),
    };
    HeaderValue::try_from(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_headers() {
        for (uri, expected) in [
            ("http://a.example/v1", "a.example"),
            ("http://a.example:80/v1", "a.example"),
            ("https://a.example:443/v1", "a.example"),
            ("https://a.example:80/v1", "a.example:80"),
            ("http://[::1]:8080/v1", "[::1]:8080"),
        ] {
            assert_eq!(header(&uri.parse().unwrap()).unwrap(), expected, "{uri}");
        }
    }

    #[test]
    fn hosts_are_told_apart_by_name_and_port_and_forgotten_when_unused() {
        let hosts = Hosts::default();
        let of = |uri: &str| hosts.of(&uri.parse().unwrap()).unwrap();
        let one = of("http://a.example/v1/chat/completions");
        assert!(Arc::ptr_eq(&one, &of("http://A.example/v1/models")));
        assert!(!Arc::ptr_eq(&one, &of("http://a.example:81/v1")));
        hosts.sweep();
        assert_eq!(lock(&hosts.0).len(), 1, "one is held");
        drop(one);
        hosts.sweep();
        assert!(lock(&hosts.0).is_empty());
    }
}
