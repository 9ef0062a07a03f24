use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};

use super::*;
use crate::world::clock::SystemClock;
use crate::world::dice::SystemDice;

/// What came to the sink: who wrote to whom, and the mail.
#[derive(Debug)]
struct Came {
    connection: usize,
    from: String,
    to: String,
    mail: String,
}

/// A mail server on a thread of its own. What it answers to a recipient is said by the recipient: `550@…` is refused with 550.
fn sink() -> (SocketAddr, Receiver<Came>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a port");
    let address = listener.local_addr().expect("it has one");
    let (came, told) = channel();
    std::thread::spawn(move || {
        for (connection, stream) in listener.incoming().enumerate() {
            let came = came.clone();
            std::thread::spawn(move || stream.map(|stream| talk(stream, connection, &came)));
        }
    });
    (address, told)
}

fn talk(mut stream: TcpStream, connection: usize, came: &Sender<Came>) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let (mut from, mut to) = (String::new(), String::new());
    stream.write_all(b"220 sink\r\n")?;
    while let Some(line) = lines.next().transpose()? {
        let answer = match line.get(..4).unwrap_or(&line) {
            "EHLO" => "250-sink\r\n250 AUTH PLAIN".to_owned(),
            "AUTH" => "535 5.7.8 who are you?".to_owned(),
            "MAIL" => {
                from = line;
                "250 ok".to_owned()
            }
            "RCPT" => {
                to = line;
                let code = to.trim_start_matches("RCPT TO:<").split('@').next().unwrap_or_default();
                if code.parse::<u16>().is_ok() { format!("{code} no") } else { "250 ok".to_owned() }
            }
            "DATA" => {
                stream.write_all(b"354 go on\r\n")?;
                let mut mail = String::new();
                while let Some(line) = lines.next().transpose()?.filter(|line| line != ".") {
                    mail.push_str(line.strip_prefix("..").map_or(&*line, |rest| &line[line.len() - rest.len() - 1..]));
                    mail.push('\n');
                }
                let _ = came.send(Came { connection, from: from.clone(), to: to.clone(), mail });
                "250 taken".to_owned()
            }
            "QUIT" => return stream.write_all(b"221 bye\r\n"),
            _ => "250 ok".to_owned(),
        };
        stream.write_all(format!("{answer}\r\n").as_bytes())?;
    }
    Ok(())
}

fn smtp(url: &str) -> Smtp {
    let settings = SmtpSettings::new(url, None).expect("it is a URL");
    let from = "Trailsight <alerts@example.com>".parse().expect("it is an address");
    Smtp::new(&settings, from, Box::new(SystemClock), Box::new(SystemDice)).expect("it is one")
}

fn mail(to: &str) -> MailMessage {
    MailMessage {
        to: to.into(),
        sender_name: "Insights".into(),
        subject: "Unusual".into(),
        text: "one\n.\ntwo".into(),
        unsubscribe_url: None,
    }
}

#[test]
fn mails_arrive_whole_over_one_connection() {
    let (address, came) = sink();
    let smtp = smtp(&format!("smtp://{address}?tls=none"));
    for _ in 0..2 {
        smtp.send(&mail("ops@example.com")).expect("it is taken");
    }
    let first = came.recv().expect("it came");
    assert!(first.from.starts_with("MAIL FROM:<alerts@example.com>"), "{first:?}");
    assert_eq!(first.to, "RCPT TO:<ops@example.com>");
    assert!(first.mail.contains("Insights") && first.mail.contains("<alerts@example.com>"), "{first:?}");
    // An empty line at the end is lettre's.
    assert!(first.mail.trim_end().ends_with("\n\none\n.\ntwo"), "{first:?}");
    assert_eq!(came.recv().expect("it came").connection, first.connection);
}

#[test]
fn what_is_refused_for_good_is_final_and_all_else_is_tried_again() {
    let (address, _came) = sink();
    let plain = smtp(&format!("smtp://{address}?tls=none"));
    assert!(plain.send(&mail("550@example.com")).expect_err("it is refused").is_final);
    assert!(!plain.send(&mail("450@example.com")).expect_err("it is refused").is_final);
    let with_wrong_password = smtp(&format!("smtp://us:wrong@{address}?tls=none"));
    assert!(!with_wrong_password.send(&mail("ops@example.com")).expect_err("it is refused").is_final);
    let nobody = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("there is a port");
    assert!(
        !smtp(&format!("smtp://{nobody}?tls=none"))
            .send(&mail("ops@example.com"))
            .expect_err("nobody is there")
            .is_final
    );
    let without_tls = smtp(&format!("smtp://{address}?tls=required"));
    assert!(!without_tls.send(&mail("ops@example.com")).expect_err("nothing is sent without TLS").is_final);
}

#[test]
fn a_url_says_how_it_is_reached() {
    let settings = |url| SmtpSettings::new(url, None).map_err(|error| error.to_string());
    let told = |url| settings(url).map(|settings| (settings.port, settings.security));
    assert_eq!(told("smtps://mail.example.com"), Ok((465, Security::Wrapped)));
    assert_eq!(told("smtp://us:p%40ss@mail.example.com"), Ok((587, Security::Required)));
    assert_eq!(told("smtp://mail.example.com"), Ok((25, Security::Opportunistic)));
    assert_eq!(told("smtp://mail.example.com:2525/?tls=none"), Ok((2525, Security::None)));
    assert_eq!(settings("smtp://us:p%40ss@h").expect("it is one").user, Some(("us".into(), "p@ss".into())));
    assert_eq!(settings("smtp://us%40example.com:x@h").expect("it is one").user_address(), Some("us@example.com"));
    for (url, why) in [
        ("mail.example.com", "is none"),
        ("http://mail.example.com", "smtp:// or smtps:// is needed"),
        ("smtp://us@h", "--smtp-password-file"),
        ("smtp://h?tls=maybe", "tls=maybe"),
        ("smtps://h?tls=none", "TLS from the first byte"),
    ] {
        assert!(settings(url).expect_err(url).contains(why), "{url}");
    }
    let secret = settings("smtp://us:secret@h:99999").expect_err("that is no port");
    assert!(!secret.contains("secret"), "{secret}");
}

#[test]
fn a_password_can_lie_in_a_file() {
    let folder = tempfile::tempdir().expect("there is room");
    let file = folder.path().join("password");
    std::fs::write(&file, "secret\n").expect("there is room");
    let settings = SmtpSettings::new("smtp://us@h", Some(&file)).expect("it is one");
    assert_eq!(settings.user, Some(("us".into(), "secret".into())));
}
