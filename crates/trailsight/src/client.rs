//! Asks the service that runs: how it is getting on (`trailsight status`), and for a test insight
//! (`trailsight insights send-test`).
//!
//! One request over plain HTTP, to this machine most often. It names the header that no page of another origin can send, which
//! is all that the service asks of its own requests.

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use jiff::Timestamp;
use record::time::DAY;
use serde_json::{Value, json};
use server::own_api::{HEADER, PATH};
use server::upkeep::KEPT;

use crate::cli::{EndpointArgs, SendTestArgs, StatusArgs};

const PATIENCE: Duration = Duration::from_secs(30);
/// More is no answer of ours.
const LONGEST: u64 = 16 << 20;

/// `trailsight status`.
pub fn status(arguments: &StatusArgs) -> Result<ExitCode> {
    let status = ask(&arguments.endpoint, "GET", "status", "")?;
    let text = if arguments.json { format!("{status:#}\n") } else { screen(&status) };
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

/// One screen.
fn screen(status: &Value) -> String {
    let mut out = String::new();
    let now = status["now"].as_i64().unwrap_or_default();
    let text = |value: &Value| shown(value.as_str().unwrap_or_default());
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();

    let _ = writeln!(out, "Trails");
    for trail in list(&status["trails"]) {
        let does = match (trail["isLogging"] == true, trail["looksForInsights"] == true) {
            (true, true) => "logging, Insights on",
            (true, false) => "logging, Insights off",
            (false, _) => "not logging",
        };
        let last =
            trail["latestDelivery"].as_i64().map_or("nothing yet".into(), |at| format!("last file {}", ago(now - at)));
        let _ = writeln!(out, "  {:<24} s3://{}  {does}, {last}", text(&trail["name"]), text(&trail["bucket"]));
        if let Some(error) = trail["latestDeliveryError"].as_str() {
            let _ = writeln!(out, "  {:<24} the last delivery failed: {}", "", shown(error));
        }
    }
    if list(&status["trails"]).is_empty() {
        let _ = writeln!(out, "  none: make one with `aws cloudtrail create-trail`");
    }

    let progress = &status["progress"];
    let number = |value: &Value| value.as_u64().unwrap_or_default();
    let _ = writeln!(out, "\nLog files");
    if progress["isReadingHistory"] == true {
        let (read, all) = (number(&progress["readFiles"]), number(&progress["listedFiles"]));
        let _ = writeln!(out, "  reading what lay in the buckets: {read} of {all}; nothing is evaluated meanwhile");
    }
    let files = &status["logFiles"];
    let _ = writeln!(out, "  {} counted, {} set aside", number(&files["counted"]), number(&files["refused"]));
    let too_old = number(&progress["tooOldFiles"]);
    if too_old > 0 {
        let days = KEPT.0 / DAY.0;
        let _ = writeln!(out, "  {too_old} left out now: they were delivered more than {days} days ago");
    }
    if let Some(error) = progress["error"].as_str() {
        let _ = writeln!(out, "  counting failed: {}", shown(error));
    }

    let _ = writeln!(out, "\nAccounts and Regions");
    for region in list(&progress["regions"]) {
        let minutes = region["minutesLearned"].as_i64().unwrap_or_default();
        let learned = match minutes {
            minutes if minutes < 36 * 60 => format!("learned {} h of the 36 that insights need", minutes / 60),
            minutes => format!("learned {:.1} days", minutes as f64 / 1440.0),
        };
        let until = region["evaluatedUntil"]
            .as_i64()
            .map_or("not evaluated".into(), |at| format!("evaluated up to {}", ago(now - at)));
        let _ = writeln!(out, "  {} {:<16} {until}, {learned}", text(&region["account"]), text(&region["region"]));
    }

    let _ = writeln!(out, "\nLast insights");
    for insight in list(&status["insights"]) {
        let at = insight["at"].as_i64().and_then(|at| Timestamp::from_second(at).ok());
        let at = at.map_or_else(String::new, |at| format!("{at:.0}"));
        let origin = match insight["origin"].as_str() {
            Some("history") => "  (history: told to nobody)",
            Some("test") => "  (a test)",
            _ => "",
        };
        let _ = writeln!(
            out,
            "  {at} {:<5} {} {}  {} {}{origin}",
            text(&insight["state"]),
            text(&insight["source"]),
            text(&insight["name"]),
            text(&insight["account"]),
            text(&insight["region"]),
        );
    }
    if list(&status["insights"]).is_empty() {
        let _ = writeln!(out, "  none");
    }

    let deliveries = &status["deliveries"];
    let _ = writeln!(out, "\nDeliveries");
    let _ = writeln!(out, "  {} waiting, {} given up", number(&deliveries["waiting"]), number(&deliveries["dead"]));
    for failing in list(&deliveries["failing"]) {
        let is_dead = if failing["isDead"] == true { "given up" } else { "tried again" };
        let attempts = number(&failing["attempts"]);
        let _ = writeln!(
            out,
            "  {} after {attempts} attempts, {is_dead}: {}",
            text(&failing["target"]),
            text(&failing["error"])
        );
    }
    out
}

fn ago(seconds: i64) -> String {
    match seconds.max(0) {
        seconds if seconds < 120 => format!("{seconds} s ago"),
        seconds if seconds < 7200 => format!("{} min ago", seconds / 60),
        seconds if seconds < 48 * 3600 => format!("{} h ago", seconds / 3600),
        seconds => format!("{} days ago", seconds / 86_400),
    }
}

/// Text of strangers, without what would move the cursor.
fn shown(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { '\u{fffd}' } else { letter }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_screen_says_what_goes_on_and_moves_no_cursor() {
        let status = json!({
            "now": 1_770_000_000,
            "trails": [{ "name": "my-trail", "bucket": "logs", "isLogging": true, "looksForInsights": true, "latestDelivery": 1_769_999_940 }],
            "progress": {
                "isReadingHistory": true, "readFiles": 12, "listedFiles": 40, "tooOldFiles": 120,
                "regions": [{ "account": "123456789012", "region": "us-east-1", "minutesLearned": 90, "evaluatedUntil": 1_769_999_000 }],
            },
            "logFiles": { "counted": 7, "refused": 1 },
            "insights": [{ "at": 1_769_990_400, "state": "Start", "source": "ec2.amazonaws.com", "name": "Run\u{1b}[2J", "account": "123456789012", "region": "us-east-1", "origin": "test" }],
            "deliveries": { "waiting": 1, "dead": 0, "failing": [{ "target": "arn:aws:s3:::logs", "attempts": 3, "error": "there is no bucket", "isDead": false }] },
        });
        let screen = screen(&status);
        for part in [
            "my-trail",
            "logging, Insights on, last file 60 s ago",
            "12 of 40",
            "7 counted, 1 set aside",
            "120 left out now: they were delivered more than 90 days ago",
            "evaluated up to 16 min ago, learned 1 h of the 36",
            "(a test)",
            "arn:aws:s3:::logs after 3 attempts, tried again",
        ] {
            assert!(screen.contains(part), "{part}:\n{screen}");
        }
        assert!(!screen.contains('\u{1b}'));
    }

    #[test]
    fn a_reply_is_read_or_is_none() {
        assert_eq!(read_reply("HTTP/1.1 200 OK\r\na: b\r\n\r\n{}"), Some((200, "{}")));
        assert_eq!(read_reply("SSH-2.0"), None);
    }
}
