//! `trailsight operations`: what the service answers, printed from the tables that it answers by.
//!
//! `docs/OPERATIONS.md` is the same as a page. `e2e/every_operation.py` asks for the list, and calls all that is on it.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::ExitCode;

use anyhow::Result;
use serde::Serialize;
use server::Service;

use crate::stdout::stdout;
use crate::world::s3_operations::{Answered, S3_OPERATIONS};

/// An operation that the service knows.
#[derive(Debug, Serialize)]
pub struct Known {
    /// The service's name in the scope of a credential: `events`.
    pub service: &'static str,
    /// AWS's name of the operation.
    pub operation: &'static str,
    /// Why it is not done, if it is only refused.
    pub refused: Option<&'static str>,
    /// How far it is done, if not as AWS does it.
    pub limit: Option<&'static str>,
}

/// All of them, by service, in the order of the services' tables.
pub fn known() -> Vec<Known> {
    Service::all().flat_map(of_service).collect()
}

fn of_service(service: Service) -> Vec<Known> {
    let name = service.signing_name();
    let known = |operation, refused, limit| Known { service: name, operation, refused, limit };
    let of_s3 = if service == Service::S3 { S3_OPERATIONS } else { &[] };
    let of_s3 = of_s3.iter().map(|(operation, answered)| match answered {
        Answered::InFull => known(operation, None, None),
        Answered::Only(limit) => known(operation, None, Some(limit)),
        Answered::Refused(why) => known(operation, Some(why), None),
    });
    server::operations(service).iter().map(|entry| known(entry.name, entry.refused, None)).chain(of_s3).collect()
}

/// Prints them: a line each, or JSON.
pub fn run(is_json: bool) -> Result<ExitCode> {
    let mut out = stdout();
    if is_json {
        serde_json::to_writer_pretty(&mut out, &known())?;
        writeln!(out)?;
        return Ok(ExitCode::SUCCESS);
    }
    for Known { service, operation, refused, limit } in known() {
        match (refused, limit) {
            (None, None) => writeln!(out, "{service} {operation}")?,
            (None, Some(limit)) => writeln!(out, "{service} {operation}: {limit}")?,
            (Some(why), _) => writeln!(out, "{service} {operation}: refused. {why}")?,
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// What AWS calls a service.
fn title(service: Service) -> &'static str {
    match service {
        Service::CloudTrail => "CloudTrail",
        Service::CloudTrailData => "CloudTrail Data",
        Service::Events => "EventBridge",
        Service::Sns => "SNS",
        Service::Sqs => "SQS",
        Service::Lambda => "Lambda",
        Service::Sts => "STS",
        Service::Iam => "IAM",
        Service::Logs => "CloudWatch Logs",
        Service::Organizations => "Organizations",
        Service::Kms => "KMS",
        Service::S3 => "S3",
    }
}

/// `docs/OPERATIONS.md`.
pub fn page() -> String {
    let mut page = String::from(
        "# Operations\n\n\
         What of AWS's API is answered, printed from the code: `trailsight operations [--json]` tells the same of the binary that \
         you have.\nEvery operation that is *answered* is called by boto3 in `e2e/every_operation.py`, its answer held against \
         AWS's model, and it is\ncalled wrongly in all ways that the model knows. What is *refused* says why in a sentence. All \
         else is refused as unknown.\n",
    );
    let mut silent = Vec::new();
    for service in Service::all() {
        let known = of_service(service);
        if known.is_empty() {
            silent.push(title(service));
            continue;
        }
        let refused = known.iter().filter(|known| known.refused.is_some()).count();
        let _ = write!(page, "\n## {}\n\n{} answered", title(service), known.len() - refused);
        if refused > 0 {
            let _ = write!(page, ", {refused} refused");
        }
        page.push_str(".\n\n| operation | |\n|---|---|\n");
        for Known { operation, refused, limit, .. } in known {
            let _ = match (refused, limit) {
                (None, None) => writeln!(page, "| {operation} | answered |"),
                (None, Some(limit)) => writeln!(page, "| {operation} | answered: {limit} |"),
                (Some(why), _) => writeln!(page, "| {operation} | refused: {why} |"),
            };
        }
    }
    if !silent.is_empty() {
        let _ = write!(
            page,
            "\n## Nothing yet\n\n{}: known by name, and every call is refused as unknown.\n",
            silent.join(", ")
        );
    }
    page
}
