//! How long an invocation takes, cold and warm, of a function that is told on the command line.
//!
//! ```sh
//! cargo build -p functions    # the sandbox's program
//! cargo run -p functions --example timing -- index.py event.json 127.0.0.1:4580 ~/.cache/trailsight/runtimes
//! ```

use std::io::{Cursor, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use functions::sandbox::Launcher;
use functions::{FIRST_USER, Function, Invocation, Pool, Settings};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

#[expect(clippy::disallowed_methods, reason = "it measures")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [code, event, service, runtimes] = &arguments[..] else {
        return Err("timing INDEX.PY EVENT.JSON SERVICE RUNTIMES".into());
    };
    let folder = tempfile::tempdir()?;
    let program = std::env::current_exe()?;
    let program = program.parent().and_then(Path::parent).map(|folder| folder.join("functions"));
    let pool = Pool::new(Settings {
        folder: folder.path().to_owned(),
        runtimes: runtimes.into(),
        launcher: Launcher { program: program.unwrap_or_default(), arguments: vec!["run-sandboxed".into()] },
        needs_all_layers: true,
        leaves_out: Vec::new(),
        ports: Vec::new(),
        is_online: false,
        first_user: FIRST_USER,
        max_environments: 1,
        idle: Duration::from_secs(60),
        scratch_bytes: 64 << 20,
        clock: Arc::new(jiff::Timestamp::now),
        machine_clock: Box::new(jiff::Timestamp::now),
        dice: Box::new(|| 1),
    })?;
    pool.answers_at(service.parse()?);
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    archive.start_file("index.py", SimpleFileOptions::default())?;
    archive.write_all(&std::fs::read(code)?)?;
    let function = Function {
        arn: "arn:aws:lambda:us-east-1:123456789012:function:timing".into(),
        name: "timing".into(),
        version: "$LATEST".into(),
        revision: "1".into(),
        runtime: "python3.11".into(),
        handler: "index.handler".into(),
        code: archive.finish()?.into_inner().into(),
        memory_mib: 128,
        timeout: Duration::from_secs(10),
        environment: Default::default(),
        credentials: functions::Credentials {
            access_key: "ASIAANYKEY".into(),
            secret_key: "any".into(),
            session_token: "any".into(),
        },
        region: "us-east-1".into(),
        reserved_concurrency: None,
        log_group: "/aws/lambda/timing".into(),
    };
    let payload = std::fs::read(event)?;
    #[expect(clippy::disallowed_methods, reason = "of what is measured nothing is lost")]
    let mut out = std::io::stdout();
    for number in 0..22 {
        if number == 11 {
            pool.forget(&function.arn);
        }
        let request_id = format!("8f5c1d52-0000-4000-8000-{number:012}");
        let began = Instant::now();
        let invocation = Invocation { request_id, payload: payload.clone(), client_context: None };
        let invoked = pool.invoke(function.clone(), invocation)?;
        writeln!(
            out,
            "{:8.2} ms  {}",
            began.elapsed().as_secs_f64() * 1000.0,
            String::from_utf8_lossy(&invoked.payload)
        )?;
        if number == 0 || invoked.has_failed {
            invoked.log.iter().try_for_each(|(time, line)| write!(out, "    {time} {line}"))?;
        }
    }
    Ok(())
}
