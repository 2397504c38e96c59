//! Who may connect: so many at a time, and so many of one address.
//!
//! Each connection costs an open file. The last of them are kept for people on pages and the Admin API, so that
//! clients of the data path, or strangers who only connect, can't lock out who could do something about them.

use crate::config::GatewayConfig;
use crate::inflight::lock;
use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex};

/// Everybody who is connected.
pub(crate) struct Crowd {
    /// Connections for everything.
    room: usize,
    /// Connections beyond them that may only ask for what the control side answers.
    reserve: usize,
    /// Connections of one address.
    of_one: usize,
    here: Mutex<Here>,
}

#[derive(Default)]
struct Here {
    count: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// A connection's place; free again when it is dropped.
pub(crate) struct Seat {
    crowd: Arc<Crowd>,
    /// `None`: a trusted proxy, which speaks for many.
    address: Option<IpAddr>,
    /// Whether it is one of those that are kept for the control side.
    pub(crate) reserved: bool,
}

impl Crowd {
    pub(crate) fn new(room: usize, reserve: usize, of_one: usize) -> Arc<Self> {
        Arc::new(Self { room, reserve, of_one, here: Mutex::default() })
    }

    /// A place for a connection; `None`: it is one too many.
    pub(crate) fn admit(self: &Arc<Self>, peer: SocketAddr, config: &GatewayConfig) -> Option<Seat> {
        let is_trusted = config.trusted_proxies.iter().any(|range| range.contains(peer.ip()));
        let address = (!is_trusted).then(|| network(peer.ip()));
        let mut here = lock(&self.here);
        if here.count >= self.room.saturating_add(self.reserve) {
            return None;
        }
        if let Some(address) = address {
            let of_one = here.by_address.entry(address).or_default();
            // Never a new entry, unless nobody may connect at all.
            if *of_one >= self.of_one {
                return None;
            }
            *of_one += 1;
        }
        let reserved = here.count >= self.room;
        here.count += 1;
        Some(Seat { crowd: Arc::clone(self), address, reserved })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut here = lock(&self.crowd.here);
        here.count -= 1;
        if let Some(address) = self.address
            && let Some(of_one) = here.by_address.get_mut(&address)
        {
            *of_one -= 1;
            if *of_one == 0 {
                here.by_address.remove(&address);
            }
        }
    }
}

/// Who has one IPv6 address mostly has the other 2^64 of its network.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into(),
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(address: &str) -> SocketAddr {
        SocketAddr::new(address.parse().unwrap(), 1)
    }

    #[test]
    fn each_address_has_its_share_and_the_last_places_are_reserved() {
        let config = GatewayConfig {
            trusted_proxies: vec!["10.0.0.0/8".parse().unwrap()],
            ..GatewayConfig::default()
        };
        let crowd = Crowd::new(4, 2, 2);
        let admit = |address: &str| crowd.admit(peer(address), &config);
        let mut seats: Vec<_> =
            ["192.0.2.1", "::ffff:192.0.2.1"].map(|address| admit(address).unwrap()).into();
        assert!(admit("192.0.2.1").is_none(), "it has two");
        seats.extend(["2001:db8::1", "2001:db8::2:1"].map(|address| admit(address).unwrap()));
        assert!(admit("2001:db8::ffff:3").is_none(), "one network");
        assert!(seats.iter().all(|seat| !seat.reserved));
        let last = ["10.0.0.1", "10.0.0.1"].map(|proxy| admit(proxy).unwrap());
        assert!(last.iter().all(|seat| seat.reserved));
        assert!(admit("10.0.0.1").is_none() && admit("192.0.2.9").is_none(), "it is full");
        seats.remove(0);
        assert!(admit("192.0.2.9").unwrap().reserved);
        drop(last);
        assert!(!admit("192.0.2.1").unwrap().reserved);
        drop(seats);
        let here = lock(&crowd.here);
        assert_eq!((here.count, here.by_address.len()), (0, 0));
    }
}
