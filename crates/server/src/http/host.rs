//! By which names the service is asked.
//!
//! A page of a stranger's site whose name was turned to this machine (DNS rebinding) asks by that name, so that a name must be
//! one of ours. An address is no name that somebody could turn.

use std::net::IpAddr;

/// A name by which the service may be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostName {
    /// This one, with its port if it has one: `127.0.0.1:4580`.
    Exact(String),
    /// This one; and a bucket's name may stand in front: `my-trail.localhost:4580`.
    WithBuckets(String),
    /// Whatever address with this port, which HTTP's 80 and 443 need not be named: where others reach this machine, it has several.
    Address(u16),
}

impl HostName {
    /// Whether this is what a `Host` header says.
    pub(super) fn is(&self, host: &str) -> bool {
        match self {
            HostName::Exact(ours) => host.eq_ignore_ascii_case(ours),
            HostName::WithBuckets(ours) => host.eq_ignore_ascii_case(ours) || self.is_behind_bucket_in(host),
            HostName::Address(port) => {
                let (address, said) = match host.rsplit_once(':') {
                    Some((address, said)) if !host.ends_with(']') => (address, said.parse().ok()),
                    // Who asks at its scheme's own port leaves it out.
                    _ => (host, Some(*port).filter(|port| matches!(port, 80 | 443))),
                };
                let bare = address.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
                let is_address = match bare {
                    Some(bare) => bare.parse::<IpAddr>().is_ok_and(|address| address.is_ipv6()),
                    None => address.parse::<IpAddr>().is_ok_and(|address| address.is_ipv4()),
                };
                is_address && said == Some(*port)
            }
        }
    }

    /// Whether this is what a `Host` header says, with nothing in front of it.
    pub(super) fn is_without_bucket(&self, host: &str) -> bool {
        self.is(host) && !self.is_behind_bucket_in(host)
    }

    /// Whether a `Host` header says this, and a bucket in front of it.
    pub(super) fn is_behind_bucket_in(&self, host: &str) -> bool {
        let HostName::WithBuckets(ours) = self else { return false };
        let in_front = host.len().checked_sub(ours.len()).and_then(|at| host.split_at_checked(at));
        in_front.is_some_and(|(front, rest)| rest.eq_ignore_ascii_case(ours) && front.len() > 1 && front.ends_with('.'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_ours_or_it_is_not() {
        let exact = HostName::Exact("127.0.0.1:4580".into());
        let buckets = HostName::WithBuckets("localhost:4580".into());
        let public = HostName::WithBuckets("trails.example.com".into());
        let address = HostName::Address(4580);
        for (name, host, expected) in [
            (&exact, "127.0.0.1:4580", true),
            (&exact, "127.0.0.1", false),
            (&exact, "a.127.0.0.1:4580", false),
            (&exact, "127.0.0.1:4580.evil.example", false),
            (&exact, "", false),
            (&buckets, "LocalHost:4580", true),
            (&buckets, "my.trail.localhost:4580", true),
            (&buckets, ".localhost:4580", false),
            (&buckets, "evillocalhost:4580", false),
            (&buckets, "localhost:80", false),
            (&buckets, "localhost:4580.", false),
            (&public, "trails.example.com", true),
            (&public, "logs.trails.example.com", true),
            (&public, "trails.example.com.evil.example", false),
            (&public, "eviltrails.example.com", false),
            (&address, "10.0.0.7:4580", true),
            (&address, "[2001:db8::1]:4580", true),
            (&address, "2001:db8::1:4580", false),
            (&address, "10.0.0.7:80", false),
            (&address, "10.0.0.7", false),
            (&address, "evil.example:4580", false),
            (&address, "10.0.0.7.evil.example:4580", false),
            (&address, "[10.0.0.7]:4580", false),
            (&HostName::Address(443), "10.0.0.7", true),
            (&HostName::Address(443), "[::1]", true),
            (&HostName::Address(80), "10.0.0.7", true),
        ] {
            assert_eq!(name.is(host), expected, "{name:?} {host}");
        }
    }
}
