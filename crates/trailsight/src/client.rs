//! Asks the service that runs: how it is getting on (`trailsight status`), and for a test insight
//! (`trailsight insights send-test`).
//!
//! One request, to this machine most often. It names the header that no page of another origin can send, which is all that the
//! service asks of its own requests there; where it demands credentials, those of the environment sign it.

use std::io::{Read, Write};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use http::header::{CONTENT_TYPE, HOST, HeaderMap, HeaderValue};
use reqwest::Certificate;
use reqwest::blocking::Client;
use reqwest::redirect::Policy;
use serde_json::{Value, json};
use server::own_api::{HEADER, PATH};
use server::world::Clock;
use url::{Position, Url};
use wire::sigv4::{Secret, Signing};

use crate::cli::{EndpointArgs, SendTestArgs, StatusArgs};
use crate::status::{screen, width};
use crate::world::clock::SystemClock;

const PATIENCE: Duration = Duration::from_secs(30);
/// More is no answer of ours.
const LONGEST: u64 = 16 << 20;

/// `trailsight status`.
pub fn status(arguments: &StatusArgs) -> Result<ExitCode> {
    let status = ask(&arguments.endpoint, "GET", "status", "")?;
    let text = if arguments.json { format!("{status:#}\n") } else { screen(&status, width()) };
    std::io::stdout().write_all(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

/// `trailsight insights send-test`.
pub fn send_test(arguments: &SendTestArgs) -> Result<ExitCode> {
    let sent = ask(&arguments.endpoint, "POST", "test-insight", &json!({ "trail": arguments.trail }).to_string())?;
    let list = |field: &str| {
        let all = sent[field].as_array().into_iter().flatten().filter_map(Value::as_str).map(shown);
        all.collect::<Vec<_>>().join(", ")
    };
    writeln!(
        std::io::stdout(),
        "Sent a test insight, its Start and its End: sharedEventID {}\n  trails   {}\n  files    in {}\n  event    on the \
         default event bus, on cloudtrail.amazonaws.com TrailsightTest",
        shown(sent["sharedEventID"].as_str().unwrap_or_default()),
        list("trails"),
        list("buckets"),
    )?;
    Ok(ExitCode::SUCCESS)
}

/// Asks, and gives the JSON that is answered.
fn ask(endpoint: &EndpointArgs, method: &str, name: &str, body: &str) -> Result<Value> {
    let url = endpoint.endpoint.trim_end_matches('/');
    let whole = Url::parse(&format!("{url}{PATH}{name}"))
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
        .with_context(|| format!("{url} is no address of the service: it is like http://127.0.0.1:4580"))?;
    let mut headers = HeaderMap::new();
    headers.insert(HOST, whole[Position::BeforeHost..Position::AfterPort].parse()?);
    headers.insert(HEADER, HeaderValue::from_static("1"));
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    sign(&mut headers, method, whole.path(), body)?;
    let mut client = Client::builder().timeout(PATIENCE).no_proxy().redirect(Policy::none());
    if let Some(file) = variable("AWS_CA_BUNDLE") {
        let read = std::fs::read(&file).with_context(|| format!("cannot read AWS_CA_BUNDLE={file}"))?;
        for authority in Certificate::from_pem_bundle(&read).with_context(|| format!("{file} has no certificates"))? {
            client = client.add_root_certificate(authority);
        }
    }
    let asked = client.build()?.request(method.parse()?, whole).headers(headers).body(body.to_owned()).send();
    let reply = asked.with_context(|| format!("nothing answers at {url}: is `trailsight serve` running there?"))?;
    let status = reply.status();
    let mut text = Vec::new();
    reply.take(LONGEST).read_to_end(&mut text).with_context(|| format!("{url} gives no answer"))?;
    let answer: Value =
        serde_json::from_slice(&text).with_context(|| format!("what answers at {url} is no Trailsight ({status})"))?;
    if status != 200 {
        bail!("{}", shown(answer["message"].as_str().unwrap_or("the service refused, and did not say why")));
    }
    Ok(answer)
}

/// Signs with the keys of the environment, if there are some.
fn sign(headers: &mut HeaderMap, method: &str, path: &str, body: &str) -> Result<()> {
    let (Some(access_key), Some(secret)) = (variable("AWS_ACCESS_KEY_ID"), variable("AWS_SECRET_ACCESS_KEY")) else {
        return Ok(());
    };
    let secret = Secret { session_token: variable("AWS_SESSION_TOKEN"), ..Secret::for_good(secret) };
    let region = variable("AWS_REGION").or_else(|| variable("AWS_DEFAULT_REGION")).unwrap_or("us-east-1".into());
    let signing = Signing {
        access_key: &access_key,
        secret: &secret,
        region: &region,
        service: "trailsight",
        now: SystemClock.now(),
    };
    for (name, value) in signing.headers(&wire::Request::new(method, path, headers, body.as_bytes()))? {
        headers.insert(name, value.parse()?);
    }
    Ok(())
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Text of strangers, without what would move the cursor.
pub(crate) fn shown(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { '\u{fffd}' } else { letter }).collect()
}
