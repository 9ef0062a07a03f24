//! Addresses of the internet, as values: an IPADDRESS is sixteen bytes, in which an address of the fourth version is mapped into the sixth, and an
//! IPPREFIX its first address and the number of its bits. So they are in Trino's order, and two are equal that are written otherwise.
//!
//! <https://trino.io/docs/current/language/types.html#ip-address>

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use arrow::datatypes::DataType;

/// An address.
pub(crate) const ADDRESS: DataType = DataType::FixedSizeBinary(16);
/// All addresses whose first bits are the same.
pub(crate) const PREFIX: DataType = DataType::FixedSizeBinary(17);

/// Reads an address.
pub(crate) fn address(text: &str) -> Option<IpAddr> {
    Some(text.parse::<IpAddr>().ok()?.to_canonical())
}

/// As it is kept.
pub(crate) fn bytes_of(address: IpAddr) -> [u8; 16] {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().octets(),
        IpAddr::V6(address) => address.octets(),
    }
}

/// As it is written; what is neither an address nor a prefix is not.
pub(crate) fn written(bytes: &[u8]) -> Option<String> {
    match bytes.len() {
        16 => Some(read(bytes)?.to_string()),
        _ => Some(Network::read(bytes)?.to_string()),
    }
}

/// An address of sixteen bytes.
pub(crate) fn read(bytes: &[u8]) -> Option<IpAddr> {
    Some(IpAddr::V6(Ipv6Addr::from(<[u8; 16]>::try_from(bytes).ok()?)).to_canonical())
}

/// All addresses whose first bits are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Network {
    address: IpAddr,
    bits: u32,
}

impl Network {
    /// So many bits of an address; `None`: it has not so many.
    pub(crate) fn of(address: IpAddr, bits: u32) -> Option<Network> {
        (bits <= width(address)).then_some(Network { address, bits })
    }

    /// An address alone.
    pub(crate) fn alone(address: IpAddr) -> Network {
        Network { address, bits: width(address) }
    }

    /// Reads one: `10.0.0.0/8`.
    pub(crate) fn parse(text: &str) -> Option<Network> {
        let (of, bits) = text.split_once('/')?;
        Network::of(address(of)?, bits.parse().ok()?)
    }

    /// One of seventeen bytes.
    pub(crate) fn read(bytes: &[u8]) -> Option<Network> {
        let (bits, address) = bytes.split_last()?;
        Network::of(read(address)?, u32::from(*bits))
    }

    /// As it is kept.
    pub(crate) fn bytes(self) -> [u8; 17] {
        let mut bytes = [0; 17];
        bytes[..16].copy_from_slice(&bytes_of(self.first()));
        // No address has more bits than a byte can tell.
        bytes[16] = self.bits as u8;
        bytes
    }

    /// What is the same of all of them, and what is not.
    fn masks(self) -> (u128, u128) {
        let others = width(self.address) - self.bits;
        let rest = 1u128.checked_shl(others).map_or(u128::MAX, |beyond| beyond - 1);
        (!rest, rest)
    }

    pub(crate) fn first(self) -> IpAddr {
        like(self.address, number(self.address) & self.masks().0)
    }

    pub(crate) fn last(self) -> IpAddr {
        like(self.address, number(self.address) | self.masks().1)
    }

    pub(crate) fn contains(self, other: Network) -> bool {
        width(self.address) == width(other.address)
            && self.bits <= other.bits
            && self.first() == Network { bits: self.bits, ..other }.first()
    }
}

impl fmt::Display for Network {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}", self.first(), self.bits)
    }
}

fn width(address: IpAddr) -> u32 {
    if address.is_ipv4() { 32 } else { 128 }
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(address.to_bits()),
        IpAddr::V6(address) => address.to_bits(),
    }
}

/// An address of the same kind, of this number.
fn like(address: IpAddr, number: u128) -> IpAddr {
    match address {
        IpAddr::V4(_) => IpAddr::V4(Ipv4Addr::from_bits(number as u32)),
        IpAddr::V6(_) => IpAddr::V6(Ipv6Addr::from_bits(number)),
    }
}
