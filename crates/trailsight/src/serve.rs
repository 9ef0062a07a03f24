//! `trailsight serve`: the service, with the real world plugged in.
//!
//! ```text
//! DIR/trailsight.sqlite     what is remembered (one process at a time)
//! DIR/buckets/              the buckets that are held here
//! DIR/signing.pem           the key that messages and digests are signed with, and its certificate
//! DIR/buckets.toml          those that are linked to storage elsewhere
//! DIR/outbox/               mails, as long as there is no mail server
//! DIR/credentials           the keys that clients sign with, their secrets sealed (`trailsight credentials create`)
//! DIR/sealing.key           what they are sealed by, and what secrets of sessions are made of
//! DIR/push-keys             hashes of the keys that events are pushed with
//! DIR/runtimes/             what functions are run with (`trailsight runtimes install`)
//! DIR/functions/            their code, unpacked; made anew at each start
//! ```
//!
//! Where it listens and who is let in says `listening.rs`. It stops when it is told to (Ctrl-C, SIGTERM), once those who are
//! being answered have their answers.

mod notify;
mod outside;

use std::io::Write;
use std::process::ExitCode;
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
use detect::engine::Settings;
use futures::FutureExt;
use server::http::{FrontDoor, Listener, Room, serve};
use server::metrics::Metrics;
use server::push::PushDesk;
use server::work::{deliver, follow_ledger, run_queries, walk_pipeline};
use server::world::{Clock, Lake, Nothing, World};
use server::{Place, RuleBook};
use store::Store;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Notify;
use tokio::task::spawn_blocking;
use tracing_subscriber::EnvFilter;

use crate::backup::DATABASE;
use crate::cli::{LogFilter, LogFormat, ServeArgs};
use crate::listening::{Listening, connections};
use crate::log_lines::OneLine;
use crate::world::all_buckets::AllBuckets;
use crate::world::aws::Aws;
use crate::world::buckets::{self, Buckets, Held, OnPut};
use crate::world::clock::MovedClock;
use crate::world::credentials::DataVault;
use crate::world::dice::SystemDice;
use crate::world::functions::Sandboxed;
use crate::world::lake::DataLake;
use crate::world::linked::LinkedBuckets;
use crate::world::links::LinksFile;
use crate::world::machine::ThisMachine;
use crate::world::push_keys::PushKeysOf;
use crate::world::queues::Sqs;
use crate::world::s3_port::s3_port;
use crate::world::signer::Signer;

pub use outside::faults;

/// How long those who are being answered are waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long pushed events are gathered for one file.
const GATHERED: Duration = Duration::from_millis(250);

/// Objects that were put and are not looked at yet.
const PUTS_WAITING: usize = 1 << 16;

/// Runs the service until it is told to stop.
pub fn run(arguments: &ServeArgs) -> Result<ExitCode> {
    log(&arguments.log, arguments.log_format)?;
    let engine = outside::engine(arguments)?;
    without_huge_pages();
    let clock = MovedClock::showing(arguments.now);
    let folder = arguments.data.folder()?;
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot make the data directory {}", folder.display()))?;
    let vault = DataVault::open(&folder, &SystemDice)?;
    let listening = Listening::new(&arguments.listen, &arguments.doors, &folder, || Ok(vault.count()?))?;
    let handshake = listening.handshake()?;
    let connections = connections(arguments.doors.max_connections);
    let room = match arguments.doors.behind_proxy {
        // All come from the proxy's address.
        true => Room::for_connections(connections),
        false => Room::in_shares(connections),
    };
    let store = Store::open(folder.join(DATABASE), &store::Options::default())?;
    let metrics = Arc::new(Metrics::of_machine(Box::new(ThisMachine::with_data_in(&folder))));
    let (put, puts) = sync_channel(PUTS_WAITING);
    let put = Arc::new(Mutex::new(Some(put)));
    let on_put: OnPut = Arc::new({
        let (put, metrics) = (Arc::clone(&put), Arc::clone(&metrics));
        move |bucket, key| {
            // When too many wait, the next listing of the bucket finds the rest.
            if let Some(put) = &*put.lock().unwrap_or_else(PoisonError::into_inner) {
                metrics.put_noted(put.try_send((bucket.to_owned(), key.to_owned())).is_ok());
            }
        }
    });
    let buckets =
        Buckets::open(folder.join(buckets::FOLDER), Box::new(clock), Box::new(SystemDice), Arc::clone(&on_put))?;
    let buckets = Arc::new(buckets);
    let web = outside::web(arguments)?;
    let signer = Signer::open(&folder, clock.now())?;
    let functions = Sandboxed::open(&folder, &arguments.functions, clock);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().context("cannot start threads")?;
    let aws = Arc::new(Aws::new()?);
    let linked = LinkedBuckets::open(LinksFile::of(&folder), Arc::clone(&aws), runtime.handle().clone())?;
    let linked = Arc::new(linked);
    let lake: Box<dyn Lake> = match arguments.without_lake {
        true => Box::new(Nothing),
        false => {
            let memory = (arguments.query_memory as usize) << 20;
            let threads = arguments.query_threads.map(usize::from);
            let tables = outside::tables(arguments, &folder, |name| linked.get(name))?;
            Box::new(DataLake::open(&folder, tables, memory, threads, engine, Box::new(clock))?)
        }
    };
    let world = World {
        clock: Box::new(clock),
        dice: Box::new(SystemDice),
        buckets: Box::new(AllBuckets::new(Held(Arc::clone(&buckets)), Arc::clone(&linked))),
        mail: outside::mail(&arguments.mail, &folder, clock)?,
        web: Box::new(web),
        queues: Box::new(Sqs::new(Arc::clone(&aws), runtime.handle().clone(), arguments.sqs_endpoint_url.clone())),
        functions: Box::new(functions.clone()),
        signer: Box::new(signer),
        vault: Box::new(vault),
        lake,
    };
    let members = arguments.member_accounts.iter().map(|(id, name)| (id.as_str().into(), name.clone())).collect();
    runtime.block_on(async {
        let socket = TcpListener::bind(&*listening.addresses)
            .await
            .with_context(|| format!("cannot listen on {}: is something else there?", arguments.listen))?;
        let address = socket.local_addr()?;
        let public_url = listening.public_url(address);
        let inside = match listening.inside() {
            Some(inside) => Some(TcpListener::bind(inside).await.context("cannot listen on 127.0.0.1, for functions")?),
            None => None,
        };
        let inside_address = inside.as_ref().map(TcpListener::local_addr).transpose()?;
        functions.answers_at(inside_address.unwrap_or(address));
        let door = FrontDoor {
            store: Arc::new(store),
            world: Arc::new(world),
            rules: Arc::new(RuleBook::default()),
            place: Place { members, ..Place::default() },
            hosts: listening.hosts(address, inside_address),
            gate: Arc::new(listening.gate()),
            s3: Some(s3_port(buckets, Arc::clone(&linked), &listening.bucket_domains(address), SystemDice)),
            page: Some(console_page::answer),
            push: Arc::new(PushDesk::new(Box::new(PushKeysOf::new(&folder)), GATHERED)),
            public_url: public_url.clone(),
            progress: Arc::default(),
            live: Arc::default(),
            metrics,
        };
        let region = door.place.region.clone();
        let (stop_delivering, stopped) = sync_channel::<()>(1);
        let (stop_querying, no_more_queries) = sync_channel::<()>(1);
        let (stop_following, no_longer_followed) = sync_channel::<()>(1);
        let (walking, delivering, querying, following) = (door.clone(), door.clone(), door.clone(), door.clone());
        let mut walking = spawn_blocking(move || walk_pipeline(&walking, Settings::default(), &puts));
        let mut delivering = spawn_blocking(move || deliver(&delivering, &stopped));
        let mut querying = spawn_blocking(move || run_queries(&querying, &no_more_queries));
        let mut following = spawn_blocking(move || follow_ledger(&following, &no_longer_followed));
        tokio::spawn(linked.follow(on_put));
        let stop = Arc::new(Notify::new());
        let told = Arc::clone(&stop);
        let told = async move { told.notified().await }.shared();
        let listener = Listener { socket, handshake, room: Arc::clone(&room) };
        let outside = serve(listener, door.clone(), told.clone());
        let inside = async move {
            match inside {
                Some(socket) => serve(Listener { socket, handshake: None, room }, door, told).await,
                None => Ok(()),
            }
        };
        let mut serving = tokio::spawn(async move { tokio::try_join!(outside, inside).map(drop) });
        let mut signals = Signals::new()?;
        // Whoever reads this may have gone away: the service runs on.
        let _ = writeln!(
            std::io::stdout(),
            "trailsight answers at {public_url}, data in {}: export AWS_ENDPOINT_URL={public_url} AWS_DEFAULT_REGION={region}",
            folder.display(),
        );
        let _ = writeln!(std::io::stdout(), "the console: {public_url}/console/");
        notify::tell_systemd(notify::READY);
        tokio::select! {
            served = &mut serving => served.context("the service broke down")?.context("cannot listen any longer")?,
            walked = &mut walking => walked.context("counting broke down")?.context("log files cannot be counted any longer")?,
            delivered = &mut delivering => delivered.context("delivering broke down")?.context("nothing can be delivered any longer")?,
            followed = &mut following => followed.context("keeping events broke down")?.context("events cannot be kept any longer")?,
            queried = &mut querying => queried.context("running queries broke down")?.context("queries cannot be run any longer")?,
            name = signals.next() => {
                tracing::info!(signal = name, "stopping");
                notify::tell_systemd(notify::STOPPING);
                // Whoever waits for one of these is told that there will be no more.
                drop(stop_delivering);
                drop(stop_querying);
                drop(stop_following);
                *put.lock().unwrap_or_else(PoisonError::into_inner) = None;
                let all = async {
                    // A function that is running may still ask this service something.
                    let _ = tokio::join!(walking, delivering, querying, following);
                    stop.notify_one();
                    serving.await
                };
                tokio::select! {
                    _ = all => {}
                    () = tokio::time::sleep(PATIENCE) => tracing::warn!("somebody is still at work; stopping anyway"),
                    name = signals.next() => tracing::warn!(signal = name, "stopping at once"),
                }
            }
        }
        anyhow::Ok(())
    })?;
    runtime.shutdown_timeout(Duration::from_secs(1));
    Ok(ExitCode::SUCCESS)
}

/// What tells it to stop.
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    /// A file would become larger than it may: heard of, it is an error of whoever writes, and no end of the process.
    _too_large: tokio::signal::unix::Signal,
}

impl Signals {
    fn new() -> Result<Signals> {
        let too_large = SignalKind::from_raw(rustix::process::Signal::XFSZ.as_raw());
        let take = |kind| signal(kind).context("cannot listen to signals");
        Ok(Signals {
            interrupt: take(SignalKind::interrupt())?,
            terminate: take(SignalKind::terminate())?,
            _too_large: take(too_large)?,
        })
    }

    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.interrupt.recv() => "SIGINT",
            _ = self.terminate.recv() => "SIGTERM",
        }
    }
}

/// What libraries log that nobody asked for. S3's logs every refusal as an error, and Delta's every commit; ours are logged where they
/// arise.
const QUIET: &str = "s3s=off,deltalake_core=warn,delta_kernel=warn,buoyant_kernel=warn,buoyant_kernel_engine=warn";

/// The log goes to stderr.
fn log(LogFilter(filter): &LogFilter, format: LogFormat) -> Result<()> {
    // What is said later of a part goes before what is said of all.
    let filter = EnvFilter::try_new(format!("{QUIET},{filter}")).with_context(|| format!("{filter} is no filter"))?;
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match format {
        LogFormat::Text => {
            let has_colours = console::user_attended_stderr();
            let writer = move || OneLine { to: std::io::stderr(), has_colours };
            log.compact().with_ansi(has_colours).with_writer(writer).init();
        }
        LogFormat::Json => log.json().flatten_event(true).with_ansi(false).init(),
    }
    Ok(())
}

/// A service that holds many small things grows by what huge pages hold besides them: to twice as much, measured under load, in no
/// less time. A system that cannot do without them gives them, as before.
fn without_huge_pages() {
    if let Err(error) = nix::sys::prctl::set_thp_disable(true) {
        tracing::debug!(%error, "huge pages are used as the system has it");
    }
}
