//! A web server on this machine, which has to be allowed.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::thread::JoinHandle;

use server::world::Web as _;

use super::*;

/// Answers one request with these bytes, and gives back what it was asked.
fn answers(reply: &'static [u8]) -> (u16, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a port");
    let port = listener.local_addr().expect("it is bound").port();
    let asked = std::thread::spawn(move || {
        let (stream, _) = listener.accept().expect("somebody comes");
        let request = request(&stream);
        (&stream).write_all(reply).expect("it is sent");
        request
    });
    (port, asked)
}

fn request(stream: &TcpStream) -> String {
    let mut reader = BufReader::new(stream);
    let (mut request, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).expect("it is text");
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().expect("it is a number");
        }
        request += &line;
        if line == "\r\n" {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("it is all there");
    request + &String::from_utf8(body).expect("it is text")
}

fn post(url: String, timeout: Duration) -> WebRequest {
    WebRequest {
        method: "POST".into(),
        url,
        headers: vec![
            ("content-type".into(), "text/plain; charset=UTF-8".into()),
            ("user-agent".into(), "Tester".into()),
            ("x-amz-sns-message-type".into(), "Notification".into()),
        ],
        body: b"hello".to_vec(),
        timeout,
    }
}

fn web(allowed: &[&str]) -> RealWeb {
    let allowed: Vec<Allowed> = allowed.iter().map(|text| text.parse().expect("it can be allowed")).collect();
    RealWeb::new(&allowed, None).expect("there is a client")
}

const LONG: Duration = Duration::from_secs(20);

#[test]
fn a_request_arrives_as_it_is_and_its_answer_comes_back() {
    let (port, asked) = answers(b"HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nContent-Length: 5\r\n\r\nlater");
    let reply = web(&["127.0.0.1"]).send(&post(format!("http://127.0.0.1:{port}/hook?a=b"), LONG)).expect("it answers");
    assert_eq!((reply.status, reply.body.as_slice()), (503, &b"later"[..]));
    assert!(reply.headers.contains(&("retry-after".into(), "7".into())), "{:?}", reply.headers);
    let asked = asked.join().expect("it was asked");
    assert!(asked.starts_with("POST /hook?a=b HTTP/1.1\r\n"), "{asked}");
    for header in ["content-type: text/plain; charset=UTF-8\r\n", "user-agent: Tester\r\n", "content-length: 5\r\n"] {
        assert!(asked.contains(header), "{asked}");
    }
    assert!(asked.ends_with("\r\n\r\nhello"), "{asked}");
}

#[test]
fn this_machine_is_asked_only_if_that_is_allowed_by_whatever_name() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a port");
    let port = listener.local_addr().expect("it is bound").port();
    for host in ["127.0.0.1", "localhost", "0x7f.1", "2130706433", "[::ffff:127.0.0.1]", "0.0.0.0"] {
        let refused = web(&[]).send(&post(format!("http://{host}:{port}/"), LONG)).expect_err(host);
        assert!(matches!(&refused, WebError::Refused(why) if why.contains("--allow-delivery-to")), "{host}: {refused}");
    }
    listener.set_nonblocking(true).expect("it is a socket");
    assert!(listener.accept().is_err(), "nobody came");
    // A name is allowed by itself, and then whatever it stands for.
    let (port, asked) = answers(b"HTTP/1.1 204 No Content\r\n\r\n");
    assert_eq!(web(&["localhost"]).send(&post(format!("http://localhost:{port}/"), LONG)).map(|r| r.status), Ok(204));
    asked.join().expect("it was asked");
}

#[test]
fn an_answer_that_points_elsewhere_is_not_followed() {
    let (port, asked) =
        answers(b"HTTP/1.1 307 Over There\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n");
    let reply = web(&["127.0.0.1"]).send(&post(format!("http://127.0.0.1:{port}/"), LONG)).expect("it answers");
    assert_eq!(reply.status, 307);
    asked.join().expect("it was asked");
}

#[test]
fn who_does_not_answer_is_not_waited_for() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a port");
    let port = listener.local_addr().expect("it is bound").port();
    let short = Duration::from_millis(50);
    let silent = web(&["127.0.0.1"]).send(&post(format!("http://127.0.0.1:{port}/"), short));
    assert_eq!(silent, Err(WebError::Timeout(short)));
    drop(listener);
    let absent = web(&["127.0.0.1"]).send(&post(format!("http://127.0.0.1:{port}/"), LONG)).expect_err("it is gone");
    assert!(matches!(&absent, WebError::Unreachable(why) if why.contains("refused")), "{absent}");
}

#[test]
fn a_long_answer_is_not_read_to_its_end() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a port");
    let port = listener.local_addr().expect("it is bound").port();
    let asked = std::thread::spawn(move || {
        let (stream, _) = listener.accept().expect("somebody comes");
        request(&stream);
        let mut stream = &stream;
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n");
        // Until nobody reads any more.
        while stream.write_all(&[b'x'; 4096]).is_ok() {}
    });
    let reply = web(&["127.0.0.1"]).send(&post(format!("http://127.0.0.1:{port}/"), LONG)).expect("it answers");
    assert_eq!(reply.body.len() as u64, REPLY_BYTES);
    asked.join().expect("it was told to stop");
}

#[test]
fn what_is_no_request_is_refused() {
    let refused = |request: WebRequest| web(&[]).send(&request).expect_err("it cannot be sent");
    for url in ["", "hooks", "ftp://example.com/", "https://"] {
        assert!(matches!(refused(post(url.into(), LONG)), WebError::Refused(_)), "{url}");
    }
    let mut request = post("https://example.com/".into(), LONG);
    request.headers.push(("x-evil".into(), "a\r\nb: c".into()));
    assert!(matches!(refused(request), WebError::Refused(_)));
}
