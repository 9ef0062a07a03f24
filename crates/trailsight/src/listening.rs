//! Where the service listens, and who is let in there.
//!
//! | | credentials | TLS |
//! |---|---|---|
//! | this machine's own addresses, with no other's name | any key is good; `--require-credentials` demands them | if there is a certificate |
//! | `--behind-proxy`: others come in through one | demanded | the proxy's |
//! | any other address | demanded | demanded |
//!
//! What is not as it must be is said with the commands that make it so. Nothing that a proxy forwards (`X-Forwarded-For` and
//! the like) is believed, or read at all.

use std::fmt::Write as _;
use std::net::{Ipv4Addr, SocketAddr, ToSocketAddrs};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use server::http::{Gate, Handshake, HostName};
use url::{Host, Url};

use crate::cli::DoorArgs;
use crate::world::tls::handshake;

mod connections;

pub use connections::connections;

/// Where, and who.
pub struct Listening {
    /// What to listen on.
    pub addresses: Vec<SocketAddr>,
    /// Whether signatures must hold.
    pub demands_signatures: bool,
    requests_per_second: Option<NonZeroU32>,
    public_url: Option<Url>,
    is_loopback: bool,
    /// The certificate and its key, if TLS is spoken.
    tls: Option<(PathBuf, PathBuf)>,
}

impl Listening {
    /// What is wanted, or why it is refused. `credentials` says how many there are.
    pub fn new(
        listen: &str,
        doors: &DoorArgs,
        folder: &Path,
        credentials: impl FnOnce() -> Result<usize>,
    ) -> Result<Listening> {
        let addresses: Vec<SocketAddr> =
            listen.to_socket_addrs().with_context(|| format!("{listen} is no address: HOST:PORT is needed"))?.collect();
        let is_loopback = addresses.iter().all(|address| address.ip().is_loopback());
        let demands_signatures = !is_loopback || doors.behind_proxy || doors.require_credentials;
        let tls = doors.tls_cert_file.clone().zip(doors.tls_key_file.clone());
        let wants_credentials = demands_signatures && credentials()? == 0;
        let wants_tls = !is_loopback && tls.is_none() && !doors.behind_proxy;
        if wants_credentials || wants_tls {
            bail!(how_to(listen, doors, folder, wants_credentials, wants_tls, is_loopback));
        }
        let public_url = doors.public_url.clone();
        if let Some(url) = public_url.as_ref().filter(|url| !demands_signatures && !is_of_this_machine(url)) {
            bail!(
                "--public-url {url} is how others reach the service, and {listen} lets in any key: add --behind-proxy if a \
                 proxy speaks TLS in front of it, or --require-credentials"
            );
        }
        let is_unspecified = addresses.iter().any(|address| address.ip().is_unspecified());
        if public_url.is_none() && (doors.behind_proxy || is_unspecified) {
            bail!(
                "how do others reach the service? Links in mails and signatures of messages need its name: \
                 --public-url https://trailsight.example.com"
            );
        }
        if let Some(url) = &public_url {
            ensure!(
                url.scheme() == "https" || (is_loopback && tls.is_none() && !doors.behind_proxy),
                "--public-url {url} must begin with https://, as others reach it by TLS"
            );
        }
        let requests_per_second = NonZeroU32::new(doors.requests_per_second);
        Ok(Listening { addresses, demands_signatures, requests_per_second, public_url, is_loopback, tls })
    }

    /// TLS, if it is spoken; fails if its files cannot be used.
    pub fn handshake(&self) -> Result<Option<Handshake>> {
        self.tls.as_ref().map(|(cert, key)| handshake(cert, key)).transpose()
    }

    /// How others reach it, without a slash at its end.
    pub fn public_url(&self, bound: SocketAddr) -> String {
        match &self.public_url {
            Some(url) => url.as_str().trim_end_matches('/').to_owned(),
            None => format!("{}://{bound}", if self.tls.is_some() { "https" } else { "http" }),
        }
    }

    /// By which names it is asked, at this address and, by functions, at that one.
    pub fn hosts(&self, bound: SocketAddr, inside: Option<SocketAddr>) -> Vec<HostName> {
        let mut hosts = Vec::new();
        for address in [Some(bound), inside].into_iter().flatten() {
            let port = address.port();
            let own = address.ip();
            let own = if own.is_ipv6() { format!("[{own}]") } else { own.to_string() };
            // Functions ask without TLS.
            let is_default = port == if self.tls.is_some() && address == bound { 443 } else { 80 };
            for port in [Some(format!(":{port}")), is_default.then(String::new)].into_iter().flatten() {
                hosts.extend(["127.0.0.1", "[::1]", &own].map(|host| HostName::Exact(format!("{host}{port}"))));
                hosts.push(HostName::WithBuckets(format!("localhost{port}")));
            }
        }
        if !self.is_loopback {
            hosts.push(HostName::Address(bound.port()));
        }
        hosts.extend(self.public_host().map(|(host, is_name)| match is_name {
            true => HostName::WithBuckets(host),
            false => HostName::Exact(host),
        }));
        hosts
    }

    /// The hosts whose subdomains are buckets.
    pub fn bucket_domains(&self, bound: SocketAddr) -> Vec<String> {
        let mut domains = vec![format!("localhost:{}", bound.port())];
        if bound.port() == if self.tls.is_some() { 443 } else { 80 } {
            domains.push("localhost".into());
        }
        let public = self.public_host().filter(|(host, is_name)| *is_name && !domains.contains(host));
        domains.extend(public.map(|(host, _)| host));
        domains
    }

    /// The public URL's host, with its port if it has one; and whether it is a name.
    fn public_host(&self) -> Option<(String, bool)> {
        let url = self.public_url.as_ref()?;
        let host = url.host()?;
        let is_name = matches!(host, Host::Domain(_));
        Some((url.port().map_or_else(|| host.to_string(), |port| format!("{host}:{port}")), is_name))
    }

    /// Where functions ask the service: on this machine, without TLS, whose certificate names another host. `None`: where all
    /// ask.
    pub fn inside(&self) -> Option<SocketAddr> {
        (self.tls.is_some() || !self.is_loopback).then_some(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))
    }

    /// The gate.
    pub fn gate(&self) -> Gate {
        Gate::new(self.demands_signatures, self.requests_per_second)
    }
}

/// Whether a URL names this machine to itself: nobody else gets here by it.
fn is_of_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// What is missing, and the commands that mend it.
fn how_to(
    listen: &str,
    doors: &DoorArgs,
    folder: &Path,
    wants_credentials: bool,
    wants_tls: bool,
    is_loopback: bool,
) -> String {
    let needs = match (wants_credentials, wants_tls) {
        (true, true) => "credentials, and TLS or a proxy that ends it",
        (true, false) => "credentials, and there are none",
        _ => "TLS, or a proxy that ends it",
    };
    let mut text = match is_loopback {
        true => format!("this needs {needs}:"),
        false => format!("{listen} can be reached by other machines, which needs {needs}:"),
    };
    if wants_credentials {
        let _ = write!(text, "\n  trailsight credentials create --data-dir {}", folder.display());
    }
    if wants_tls {
        let url = doors.public_url.as_ref().map_or("https://HOST:PORT", Url::as_str);
        let _ = write!(
            text,
            "\n  trailsight serve --listen {listen} --public-url {url} --tls-cert-file CERT.pem --tls-key-file KEY.pem\n\
             (--behind-proxy instead of the two files, where a proxy in front of it speaks TLS)"
        );
    }
    text
}

/// `--public-url`.
pub fn public_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| format!("{error}: it is like https://trailsight.example.com"))?;
    let is_plain = matches!(url.scheme(), "http" | "https")
        && url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none()
        && url.has_host();
    if is_plain { Ok(url) } else { Err("it is like https://trailsight.example.com, without a path".into()) }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Flags {
        #[command(flatten)]
        doors: DoorArgs,
    }

    fn listening(listen: &str, flags: &str, credentials: usize) -> Result<Listening> {
        let flags = Flags::try_parse_from(std::iter::once("x").chain(flags.split_whitespace()))?;
        Listening::new(listen, &flags.doors, Path::new("DIR"), || Ok(credentials))
    }

    #[test]
    fn on_this_machine_any_key_is_good_unless_it_is_said_otherwise() {
        for own in ["127.0.0.1:4580", "[::1]:4580", "127.1.2.3:0", "localhost:4580"] {
            let plain = listening(own, "", 0).expect("it may");
            assert!(!plain.demands_signatures && plain.inside().is_none(), "{own}");
            assert!(listening(own, "--require-credentials", 1).expect("it may").demands_signatures, "{own}");
            let refused = listening(own, "--require-credentials", 0).err().expect("there are none").to_string();
            assert_eq!(
                refused,
                "this needs credentials, and there are none:\n  trailsight credentials create --data-dir DIR"
            );
        }
        assert!(listening("4580", "", 0).is_err());
    }

    #[test]
    fn elsewhere_it_is_said_what_is_missing_and_how_it_is_mended() {
        for other in ["0.0.0.0:4580", "[::]:4580", "192.0.2.7:80"] {
            let refused =
                |flags: &str, credentials| listening(other, flags, credentials).err().expect(flags).to_string();
            let both = refused("", 0);
            for part in
                ["reached by other machines", "trailsight credentials create --data-dir DIR\n", "--tls-cert-file"]
            {
                assert!(both.contains(part), "{part}: {both}");
            }
            let tls = refused("--require-credentials", 1);
            assert!(tls.contains("--tls-cert-file") && !tls.contains("credentials create"), "{tls}");
            let proxied = "--behind-proxy --public-url https://trails.example.com";
            let credentials = refused(proxied, 0);
            assert!(
                credentials.contains("credentials create") && !credentials.contains("--tls-cert-file"),
                "{credentials}"
            );
            let behind = listening(other, proxied, 1).expect("it may");
            assert!(behind.demands_signatures && behind.inside().is_some());
            assert!(refused("--behind-proxy", 1).contains("--public-url"));
            assert!(refused("--behind-proxy --public-url http://trails.example.com", 1).contains("https://"));
            let files = "--tls-cert-file none.pem --tls-key-file none.pem --public-url https://a.example";
            let missing = listening(other, files, 1).expect("it may").handshake();
            let missing = format!("{:#}", missing.err().expect("there are none"));
            assert!(missing.contains("none.pem"), "{missing}");
        }
    }

    #[test]
    fn behind_a_proxy_this_machine_s_own_addresses_are_everybody_s() {
        let proxied = "--behind-proxy --public-url https://trails.example.com";
        assert!(listening("127.0.0.1:4580", proxied, 0).is_err());
        let listening = listening("127.0.0.1:4580", proxied, 1).expect("it may");
        assert!(listening.demands_signatures && listening.inside().is_none());
        let bound: SocketAddr = "127.0.0.1:4580".parse().expect("it is an address");
        assert_eq!(listening.public_url(bound), "https://trails.example.com");
        assert!(listening.hosts(bound, None).contains(&HostName::WithBuckets("trails.example.com".into())));
        assert!(!listening.hosts(bound, None).contains(&HostName::Address(4580)));
        assert_eq!(listening.bucket_domains(bound), ["localhost:4580", "trails.example.com"]);
    }

    #[test]
    fn a_name_that_others_know_is_not_let_in_with_any_key() {
        for url in ["https://trails.example.com", "http://10.0.0.7:4580", "http://localhost.example.com"] {
            let refused = listening("127.0.0.1:4580", &format!("--public-url {url}"), 1).err().expect(url).to_string();
            assert!(refused.contains("--behind-proxy") && refused.contains("--require-credentials"), "{refused}");
        }
        for url in
            ["http://localhost:9000", "http://trails.localhost:9000", "http://127.0.0.1:9000", "http://[::1]:9000"]
        {
            assert!(listening("127.0.0.1:4580", &format!("--public-url {url}"), 0).is_ok(), "{url}");
        }
        let demanding = "--require-credentials --public-url https://trails.example.com";
        assert!(
            listening("127.0.0.1:4580", demanding, 1).is_ok(),
            "signatures are checked, whoever speaks TLS in front of it"
        );
    }

    #[test]
    fn who_asks_at_the_port_of_the_scheme_need_not_name_it() {
        let has = |listen: &str, flags: &str, host: &str| {
            let bound: SocketAddr = listen.parse().expect("it is an address");
            let listening = listening(listen, flags, 1).expect("it may");
            let hosts = listening.hosts(bound, None);
            let is_domain = listening.bucket_domains(bound).contains(&host.to_owned());
            assert_eq!(hosts.contains(&HostName::WithBuckets(host.into())), is_domain, "{listen} {host}");
            is_domain || hosts.contains(&HostName::Exact(host.into()))
        };
        let tls = "--tls-cert-file cert.pem --tls-key-file key.pem";
        for host in ["127.0.0.1", "[::1]", "localhost"] {
            assert!(has("127.0.0.1:80", "", host) && has("127.0.0.1:443", tls, host), "{host}");
            assert!(!has("127.0.0.1:443", "", host) && !has("127.0.0.1:80", tls, host), "{host}");
            assert!(!has("127.0.0.1:4580", "", host) && has("127.0.0.1:4580", "", &format!("{host}:4580")), "{host}");
        }
    }

    #[test]
    fn a_public_url_is_a_scheme_and_a_host() {
        for good in ["https://a.example", "https://a.example:8443/", "http://127.0.0.1:1"] {
            assert!(public_url(good).is_ok(), "{good}");
        }
        for bad in
            ["a.example", "ftp://a.example", "https://a.example/x", "https://u:p@a.example", "https://a.example?x"]
        {
            assert!(public_url(bad).is_err(), "{bad}");
        }
    }
}
