//! Mail without a mail server: files in a folder, which any mail program opens.

use std::io::Write;
use std::path::PathBuf;

use server::world::{Clock, Mail, MailError, MailMessage};

/// The folder that mails are written into, one `.eml` each.
pub struct Outbox {
    folder: PathBuf,
    clock: Box<dyn Clock>,
}

impl Outbox {
    /// The outbox in a folder, which is made when there is a mail.
    pub fn new(folder: impl Into<PathBuf>, clock: Box<dyn Clock>) -> Outbox {
        Outbox { folder: folder.into(), clock }
    }

    fn write(&self, mail: &MailMessage) -> std::io::Result<PathBuf> {
        std::fs::create_dir_all(&self.folder)?;
        let now = self.clock.now();
        let mut file = tempfile::Builder::new()
            .prefix(&now.strftime("%Y%m%dT%H%M%SZ-").to_string())
            .suffix(".eml")
            .tempfile_in(&self.folder)?;
        file.write_all(text(mail, now).as_bytes())?;
        file.as_file().sync_all()?;
        file.into_temp_path().keep().map_err(Into::into)
    }
}

impl Mail for Outbox {
    fn send(&self, mail: &MailMessage) -> Result<(), MailError> {
        let written = self.write(mail).map_err(|error| MailError {
            text: format!("cannot write a mail into {}: {error}", self.folder.display()),
            is_final: false,
        })?;
        tracing::warn!(to = mail.to, file = %written.display(), "there is no mail server: the mail is in the outbox");
        Ok(())
    }
}

/// As RFC 5322 has it. Headers are one line each, whatever they are made of.
fn text(mail: &MailMessage, now: jiff::Timestamp) -> String {
    let line = |text: &str| text.chars().filter(|character| !character.is_control()).collect::<String>();
    let mut text = format!(
        "Date: {}\nTo: {}\nSubject: {}\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n",
        now.strftime("%a, %d %b %Y %H:%M:%S +0000"),
        line(&mail.to),
        line(&mail.subject),
    );
    if let Some(url) = &mail.unsubscribe_url {
        text.push_str(&format!("List-Unsubscribe: <{}>\n", line(url)));
    }
    format!("{text}\n{}\n", mail.text.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_is_a_file_and_no_header_of_it_can_be_made_up() {
        let folder = tempfile::tempdir().expect("there is room");
        let outbox = Outbox::new(folder.path().join("outbox"), Box::new(crate::world::clock::SystemClock));
        let mail = MailMessage {
            to: "ops@example.com".into(),
            subject: "one\nBcc: other@example.com".into(),
            text: "hello".into(),
            unsubscribe_url: None,
        };
        let written = outbox.write(&mail).expect("there is room");
        let text = std::fs::read_to_string(written).expect("it is there");
        assert!(text.contains("\nSubject: oneBcc: other@example.com\n"), "{text}");
        assert!(text.ends_with("\n\nhello\n"), "{text}");
    }
}
