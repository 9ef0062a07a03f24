//! Seats, over a real port: an answer that is still being taken is not cut off, whoever comes and whatever ends.

use std::io::{Read, Write};
use std::net::TcpStream;

use server::http::{Body, FrontDoor, HostName, Listener, Response, Room};

use crate::door::Door;
use crate::port::Port;

/// More than lies in the buffers of two sockets: most of it waits in the service.
const ANSWER: usize = 48 << 20;

/// For S3, with any key.
const SIGNED: &str = "authorization: AWS4-HMAC-SHA256 Credential=AKIA/20260212/us-east-1/s3/aws4_request, SignedHeaders=host, \
                      Signature=0\r\nx-amz-date: 20260212T143000Z\r\n";

/// One seat, and S3 whose answers are long.
fn one_seat() -> Port {
    let door = |number| FrontDoor {
        hosts: vec![HostName::Exact(format!("127.0.0.1:{number}"))],
        s3: Some(std::sync::Arc::new(|_| Box::pin(std::future::ready(Response::new(Body::from(vec![b'x'; ANSWER])))))),
        ..Door::default().into_front_door()
    };
    Port::open_as(door, |socket| Listener { room: Room::for_connections(1), ..Listener::from(socket) })
}

/// Asks, and takes the first byte of the answer: it is whole by then, and little of it has gone over.
fn asks(port: &Port, close: &str) -> TcpStream {
    let mut stream = port.connect();
    let head = format!("GET /logs/k HTTP/1.1\r\nhost: 127.0.0.1:{}\r\n{SIGNED}{close}\r\n", port.number);
    stream.write_all(head.as_bytes()).expect("it is sent");
    stream.read_exact(&mut [0]).expect("it is answered");
    stream
}

/// Takes the rest, and says how much of a body there was.
fn takes(mut stream: TcpStream) -> usize {
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).expect("it is not cut off");
    let head = rest.windows(4).position(|four| four == b"\r\n\r\n").expect("it has a head");
    rest.len() - head - 4
}

#[test]
fn who_still_takes_an_answer_makes_no_room() {
    let port = one_seat();
    let first = asks(&port, "connection: close\r\n");
    let mut turned_away = String::new();
    port.connect().read_to_string(&mut turned_away).expect("it is text");
    assert!(turned_away.starts_with("HTTP/1.1 503 "), "{turned_away}");
    let (head, body) = turned_away.split_once("\r\n\r\n").expect("it has a head");
    assert!(head.contains(&format!("Content-Length: {}", body.len())), "{turned_away}");
    assert_eq!(takes(first), ANSWER);
}

#[test]
fn who_still_takes_an_answer_gets_all_of_it_when_the_service_stops() {
    let mut port = one_seat();
    let first = asks(&port, "");
    port.stop();
    // Once nobody is taken in any more, it has heard of it.
    while TcpStream::connect(("127.0.0.1", port.number)).is_ok() {}
    assert_eq!(takes(first), ANSWER);
}
