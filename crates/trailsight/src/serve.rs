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

mod breakdowns;
mod notify;
mod opened;
mod outside;
mod puts;
mod threads;

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use futures::FutureExt;
use server::http::{Listener, serve};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Notify;
use tracing_subscriber::EnvFilter;

use crate::cli::{LogFilter, LogFormat, ServeArgs};
use crate::log_lines::OneLine;
use opened::Opened;
use threads::Threads;

pub use outside::faults;

/// How long those who are being answered are waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// Runs the service until it is told to stop.
pub fn run(arguments: &ServeArgs) -> Result<ExitCode> {
    log(&arguments.log, arguments.log_format)?;
    without_huge_pages();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().context("cannot start threads")?;
    let opened = Opened::open(arguments, runtime.handle())?;
    let ended = runtime.block_on(answer(&arguments.listen, opened));
    // Whoever is still at work, or hangs, is left behind: a service that is broken ends, so that whoever watches it sees it.
    runtime.shutdown_timeout(Duration::from_secs(1));
    ended.map(|()| ExitCode::SUCCESS)
}

/// Answers at this address, while threads work, until it is told to stop or one of them breaks.
async fn answer(listen: &str, opened: Opened) -> Result<()> {
    let socket = TcpListener::bind(&*opened.listening.addresses)
        .await
        .with_context(|| format!("cannot listen on {listen}: is something else there?"))?;
    let inside = match opened.listening.inside() {
        Some(inside) => Some(TcpListener::bind(inside).await.context("cannot listen on 127.0.0.1, for functions")?),
        None => None,
    };
    let (address, inside_address) = (socket.local_addr()?, inside.as_ref().map(TcpListener::local_addr).transpose()?);
    let (folder, room) = (opened.folder.clone(), Arc::clone(&opened.room));
    let listener = Listener { socket, handshake: opened.handshake.clone(), room: Arc::clone(&room) };
    let (door, linked, puts) = opened.door(address, inside_address);
    breakdowns::tell(&door);
    let (url, region) = (door.public_url.clone(), door.place.region.clone());
    let on_put = puts.on_put();
    let mut threads = Threads::start(&door, puts);
    threads.follow(linked.follow(on_put));
    let stop = Arc::new(Notify::new());
    let told = Arc::clone(&stop);
    let told = async move { told.notified().await }.shared();
    let outside = serve(listener, door.clone(), told.clone());
    let inside = async move {
        match inside {
            Some(socket) => serve(Listener { socket, handshake: None, room }, door, told).await,
            None => Ok(()),
        }
    };
    let mut serving = tokio::spawn(async move { tokio::try_join!(outside, inside).map(drop) });
    let mut signals = Signals::new()?;
    #[expect(clippy::disallowed_methods, reason = "whoever reads this may have gone away: the service runs on")]
    let mut stdout = std::io::stdout();
    let _ = writeln!(
        stdout,
        "trailsight answers at {url}, data in {}: export AWS_ENDPOINT_URL={url} AWS_DEFAULT_REGION={region}",
        folder.display(),
    );
    let _ = writeln!(stdout, "the console: {url}/console/");
    notify::tell_systemd(notify::READY);
    let ended = tokio::select! {
        served = &mut serving => served.context("the service broke down").and_then(|served| served.context("cannot listen any longer")),
        broken = threads.first_to_break() => broken,
        name = signals.next() => {
            tracing::info!(signal = name, "stopping");
            Ok(())
        }
    };
    if let Err(error) = &ended {
        tracing::error!(error = &**error as &dyn std::error::Error, "stopping, for it cannot go on");
    }
    notify::tell_systemd(notify::STOPPING);
    let all = async {
        // A function that is running may still ask this service something.
        threads.stop().await;
        stop.notify_one();
        if !serving.is_finished() {
            let _ = serving.await;
        }
    };
    tokio::select! {
        () = all => {}
        () = tokio::time::sleep(PATIENCE) => tracing::warn!("somebody is still at work; stopping anyway"),
        name = signals.next() => tracing::warn!(signal = name, "stopping at once"),
    }
    ended
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
    let log = tracing_subscriber::fmt().with_env_filter(filter);
    let has_colours = format == LogFormat::Text && console::user_attended_stderr();
    let writer = move || OneLine { to: std::io::stderr(), has_colours, is_json: format == LogFormat::Json };
    let log = log.with_ansi(has_colours).with_writer(writer);
    match format {
        LogFormat::Text => log.compact().init(),
        LogFormat::Json => log.json().flatten_event(true).init(),
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
