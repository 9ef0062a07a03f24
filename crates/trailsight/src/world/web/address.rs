//! Which addresses something is delivered to.
//!
//! Not to this machine, nor to what lies on the same link (where clouds keep the credentials of their machines), nor to what
//! is no single machine; neither in the clothes of an IPv6 address. Private networks are let be: webhooks live there.
//! What is named by `--allow-delivery-to` is let be, whatever it is.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, UdpSocket};
use std::str::FromStr;

/// What `--allow-delivery-to` names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Allowed {
    /// A name, whatever it stands for.
    Name(String),
    /// Addresses that begin with the first so many bits of this one.
    Network(IpAddr, u32),
}

impl FromStr for Allowed {
    type Err = String;

    fn from_str(text: &str) -> Result<Allowed, String> {
        let wrong = || format!("`{text}` is no host name, no address and no network such as 127.0.0.0/8");
        if let Ok(address) = text.trim_matches(['[', ']']).parse::<IpAddr>() {
            return Ok(Allowed::Network(address, width(address)));
        }
        if let Some((address, bits)) = text.split_once('/') {
            let address: IpAddr = address.parse().map_err(|_| wrong())?;
            let bits: u32 = bits.parse().map_err(|_| wrong())?;
            return if bits <= width(address) { Ok(Allowed::Network(address, bits)) } else { Err(wrong()) };
        }
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
        if text.is_empty() || !text.bytes().all(is_name) {
            return Err(wrong());
        }
        Ok(Allowed::Name(text.trim_end_matches('.').to_ascii_lowercase()))
    }
}

impl Allowed {
    fn covers(&self, host: &str, address: IpAddr) -> bool {
        match self {
            Allowed::Name(name) => host.trim_end_matches('.').eq_ignore_ascii_case(name),
            Allowed::Network(network, bits) => {
                width(*network) == width(address) && leading(*network, *bits) == leading(address, *bits)
            }
        }
    }
}

fn width(address: IpAddr) -> u32 {
    if address.is_ipv4() { 32 } else { 128 }
}

/// The first so many bits.
fn leading(address: IpAddr, bits: u32) -> u128 {
    let number = match address {
        IpAddr::V4(address) => u128::from(address.to_bits()) << 96,
        IpAddr::V6(address) => address.to_bits(),
    };
    number.checked_shr(128 - bits).unwrap_or_default()
}

/// An address that nothing is delivered to.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Forbidden {
    host: String,
    address: IpAddr,
    what: &'static str,
}

impl std::error::Error for Forbidden {}

impl fmt::Display for Forbidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Forbidden { host, address, what } = self;
        write!(f, "nothing is delivered to {address}")?;
        if *host != address.to_string() {
            write!(f, ", which {host} stands for")?;
        }
        write!(f, ": it is {what} (`trailsight serve --allow-delivery-to {host}` allows it)")
    }
}

/// Whether something may be delivered to a host at this address of it.
pub(super) fn check(host: &str, address: IpAddr, allowed: &[Allowed]) -> Result<(), Forbidden> {
    match what_is(address).or_else(|| is_of_this_machine(address).then_some(OURS)) {
        Some(what) if !allowed.iter().any(|allowed| allowed.covers(host, address)) => {
            Err(Forbidden { host: host.to_owned(), address, what })
        }
        _ => Ok(()),
    }
}

const OURS: &str = "an address of this machine";

/// Whether an interface of this machine has the address now, in whatever spelling.
fn is_of_this_machine(address: IpAddr) -> bool {
    is_listed(address, nix::ifaddrs::getifaddrs())
}

/// The same by a list of what interfaces have. Where the system gives none, as to a service that may not speak netlink, an address at
/// which somebody here can listen is one.
fn is_listed(address: IpAddr, listed: nix::Result<impl IntoIterator<Item = nix::ifaddrs::InterfaceAddress>>) -> bool {
    let plain = |address: IpAddr| match address {
        IpAddr::V6(six) => v4_within(six).map_or(address, IpAddr::V4),
        IpAddr::V4(_) => address,
    };
    let address = plain(address);
    let of = |of: nix::ifaddrs::InterfaceAddress| {
        let socket = of.address?;
        let four = socket.as_sockaddr_in().map(|four| IpAddr::V4(four.ip()));
        four.or_else(|| socket.as_sockaddr_in6().map(|six| IpAddr::V6(six.ip())))
    };
    match listed {
        Ok(all) => all.into_iter().any(|one| of(one).map(plain) == Some(address)),
        Err(_) => UdpSocket::bind((address, 0)).is_ok(),
    }
}

/// What is wrong with an address, if anything is.
fn what_is(address: IpAddr) -> Option<&'static str> {
    match address {
        IpAddr::V4(address) => what_v4_is(address),
        IpAddr::V6(address) => what_v6_is(address),
    }
}

/// <https://www.iana.org/assignments/iana-ipv4-special-registry/>
fn what_v4_is(address: Ipv4Addr) -> Option<&'static str> {
    match address.octets() {
        // Linux takes 0.0.0.0 for itself.
        [0, ..] => Some(OURS),
        [127, ..] => Some("a loopback address"),
        // 169.254.169.254 of AWS, Azure and Google, 169.254.170.2 of ECS, and whatever else is on the link.
        [169, 254, ..] => Some("a link-local address, as metadata services have"),
        // Alibaba's, Oracle's, and Azure's host.
        [100, 100, 100, 200] | [192, 0, 0, 192] | [168, 63, 129, 16] => Some("the address of a metadata service"),
        [192, 0, 0, _] => Some("an address that is no machine's"),
        [224..=239, ..] => Some("a multicast address"),
        [240..=255, ..] => Some("a broadcast or reserved address"),
        _ => None,
    }
}

/// <https://www.iana.org/assignments/iana-ipv6-special-registry/>
fn what_v6_is(address: Ipv6Addr) -> Option<&'static str> {
    match address.segments() {
        [0, 0, 0, 0, 0, 0, 0, 0] => Some(OURS),
        [0, 0, 0, 0, 0, 0, 0, 1] => Some("a loopback address"),
        // AWS's and Google's.
        [0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254] | [0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254] => {
            Some("the address of a metadata service")
        }
        [0xfe80..=0xfebf, ..] => Some("a link-local address"),
        [0xfec0..=0xfeff, ..] => Some("a site-local address"),
        [0xff00..=0xffff, ..] => Some("a multicast address"),
        // A translator's own prefix: where the IPv4 address lies in it, only the translator knows.
        [0x64, 0xff9b, 1, ..] => Some("an address of a local translator"),
        _ => v4_within(address).and_then(what_v4_is),
    }
}

/// The IPv4 address that an IPv6 address is another spelling of.
fn v4_within(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let joined = |high: u16, low: u16| Some(Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low)));
    match address.segments() {
        // Mapped, compatible, and translated (SIIT).
        [0, 0, 0, 0, 0, 0xffff | 0, high, low] | [0, 0, 0, 0, 0xffff, 0, high, low] => joined(high, low),
        // NAT64.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => joined(high, low),
        // 6to4.
        [0x2002, high, low, ..] => joined(high, low),
        // Teredo, whose bits are turned.
        [0x2001, 0, .., high, low] => joined(!high, !low),
        // ISATAP.
        [_, _, _, _, 0 | 0x200, 0x5efe, high, low] => joined(high, low),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refuses(address: &str) -> bool {
        check("there", address.parse().expect(address), &[]).is_err()
    }

    #[test]
    fn nothing_is_delivered_to_an_address_that_an_interface_here_has() {
        let all = nix::ifaddrs::getifaddrs().expect("the system says them");
        let four = all.filter_map(|one| Some(one.address?.as_sockaddr_in()?.ip()));
        for address in four {
            assert!(refuses(&address.to_string()), "{address}");
            assert!(refuses(&format!("::ffff:{address}")), "{address}");
            // The unit of systemd leaves it no netlink, by which they are listed.
            let unlisted = || Err::<Vec<_>, _>(nix::Error::EAFNOSUPPORT);
            assert!(
                is_listed(address.into(), unlisted()) && !is_listed([192, 0, 2, 1].into(), unlisted()),
                "{address}"
            );
        }
    }

    #[test]
    fn nothing_is_delivered_to_this_machine_its_link_or_nobody_in_particular() {
        for forbidden in [
            "0.0.0.0",
            "0.1.2.3",
            "127.0.0.1",
            "127.255.0.9",
            "169.254.169.254",
            "169.254.170.2",
            "169.254.0.1",
            "100.100.100.200",
            "192.0.0.192",
            "192.0.0.1",
            "168.63.129.16",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "fe80::1",
            "febf::1",
            "fec0::1",
            "ff02::1",
            "fd00:ec2::254",
            "fd20:ce::254",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "::127.0.0.1",
            "::ffff:0:127.0.0.1",
            "64:ff9b::169.254.169.254",
            "64:ff9b::7f00:1",
            "64:ff9b:1::808:808",
            "2002:7f00:1::1",
            "2002:a9fe:a9fe::",
            // Teredo's client is 127.0.0.1, turned.
            "2001:0:4136:e378:8000:63bf:80ff:fffe",
            "2001:db8::5efe:127.0.0.1",
        ] {
            assert!(refuses(forbidden), "{forbidden}");
        }
        for fine in [
            "8.8.8.8",
            "10.0.0.1",
            "172.16.0.1",
            "192.168.1.1",
            "100.64.0.1",
            "168.63.129.17",
            "223.255.255.255",
            "2606:4700::1",
            "fd12:3456::1",
            "::ffff:8.8.8.8",
            "64:ff9b::8.8.8.8",
            "2002:808:808::1",
            "2001:4860:4860::8888",
        ] {
            assert!(!refuses(fine), "{fine}");
        }
    }

    #[test]
    fn what_is_allowed_is_a_name_an_address_or_a_network() {
        let allowed = |text: &str| text.parse::<Allowed>();
        let passes = |text: &str, host: &str, address: &str| {
            check(host, address.parse().expect(address), &[allowed(text).expect(text)]).is_ok()
        };
        assert!(passes("localhost", "LOCALHOST.", "127.0.0.1"));
        assert!(passes("localhost", "localhost", "::1"));
        assert!(!passes("localhost", "127.0.0.1", "127.0.0.1"), "a name is not its address");
        assert!(!passes("localhost", "sub.localhost", "127.0.0.1"));
        assert!(passes("127.0.0.1", "anything", "127.0.0.1"));
        assert!(!passes("127.0.0.1", "anything", "127.0.0.2"));
        assert!(!passes("127.0.0.1", "anything", "::ffff:127.0.0.1"), "another spelling is another address");
        assert!(passes("127.0.0.0/8", "anything", "127.9.9.9"));
        assert!(!passes("127.0.0.0/8", "anything", "169.254.0.1"));
        assert!(passes("0.0.0.0/0", "anything", "169.254.0.1"));
        assert!(!passes("0.0.0.0/0", "anything", "::1"));
        assert!(passes("[::1]", "anything", "::1"));
        assert!(passes("fe80::/10", "anything", "fe80::7"));
        for wrong in ["", "a b", "127.0.0.1/33", "::/129", "localhost/8", "http://localhost", "host:80"] {
            assert!(allowed(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_refusal_says_how_it_is_allowed() {
        let refusal = check("hooks.local", "127.0.0.1".parse().expect("it is one"), &[]).expect_err("it is loopback");
        assert_eq!(
            refusal.to_string(),
            "nothing is delivered to 127.0.0.1, which hooks.local stands for: it is a loopback address \
             (`trailsight serve --allow-delivery-to hooks.local` allows it)"
        );
    }
}
