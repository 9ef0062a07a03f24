//! What the settings name outside: a mail server, certificates, an address, the data of an account. What can be wrong with that is
//! found before anything is opened or made: `trailsight config check` asks the same.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use lettre::message::Mailbox;
use server::own_account::{OwnAccountError, refuse_another};
use server::world::Mail;

use crate::backup::DATABASE;
use crate::cli::{MailArgs, ServeArgs};
use crate::listening::Listening;
use crate::world::clock::MovedClock;
use crate::world::credentials;
use crate::world::dice::SystemDice;
use crate::world::lake::{Engine, TablesIn};
use crate::world::linked::Linked;
use crate::world::links::{Link, LinksFile};
use crate::world::mail_form::NOBODY;
use crate::world::outbox::Outbox;
use crate::world::smtp::{Smtp, SmtpSettings};
use crate::world::web::RealWeb;

/// What is wrong with settings beyond what clap sees in them, each with the flag that it is about. Nobody is asked over a network but the
/// resolver.
pub fn faults(arguments: &ServeArgs) -> Vec<(&'static str, anyhow::Error)> {
    let folder = arguments.data.folder();
    let listening = folder.as_ref().ok().map(|folder| {
        Listening::new(&arguments.listen, &arguments.doors, folder, || Ok(credentials::read(folder)?.len()))
    });
    let listening = listening.transpose();
    let tls = match &listening {
        Ok(Some(listening)) => listening.handshake().map(drop),
        _ => Ok(()),
    };
    let in_folder = |tried: &dyn Fn(&Path) -> Result<()>| folder.as_deref().map_or(Ok(()), tried);
    let lake = in_folder(&|folder| lake_link(arguments, folder).map(drop));
    let account = in_folder(&|folder| account(arguments, folder));
    let server = mail_server(&arguments.mail);
    let sender = server.as_ref().map_or(Ok(()), |server| sender(&arguments.mail, server.as_ref()).map(drop));
    let tried = [
        ("data-dir", folder.map(drop)),
        ("listen", listening.map(drop)),
        ("tls-cert-file", tls),
        ("smtp-url", server.map(drop)),
        ("mail-from", sender),
        ("ca-file", web(arguments).map(drop)),
        ("cluster", engine(arguments).map(drop)),
        ("lake-bucket", lake),
        ("account-id", account),
    ];
    tried.into_iter().filter_map(|(flag, tried)| Some((flag, tried.err()?))).collect()
}

/// Whether the data, if there are any, are those of the account that the service is to be.
fn account(arguments: &ServeArgs, folder: &Path) -> Result<()> {
    let Some(wanted) = arguments.account_id.as_deref() else { return Ok(()) };
    match refuse_another(&folder.join(DATABASE), &wanted.into()) {
        // What is wrong with the database is told by whoever opens it.
        Ok(()) | Err(OwnAccountError::Store(_)) => Ok(()),
        Err(other) => Err(other.into()),
    }
}

/// Where queries of event data stores are run. Nobody is asked yet.
pub(super) fn engine(arguments: &ServeArgs) -> Result<Engine> {
    match &arguments.cluster {
        Some(_) if arguments.without_lake => bail!("without a lake there are no queries that a cluster could run"),
        #[cfg(feature = "cluster")]
        Some(address) => Ok(Engine::at(address)?),
        #[cfg(not(feature = "cluster"))]
        Some(_) => bail!(crate::cluster_roles::NOT_BUILT_IN),
        None => Ok(Engine::default()),
    }
}

/// The link of the bucket that the lake's tables lie in, if they do.
fn lake_link(arguments: &ServeArgs, folder: &Path) -> Result<Option<Link>> {
    let Some(name) = &arguments.lake_bucket else { return Ok(None) };
    if arguments.without_lake {
        bail!("without a lake there is nothing that could lie in a bucket");
    }
    let Some(link) = LinksFile::of(folder).read()?.remove(name) else {
        bail!("no bucket `{name}` is linked: `trailsight buckets link {name} --url s3://…` does that");
    };
    Ok(Some(link))
}

/// Where the lake's tables lie: in the data directory, or in the linked bucket that the settings name.
pub(super) fn tables(
    arguments: &ServeArgs,
    folder: &Path,
    linked: impl Fn(&str) -> Option<Arc<Linked>>,
) -> Result<TablesIn> {
    lake_link(arguments, folder)?;
    match arguments.lake_bucket.as_deref().and_then(linked) {
        Some(bucket) => bucket.for_tables(),
        None => Ok(TablesIn::data_directory(folder)),
    }
}

/// A mail server, or the outbox.
pub(super) fn mail(arguments: &MailArgs, folder: &Path, clock: MovedClock) -> Result<Box<dyn Mail>> {
    let server = mail_server(arguments)?;
    let from = sender(arguments, server.as_ref())?;
    let (clock, dice) = (Box::new(clock), Box::new(SystemDice));
    let Some(server) = server else {
        let outbox = folder.join("outbox");
        tracing::warn!(folder = %outbox.display(), "there is no mail server (--smtp-url): mails are files in the outbox");
        return Ok(Box::new(Outbox::new(outbox, from, clock, dice)));
    };
    let smtp = Smtp::new(&server, from, clock, dice)?;
    smtp.try_it();
    Ok(Box::new(smtp))
}

fn mail_server(arguments: &MailArgs) -> Result<Option<SmtpSettings>> {
    let url = arguments.smtp_url.as_deref();
    url.map(|url| SmtpSettings::new(url, arguments.smtp_password_file.as_deref())).transpose()
}

/// Who mails are from.
fn sender(arguments: &MailArgs, server: Option<&SmtpSettings>) -> Result<Mailbox> {
    let from = match (arguments.mail_from.as_deref().or(server.and_then(SmtpSettings::user_address)), server) {
        (Some(from), _) => from,
        (None, None) => NOBODY,
        (None, Some(_)) => bail!("who are mails from? --mail-from 'Alerts <alerts@example.com>'"),
    };
    from.parse().with_context(|| format!("{from:?} is no mail address"))
}

/// Web servers, and whom we believe that they are them.
pub(super) fn web(arguments: &ServeArgs) -> Result<RealWeb> {
    let read = |file: &PathBuf| {
        std::fs::read(file).with_context(|| format!("cannot read the certificates in {}", file.display()))
    };
    let authorities = arguments.ca_file.as_ref().map(read).transpose()?;
    RealWeb::new(&arguments.allow_delivery_to, authorities.as_deref())
        .context("cannot use the certificates that servers elsewhere are checked with (--ca-file)")
}
