//! Ranges of IP addresses in CIDR notation.

use ipnet::IpNet;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// A range such as `10.0.0.0/8` or `2001:db8::/32`; one address alone is a range of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct IpRange(IpNet);

/// Text that isn't a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be an address or a range such as 10.0.0.0/8 or 2001:db8::/32, with no bits set beyond the prefix"
)]
pub struct InvalidIpRange;

impl IpRange {
    /// Whether `address` is inside. An IPv4 address written as IPv6 (`::ffff:10.0.0.1`) counts as IPv4.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address.to_canonical())
    }
}

impl FromStr for IpRange {
    type Err = InvalidIpRange;
    fn from_str(text: &str) -> Result<Self, InvalidIpRange> {
        let net = match text.parse::<IpAddr>() {
            Ok(address) => IpNet::from(address),
            Err(_) => text.parse::<IpNet>().map_err(|_| InvalidIpRange)?,
        };
        // 10.1.2.3/8 is likelier a slip than a wish, and ::ffff:0:0/96 would match nothing.
        let mapped = matches!(net, IpNet::V6(v6) if v6.addr().to_ipv4_mapped().is_some());
        if net.trunc() == net && !mapped { Ok(Self(net)) } else { Err(InvalidIpRange) }
    }
}

impl fmt::Display for IpRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for IpRange {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for IpRange {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(text: &str) -> IpRange {
        text.parse().unwrap()
    }

    #[test]
    fn inside_and_outside() {
        let inside = |range_text, address: &str| range(range_text).contains(address.parse().unwrap());
        assert!(inside("10.0.0.0/8", "10.255.0.1") && inside("10.0.0.0/8", "::ffff:10.0.0.1"));
        assert!(!inside("10.0.0.0/8", "11.0.0.1") && !inside("0.0.0.0/0", "::1"));
        assert!(inside("2001:db8::/32", "2001:db8::1") && inside("127.0.0.1", "127.0.0.1"));
    }

    #[test]
    fn bad_ranges() {
        for bad in ["", "10.0.0.0/33", "10.0.0.1/8", "10.0.0/8", "host", "::ffff:10.0.0.0/104", " 10.0.0.0/8"]
        {
            assert!(bad.parse::<IpRange>().is_err(), "{bad}");
        }
        assert_eq!(range("10.0.0.1").to_string(), "10.0.0.1/32");
    }
}
