//! `trailsight buckets`: which buckets of the service are storage elsewhere.
//!
//! A link is looked at before it is kept: whoever mistypes a role wants to know it now, not from a log at night.

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use object_store::ClientOptions;
use object_store::aws::resolve_bucket_region;

use crate::cli::{BucketsCommand, DataDirArgs, LinkArgs};
use crate::stdout::stdout;
use crate::world::aws::Aws;
use crate::world::buckets;
use crate::world::linked::Linked;
use crate::world::links::{self, Link, LinksFile, Scheme};
use crate::world::objects::told_once;

/// Adds, tells or removes links.
pub fn run(command: &BucketsCommand) -> Result<ExitCode> {
    match command {
        BucketsCommand::Link(arguments) => link(arguments),
        BucketsCommand::List(data) => list(data),
        BucketsCommand::Unlink { name, data } => unlink(name, data),
    }
}

fn file(data: &DataDirArgs) -> Result<LinksFile> {
    Ok(LinksFile::of(&data.folder()?))
}

fn link(arguments: &LinkArgs) -> Result<ExitCode> {
    let folder = arguments.data.folder()?;
    let name = &arguments.name;
    links::check_name(name)?;
    if folder.join(buckets::FOLDER).join(name).exists() {
        bail!("the bucket {name} is held by the service already: remove it (aws s3 rb), or choose another name");
    }
    let mut link = Link {
        url: arguments.url.clone(),
        region: arguments.region.clone(),
        endpoint: arguments.endpoint.clone(),
        role_arn: arguments.role_arn.clone(),
        external_id: arguments.external_id.clone(),
        sts_endpoint: arguments.sts_endpoint.clone(),
        read_only: arguments.read_only,
        notices_queue_url: arguments.sqs_queue_url.clone(),
    };
    let place = link.place()?;
    if link.notices_queue_url.is_some() && place.scheme != Scheme::S3 {
        bail!("notices come from SQS, about buckets of S3: {} is none", link.url);
    }
    let mut said = stdout();
    if !arguments.no_check {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        if place.scheme == Scheme::S3 && link.region.is_none() && link.endpoint.is_none() {
            let region = runtime.block_on(resolve_bucket_region(&place.bucket, &ClientOptions::new()));
            let region = region
                .map_err(told_once)
                .with_context(|| format!("S3 does not say where {} is: --region, --no-check", link.url))?;
            link.region = Some(region);
        }
        let unread = || format!("{} cannot be read; --no-check links it all the same", link.url);
        let linked = Linked::open(name, &link, &Arc::new(Aws::new()?)).with_context(unread)?;
        let (folders, objects) = runtime.block_on(linked.list_folder("")).with_context(unread)?;
        // It is linked, whoever reads this.
        let _ = writeln!(
            said,
            "{} can be read: {} folders and {} objects at its top",
            link.url,
            folders.len(),
            objects.len()
        );
        if folders.iter().all(|folder| folder != "AWSLogs/") {
            let _ = writeln!(
                said,
                "there is no AWSLogs/ at its top: a trail on it may need --s3-key-prefix, or the link a longer URL"
            );
        }
    }
    let file = file(&arguments.data)?;
    file.add(name, &link)?;
    writeln!(said, "{name} is linked to {} ({})", link.url, file.path().display())?;
    arguments.data.tell_if_unused()?;
    Ok(ExitCode::SUCCESS)
}

fn list(data: &DataDirArgs) -> Result<ExitCode> {
    let mut said = stdout();
    let file = file(data)?;
    let links = file.read()?;
    if links.is_empty() {
        writeln!(said, "no bucket is linked ({})", file.path().display())?;
    }
    for (name, link) in links {
        let mut told = format!("{name}  {}", link.url);
        let more = [
            ("region", &link.region),
            ("endpoint", &link.endpoint),
            ("role", &link.role_arn),
            ("notices", &link.notices_queue_url),
        ];
        for (what, value) in more {
            if let Some(value) = value {
                told = format!("{told}  {what} {value}");
            }
        }
        writeln!(said, "{told}{}", if link.read_only { "  read only" } else { "" })?;
    }
    Ok(ExitCode::SUCCESS)
}

fn unlink(name: &str, data: &DataDirArgs) -> Result<ExitCode> {
    let file = file(data)?;
    if !file.remove(name)? {
        bail!("there is no link of the name {name} in {}", file.path().display());
    }
    writeln!(stdout(), "{name} is no longer linked; nothing in its storage has changed")?;
    Ok(ExitCode::SUCCESS)
}
