//! Addresses of the internet. An IPADDRESS is its canonical text here, an IPPREFIX that of its first address and its length
//! (`10.0.0.0/8`): a cast to one is `ip_address` or `ip_prefix`, or their kin that give NULL for what is none. They are equal where
//! their texts are, and have no order of their own.
//!
//! <https://trino.io/docs/current/functions/ipaddress.html>

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, ListBuilder, StringBuilder};
use arrow::datatypes::Int64Type;
use datafusion::common::exec_err;
use datafusion::error::Result;
use datafusion::logical_expr::ScalarUDF;

use super::typed::list_of;
use super::types::{FLAG, TEXT, WHOLE};
use super::{Plain, each_text, text_at, texts_of};

pub(super) fn all() -> Vec<ScalarUDF> {
    vec![
        Plain::new("ip_address", &[TEXT], TEXT, |args, rows| read(args, rows, address)).into(),
        Plain::new("try_ip_address", &[TEXT], TEXT, |args, rows| tried(args, rows, address)).into(),
        Plain::new("ip_as_prefix", &[TEXT], TEXT, |args, rows| read(args, rows, prefix)).into(),
        Plain::new("try_ip_as_prefix", &[TEXT], TEXT, |args, rows| tried(args, rows, prefix)).into(),
        Plain::new("ip_prefix", &[TEXT, WHOLE], TEXT, ip_prefix).into(),
        Plain::new("ip_subnet_min", &[TEXT], TEXT, |args, rows| read(args, rows, |text| Ok(network(text)?.first())))
            .into(),
        Plain::new("ip_subnet_max", &[TEXT], TEXT, |args, rows| read(args, rows, |text| Ok(network(text)?.last())))
            .into(),
        Plain::new("ip_subnet_range", &[TEXT], list_of(TEXT), ip_subnet_range).into(),
        Plain::new("ip_contains", &[TEXT, TEXT], FLAG, is_subnet_of).into(),
        Plain::new("is_subnet_of", &[TEXT, TEXT], FLAG, is_subnet_of).into(),
    ]
}

/// All addresses whose first bits are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Network {
    address: IpAddr,
    bits: u32,
}

impl Network {
    /// So many bits of an address; `None`: it has not so many.
    fn of(address: IpAddr, bits: u32) -> Option<Network> {
        (bits <= width(address)).then_some(Network { address, bits })
    }

    /// What is the same of all of them, and what is not.
    fn masks(self) -> (u128, u128) {
        let others = width(self.address) - self.bits;
        let rest = 1u128.checked_shl(others).map_or(u128::MAX, |beyond| beyond - 1);
        (!rest, rest)
    }

    fn first(self) -> IpAddr {
        like(self.address, number(self.address) & self.masks().0)
    }

    fn last(self) -> IpAddr {
        like(self.address, number(self.address) | self.masks().1)
    }

    fn contains(self, other: Network) -> bool {
        width(self.address) == width(other.address)
            && self.bits <= other.bits
            && self.first() == Network { bits: self.bits, ..other }.first()
    }
}

impl std::fmt::Display for Network {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
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

fn address(text: &str) -> Result<IpAddr> {
    match text.parse::<IpAddr>() {
        Ok(address) => Ok(address.to_canonical()),
        Err(_) => exec_err!("`{text}` is no IPADDRESS"),
    }
}

/// `10.0.0.0/8`.
fn prefix(text: &str) -> Result<Network> {
    let parts = text.split_once('/').and_then(|(address, bits)| Some((address.parse::<IpAddr>().ok()?, bits)));
    let network = parts.and_then(|(address, bits)| Network::of(address, bits.parse().ok()?));
    match network {
        Some(network) => Ok(network),
        None => exec_err!("`{text}` is no IPPREFIX: it is written like 10.0.0.0/8"),
    }
}

/// A prefix, or an address as the network of itself alone.
fn network(text: &str) -> Result<Network> {
    if text.contains('/') {
        return prefix(text);
    }
    let address = address(text)?;
    Ok(Network { address, bits: width(address) })
}

/// Whether a text is an address of the network. What is none (a service is named where one calls for another) is in none.
pub(super) fn is_within(within: &str, text: &str) -> Result<bool> {
    let within = prefix(within)?;
    Ok(network(text).is_ok_and(|other| within.contains(other)))
}

/// What is read of each text.
fn read<T: std::fmt::Display>(args: &[ArrayRef], rows: usize, of: fn(&str) -> Result<T>) -> Result<ArrayRef> {
    let texts = texts_of(&args[0]);
    let read = (0..rows).map(|row| text_at(texts, row).map(of).transpose());
    let read: Vec<Option<T>> = read.collect::<Result<_>>()?;
    Ok(each_text(rows, |row| read[row].as_ref().map(T::to_string)))
}

/// The same, with NULL where it cannot be read.
fn tried<T: std::fmt::Display>(args: &[ArrayRef], rows: usize, of: fn(&str) -> Result<T>) -> Result<ArrayRef> {
    let texts = texts_of(&args[0]);
    Ok(each_text(rows, |row| Some(of(text_at(texts, row)?).ok()?.to_string())))
}

/// The prefix of an address, of so many bits.
fn ip_prefix(args: &[ArrayRef], rows: usize) -> Result<ArrayRef> {
    let (texts, bits) = (texts_of(&args[0]), args[1].as_primitive::<Int64Type>());
    let mut out = StringBuilder::new();
    for row in 0..rows {
        let Some(text) = text_at(texts, row).filter(|_| bits.is_valid(row)) else {
            out.append_null();
            continue;
        };
        match u32::try_from(bits.value(row)).ok().and_then(|bits| Some(Network::of(address(text).ok()?, bits))) {
            Some(Some(network)) => out.append_value(network.to_string()),
            _ => {
                return exec_err!(
                    "ip_prefix takes an address and how many of its bits, not `{text}` and {}",
                    bits.value(row)
                );
            }
        }
    }
    Ok(Arc::new(out.finish()))
}

/// The first address, and the last.
fn ip_subnet_range(args: &[ArrayRef], rows: usize) -> Result<ArrayRef> {
    let (texts, mut out) = (texts_of(&args[0]), ListBuilder::new(StringBuilder::new()));
    for row in 0..rows {
        let network = text_at(texts, row).map(network).transpose()?;
        if let Some(network) = network {
            out.values().append_value(network.first().to_string());
            out.values().append_value(network.last().to_string());
        }
        out.append(network.is_some());
    }
    Ok(Arc::new(out.finish()))
}

/// Whether an address, or a network, is within a network, which is the same one nearly always.
fn is_subnet_of(args: &[ArrayRef], rows: usize) -> Result<ArrayRef> {
    let (networks, others) = (texts_of(&args[0]), texts_of(&args[1]));
    let mut last: Option<(&str, Network)> = None;
    let mut flags = Vec::with_capacity(rows);
    for row in 0..rows {
        let (Some(text), Some(other)) = (text_at(networks, row), text_at(others, row)) else {
            flags.push(None);
            continue;
        };
        let within = match last {
            Some((same, network)) if same == text => network,
            _ => network(text)?,
        };
        last = Some((text, within));
        flags.push(Some(within.contains(network(other)?)));
    }
    Ok(Arc::new(BooleanArray::from(flags)))
}
