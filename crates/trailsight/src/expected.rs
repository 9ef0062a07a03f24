//! `trailsight expected`: what is expected, said on the shell as on the console's page: muted APIs, changes that are announced, insights
//! that were false alarms. A deployment can announce itself.
//!
//! It asks `/api/console/v1/expected` of the service that runs; what is wrong with what is said, that says.

use std::io::Write;
use std::process::ExitCode;

use anyhow::Result;
use jiff::Timestamp;
use record::words::clean;
use serde_json::{Map, Value, json};

use crate::cli::{ApisArgs, EndpointArgs, ExpectedCommand, Verdict};
use crate::client::ask;
use crate::stdout::stdout;

/// Runs it.
pub fn run(command: &ExpectedCommand) -> Result<ExitCode> {
    let text = match command {
        ExpectedCommand::List { json, endpoint } => {
            let listed = ask(endpoint, "GET", &path(""), "")?;
            if *json { format!("{listed:#}\n") } else { list(&listed) }
        }
        ExpectedCommand::Mute { apis, by, until } => {
            let mut said = of_apis("muted", apis);
            put(&mut said, "by", Some(&*by.join(" ")).filter(|by| !by.is_empty()));
            put(&mut said, "until", until.as_deref());
            say(&apis.endpoint, said)?
        }
        ExpectedCommand::Announce { apis, direction, from, until } => {
            let mut said = of_apis("expected", apis);
            put(&mut said, "direction", direction.map(|direction| direction.as_str()));
            put(&mut said, "from", from.as_deref());
            put(&mut said, "until", Some(until));
            say(&apis.endpoint, said)?
        }
        ExpectedCommand::Call { insight, verdict, why, endpoint } => {
            let kind = match verdict {
                Verdict::FalseAlarm => "falseAlarm",
                Verdict::Real => "real",
            };
            let mut said = Map::from_iter([("kind".to_owned(), json!(kind)), ("insight".to_owned(), json!(insight))]);
            put(&mut said, "why", why.as_deref());
            say(endpoint, said)?
        }
        ExpectedCommand::End { id, endpoint } => {
            let id: String = url::form_urlencoded::byte_serialize(id.as_bytes()).collect();
            list(&ask(endpoint, "DELETE", &path(&format!("?id={id}")), "")?)
        }
    };
    stdout().write_all(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

fn path(query: &str) -> String {
    format!("{}expected{query}", server::console_api::PATH)
}

fn of_apis(kind: &str, apis: &ApisArgs) -> Map<String, Value> {
    let mut said = Map::from_iter([("kind".to_owned(), json!(kind)), ("apis".to_owned(), json!(apis.apis.join(" ")))]);
    for (name, text) in
        [("account", &apis.account), ("region", &apis.region), ("error", &apis.error), ("why", &apis.why)]
    {
        put(&mut said, name, text.as_deref());
    }
    said
}

fn put(said: &mut Map<String, Value>, name: &str, text: Option<&str>) {
    if let Some(text) = text {
        said.insert(name.to_owned(), json!(text));
    }
}

fn say(endpoint: &EndpointArgs, said: Map<String, Value>) -> Result<String> {
    let told = ask(endpoint, "POST", &path(""), &Value::Object(said).to_string())?;
    let notice = told["notice"].as_str().map_or_else(String::new, |notice| format!("  {}\n", clean(notice)));
    Ok(format!("{}{notice}", lines(&told["said"])))
}

fn list(listed: &Value) -> String {
    let all = listed["said"].as_array().map(Vec::as_slice).unwrap_or_default();
    match all {
        [] => "Nothing was said: every insight is told.\n".to_owned(),
        all => all.iter().map(lines).collect(),
    }
}

/// Something that was said: what, where, when, what it held back; and why.
fn lines(said: &Value) -> String {
    let text = |name: &str| clean(said[name].as_str().unwrap_or_default());
    let kind = match said["kind"].as_str() {
        Some("muted") => "muted",
        Some("expected") => "expected",
        Some("falseAlarm") => "false alarm",
        Some("real") => "real",
        _ => "said",
    };
    let state = match said["state"].as_str() {
        Some("ahead") => "ahead",
        Some("inForce") => "in force",
        _ => "ended",
    };
    let mut what = text("apis");
    for (before, name) in
        [(" ", "error"), (", ", "direction"), (" in ", "region"), (", account ", "account"), (", by ", "by")]
    {
        if said[name].is_string() {
            what = format!("{what}{before}{}", text(name));
        }
    }
    let when = match (moment(&said["from"]), moment(&said["until"])) {
        (Some(from), Some(until)) => format!("{from} to {until}"),
        (Some(from), None) => format!("since {from}"),
        _ => String::new(),
    };
    let held = said["heldBack"]["count"].as_u64().unwrap_or_default();
    let by = if said["saidBy"].as_str().is_some_and(|by| !by.is_empty()) {
        format!(" ({})", text("saidBy"))
    } else {
        String::new()
    };
    format!("{state:<9} {kind:<11} {what}\n  {when}; {held} held back\n  {}{by}\n  id {}\n", text("why"), text("id"))
}

fn moment(seconds: &Value) -> Option<String> {
    let at = Timestamp::from_second(seconds.as_i64()?).ok()?;
    Some(at.strftime("%Y-%m-%d %H:%MZ").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_said_is_told_with_where_when_and_why_and_nothing_of_it_moves_the_cursor() {
        assert_eq!(list(&json!({ "said": [] })), "Nothing was said: every insight is told.\n");
        let said = json!({
            "id": "7a0b", "kind": "expected", "state": "inForce", "account": "123456789012", "region": "us-east-1", "apis": "ec2/Run* sts",
            "error": "Throttl*", "direction": "increase", "from": 1_770_906_600, "until": 1_770_910_200, "why": "load \u{1b}[2Jtest",
            "saidBy": "AKID", "heldBack": { "count": 3 },
        });
        assert_eq!(
            list(&json!({ "said": [said] })),
            "in force  expected    ec2/Run* sts Throttl*, increase in us-east-1, account 123456789012\n  \
             2026-02-12 14:30Z to 2026-02-12 15:30Z; 3 held back\n  load \\u{1b}[2Jtest (AKID)\n  id 7a0b\n"
        );
        let muted = json!({ "id": "8", "kind": "muted", "state": "ended", "apis": "sts", "by": "*:role/ci", "from": 1_770_906_600, "until": null, "why": "x", "saidBy": "" });
        assert_eq!(
            lines(&muted),
            "ended     muted       sts, by *:role/ci\n  since 2026-02-12 14:30Z; 0 held back\n  x\n  id 8\n"
        );
    }
}
