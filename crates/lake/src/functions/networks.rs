//! Addresses and the networks that they are of: `contains('10.0.0.0/8', sourceIPAddress)`.
//!
//! <https://trino.io/docs/current/functions/ipaddress.html>

use std::net::IpAddr;

use datafusion::common::exec_err;
use datafusion::error::Result;

/// Whether an address is of the network; what is no address (a service is told where one calls for another) is of none.
pub(super) fn is_within(network: &str, address: &str) -> Result<bool> {
    let parsed = network.split_once('/').and_then(|(base, bits)| {
        let (base, bits) = (base.parse::<IpAddr>().ok()?, bits.parse::<u32>().ok()?);
        (bits <= if base.is_ipv4() { 32 } else { 128 }).then_some((base, bits))
    });
    let Some((base, bits)) = parsed else { return exec_err!("`{network}` is no network like 10.0.0.0/8") };
    Ok(match (base, address.parse::<IpAddr>()) {
        (IpAddr::V4(base), Ok(IpAddr::V4(address))) => {
            (base.to_bits() ^ address.to_bits()).checked_shr(32 - bits).unwrap_or(0) == 0
        }
        (IpAddr::V6(base), Ok(IpAddr::V6(address))) => {
            (base.to_bits() ^ address.to_bits()).checked_shr(128 - bits).unwrap_or(0) == 0
        }
        _ => false,
    })
}
