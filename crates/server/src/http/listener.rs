//! Sockets: who comes is given a seat, talks HTTP/1.1 within limits, and goes.
//!
//! | | limit | beyond it |
//! |---|---|---|
//! | connections, in all and of one address | [`Room`] | who is idle longest is closed; if nobody is, 503 |
//! | TLS's handshake | 10 s | closed |
//! | the head of a request, and idling before it | 30 s, 32 KiB, 100 headers | closed; 431 |
//! | a body that trickles, an answer that is not taken | `patience.rs` | 408; closed |
//! | a body that is read whole, however it comes | `whole.rs` | 408 |

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::Request;
use hyper::body::{Body as HttpBody, Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::FrontDoor;
use super::patience::{Written, with_patience};
use super::room::{Busy, Room, Seat};

/// How long a handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// How long the head of a request may take, from when the connection idles.
const HEAD: Duration = Duration::from_secs(30);
/// Bytes of a head: a URL that is signed, with a session's token, and metadata of an object.
const HEAD_BYTES: usize = 32 << 10;
/// Headers of a request.
const HEAD_COUNT: usize = 100;
/// Bytes of a body that are read ahead.
const READ_AHEAD: usize = 256 << 10;
/// How long is waited when no connection can be taken: most often there are no file descriptors left.
const BREATH: Duration = Duration::from_millis(100);
/// Connections, if nobody says otherwise.
const CONNECTIONS: usize = 1024;

const FULL: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nConnection: close\r\nContent-Type: text/plain\r\n\
    Content-Length: 59\r\n\r\nAll your connections are being answered: come again later.\n";

/// A connection's two directions.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// What becomes of a connection in a handshake.
pub type Shaken = Pin<Box<dyn Future<Output = io::Result<Box<dyn Stream>>> + Send>>;

/// Whatever makes a connection a secret one: TLS, whose library is the binary's affair.
pub type Handshake = Arc<dyn Fn(TcpStream) -> Shaken + Send + Sync>;

/// Who the other side of a connection is.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// The service is told to stop: what goes on without end ends then.
#[derive(Clone, Debug)]
pub(crate) struct Stopping(watch::Receiver<bool>);

impl Stopping {
    /// Waits until it is.
    pub(crate) async fn wait(mut self) {
        let _ = self.0.wait_for(|is_stopping| *is_stopping).await;
    }
}

/// Where clients come in.
pub struct Listener {
    /// The socket.
    pub socket: TcpListener,
    /// `None`: plain HTTP.
    pub handshake: Option<Handshake>,
    /// Room for connections, which several listeners may share.
    pub room: Arc<Room>,
}

impl From<TcpListener> for Listener {
    fn from(socket: TcpListener) -> Listener {
        Listener { socket, handshake: None, room: Room::for_connections(CONNECTIONS) }
    }
}

/// Answers whoever comes to the listener, until `stop` is done and everybody has their answer.
pub async fn serve(
    listener: impl Into<Listener>,
    door: FrontDoor,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let Listener { socket, handshake, room } = listener.into();
    let door = Arc::new(door);
    let (is_stopping, stopping) = watch::channel(false);
    let mut guests = JoinSet::new();
    let mut stop = pin!(stop);
    loop {
        let (stream, peer) = tokio::select! {
            () = &mut stop => break,
            Some(_) = guests.join_next() => continue,
            came = socket.accept() => match came {
                Ok(came) => came,
                Err(error) if is_of_the_guest(&error) => continue,
                Err(error) => {
                    tracing::error!(%error, "no connection can be taken");
                    sleep(BREATH).await;
                    continue;
                }
            },
        };
        let Some(seat) = room.enter(peer.ip()) else {
            if handshake.is_none() {
                // It fits into the socket's buffer, or is not said.
                let _ = stream.try_write(FULL);
            }
            continue;
        };
        // Answers are small, and whoever asks next waits for them.
        let _ = stream.set_nodelay(true);
        let (door, handshake, stopping) = (Arc::clone(&door), handshake.clone(), stopping.clone());
        guests.spawn(async move {
            tokio::select! {
                () = receive(stream, peer, door, handshake, &seat, stopping) => {}
                () = seat.must_leave() => {}
            }
        });
    }
    drop(socket);
    let _ = is_stopping.send(true);
    while guests.join_next().await.is_some() {}
    Ok(())
}

/// Whether it went away before it was received: nothing is wrong here.
fn is_of_the_guest(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

async fn receive(
    stream: TcpStream,
    peer: SocketAddr,
    door: Arc<FrontDoor>,
    handshake: Option<Handshake>,
    seat: &Arc<Seat>,
    stopping: watch::Receiver<bool>,
) {
    match handshake {
        None => converse(stream, peer, door, seat, stopping).await,
        Some(handshake) => match timeout(HANDSHAKE, handshake(stream)).await {
            Ok(Ok(stream)) => converse(stream, peer, door, seat, stopping).await,
            Ok(Err(error)) => tracing::debug!(%peer, %error, "no handshake"),
            Err(_) => tracing::debug!(%peer, "the handshake took too long"),
        },
    }
}

async fn converse(
    stream: impl Stream,
    peer: SocketAddr,
    door: Arc<FrontDoor>,
    seat: &Arc<Seat>,
    mut stopping: watch::Receiver<bool>,
) {
    let told = Stopping(stopping.clone());
    let service = service_fn(|mut request: Request<Incoming>| {
        let door = Arc::clone(&door);
        let (busy, told) = (seat.begin(), told.clone());
        async move {
            let Some(busy) = busy else {
                // Its seat is another's: the connection ends before this is done.
                return std::future::pending().await;
            };
            request.extensions_mut().insert(Peer(peer));
            request.extensions_mut().insert(told);
            let reply = door.measured(request.map(with_patience)).await;
            Ok::<_, std::convert::Infallible>(reply.map(|body| Answering { body, _busy: busy }))
        }
    });
    let mut connection = pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD)
            .max_header_size(HEAD_BYTES)
            .max_headers(HEAD_COUNT)
            .max_buf_size(READ_AHEAD)
            .serve_connection(TokioIo::new(Written::new(stream, Arc::clone(seat))), service)
    );
    let stopped = async {
        let _ = stopping.wait_for(|is_stopping| *is_stopping).await;
    };
    let ended = tokio::select! {
        ended = &mut connection => ended,
        () = stopped => {
            // Who has asked gets its answer; nobody waits for who has not.
            if seat.is_idle() {
                return;
            }
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%peer, %error, "a connection broke off");
    }
}

/// An answer as it is made.
struct Answering {
    body: Body,
    _busy: Busy,
}

impl HttpBody for Answering {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
