//! Mail without a mail server: files in a folder, which any mail program opens.

use std::path::PathBuf;

use lettre::message::Mailbox;
use server::world::{Clock, Dice, Mail, MailError, MailMessage};

use super::mail_form::message;
use super::whole_file;

/// The folder that mails are written into, one `.eml` each.
pub struct Outbox {
    folder: PathBuf,
    from: Mailbox,
    clock: Box<dyn Clock>,
    dice: Box<dyn Dice>,
}

impl Outbox {
    /// The outbox in a folder, which is made when there is a mail.
    pub fn new(folder: impl Into<PathBuf>, from: Mailbox, clock: Box<dyn Clock>, dice: Box<dyn Dice>) -> Outbox {
        Outbox { folder: folder.into(), from, clock, dice }
    }

    fn write(&self, mail: &MailMessage) -> Result<PathBuf, MailError> {
        let now = self.clock.now();
        let id = self.dice.uuid();
        let bytes = message(mail, &self.from, &id, now)?.formatted();
        let name = format!("{}-{id}.eml", now.strftime("%Y%m%dT%H%M%SZ"));
        // Whoever looks into the folder sees whole mails only, and a mail that was sent outlives a power loss.
        whole_file::put_new(&self.folder, &name, &bytes).map(|()| self.folder.join(&name)).map_err(|error| MailError {
            text: format!("cannot write a mail into {}: {error}", self.folder.display()),
            is_final: false,
        })
    }
}

impl Mail for Outbox {
    fn send(&self, mail: &MailMessage) -> Result<(), MailError> {
        let written = self.write(mail)?;
        tracing::info!(to = mail.to, file = %written.display(), "a mail is in the outbox");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::clock::SystemClock;
    use crate::world::dice::SystemDice;
    use crate::world::mail_form::NOBODY;

    #[test]
    fn a_mail_is_a_file() {
        let folder = tempfile::tempdir().expect("there is room");
        let from = NOBODY.parse().expect("it is an address");
        let outbox = Outbox::new(folder.path().join("outbox"), from, Box::new(SystemClock), Box::new(SystemDice));
        let mail = MailMessage {
            to: "ops@example.com".into(),
            sender_name: String::new(),
            subject: "hello".into(),
            text: "hello".into(),
            unsubscribe_url: None,
        };
        let written = outbox.write(&mail).expect("there is room");
        let text = std::fs::read_to_string(&written).expect("it is there");
        assert!(text.contains("\r\nTo: ops@example.com\r\n"), "{text}");
        assert_eq!(written.extension().and_then(|end| end.to_str()), Some("eml"));
        assert_eq!(std::fs::read_dir(folder.path().join("outbox")).expect("it is there").count(), 1);
    }
}
