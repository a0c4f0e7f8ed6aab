//! Networks, as settings name them.

use std::net::IpAddr;

/// IP networks in CIDR notation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Networks(Vec<Network>);

impl Networks {
    /// Reads networks that commas or blanks separate; an address alone is a network of one.
    ///
    /// # Errors
    /// Which of them is none.
    pub fn parse(text: &str) -> Result<Self, String> {
        let parts = text.split([',', ' ']).map(str::trim).filter(|part| !part.is_empty());
        parts.map(Network::parse).collect::<Result<_, _>>().map(Self)
    }

    /// Whether no network is named.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether an address lies in one of them.
    #[must_use]
    pub fn contain(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(address))
    }
}

/// The addresses whose first bits are those of one. IPv4 in IPv6's clothes
/// (`::ffff:10.0.0.0/104`) is IPv4 (`10.0.0.0/8`), since that is what peers are compared as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Network {
    address: IpAddr,
    /// At most the address's width.
    bits: u32,
}

impl Network {
    fn parse(text: &str) -> Result<Self, String> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text, None),
        };
        let written: IpAddr = address.parse().map_err(|_| format!("{text} is not an address"))?;
        let address = written.to_canonical();
        let bits = match bits {
            Some(bits) => prefix(bits, width(written))
                .and_then(|bits| bits.checked_sub(width(written) - width(address)))
                .ok_or_else(|| format!("{text} is not a network such as 10.0.0.0/8"))?,
            None => width(address),
        };
        Ok(Self { address, bits })
    }

    fn contains(self, address: IpAddr) -> bool {
        let equal_bits = match (self.address, address) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                (network.to_bits() ^ address.to_bits()).leading_zeros()
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                (network.to_bits() ^ address.to_bits()).leading_zeros()
            }
            _ => return false,
        };
        equal_bits >= self.bits
    }
}

const fn width(address: IpAddr) -> u32 {
    if address.is_ipv4() { 32 } else { 128 }
}

/// The length of a prefix: digits, and no more bits than there are.
fn prefix(text: &str, width: u32) -> Option<u32> {
    let is_digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|bits| is_digits && *bits <= width)
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr};

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn networks_contain_their_addresses_only() {
        let networks = Networks::parse("10.0.0.0/8, ::1 192.168.1.7,0.0.0.0/32").unwrap();
        for (address, inside) in [
            ("10.255.0.1", true),
            ("11.0.0.1", false),
            ("::ffff:10.0.0.1", true),
            ("::1", true),
            ("::2", false),
            ("192.168.1.7", true),
            ("192.168.1.8", false),
        ] {
            assert_eq!(networks.contain(address.parse().unwrap()), inside, "{address}");
        }
        assert!(Networks::parse("0.0.0.0/0").unwrap().contain("9.9.9.9".parse().unwrap()));
    }

    #[test]
    fn a_prefix_has_as_many_bits_as_its_address_or_fewer() {
        for text in [
            "10.0.0.0/33",
            "10.0.0.0/255",
            "10.0.0.0/",
            "10.0.0.0/+8",
            "10.0.0.0/-1",
            "10.0.0.0/8/8",
            "::/129",
            "::ffff:10.0.0.0/95",
            "::ffff:10.0.0.0/8",
            "/8",
        ] {
            assert!(Networks::parse(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused_and_what_is_read_contains_its_address(
            parts in prop::collection::vec("[0-9a-f:./]{0,20}", 0..4),
            address in any::<IpAddr>(),
        ) {
            let Ok(networks) = Networks::parse(&parts.join(", ")) else { return Ok(()) };
            let _ = networks.contain(address);
            for network in &networks.0 {
                prop_assert!(networks.contain(network.address));
            }
        }

        #[test]
        fn a_network_contains_what_begins_with_its_bits(
            network in any::<u32>(),
            flipped in 0_u32..32,
            rest in any::<u32>(),
            bits in 0_u32..=32,
        ) {
            // Equal up to a bit, other there, and whatever after it.
            let below = (1 << (31 - flipped)) - 1;
            let address = (network ^ (1 << (31 - flipped))) & !below | rest & below;
            let (network, address) = (Ipv4Addr::from_bits(network), Ipv4Addr::from_bits(address));
            let mapped = network.to_ipv6_mapped();
            for text in [format!("{network}/{bits}"), format!("{mapped}/{}", bits + 96)] {
                let networks = Networks::parse(&text).unwrap();
                for address in [address.into(), IpAddr::V6(address.to_ipv6_mapped())] {
                    prop_assert_eq!(networks.contain(address), bits <= flipped, "{}", text);
                }
            }
        }

        #[test]
        fn so_does_one_of_ipv6(
            network in any::<u128>(),
            flipped in 0_u32..128,
            rest in any::<u128>(),
            bits in 0_u32..=128,
        ) {
            // Global unicast addresses: none of them is IPv4 in disguise.
            let network = network >> 3 | 1 << 125;
            let below = (1 << (127 - flipped)) - 1;
            let address = (network ^ (1 << (127 - flipped))) & !below | rest & below;
            let (network, address) = (Ipv6Addr::from_bits(network), Ipv6Addr::from_bits(address));
            prop_assume!(address.to_ipv4_mapped().is_none());
            let networks = Networks::parse(&format!("{network}/{bits}")).unwrap();
            prop_assert_eq!(networks.contain(IpAddr::V6(address)), bits <= flipped);
        }
    }
}
