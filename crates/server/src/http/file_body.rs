//! A file as an answer: read as fast as whoever asks takes it, a piece at a time. No thread waits for who takes it slowly.

use std::fs::File;
use std::io::{self, Read};
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, Response, StatusCode, header};
use hyper::body::{Body as HttpBody, Frame};
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;

use super::{plain, told};

/// Bytes of a piece.
const PIECE: usize = 256 << 10;

/// Answers with all of a file, from where it stands.
pub(crate) fn file_reply(kind: &'static str, file: File) -> Response<Body> {
    let length = match file.metadata() {
        Ok(of) => of.len(),
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "a file cannot be answered");
            return plain(StatusCode::INTERNAL_SERVER_ERROR, "What is asked for cannot be read.\n");
        }
    };
    let (sender, pieces) = mpsc::channel(1);
    tokio::spawn(hand_out(file, sender));
    let mut reply = told(StatusCode::OK, kind, Body::new(Pieces(pieces)));
    reply.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    reply
}

/// Reads on whenever a piece was taken, until its end, or nobody takes any more.
async fn hand_out(mut file: File, sender: mpsc::Sender<io::Result<Bytes>>) {
    loop {
        let Ok(room) = sender.reserve().await else { return };
        let read = spawn_blocking(move || {
            let mut piece = Vec::with_capacity(PIECE);
            let read = file.by_ref().take(PIECE as u64).read_to_end(&mut piece);
            (file, read.map(|_| Bytes::from(piece)))
        });
        let Ok((of, piece)) = read.await else { return };
        file = of;
        match piece {
            Ok(piece) if piece.is_empty() => return,
            Ok(piece) => room.send(Ok(piece)),
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "a file cannot be answered to its end");
                return room.send(Err(error));
            }
        }
    }
}

/// What was read, as a body.
struct Pieces(mpsc::Receiver<io::Result<Bytes>>);

impl HttpBody for Pieces {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        self.0.poll_recv(cx).map(|piece| piece.map(|bytes| bytes.map(Frame::data)))
    }
}
