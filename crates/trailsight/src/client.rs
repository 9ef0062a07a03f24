//! Asks the service that runs: how it is getting on (`trailsight status`), and for a test insight
//! (`trailsight insights send-test`).
//!
//! One request over plain HTTP, to this machine most often. It names the header that no page of another origin can send, which
//! is all that the service asks of its own requests.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use server::own_api::{HEADER, PATH};

use crate::cli::{EndpointArgs, SendTestArgs, StatusArgs};
use crate::status::{screen, width};

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
    let Some(host) = url.strip_prefix("http://") else {
        bail!("{url} is no address of the service: it is like http://127.0.0.1:4580");
    };
    let address = if host.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok()) {
        host.to_owned()
    } else {
        format!("{host}:80")
    };
    let mut stream = TcpStream::connect(&address)
        .with_context(|| format!("nothing answers at {url}: is `trailsight serve` running there?"))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let request = format!(
        "{method} {PATH}{name} HTTP/1.1\r\nHost: {host}\r\n{HEADER}: 1\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).with_context(|| format!("cannot ask {url}"))?;
    let mut reply = Vec::new();
    stream.take(LONGEST).read_to_end(&mut reply).with_context(|| format!("{url} gives no answer"))?;
    let reply = String::from_utf8_lossy(&reply);
    let (status, body) = read_reply(&reply).with_context(|| format!("what answers at {url} is no Trailsight"))?;
    let answer: Value =
        serde_json::from_str(body).with_context(|| format!("what answers at {url} is no Trailsight ({status})"))?;
    if status != 200 {
        bail!("{}", shown(answer["message"].as_str().unwrap_or("the service refused, and did not say why")));
    }
    Ok(answer)
}

/// Status and body. The service tells the length of what it answers, and closes after it.
fn read_reply(reply: &str) -> Option<(u16, &str)> {
    let (head, body) = reply.split_once("\r\n\r\n")?;
    let status = head.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()?;
    Some((status, body))
}

/// Text of strangers, without what would move the cursor.
pub(crate) fn shown(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { '\u{fffd}' } else { letter }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_is_read_or_is_none() {
        assert_eq!(read_reply("HTTP/1.1 200 OK\r\na: b\r\n\r\n{}"), Some((200, "{}")));
        assert_eq!(read_reply("SSH-2.0"), None);
    }
}
