//! Asks the service that runs, for the commands that do.
//!
//! A request is to this machine most often. It names the header that no page of another origin can send, which is all that the
//! service asks of its own requests there; where it demands credentials, those of the environment sign it, or the profile's.

use std::error::Error;
use std::fs::File;
use std::io::{self, Read};
use std::iter::successors;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use http::header::{CONTENT_TYPE, HOST, HeaderMap, HeaderValue};
use record::words::clean;
use reqwest::Certificate;
use reqwest::blocking::{Client, Response};
use reqwest::redirect::Policy;
use serde_json::Value;
use server::own_api::HEADER;
use server::world::Clock;
use tokio_rustls::rustls;
use url::{Position, Url};
use wire::sigv4::{Secret, Signing};

use crate::cli::EndpointArgs;
use crate::world::aws_profile;
use crate::world::clock::SystemClock;

const PATIENCE: Duration = Duration::from_secs(30);
/// A result may be large, and the way to it long.
const LONG_PATIENCE: Duration = Duration::from_secs(3600);
/// Before the name of an operation of CloudTrail's.
const CLOUDTRAIL: &str = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101";
/// More is no answer of ours.
const LONGEST: u64 = 16 << 20;

/// Asks for a path, with its query, and gives the JSON that is answered.
pub(crate) fn ask(endpoint: &EndpointArgs, method: &str, path: &str, body: &str) -> Result<Value> {
    Service::at(endpoint)?.ask(method, path, body)
}

/// Nobody has answered: it may be better in a moment.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct NoAnswer(String);

/// A service that is asked more than once.
#[derive(Clone, Debug)]
pub(crate) struct Service {
    /// Without a slash at its end.
    url: String,
    client: Client,
}

/// What is asked of it.
struct Asked<'a> {
    method: &'a str,
    /// With its query.
    path: &'a str,
    body: &'a str,
    /// AWS's operation, if it is one.
    operation: Option<&'a str>,
}

impl Service {
    /// The one there. Nothing is asked of it yet.
    pub(crate) fn at(endpoint: &EndpointArgs) -> Result<Service> {
        let mut client = Client::builder().timeout(PATIENCE).no_proxy().redirect(Policy::none());
        if let Some(file) = variable("AWS_CA_BUNDLE") {
            let read = std::fs::read(&file).with_context(|| format!("cannot read AWS_CA_BUNDLE={file}"))?;
            let authorities = Certificate::from_pem_bundle(&read).ok().filter(|authorities| !authorities.is_empty());
            for authority in authorities.with_context(|| format!("AWS_CA_BUNDLE={file} has no certificates (PEM)"))? {
                client = client.add_root_certificate(authority);
            }
        }
        Ok(Service { url: endpoint.endpoint.trim_end_matches('/').to_owned(), client: client.build()? })
    }

    /// Asks for a path, with its query, and gives the JSON that is answered.
    pub(crate) fn ask(&self, method: &str, path: &str, body: &str) -> Result<Value> {
        self.json(self.send(&Asked { method, path, body, operation: None }, PATIENCE)?)
    }

    /// Has an operation of CloudTrail's done.
    pub(crate) fn operate(&self, operation: &str, input: &Value) -> Result<Value> {
        self.operate_within(PATIENCE, operation, input)
    }

    /// The same, if it does not take longer than this.
    pub(crate) fn operate_within(&self, patience: Duration, operation: &str, input: &Value) -> Result<Value> {
        let body = input.to_string();
        self.json(self.send(&Asked { method: "POST", path: "/", body: &body, operation: Some(operation) }, patience)?)
    }

    /// Writes what is there into a file, however large it is.
    pub(crate) fn fetch(&self, path: &str, into: &mut File) -> Result<()> {
        let mut reply = self.send(&Asked { method: "GET", path, body: "", operation: None }, LONG_PATIENCE)?;
        if reply.status() != 200 {
            return self.json(reply).map(drop);
        }
        reply.copy_to(into).with_context(|| format!("{} gives no whole answer", self.url))?;
        Ok(())
    }

    fn send(&self, asked: &Asked<'_>, patience: Duration) -> Result<Response> {
        let url = &self.url;
        let is_one = |url: &Url| matches!(url.scheme(), "http" | "https") && url.has_host();
        let whole = Url::parse(url).ok().filter(is_one).and_then(|_| Url::parse(&format!("{url}{}", asked.path)).ok());
        let whole = whole.with_context(|| {
            format!("`{}` is no address of the service: it is like http://127.0.0.1:4580", clean(url))
        })?;
        let mut headers = HeaderMap::new();
        headers.insert(HOST, whole[Position::BeforeHost..Position::AfterPort].parse()?);
        headers.insert(HEADER, HeaderValue::from_static("1"));
        let (kind, service) = match asked.operation {
            Some(operation) => {
                headers.insert("x-amz-target", format!("{CLOUDTRAIL}.{operation}").parse()?);
                ("application/x-amz-json-1.1", "cloudtrail")
            }
            None => ("application/json", "trailsight"),
        };
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        let target = &whole[Position::BeforePath..Position::AfterQuery];
        sign(&mut headers, service, asked.method, target, asked.body)?;
        let request = self.client.request(asked.method.parse()?, whole).headers(headers).timeout(patience);
        request.body(asked.body.to_owned()).send().map_err(|error| {
            // What lies between says what the sentence does.
            let last = successors(error.source(), |&cause| cause.source()).last();
            NoAnswer(format!("{}: {}", why(&error, url, patience), last.unwrap_or(&error))).into()
        })
    }

    /// The JSON of an answer; if it is a refusal, what it says.
    fn json(&self, reply: Response) -> Result<Value> {
        let (url, status) = (&self.url, reply.status());
        let mut text = Vec::new();
        reply.take(LONGEST).read_to_end(&mut text).with_context(|| format!("{url} gives no answer"))?;
        let answer: Value = serde_json::from_slice(&text)
            .with_context(|| format!("what answers at {url} is no Trailsight ({status})"))?;
        if status != 200 {
            let said = answer["message"].as_str().or(answer["Message"].as_str());
            bail!("{}", clean(said.unwrap_or("the service refused, and did not say why")));
        }
        Ok(answer)
    }
}

/// Why nobody has answered.
fn why(error: &reqwest::Error, url: &str, patience: Duration) -> String {
    let tls = successors(error.source(), |&cause| cause.source()).find_map(of_tls);
    match tls {
        // What `openssl req -x509` makes if nobody says otherwise.
        Some(rustls::Error::InvalidCertificate(why)) if format!("{why:?}").contains("CaUsedAsEndEntity") => format!(
            "the certificate at {url} is one of an authority (CA:TRUE), which no server may show: make another, with \
             -addext basicConstraints=critical,CA:FALSE"
        ),
        Some(rustls::Error::InvalidCertificate(_)) => format!(
            "the certificate at {url} is not believed: AWS_CA_BUNDLE=FILE names the authorities (PEM) that vouch for it"
        ),
        Some(_) => format!("what answers at {url} speaks no TLS as we do: is it http://, or another port?"),
        None if error.is_connect() => format!("nothing answers at {url}: is `trailsight serve` running there?"),
        None if error.is_timeout() => format!("{url} did not answer within {} s", patience.as_secs()),
        None if url.starts_with("http://") => {
            format!("what answers at {url} speaks no HTTP: is it https://, or another port?")
        }
        None => format!("{url} gives no answer"),
    }
}

/// What TLS says, also where errors of input and output are around it: what they hold is none of their sources.
fn of_tls<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e rustls::Error> {
    let held = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    error.downcast_ref().or_else(|| of_tls(held?))
}

/// The keys that a request is signed with, and the Region that it is signed for.
struct Keys {
    access_key: String,
    secret: Secret,
    region: String,
}

impl Keys {
    /// Those of the environment, or else of the profile; none if nobody has any.
    fn of(variable: impl Fn(&str) -> Option<String>) -> Option<Keys> {
        let profile = aws_profile::settings(&variable);
        let of_profile = |name: &str| profile.get(name).cloned();
        // One place has them all: an id of the one and a secret of the other are no pair.
        let is_here = variable("AWS_ACCESS_KEY_ID").is_some();
        let said = |name: &str| if is_here { variable(name) } else { of_profile(&name.to_ascii_lowercase()) };
        let access_key = said("AWS_ACCESS_KEY_ID")?;
        let secret = Secret::for_good(said("AWS_SECRET_ACCESS_KEY")?);
        let secret = Secret { session_token: said("AWS_SESSION_TOKEN"), ..secret };
        let region = variable("AWS_REGION").or_else(|| variable("AWS_DEFAULT_REGION")).or_else(|| of_profile("region"));
        Some(Keys { access_key, secret, region: region.unwrap_or_else(|| "us-east-1".into()) })
    }
}

/// Signs, if there are keys.
fn sign(headers: &mut HeaderMap, service: &str, method: &str, target: &str, body: &str) -> Result<()> {
    let Some(Keys { access_key, secret, region }) = Keys::of(variable) else { return Ok(()) };
    let signing =
        Signing { access_key: &access_key, secret: &secret, region: &region, service, now: SystemClock.now() };
    for (name, value) in signing.headers(&wire::Request::new(method, target, headers, body.as_bytes()))? {
        let value = value.parse().context("AWS_ACCESS_KEY_ID, or the session's token, has what no header may have")?;
        headers.insert(name, value);
    }
    Ok(())
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::net::TcpListener;

    use super::*;
    use crate::world::signer::Signer;
    use crate::world::tls::handshake;

    #[test]
    fn who_has_no_keys_in_the_environment_signs_with_those_of_the_profile() {
        let home = tempfile::tempdir().expect("there is room");
        std::fs::create_dir(home.path().join(".aws")).expect("there is room");
        let file = home.path().join(".aws/credentials");
        let text =
            "[default]\naws_access_key_id = AKIDPROFILE\naws_secret_access_key = secret\n[ops]\nregion = eu-west-1\n";
        std::fs::write(file, text).expect("there is room");
        let told = |set: &[(&str, &str)]| {
            let home = [("HOME", home.path().to_str().expect("it is text"))];
            let all: Vec<(&str, &str)> = home.iter().chain(set).copied().collect();
            let found = |name: &str| all.iter().find(|(set, _)| *set == name).map(|(_, value)| (*value).to_owned());
            Keys::of(found).map(|keys| (keys.access_key, keys.region))
        };
        let of = |key: &str, region: &str| Some((key.to_owned(), region.to_owned()));
        assert_eq!(told(&[]), of("AKIDPROFILE", "us-east-1"));
        assert_eq!(told(&[("AWS_DEFAULT_REGION", "eu-west-2")]), of("AKIDPROFILE", "eu-west-2"));
        assert_eq!(told(&[("AWS_PROFILE", "ops")]), None, "it has no keys");
        let keys = [("AWS_ACCESS_KEY_ID", "AKID"), ("AWS_SECRET_ACCESS_KEY", "x"), ("AWS_PROFILE", "ops")];
        assert_eq!(told(&keys), of("AKID", "eu-west-1"));
        assert_eq!(told(&keys[..1]), None, "half a pair is none");
    }

    /// Takes one connection, and does this with it.
    fn once(answer: impl FnOnce(std::net::TcpStream) + Send + 'static) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").expect("there is a port");
        let port = listener.local_addr().expect("it is bound").port();
        std::thread::spawn(move || answer(listener.accept().expect("somebody comes").0));
        port
    }

    #[test]
    fn that_nobody_listens_is_told_from_who_speaks_otherwise_or_is_not_believed() {
        let folder = tempfile::tempdir().expect("there is room");
        Signer::open(folder.path(), SystemClock.now()).expect("it is made");
        let pem = folder.path().join("signing.pem");
        let over_tls = move |stream: std::net::TcpStream| {
            let runtime = tokio::runtime::Runtime::new().expect("there are threads");
            runtime.block_on(async {
                stream.set_nonblocking(true).expect("it is ours");
                let stream = tokio::net::TcpStream::from_std(stream).expect("it is ours");
                let shake = handshake(&pem, &pem).expect("it is a pair");
                let _ = shake(stream).await;
            });
        };
        let without = |mut stream: std::net::TcpStream| {
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
            let _ = stream.read(&mut [0; 1024]);
        };
        let nobody = TcpListener::bind("127.0.0.1:0").and_then(|gone| gone.local_addr()).expect("there was one").port();
        for (url, told) in [
            (format!("https://127.0.0.1:{}", once(over_tls.clone())), "AWS_CA_BUNDLE"),
            (format!("http://127.0.0.1:{}", once(over_tls)), "is it https://"),
            (format!("https://127.0.0.1:{}", once(without)), "is it http://"),
            (format!("http://127.0.0.1:{nobody}"), "nothing answers"),
            ("http://".into(), "is no address of the service"),
        ] {
            let error = ask(&EndpointArgs { endpoint: url.clone() }, "GET", "/", "").expect_err("nobody answers");
            let error = format!("{error:#}");
            assert!(error.contains(told) && !error.contains("error sending request"), "{url}: {error}");
        }
    }
}
