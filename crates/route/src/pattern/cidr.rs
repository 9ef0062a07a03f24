//! `{"cidr": "10.0.0.0/8"}`: an address in this network, IPv4 or IPv6.

use super::address::{Address, Network, looks_like_one};
use super::operator::{end, text};
use super::{Dialect, PatternError, Predicate};
use crate::reader::Reader;

pub(super) const NAME: &str = "cidr";

pub(super) fn read(reader: &mut Reader<'_>, _: Dialect, predicates: &mut Vec<Predicate>) -> Result<(), PatternError> {
    // AWS's text names the wrong operator.
    let text = text(reader, "prefix match pattern must be a string")?;
    predicates.push(Predicate::Network(network(&text).map_err(PatternError::new)?));
    end(reader)
}

/// The network that a text means, or what is wrong with it, in AWS's words. Networks of one address are refused, as AWS does.
fn network(text: &str) -> Result<Network, String> {
    // As Java splits: empty parts at the end do not count.
    let parts: Vec<&str> = text.trim_end_matches('/').split('/').collect();
    let &[address, bits] = parts.as_slice() else { return Err("Malformed CIDR, one '/' required".into()) };
    let bits: i32 = bits.parse().map_err(|_| "Malformed CIDR, mask bits must be an integer")?;
    let bits = u32::try_from(bits).map_err(|_| "Malformed CIDR, mask bits must not be negative")?;
    let address = Address::parse(address.as_bytes()).ok_or_else(|| {
        let fault = if looks_like_one(address.as_bytes()) { "Invalid" } else { "Nonstandard" };
        format!("{fault} IP address: {address}")
    })?;
    match address {
        Address::V4(_) if bits > 31 => Err("IPv4 mask bits must be < 32".into()),
        Address::V6(_) if bits > 127 => Err("IPv6 mask bits must be < 128".into()),
        _ => Ok(Network::new(address, bits)),
    }
}
