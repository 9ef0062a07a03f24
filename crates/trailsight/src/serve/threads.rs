//! The threads that work while nobody asks: one counts log files, others deliver, run queries and keep events.
//!
//! Each waits for something, and is done once it is told that there will be no more of it. Whichever breaks down ends the service, so that
//! whoever watches it starts it anew: it goes on where it was. What can be begun again in place (the lake, a delivery, a query) is, by
//! itself.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use anyhow::{Context, Result, bail};
use detect::engine::Settings;
use server::http::FrontDoor;
use server::work::{deliver, follow_ledger, run_queries, walk_pipeline};
use store::StoreError;
use tokio::task::{AbortHandle, JoinSet, spawn_blocking};

use super::puts::{Noting, Puts};

/// Those that run.
pub(super) struct Threads {
    running: JoinSet<Result<()>>,
    noting: Noting,
    /// What the others wait for: none of it comes, and its end is the sign to stop.
    stops: Vec<SyncSender<()>>,
    /// What waits for nothing: it is stopped where it is.
    endless: Vec<AbortHandle>,
}

/// What is said of a thread that broke down, and of one that gave up.
struct Words(&'static str, &'static str);

const COUNTING: Words = Words("counting broke down", "log files cannot be counted any longer");
const DELIVERING: Words = Words("delivering broke down", "nothing can be delivered any longer");
const QUERYING: Words = Words("running queries broke down", "queries cannot be run any longer");
const LINKS: Words = Words("following the links broke down", "links cannot be followed any longer");
const FOLLOWING: Words = Words("keeping events broke down", "events cannot be kept any longer");

impl Threads {
    pub(super) fn start(door: &FrontDoor, puts: Puts) -> Threads {
        let Puts { noting, waiting, .. } = puts;
        let mut threads = Threads { running: JoinSet::new(), noting, stops: Vec::new(), endless: Vec::new() };
        threads.run(door, COUNTING, move |door| walk_pipeline(door, Settings::default(), &waiting));
        threads.run_until_stopped(door, DELIVERING, deliver);
        threads.run_until_stopped(door, QUERYING, run_queries);
        threads.run_until_stopped(door, FOLLOWING, follow_ledger);
        threads
    }

    /// Follows the links of buckets, which never ends.
    pub(super) fn follow(&mut self, links: impl Future<Output = ()> + Send + 'static) {
        let Words(broke_down, gave_up) = LINKS;
        let following = tokio::spawn(links);
        self.endless.push(following.abort_handle());
        self.running.spawn(async move {
            following.await.context(broke_down)?;
            bail!(gave_up)
        });
    }

    fn run_until_stopped(
        &mut self,
        door: &FrontDoor,
        words: Words,
        work: fn(&FrontDoor, &Receiver<()>) -> Result<(), StoreError>,
    ) {
        let (stop, stopped) = sync_channel(1);
        self.stops.push(stop);
        self.run(door, words, move |door| work(door, &stopped));
    }

    fn run(
        &mut self,
        door: &FrontDoor,
        Words(broke_down, gave_up): Words,
        work: impl FnOnce(&FrontDoor) -> Result<(), StoreError> + Send + 'static,
    ) {
        let door = door.clone();
        let thread = spawn_blocking(move || work(&door));
        self.running.spawn(async move { thread.await.context(broke_down)?.context(gave_up) });
    }

    /// Waits until one of them ends. None does so unless something is broken, or it was stopped.
    pub(super) async fn first_to_break(&mut self) -> Result<()> {
        self.running.join_next().await.map_or(Ok(()), |ended| ended?)
    }

    /// Tells them all to stop, and waits until they have.
    pub(super) async fn stop(mut self) {
        self.stops.clear();
        self.endless.iter().for_each(AbortHandle::abort);
        self.noting.end();
        while self.running.join_next().await.is_some() {}
    }
}
