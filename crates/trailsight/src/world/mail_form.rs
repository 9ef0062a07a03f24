//! A mail as it goes over the wire, whoever carries it. <https://datatracker.ietf.org/doc/html/rfc5322>
//!
//! What it is made of comes from strangers: a header is one line of printable characters, whatever it was made from. Machines that
//! answer mails are told that a machine wrote this one (RFC 3834), and mail programs that one click ends it (RFC 8058).

use std::borrow::Cow;

use jiff::Timestamp;
use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Body, Mailbox, Message};
use server::world::{MailError, MailMessage};

use super::buckets::system_time;

/// Who writes mails, if nobody says otherwise.
pub const NOBODY: &str = "Trailsight <trailsight@localhost>";

/// The most bytes of a line. <https://datatracker.ietf.org/doc/html/rfc5322#section-2.1.1>
const LINE_BYTES: usize = 998;

/// The mail of this moment, from `from`; `id` is like no other.
pub fn message(mail: &MailMessage, from: &Mailbox, id: &str, now: Timestamp) -> Result<Message, MailError> {
    let to = mail.to.trim().parse().map_err(|error| MailError {
        text: format!("`{}` is no mail address: {error}", mail.to.escape_debug()),
        is_final: true,
    })?;
    let sender = one_line(&mail.sender_name);
    let name = if sender.is_empty() { from.name.clone() } else { Some(sender) };
    let domain = from.email.domain();
    let mut builder = Message::builder()
        .from(Mailbox::new(name, from.email.clone()))
        .to(Mailbox::new(None, to))
        .subject(one_line(&mail.subject))
        .date(system_time(now))
        .message_id(Some(format!("<{id}@{domain}>")))
        .raw_header(raw("Auto-Submitted", "auto-generated".into()))
        .header(ContentType::TEXT_PLAIN);
    if let Some(url) = &mail.unsubscribe_url {
        // Nothing of a link is folded or encoded: what is no part of one is left out.
        let url: String = url.chars().filter(|c| c.is_ascii_graphic() && !matches!(c, '<' | '>')).collect();
        builder = builder.raw_header(raw("List-Unsubscribe", format!("<{url}>")));
        builder = builder.raw_header(raw("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".into()));
    }
    builder
        .body(body(&mail.text))
        .map_err(|error| MailError { text: format!("no mail can be made of it: {error}"), is_final: true })
}

/// The text, with the line ends of mails: a carriage return by itself would be one to some servers, and none to others. Where all
/// of it is ASCII it goes as it is, so that a long link is one piece for whoever looks at it raw; all else is encoded.
fn body(text: &str) -> Body {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let text: String = text.trim_end().lines().flat_map(|line| [Cow::Owned(printable(line)), "\r\n".into()]).collect();
    let goes_as_it_is = text.is_ascii() && text.lines().all(|line| line.len() <= LINE_BYTES);
    match goes_as_it_is {
        true => Body::dangerous_pre_encoded(text.into_bytes(), ContentTransferEncoding::SevenBit),
        false => Body::new(text),
    }
}

/// What would move a cursor where the mail is read on a terminal is shown as text; tabs are let be.
fn printable(line: &str) -> String {
    line.chars().fold(String::with_capacity(line.len()), |mut shown, c| {
        match c.is_control() && c != '\t' {
            true => shown.extend(c.escape_default()),
            false => shown.push(c),
        }
        shown
    })
}

/// Control characters, line ends among them, become spaces.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>().trim().to_owned()
}

fn raw(name: &'static str, value: String) -> HeaderValue {
    HeaderValue::dangerous_new_pre_encoded(HeaderName::new_from_ascii_str(name), value.clone(), value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn formatted(mail: &MailMessage) -> String {
        let now = "2026-02-12T14:30:00Z".parse().expect("it is a moment");
        let from = "Trailsight <alerts@example.com>".parse().expect("it is an address");
        String::from_utf8(message(mail, &from, "1", now).expect("it is a mail").formatted()).expect("it is ASCII")
    }

    fn mail() -> MailMessage {
        MailMessage {
            to: "ops@example.com".into(),
            sender_name: String::new(),
            subject: "AWS Notification Message".into(),
            text: "hello\n".into(),
            unsubscribe_url: None,
        }
    }

    #[test]
    fn a_mail_says_who_wrote_it_when_and_that_a_machine_did() {
        let text = formatted(&mail());
        for line in [
            "From: \"Trailsight\" <alerts@example.com>",
            "To: ops@example.com",
            "Subject: AWS Notification Message",
            "Date: Thu, 12 Feb 2026 14:30:00 +0000",
            "Message-ID: <1@example.com>",
            "Auto-Submitted: auto-generated",
            "Content-Type: text/plain; charset=utf-8",
        ] {
            assert!(
                text.split("\r\n").any(|found| found.replace('"', "") == line.replace('"', "")),
                "{line} in\n{text}"
            );
        }
        assert!(text.ends_with("\r\n\r\nhello\r\n"), "{text}");
    }

    #[test]
    fn no_header_can_be_made_up() {
        let text = formatted(&MailMessage {
            subject: "one\r\nBcc: other@example.com".into(),
            sender_name: "us\nBcc: other@example.com".into(),
            unsubscribe_url: Some("http://127.0.0.1/?a=b>\r\nBcc: other@example.com".into()),
            ..mail()
        });
        let headers = text.split("\r\n\r\n").next().expect("it has headers");
        assert!(!headers.split("\r\n").any(|line| line.to_ascii_lowercase().starts_with("bcc")), "{headers}");
        let to = "ops@example.com\r\nBcc: other@example.com".to_owned();
        let refused =
            message(&MailMessage { to, ..mail() }, &NOBODY.parse().expect("it is one"), "1", Timestamp::UNIX_EPOCH);
        assert!(refused.expect_err("it is no address").is_final);
    }

    #[test]
    fn a_long_link_stays_in_one_piece_and_other_letters_are_encoded() {
        let link = format!("http://127.0.0.1:4580/?Token={}", "a".repeat(300));
        assert!(
            formatted(&MailMessage { text: format!("open\n{link}"), ..mail() }).contains(&format!("\r\n{link}\r\n"))
        );
        let encoded = formatted(&MailMessage { text: "ungew\u{f6}hnlich".into(), ..mail() });
        assert!(
            encoded.contains("Content-Transfer-Encoding: quoted-printable") && encoded.contains("ungew=C3=B6hnlich")
        );
        let bare = formatted(&MailMessage { text: "one\r.\rtwo".into(), ..mail() });
        assert!(!bare.replace("\r\n", "").contains('\r'), "{bare:?}");
        let long = formatted(&MailMessage { text: "a".repeat(2_000), ..mail() });
        assert!(long.lines().all(|line| line.len() <= LINE_BYTES), "{long}");
    }

    #[test]
    fn a_subject_of_any_language_is_encoded_and_a_link_is_not() {
        let url = format!("http://127.0.0.1:4580/?Action=Unsubscribe&SubscriptionArn={}", "a".repeat(200));
        let text =
            formatted(&MailMessage { subject: "Ungewöhnlich".into(), unsubscribe_url: Some(url.clone()), ..mail() });
        assert!(text.contains("\r\nSubject: =?utf-8?b?VW5nZXfDtmhubGljaA==?=\r\n"), "{text}");
        assert!(text.contains(&format!("\r\nList-Unsubscribe: <{url}>\r\n")), "{text}");
        assert!(text.contains("\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"), "{text}");
    }
}
