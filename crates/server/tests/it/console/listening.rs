//! Who listens to what happens.

use serde_json::Value;
use server::console_api::PATH;

use super::{OWN, document, guarded, hold, open, signed_in};
use crate::gate::Keys;
use crate::port::Port;

/// The first event of a stream, and the stream.
fn listened(port: &Port, headers: &str) -> (std::net::TcpStream, String) {
    let mut stream = port.connect();
    std::io::Write::write_all(&mut stream, format!("GET {PATH}live HTTP/1.1\r\n{headers}\r\n").as_bytes())
        .expect("it is sent");
    let (mut read, mut some) = (String::new(), [0; 4096]);
    while !(read.contains("\n\n\r\n") || read.contains("\"code\"")) {
        let count = std::io::Read::read(&mut stream, &mut some).expect("it is answered");
        assert!(count > 0, "{read}");
        read += std::str::from_utf8(&some[..count]).expect("it is text");
    }
    (stream, read)
}

#[test]
fn who_listens_is_told_how_it_is_and_holds_up_nobody_who_stops() {
    let mut port = open();
    let (mut stream, read) = listened(&port, OWN);
    assert!(read.contains("content-type: text/event-stream"), "{read}");
    let data = read.lines().find_map(|line| line.strip_prefix("data: ")).expect("something is told");
    let now: Value = serde_json::from_str(data).expect("it is JSON");
    let (document, mut faults) = (document(), Vec::new());
    hold(&document, &document["components"]["schemas"]["Now"], &now, "/live", &mut faults);
    assert!(faults.is_empty(), "{faults:#?}");
    assert_eq!(now["ongoing"], port.told("overview").1["ongoing"].as_array().expect("a list").len());
    assert_eq!(now, port.told("now").1);
    port.stop();
    // It ends as an answer ends, and does not break off.
    let mut rest = String::new();
    std::io::Read::read_to_string(&mut stream, &mut rest).expect("it ends");
    assert!(rest.ends_with("0\r\n\r\n"), "{rest}");
}

#[test]
fn streams_are_bounded_and_end_with_their_session() {
    let keys = Keys::default();
    keys.make("AKIAFIRST");
    let port = guarded(&keys);
    assert!(listened(&port, OWN).1.starts_with("HTTP/1.1 401"));
    let cookie = signed_in(&port);
    let headers = format!("{OWN}{cookie}");
    let mut all: Vec<_> = (0..64).map(|_| listened(&port, &headers)).collect();
    assert!(all.iter().all(|(_, read)| read.starts_with("HTTP/1.1 200")));
    assert!(listened(&port, &headers).1.starts_with("HTTP/1.1 503"));
    // Who goes makes room.
    drop(all.pop());
    while !listened(&port, &headers).1.starts_with("HTTP/1.1 200") {
        std::thread::yield_now();
    }
    keys.delete("AKIAFIRST");
    let mut rest = String::new();
    std::io::Read::read_to_string(&mut all[0].0, &mut rest).expect("it ends");
    assert!(rest.ends_with("0\r\n\r\n"), "{rest}");
}
