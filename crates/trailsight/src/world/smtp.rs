//! Mail over SMTP: `smtp://user:password@host:587`, `smtps://host`.
//!
//! ```text
//!  smtps://host                TLS from the first byte (465)
//!  smtp://user:password@host   STARTTLS, or nothing is sent (587)
//!  smtp://host                 STARTTLS if it is offered (25)
//!  …?tls=required|opportunistic|none   says which
//! ```
//!
//! Certificates are held against those that this machine trusts (`SSL_CERT_FILE` names others). Connections are kept for the next
//! mail. A server that refuses a mail for good is believed, unless what it refuses is us: then the mail waits for a better
//! password.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use lettre::message::Mailbox;
use lettre::transport::smtp::PoolConfig;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{SmtpTransport, Transport};
use percent_encoding::percent_decode_str;
use server::world::{Clock, Dice, Mail, MailError, MailMessage};
use url::Url;

use super::mail_form::message;

/// How long one answer of the server is waited for.
const TIMEOUT: Duration = Duration::from_secs(30);
/// Connections at once.
const CONNECTIONS: u32 = 4;
/// How long a connection is kept that nobody uses; servers commonly close them after five minutes.
const IDLE: Duration = Duration::from_secs(60);

/// A mail server.
pub struct Smtp {
    transport: SmtpTransport,
    from: Mailbox,
    server: String,
    clock: Box<dyn Clock>,
    dice: Box<dyn Dice>,
}

/// A mail server as it is described.
#[derive(Clone, Debug, PartialEq)]
pub struct SmtpSettings {
    host: String,
    port: u16,
    security: Security,
    user: Option<(String, String)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Security {
    Wrapped,
    Required,
    Opportunistic,
    None,
}

impl SmtpSettings {
    /// From a URL, and the file that holds the password if the URL does not.
    pub fn new(url: &str, password_file: Option<&Path>) -> Result<SmtpSettings> {
        // The URL holds a password: no error tells it.
        let url = Url::parse(url).map_err(|error| {
            anyhow!("the mail server's URL is none, as smtps://alerts@mail.example.com is: {error}")
        })?;
        let host = url.host_str().filter(|host| !host.is_empty());
        let host = host.context("the mail server's URL names no host: smtp://HOST or smtps://HOST")?;
        let is_wrapped = match url.scheme() {
            "smtp" => false,
            "smtps" => true,
            other => bail!("the mail server's URL begins with {other}://; smtp:// or smtps:// is needed"),
        };
        let decoded = |text: &str| percent_decode_str(text).decode_utf8().map(|text| text.into_owned());
        let password = match password_file {
            Some(path) => {
                let text = std::fs::read_to_string(path);
                let text =
                    text.with_context(|| format!("cannot read the mail server's password from {}", path.display()))?;
                Some(text.trim_end_matches(['\r', '\n']).to_owned())
            }
            None => url.password().map(decoded).transpose().context("the mail server's password is no text")?,
        };
        let user = decoded(url.username()).context("the mail server's user name is no text")?;
        let user = match (user.is_empty(), password) {
            (true, None) => None,
            (false, Some(password)) => Some((user, password)),
            (true, Some(_)) => bail!("there is a password for the mail server, but no user name: smtp://USER@{host}"),
            (false, None) => {
                bail!("there is a user name for the mail server, but no password: --smtp-password-file FILE")
            }
        };
        let mut tls = None;
        for (name, value) in url.query_pairs() {
            match (&*name, &*value) {
                ("tls", "required") => tls = Some(Security::Required),
                ("tls", "opportunistic") => tls = Some(Security::Opportunistic),
                ("tls", "none") => tls = Some(Security::None),
                _ => bail!("the mail server's URL says {name}={value}; tls=required, opportunistic or none is known"),
            }
        }
        let security = match (is_wrapped, tls) {
            (true, None | Some(Security::Required)) => Security::Wrapped,
            (true, Some(_)) => {
                bail!("smtps:// is TLS from the first byte: smtp:// is needed for tls=opportunistic or none")
            }
            (false, Some(tls)) => tls,
            (false, None) if user.is_some() => Security::Required,
            (false, None) => Security::Opportunistic,
        };
        let port = url.port().unwrap_or(match security {
            Security::Wrapped => 465,
            Security::Required => 587,
            Security::Opportunistic | Security::None => 25,
        });
        Ok(SmtpSettings { host: host.trim_matches(['[', ']']).to_owned(), port, security, user })
    }

    /// The user's name, where it is an address: mails are then from it if nobody says otherwise.
    pub fn user_address(&self) -> Option<&str> {
        self.user.as_ref().map(|(user, _)| user.as_str()).filter(|user| user.contains('@'))
    }

    fn transport(&self) -> Result<SmtpTransport> {
        let parameters =
            || TlsParameters::new_rustls(self.host.clone()).context("cannot prepare TLS to the mail server");
        let tls = match self.security {
            Security::Wrapped => Tls::Wrapper(parameters()?),
            Security::Required => Tls::Required(parameters()?),
            Security::Opportunistic => Tls::Opportunistic(parameters()?),
            Security::None => Tls::None,
        };
        let mut builder = SmtpTransport::builder_dangerous(&self.host)
            .port(self.port)
            .tls(tls)
            .timeout(Some(TIMEOUT))
            .pool_config(PoolConfig::new().max_size(CONNECTIONS).idle_timeout(IDLE));
        if let Some((user, password)) = &self.user {
            if matches!(self.security, Security::Opportunistic | Security::None) {
                tracing::warn!(
                    host = self.host,
                    "the mail server's password may be sent in the clear: say tls=required"
                );
            }
            builder = builder.credentials(Credentials::new(user.clone(), password.clone()));
        }
        Ok(builder.build())
    }
}

impl Smtp {
    /// A mail server; it is not asked yet.
    pub fn new(settings: &SmtpSettings, from: Mailbox, clock: Box<dyn Clock>, dice: Box<dyn Dice>) -> Result<Smtp> {
        let server = format!("{}:{}", settings.host, settings.port);
        Ok(Smtp { transport: settings.transport()?, from, server, clock, dice })
    }

    /// Says in the log whether the server answers, when it is known: better now than with the first alarm.
    pub fn try_it(&self) {
        let (transport, server) = (self.transport.clone(), self.server.clone());
        std::thread::spawn(move || match transport.test_connection() {
            Ok(_) => tracing::info!(server, "the mail server answers"),
            Err(error) => tracing::warn!(server, %error, "the mail server does not answer: mails will be tried again"),
        });
    }
}

impl Mail for Smtp {
    fn send(&self, mail: &MailMessage) -> Result<(), MailError> {
        let message = message(mail, &self.from, &self.dice.uuid(), self.clock.now())?;
        self.transport.send(&message).map(drop).map_err(|error| {
            let code = error.status().map(u16::from);
            // 530, 534, 535 and 538 refuse us, not the mail: <https://datatracker.ietf.org/doc/html/rfc4954#section-6>
            let is_final = error.is_permanent() && !matches!(code, Some(530 | 534 | 535 | 538));
            MailError { text: format!("the mail server {}: {error}", self.server), is_final }
        })
    }
}

#[cfg(test)]
mod tests;
