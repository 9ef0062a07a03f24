//! This crate without the service: the sandbox's own program, for tests; and an installer of runtimes, for the Makefile.
//!
//! ```text
//! functions run-sandboxed < plan
//! functions install python3.11 FOLDER
//! ```

use std::io::Write;
use std::process::ExitCode;

use functions::runtimes::Runtimes;
use functions::runtimes::install::{Wanted, install};
use functions::sandbox::{self, Launcher};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut err = std::io::stderr();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["run-sandboxed"] => sandbox::run(),
        ["install", name, folder] => {
            let launcher = Launcher { program: "/proc/self/exe".into(), arguments: vec!["run-sandboxed".into()] };
            let wanted = Wanted { name, python: None, wheels: None, launcher: &launcher, user: functions::FIRST_USER };
            match install(&Runtimes::new(folder), &wanted, &mut |line| drop(writeln!(std::io::stderr(), "{line}"))) {
                Ok(_) => ExitCode::SUCCESS,
                Err(error) => {
                    let _ = writeln!(err, "functions: {error}");
                    ExitCode::FAILURE
                }
            }
        }
        _ => {
            let _ = writeln!(err, "functions run-sandboxed | install NAME FOLDER");
            ExitCode::from(2)
        }
    }
}
