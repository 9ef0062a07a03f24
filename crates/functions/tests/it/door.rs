//! One door for all tests: Python in, what came of it out.
//!
//! Tests need a runtime, which `make tools` installs into the cache (TRAILSIGHT_TEST_RUNTIMES names another folder). Where
//! there is none they say so and are left out.

use std::io::{Cursor, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use functions::runtimes::Runtimes;
use functions::sandbox::{Launcher, Layer};
use functions::{Credentials, FIRST_USER, Function, Invocation, InvokeError, Invoked, Pool, Settings};
use serde_json::Value;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// Something that no function may read.
pub(crate) const SECRET: &str = "the service's own secret";

pub(crate) struct Door {
    pub(crate) pool: Pool,
    /// The service's data: a file `secret` is in it.
    pub(crate) data: tempfile::TempDir,
    /// Where the service would answer.
    pub(crate) service: TcpListener,
}

pub(crate) struct Choices {
    pub(crate) leaves_out: Vec<Layer>,
    pub(crate) max_environments: u32,
    pub(crate) first_user: u32,
    pub(crate) machine_clock: fn() -> jiff::Timestamp,
}

/// The clock by which functions themselves count what is left to them.
#[expect(clippy::disallowed_methods, reason = "the function in the sandbox has no other clock")]
pub(crate) fn machine_clock() -> jiff::Timestamp {
    jiff::Timestamp::now()
}

/// Tests run at once, and each has users of its own.
fn own_users(count: u32) -> u32 {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let taken = NEXT.fetch_add(u64::from(count), Ordering::Relaxed);
    FIRST_USER + u32::try_from(taken).expect("there are few tests")
}

impl Choices {
    pub(crate) fn usual() -> Choices {
        Choices {
            leaves_out: Vec::new(),
            max_environments: 4,
            first_user: own_users(4),
            machine_clock: || jiff::Timestamp::UNIX_EPOCH,
        }
    }
}

impl Door {
    /// A door with the usual choices, or nothing where there is no runtime.
    pub(crate) fn open() -> Option<Door> {
        Door::with(Choices::usual())
    }

    pub(crate) fn with(choices: Choices) -> Option<Door> {
        let runtimes = runtimes()?;
        // Below a folder that other users may enter: without namespaces they must be able to reach the code.
        let data = tempfile::Builder::new().prefix("trailsight-functions-").tempdir().expect("there is room");
        std::fs::set_permissions(data.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("it is ours");
        std::fs::write(data.path().join("secret"), SECRET).expect("there is room");
        let runtimes =
            if choices.leaves_out.contains(&Layer::View) { within_reach(&runtimes, data.path()) } else { runtimes };
        let pool = Pool::new(Settings {
            folder: data.path().join("functions"),
            runtimes,
            launcher: launcher(),
            needs_all_layers: false,
            leaves_out: choices.leaves_out,
            ports: Vec::new(),
            is_online: false,
            first_user: choices.first_user,
            max_environments: choices.max_environments,
            idle: Duration::from_secs(60),
            scratch_bytes: 64 << 20,
            clock: Arc::new(|| jiff::Timestamp::UNIX_EPOCH),
            machine_clock: Box::new(choices.machine_clock),
            dice: Box::new(|| 0x0123_4567_89ab_cdef_0123_4567_89ab_cdef),
        })
        .expect("a sandbox can be tried");
        let service = TcpListener::bind("127.0.0.1:0").expect("there is a port");
        pool.answers_at(service.local_addr().expect("it listens"));
        Some(Door { pool, data, service })
    }

    pub(crate) fn invoke(&self, function: &Function, payload: &Value) -> Result<Invoked, InvokeError> {
        self.pool.invoke(function.clone(), invocation(payload))
    }

    /// Runs Python and says what its handler returned.
    #[track_caller]
    pub(crate) fn returned(&self, python: &str) -> Value {
        let invoked = self.invoke(&function(python), &Value::Null).expect("it can be run");
        let payload = serde_json::from_slice(&invoked.payload).expect("it is JSON");
        assert!(!invoked.has_failed, "{payload:#}\n{}", log(&invoked));
        payload
    }
}

pub(crate) fn launcher() -> Launcher {
    Launcher { program: env!("CARGO_BIN_EXE_functions").into(), arguments: vec!["run-sandboxed".into()] }
}

/// Where runtimes are installed, if any is.
pub(crate) fn runtimes() -> Option<PathBuf> {
    let named = std::env::var_os("TRAILSIGHT_TEST_RUNTIMES").map(PathBuf::from);
    let usual = || std::env::var_os("HOME").map(|home| Path::new(&home).join(".cache/trailsight/runtimes"));
    let folder = named.or_else(usual)?;
    if Runtimes::new(&folder).installed().is_empty() {
        let _ = writeln!(std::io::stderr(), "LEFT OUT: no runtime is installed in {}: `make tools`", folder.display());
        return None;
    }
    Some(folder)
}

/// The runtimes again, where other users can reach them.
fn within_reach(runtimes: &Path, data: &Path) -> PathBuf {
    let reached = data.join("runtimes");
    for entry in walkdir::WalkDir::new(runtimes).into_iter().map(|entry| entry.expect("it can be read")) {
        let at = reached.join(entry.path().strip_prefix(runtimes).expect("it is below"));
        if entry.file_type().is_dir() {
            std::fs::create_dir_all(at).expect("there is room");
        } else if std::fs::hard_link(entry.path(), &at).is_err() {
            std::fs::copy(entry.path(), at).expect("there is room");
        }
    }
    reached
}

pub(crate) fn function(python: &str) -> Function {
    Function {
        arn: "arn:aws:lambda:us-east-1:123456789012:function:tried".into(),
        name: "tried".into(),
        version: "$LATEST".into(),
        revision: "1".into(),
        runtime: "python3.11".into(),
        handler: "index.handler".into(),
        code: archive(&[("index.py", python)]),
        // A thousand processes are more than 256 MiB.
        memory_mib: 1024,
        timeout: Duration::from_secs(60),
        environment: [("OWN".to_owned(), "own".to_owned())].into(),
        credentials: Credentials {
            access_key: "ASIAKEY".into(),
            secret_key: "secret".into(),
            session_token: "token".into(),
        },
        region: "us-east-1".into(),
        reserved_concurrency: None,
        log_group: "/aws/lambda/tried".into(),
    }
}

pub(crate) fn invocation(payload: &Value) -> Invocation {
    Invocation {
        request_id: "8f5c1d52-0000-4000-8000-000000000001".into(),
        payload: payload.to_string().into_bytes(),
        client_context: None,
    }
}

pub(crate) fn archive(files: &[(&str, &str)]) -> Arc<[u8]> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in files {
        let options = SimpleFileOptions::default().unix_permissions(0o755);
        archive.start_file(*name, options).expect("it is in memory");
        archive.write_all(text.as_bytes()).expect("it is in memory");
    }
    archive.finish().expect("it is in memory").into_inner().into()
}

pub(crate) fn log(invoked: &Invoked) -> String {
    invoked.log.iter().map(|(_, line)| line.as_str()).collect()
}
