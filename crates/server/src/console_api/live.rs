//! `GET now`: how it is at this moment, in a few figures. `GET live`: the same as server-sent events, whenever it changes.
//!
//! ```text
//!   event: now                                       every 15 s at least, so that both sides know that the other is there
//!   data: {"now": …, "ongoing": 2, "newest": [ … ], …}
//! ```
//!
//! A stream holds a connection, so there are no more than [`STREAMS`]; whoever finds no room asks `now` again and again. It ends
//! with the session that it was opened in, or with the signature, and when the service stops, which waits for nobody here.
//! <https://html.spec.whatwg.org/multipage/server-sent-events.html>

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::request::Parts;
use axum::http::{Response, StatusCode};
use hyper::body::{Body as HttpBody, Frame};
use jiff::{SignedDuration, Timestamp};
use record::time::Minute;
use serde::Serialize;
use store::insights::Origin;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::spawn_blocking;
use tokio::time::{MissedTickBehavior, interval};

use super::current::up_to_now;
use super::expected::Calls;
use super::row::Row;
use super::{Refusal, answer, json, not_signed_in, of_now};
use crate::Failure;
use crate::http::{FrontDoor, Stopping, told};

/// Streams that are open at once, at most.
const STREAMS: usize = 64;
/// How often it is looked.
const LOOK: Duration = Duration::from_secs(2);
/// Looks after which it is told even if nothing changed.
const QUIET_LOOKS: u32 = 7;
/// What was read is good for so long, whoever asks.
const FRESH: SignedDuration = SignedDuration::from_millis(1500);
/// Insights that are told whole.
const TOLD: usize = 3;

/// How it is now.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Now {
    now: i64,
    #[serde(flatten)]
    told: Told,
}

/// What is told when it changes.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    /// Insights that go on.
    ongoing: usize,
    /// The newest of them.
    newest: Vec<Line>,
    waiting_deliveries: u64,
    dead_deliveries: u64,
    /// When the newest log file was delivered.
    newest_delivered: Option<i64>,
    is_reading_history: bool,
    /// What is in the way of being ready, a sentence each.
    in_the_way: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
struct Line {
    id: String,
    title: String,
    change: String,
    level: &'static str,
    score: u8,
    start: i64,
    account: String,
    region: String,
}

/// Who listens, and what they were told last.
#[derive(Debug)]
pub struct LiveDesk {
    streams: Arc<Semaphore>,
    last: Mutex<Option<(Timestamp, Told)>>,
}

impl Default for LiveDesk {
    fn default() -> LiveDesk {
        LiveDesk { streams: Arc::new(Semaphore::new(STREAMS)), last: Mutex::default() }
    }
}

/// How it is now. Whoever asks within a second and a half of another is told the same.
pub(super) fn now(door: &FrontDoor) -> Result<Now, Failure> {
    let now = door.world.clock.now();
    let mut last = door.live.last.lock().unwrap_or_else(PoisonError::into_inner);
    let fresh = last.as_ref().filter(|(at, _)| now.duration_since(*at).abs() < FRESH);
    let told = match fresh {
        Some((_, told)) => told.clone(),
        None => {
            let told = look(door, now)?;
            *last = Some((now, told.clone()));
            told
        }
    };
    Ok(Now { now: now.as_second(), told })
}

fn look(door: &FrontDoor, now: Timestamp) -> Result<Told, Failure> {
    let in_the_way = door.readiness().in_the_way().to_vec();
    let is_reading_history = door.progress.now().is_reading_history;
    let minute = Minute::of_seconds(now.as_second());
    let told = door.store.read(|r| {
        let mut open = r.open_insights()?;
        open.retain(|stored| stored.origin != Origin::Test && stored.held_by.is_none());
        let ongoing = open.len();
        open.sort_by(|a, b| (b.insight.called, &b.id).cmp(&(a.insight.called, &a.id)));
        open.truncate(TOLD);
        let mut newest = Vec::new();
        for mut stored in open {
            up_to_now(r, &mut stored, minute)?;
            // What it was called is not told here.
            let row = Row::of(&stored, &Calls::default());
            let Row { id, title, change, level, score, start, account, region, .. } = row;
            newest.push(Line { id, title, change, level, score, start, account, region });
        }
        let backlog = r.backlog_totals()?;
        let newest_delivered = r.newest_delivered()?.into_iter().map(|(_, _, at)| at.seconds()).max();
        Ok(Told {
            ongoing,
            newest,
            waiting_deliveries: backlog.waiting,
            dead_deliveries: backlog.dead,
            newest_delivered,
            is_reading_history,
            in_the_way,
        })
    })?;
    Ok(told)
}

impl FrontDoor {
    /// Opens a stream. Who asks was let in already by its head; it is looked again, as long as it goes on.
    pub(crate) fn live_reply(self: &Arc<FrontDoor>, parts: &Parts, stopping: Option<Stopping>) -> Response<Body> {
        let head = Head { parts: parts.clone() };
        let Some(who) = head.who(self) else { return not_signed_in() };
        if !self.is_allowed_now(&who) {
            let message = "You ask too often: ask again in a second.";
            return json(StatusCode::TOO_MANY_REQUESTS, &Refusal { code: "ThrottlingException", message });
        }
        if !parts.uri.query().unwrap_or_default().is_empty() {
            return answer::<()>(Err(super::wrong("There are no parameters here.")));
        }
        let Ok(seat) = Arc::clone(&self.live.streams).try_acquire_owned() else {
            let message = "As many as can listen do: ask `now` from time to time instead.";
            return json(StatusCode::SERVICE_UNAVAILABLE, &Refusal { code: "TooManyStreams", message });
        };
        let (sender, receiver) = mpsc::channel(1);
        let door = Arc::clone(self);
        tokio::spawn(async move {
            let _seat = seat;
            let ended = async {
                match stopping {
                    Some(stopping) => stopping.wait().await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = tell(door, head, sender) => {}
                () = ended => {}
            }
        });
        of_now(told(StatusCode::OK, "text/event-stream", Body::new(Events(receiver))))
    }
}

/// Looks again and again, and tells what it sees, until nobody listens, or nobody may.
async fn tell(door: Arc<FrontDoor>, head: Head, sender: mpsc::Sender<Bytes>) {
    let mut looks = interval(LOOK);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let head = Arc::new(head);
    let (mut before, mut quiet): (Option<Told>, u32) = (None, 0);
    loop {
        tokio::select! {
            _ = looks.tick() => {}
            () = sender.closed() => return,
        }
        let (door, head) = (Arc::clone(&door), Arc::clone(&head));
        let looked = spawn_blocking(move || head.who(&door).and_then(|_| now(&door).ok()));
        // What cannot be read is said where it is asked for; a stream that says nothing any more is opened again.
        let Ok(Some(now)) = looked.await else { return };
        if before.as_ref() == Some(&now.told) && quiet < QUIET_LOOKS {
            quiet += 1;
            continue;
        }
        let data = serde_json::to_string(&now).unwrap_or_default();
        if sender.send(Bytes::from(format!("event: now\ndata: {data}\n\n"))).await.is_err() {
            return;
        }
        (before, quiet) = (Some(now.told), 0);
    }
}

/// The request that a stream answers.
struct Head {
    parts: Parts,
}

impl Head {
    /// Who asks, if they are let in at this moment.
    fn who(&self, door: &FrontDoor) -> Option<String> {
        door.let_in_to_console(&wire::Request::of(&self.parts, b""), &self.parts)
    }
}

/// The events, as a body.
struct Events(mpsc::Receiver<Bytes>);

impl HttpBody for Events {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.poll_recv(cx).map(|come| come.map(|bytes| Ok(Frame::data(bytes))))
    }
}
