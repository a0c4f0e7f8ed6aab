//! Networks, as settings name them.

use std::net::IpAddr;

/// IP networks in CIDR notation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Networks(Vec<(IpAddr, u8)>);

impl Networks {
    /// Reads networks that commas or blanks separate; an address alone is a network of one.
    ///
    /// # Errors
    /// Which of them is none.
    pub fn parse(text: &str) -> Result<Self, String> {
        text.split([',', ' '])
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .map(|part| {
                let (address, bits) = match part.split_once('/') {
                    Some((address, bits)) => (address, bits.parse().ok()),
                    None => (part, Some(u8::MAX)),
                };
                let address: IpAddr =
                    address.parse().map_err(|_| format!("{part} is not an address"))?;
                let width = if address.is_ipv4() { 32 } else { 128 };
                match bits {
                    Some(u8::MAX) => Ok((address, width)),
                    Some(bits) if bits <= width => Ok((address, bits)),
                    _ => Err(format!("{part} is not a network such as 10.0.0.0/8")),
                }
            })
            .collect::<Result<_, _>>()
            .map(Self)
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
        self.0.iter().any(|(network, bits)| match (network.to_canonical(), address) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(*bits)).unwrap_or(0);
                network.to_bits() & mask == address.to_bits() & mask
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(*bits)).unwrap_or(0);
                network.to_bits() & mask == address.to_bits() & mask
            }
            _ => false,
        })
    }
}

#[cfg(test)]
mod tests {
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
}
