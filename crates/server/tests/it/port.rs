//! A real port: a front door that answers on it for as long as a test runs, and a client that sends it bytes.

use std::io::{Read, Write};
use std::net::TcpStream;

use server::http::{FrontDoor, Listener, serve};

/// Somebody answers here.
pub(crate) struct Port {
    pub(crate) number: u16,
    /// Tells it to stop.
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    _runtime: tokio::runtime::Runtime,
}

impl Port {
    /// Opens it. The door may have to know its number.
    pub(crate) fn open(door: impl FnOnce(u16) -> FrontDoor) -> Port {
        Port::open_as(door, Listener::from)
    }

    /// The same, with limits of its own.
    pub(crate) fn open_as(
        door: impl FnOnce(u16) -> FrontDoor,
        listener: impl FnOnce(tokio::net::TcpListener) -> Listener,
    ) -> Port {
        let runtime = tokio::runtime::Runtime::new().expect("there are threads");
        let socket = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).expect("there is a port");
        let number = socket.local_addr().expect("it is bound").port();
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let stopped = async move { drop(stopped.await) };
        runtime.spawn(serve(listener(socket), door(number), stopped));
        Port { number, stop: Some(stop), _runtime: runtime }
    }

    /// Tells it to stop; it takes nobody in any more.
    pub(crate) fn stop(&mut self) {
        drop(self.stop.take());
    }

    /// Connects.
    pub(crate) fn connect(&self) -> TcpStream {
        TcpStream::connect(("127.0.0.1", self.number)).expect("somebody listens")
    }

    /// Sends a request, `line` and `headers` as they are, and gives back what is answered: its status and its body.
    pub(crate) fn sends(&self, line: &str, headers: &str, body: &str) -> (u16, String) {
        let mut stream = self.connect();
        let length = body.len();
        let text = format!("{line} HTTP/1.1\r\nconnection: close\r\n{headers}content-length: {length}\r\n\r\n{body}");
        stream.write_all(text.as_bytes()).expect("it is sent");
        let mut reply = String::new();
        stream.read_to_string(&mut reply).expect("it is text");
        let status = reply.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("it has a status");
        (status, reply.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default())
    }
}
