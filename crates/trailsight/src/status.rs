//! `trailsight status`: the screen that an operator looks at first, the worst of it on top.
//!
//! It is made of the JSON that the service answers (`--json` prints it). On a terminal no line is longer than it is wide; what
//! is cut off there is whole in the JSON.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::io::Write as _;
use std::process::ExitCode;

use anyhow::Result;
use jiff::Timestamp;
use record::words::clean;
use serde_json::Value;
use server::own_api::PATH;

use crate::cli::StatusArgs;
use crate::client::ask;
use crate::stdout::stdout;

mod log_files;

/// Trails, and account-Regions, that are shown.
const SHOWN: usize = 10;
/// A log of the database that is larger than this is not taken into it as it should be.
const LARGE_LOG: u64 = 256 << 20;
/// From this on it is said how much more often than promised an account alarmed.
const STRICTER: f64 = 1.05;
/// Letters of a name before what is said of it.
const NAME: usize = 24;
/// Asks for it and prints it.
pub fn run(arguments: &StatusArgs) -> Result<ExitCode> {
    let status = ask(&arguments.endpoint, "GET", &format!("{PATH}status"), "")?;
    let text = if arguments.json { format!("{status:#}\n") } else { screen(&status, width()) };
    stdout().write_all(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

/// How wide the terminal is, if it is one.
fn width() -> Option<usize> {
    let terminal = console::Term::stdout();
    terminal.is_term().then(|| terminal.size_checked().map_or(80, |(_, columns)| usize::from(columns).max(20)))
}

/// One screen, of lines no longer than `width`.
fn screen(status: &Value, width: Option<usize>) -> String {
    let mut out = String::new();
    let now = status["now"].as_i64().unwrap_or_default();
    readiness(&mut out, status);
    breakdowns(&mut out, &status["breakdowns"], now);
    trails(&mut out, status, now);
    log_files::write(&mut out, status, now);
    regions(&mut out, status, now);
    insights(&mut out, status);
    deliveries(&mut out, status, now);
    disk(&mut out, &status["disk"]);
    match width {
        Some(width) => out.lines().map(|line| format!("{}\n", cut(line, width))).collect(),
        None => out,
    }
}

fn readiness(out: &mut String, status: &Value) {
    let version = text(&status["version"]);
    let in_the_way = list(&status["inTheWay"]);
    if in_the_way.is_empty() {
        let _ = writeln!(out, "Trailsight {version} is ready");
    } else {
        let _ = writeln!(out, "Trailsight {version} is not ready");
        for sentence in in_the_way {
            let _ = writeln!(out, "  {}", text(sentence));
        }
    }
}

/// Faults of ours: whoever reads of one knows that it is not theirs.
fn breakdowns(out: &mut String, breakdowns: &Value, now: i64) {
    let (count, last) = (number(&breakdowns["count"]), &breakdowns["last"]);
    if count == 0 {
        return;
    }
    let (at, times) = (ago(now - last["at"].as_i64().unwrap_or(now)), if count == 1 { "time" } else { "times" });
    let _ = writeln!(out, "  a fault of Trailsight, {count} {times} since the start: something broke down, {at}");
    let _ = writeln!(out, "    {} ({}): {}", text(&last["thread"]), text(&last["place"]), text(&last["text"]));
    let _ = writeln!(out, "    please report it, with the log");
}

fn trails(out: &mut String, status: &Value, now: i64) {
    let all = list(&status["trails"]);
    let _ = writeln!(out, "\nTrails");
    for trail in all.iter().take(SHOWN) {
        let does = match (trail["isLogging"] == true, trail["looksForInsights"] == true) {
            (true, true) => "logging, Insights on",
            (true, false) => "logging, Insights off",
            (false, _) => "not logging",
        };
        let last =
            trail["latestDelivery"].as_i64().map_or("no file yet".into(), |at| format!("last file {}", ago(now - at)));
        let prefix = trail["prefix"].as_str().map_or_else(String::new, |prefix| format!("/{}", clean(prefix)));
        let _ = writeln!(out, "  {} {does}, {last}", name(&text(&trail["name"])));
        let _ = writeln!(out, "  {:<NAME$} s3://{}{prefix}", "", text(&trail["bucket"]));
        let unlisted = &trail["unlisted"];
        if let Some(code) = unlisted["code"].as_str() {
            let since = ago(now - unlisted["since"].as_i64().unwrap_or(now));
            let _ = writeln!(
                out,
                "  {:<NAME$} cannot be listed, since {since}: {} ({})",
                "",
                text(&unlisted["text"]),
                clean(code)
            );
        }
        // Of a bucket that is gone, that no file can be put into it is not told besides.
        if let Some(error) = trail["latestDeliveryError"].as_str().filter(|error| unlisted["code"] != **error) {
            let _ = writeln!(out, "  {:<NAME$} the last delivery failed: {}", "", clean(error));
        }
    }
    match all.len() {
        0 => {
            let _ = writeln!(out, "  none: make one with `aws cloudtrail create-trail`");
        }
        count => more(out, count),
    }
}

fn regions(out: &mut String, status: &Value, now: i64) {
    let mut all: Vec<&Value> = list(&status["progress"]["regions"]).iter().collect();
    // Those that are most behind first.
    all.sort_by_key(|region| region["evaluatedUntil"].as_i64());
    let delivered: BTreeMap<(&str, &str), i64> = list(&status["delivered"])
        .iter()
        .filter_map(|one| Some(((one["account"].as_str()?, one["region"].as_str()?), one["at"].as_i64()?)))
        .collect();
    let _ = writeln!(out, "\nAccounts and Regions");
    for region in all.iter().take(SHOWN) {
        let minutes = region["minutesLearned"].as_i64().unwrap_or_default();
        let learned = match minutes {
            minutes if minutes < 36 * 60 => format!("learned {} of 36 h", minutes / 60),
            minutes => format!("learned {:.1} days", minutes as f64 / 1440.0),
        };
        let until = region["evaluatedUntil"]
            .as_i64()
            .map_or("not evaluated".into(), |at| format!("evaluated to {}", ago(now - at)));
        let key = (region["account"].as_str().unwrap_or_default(), region["region"].as_str().unwrap_or_default());
        let newest = delivered.get(&key).map_or_else(String::new, |at| format!("file {}, ", ago(now - at)));
        let _ = writeln!(out, "  {} {:<14} {newest}{until}, {learned}", clean(key.0), clean(key.1));
    }
    match all.len() {
        0 => {
            let _ = writeln!(out, "  none: no log file was counted");
        }
        count => more(out, count),
    }
    let stricter = list(&status["progress"]["accounts"]).iter().filter_map(|account| {
        let raised = |(of, what): (&str, &str)| {
            let times = account[of]["correction"].as_f64().filter(|times| *times > STRICTER)?;
            Some(format!("{what} {times:.1} times"))
        };
        let raised: Vec<String> =
            [("increase", "increases"), ("decrease", "decreases")].into_iter().filter_map(raised).collect();
        (!raised.is_empty()).then(|| (text(&account["account"]), raised.join(", ")))
    });
    for (account, raised) in stricter.take(SHOWN) {
        let _ = writeln!(out, "  {account} alarmed more often than promised: {raised}");
        let _ = writeln!(out, "    an insight must be as much rarer there, until the account keeps the promise");
    }
}

fn insights(out: &mut String, status: &Value) {
    let _ = writeln!(out, "\nLast insights ({} open)", number(&status["insightsOpen"]));
    for insight in list(&status["insights"]) {
        let at = insight["at"].as_i64().and_then(|at| Timestamp::from_second(at).ok());
        let at = at.map_or_else(String::new, |at| at.strftime("%m-%d %H:%M").to_string());
        let origin = match insight["origin"].as_str() {
            Some("history") => "  (history: told to nobody)",
            Some("test") => "  (a test)",
            _ => "",
        };
        let source = text(&insight["source"]);
        let source = source.strip_suffix(".amazonaws.com").unwrap_or(&source);
        let error = insight["errorCode"].as_str().map_or_else(String::new, |code| format!(" {}", clean(code)));
        let arrow = if insight["direction"] == "decrease" { "▼" } else { "▲" };
        let _ = writeln!(
            out,
            "  {at} {:<5} {arrow} {source} {}{error}, {}  {} {}{origin}",
            text(&insight["state"]),
            text(&insight["name"]),
            text(&insight["change"]),
            text(&insight["account"]),
            text(&insight["region"]),
        );
    }
    if list(&status["insights"]).is_empty() {
        let _ = writeln!(out, "  none");
    }
}

fn deliveries(out: &mut String, status: &Value, now: i64) {
    let deliveries = &status["deliveries"];
    let oldest = deliveries["oldestWaiting"].as_i64();
    let oldest = oldest.map_or_else(String::new, |at| format!(" (the oldest since {})", ago(now - at)));
    let (waiting, dead) = (number(&deliveries["waiting"]), number(&deliveries["dead"]));
    let _ = writeln!(out, "\nDeliveries\n  {waiting} waiting{oldest}, {dead} given up");
    let failing = list(&deliveries["failing"]);
    for target in failing {
        let is_dead = if target["isDead"] == true { "given up" } else { "tried again" };
        let (waiting, dead, attempts) =
            (number(&target["waiting"]), number(&target["dead"]), number(&target["attempts"]));
        let _ = writeln!(out, "  {}: {waiting} waiting, {dead} given up", text(&target["target"]));
        let _ = writeln!(out, "    the newest {is_dead} after {attempts} attempts: {}", text(&target["error"]));
    }
    let others = number(&deliveries["failingTargets"]).saturating_sub(failing.len() as u64);
    if others > 0 {
        let _ = writeln!(out, "  … and to {others} other targets");
    }
    let unconfirmed = &deliveries["unconfirmed"];
    let count = number(&unconfirmed["count"]);
    if count > 0 {
        let (wait, get) = if count == 1 { ("subscription waits", "gets") } else { ("subscriptions wait", "get") };
        let (endpoint, topic) = (text(&unconfirmed["endpoint"]), text(&unconfirmed["topicArn"]));
        let topic = topic.rsplit(':').next().unwrap_or_default();
        let _ = writeln!(
            out,
            "  {count} {wait} for the endpoint's confirmation and {get} nothing: {endpoint} (topic {topic})"
        );
    }
    if let Some(error) = status["delivering"]["error"].as_str() {
        let _ = writeln!(out, "  nothing can be delivered: {}", clean(error));
    }
}

fn disk(out: &mut String, disk: &Value) {
    let (database, wal) = (number(&disk["databaseBytes"]), number(&disk["walBytes"]));
    let _ = write!(out, "\nDisk\n  database {}", size(database + wal));
    // What was written lately is there alone at first.
    if wal > LARGE_LOG {
        let _ = write!(out, " ({} of it its log)", size(wal));
    }
    let room = disk["freeBytes"].as_u64().zip(disk["sizeBytes"].as_u64());
    let _ = match room {
        Some((free, all)) => writeln!(out, ", {} of {} free", size(free), size(all)),
        None => writeln!(out),
    };
}

fn more(out: &mut String, count: usize) {
    if count > SHOWN {
        let _ = writeln!(out, "  … and {} more: --json", count - SHOWN);
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> String {
    clean(value.as_str().unwrap_or_default())
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_default()
}

/// A name in its column; one that is longer is cut amid, for the end tells names apart as well as the beginning.
fn name(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    if letters.len() <= NAME {
        return format!("{name:<NAME$}");
    }
    let (first, last) = (&letters[..NAME / 2], &letters[letters.len() - (NAME - NAME / 2 - 1)..]);
    format!("{}…{}", String::from_iter(first), String::from_iter(last))
}

/// A line, no longer than so many letters.
fn cut(line: &str, width: usize) -> String {
    match line.char_indices().nth(width) {
        Some(_) => line.chars().take(width - 1).chain(['…']).collect(),
        None => line.to_owned(),
    }
}

fn size(bytes: u64) -> String {
    match bytes {
        bytes if bytes < 10 << 10 => format!("{bytes} B"),
        bytes if bytes < 10 << 20 => format!("{} KiB", bytes >> 10),
        bytes if bytes < 10 << 30 => format!("{} MiB", bytes >> 20),
        bytes => format!("{} GiB", bytes >> 30),
    }
}

fn ago(seconds: i64) -> String {
    match seconds.max(0) {
        seconds if seconds < 120 => format!("{seconds} s ago"),
        seconds if seconds < 7200 => format!("{} min ago", seconds / 60),
        seconds if seconds < 48 * 3600 => format!("{} h ago", seconds / 3600),
        seconds => format!("{} days ago", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests;
