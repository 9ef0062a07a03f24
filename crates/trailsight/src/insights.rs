//! `trailsight insights send-test`: what is told of insights is tried, the whole way.

use std::io::Write;
use std::process::ExitCode;

use anyhow::Result;
use record::words::clean;
use serde_json::{Value, json};
use server::own_api::PATH;

use crate::cli::SendTestArgs;
use crate::client::ask;
use crate::stdout::stdout;

/// `trailsight insights send-test`.
pub fn send_test(arguments: &SendTestArgs) -> Result<ExitCode> {
    let wanted = json!({ "trail": arguments.trail }).to_string();
    let sent = ask(&arguments.endpoint, "POST", &format!("{PATH}test-insight"), &wanted)?;
    let list = |field: &str| {
        let all = sent[field].as_array().into_iter().flatten().filter_map(Value::as_str).map(clean);
        all.collect::<Vec<_>>().join(", ")
    };
    writeln!(
        stdout(),
        "Sent a test insight, its Start and its End: sharedEventID {}\n  trails   {}\n  files    on their way to {}: `trailsight status` tells of \
         what does not arrive\n  event    on the default event bus, on cloudtrail.amazonaws.com TrailsightTest",
        clean(sent["sharedEventID"].as_str().unwrap_or_default()),
        list("trails"),
        list("buckets"),
    )?;
    Ok(ExitCode::SUCCESS)
}
