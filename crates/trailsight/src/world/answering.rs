//! What tests ask in place of AWS: a server that answers as it was told to, and a key that is good nowhere.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::Arc;

use object_store::aws::AwsCredential;

use super::aws::Aws;

/// A server that answers each request with the next of these, a status and a text; where it is.
pub(super) fn answering(answers: Vec<(&'static str, String)>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a port");
    let url = format!("http://{}", listener.local_addr().expect("it is bound"));
    std::thread::spawn(move || {
        for (status, answer) in answers {
            let (stream, _) = listener.accept().expect("somebody comes");
            let (mut reader, mut length) = (BufReader::new(&stream), 0);
            for line in reader.by_ref().lines().map(|line| line.expect("it is text")) {
                if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                    length = value.trim().parse().expect("it is a number");
                }
                if line.is_empty() {
                    break;
                }
            }
            reader.read_exact(&mut vec![0; length]).expect("it is all there");
            let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", answer.len());
            (&stream).write_all((head + &answer).as_bytes()).expect("it is sent");
        }
    });
    url
}

/// Whoever asks with a key of AWS's documentation.
pub(super) fn known_as_an_example() -> Arc<Aws> {
    let credential = AwsCredential { key_id: "AKIDEXAMPLE".into(), secret_key: "any".into(), token: None };
    Arc::new(Aws::known_as(credential).expect("there is a client"))
}
