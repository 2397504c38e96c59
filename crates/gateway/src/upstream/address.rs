//! Which addresses an upstream may have.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What a provider's host may resolve to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Addresses of the public internet only.
    Public,
    /// Private and loopback addresses too; never link-local ones, where clouds serve their metadata.
    Private,
}

impl Reach {
    pub(super) fn permits(self, address: IpAddr) -> bool {
        match canonical(address) {
            IpAddr::V4(v4) => !never_v4(v4) && (self == Self::Private || public_v4(v4)),
            IpAddr::V6(v6) => !never_v6(v6) && (self == Self::Private || public_v6(v6)),
        }
    }
}

/// The IPv4 address inside of an IPv6 one, for every way of writing one inside of the other.
fn canonical(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address else { return address };
    let s = v6.segments();
    let inner = |high: u16, low: u16| IpAddr::V4(Ipv4Addr::from(u32::from(high) << 16 | u32::from(low)));
    match s {
        // Mapped, NAT64 and 6to4.
        [0, 0, 0, 0, 0, 0xffff, high, low]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
        | [0x2002, high, low, ..] => inner(high, low),
        // The long-deprecated compatible form (but for :: and ::1).
        [0, 0, 0, 0, 0, 0, high, low] if high != 0 || low > 1 => inner(high, low),
        _ => address,
    }
}

/// Where clouds serve metadata outside of the link-local range: Alibaba, Oracle, Azure.
const METADATA_V4: [Ipv4Addr; 3] =
    [Ipv4Addr::new(100, 100, 100, 200), Ipv4Addr::new(192, 0, 0, 192), Ipv4Addr::new(168, 63, 129, 16)];
/// The same: Amazon, Google.
const METADATA_V6: [Ipv6Addr; 2] =
    [Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254), Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254)];

fn never_v4(v4: Ipv4Addr) -> bool {
    METADATA_V4.contains(&v4)
        || v4.octets()[0] == 0
        || v4.is_link_local()
        || v4.is_multicast()
        || v4.octets()[0] >= 240
}

fn public_v4(v4: Ipv4Addr) -> bool {
    let [a, b, c, _] = v4.octets();
    let shared = a == 100 && (64..128).contains(&b);
    let benchmark = a == 198 && (18..20).contains(&b);
    let protocol = a == 192 && b == 0 && c == 0;
    !(v4.is_private() || v4.is_loopback() || v4.is_documentation() || shared || benchmark || protocol)
}

fn never_v6(v6: Ipv6Addr) -> bool {
    // 64:ff9b:1::/48 is a translator's own space: what is behind it can't be told from the address.
    v6.is_unspecified()
        || v6.is_multicast()
        || v6.is_unicast_link_local()
        || METADATA_V6.contains(&v6)
        || v6.segments()[..3] == [0x64, 0xff9b, 1]
}

fn public_v6(v6: Ipv6Addr) -> bool {
    let s = v6.segments();
    // Global unicast is 2000::/3; of it Teredo, benchmarks and documentation aren't.
    let global = s[0] & 0xe000 == 0x2000;
    let special = s[0] == 0x2001 && (s[1] == 0 || s[1] == 2 || s[1] == 0xdb8) || s[0] == 0x3fff;
    global && !special
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permits(reach: Reach, text: &str) -> bool {
        reach.permits(text.parse().unwrap())
    }

    #[test]
    fn public_addresses_are_reached() {
        for good in ["1.1.1.1", "104.18.6.192", "2606:4700::6812:7c0", "::ffff:1.1.1.1", "64:ff9b::101:101"] {
            assert!(permits(Reach::Public, good), "{good}");
        }
    }

    #[test]
    fn private_ones_only_when_allowed() {
        for private in [
            "127.0.0.1",
            "127.9.9.9",
            "10.0.0.1",
            "172.16.0.1",
            "192.168.1.1",
            "100.64.0.1",
            "198.18.0.1",
            "::1",
            "fd12::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "::7f00:1",
        ] {
            assert!(!permits(Reach::Public, private), "{private}");
            assert!(permits(Reach::Private, private), "{private}");
        }
    }

    #[test]
    fn metadata_and_nonsense_never() {
        for never in [
            "169.254.169.254",
            "::ffff:169.254.169.254",
            "fe80::1",
            "0.0.0.0",
            "::",
            "255.255.255.255",
            "224.0.0.1",
            "ff02::1",
            "fd00:ec2::254",
            "fd20:ce::254",
            "100.100.100.200",
            "192.0.0.192",
            "168.63.129.16",
            "::ffff:168.63.129.16",
            "64:ff9b:1::a9fe:a9fe",
            "2002:a9fe:a9fe::",
            "240.0.0.1",
        ] {
            assert!(!permits(Reach::Public, never), "{never}");
            assert!(!permits(Reach::Private, never), "{never}");
        }
    }
}
