//! `trailsight`: an open, self-hosted CloudTrail Insights.

use std::io::Write;
use std::process::ExitCode;

use trailsight::cli::{Cli, Command, InsightsCommand};
use trailsight::{
    analyze, backup, bucket_links, config, credentials, events, expected, insights, operations, push_keys, query,
    runtimes, serve, simulate, status, stdout,
};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let (cli, in_force): (Cli, _) = match config::read(std::env::args_os()) {
        Ok(read) => read,
        Err(config::Wrong::Usage(error)) => error.exit(),
        Err(config::Wrong::File(faults)) => {
            let _ = writeln!(std::io::stderr(), "{faults}");
            return ExitCode::from(config::WRONG);
        }
    };
    let failure = if matches!(cli.command, Command::Events(_)) { events::ERROR } else { 1 };
    let done = match cli.command {
        Command::Analyze(arguments) => analyze::run(&arguments),
        Command::Cluster(command) => trailsight::cluster_roles::run(&command),
        Command::Buckets(command) => bucket_links::run(&command),
        Command::Config(command) => config::run(&command, &in_force),
        Command::Events(command) => events::run(&command),
        Command::Serve(arguments) => {
            in_force.check(&arguments).map_err(Into::into).and_then(|()| serve::run(&arguments))
        }
        Command::Runtimes(command) => runtimes::run(&command),
        Command::RunSandboxed => Ok(functions::sandbox::run()),
        Command::Status(arguments) => status::run(&arguments),
        Command::Backup(arguments) => backup::back_up(&arguments),
        Command::Restore(arguments) => backup::restore(&arguments),
        Command::Expected(command) => expected::run(&command),
        Command::Insights(InsightsCommand::SendTest(arguments)) => insights::send_test(&arguments),
        Command::Credentials(command) => credentials::run(&command),
        Command::PushKeys(command) => push_keys::run(&command),
        Command::Query(arguments) => query::run(&arguments),
        Command::Simulate(arguments) => simulate::run(&arguments),
        Command::Operations { json } => operations::run(json),
        Command::Completions { shell } => trailsight::cli::print_completions(shell),
        Command::Man { out } => trailsight::cli::write_man_pages(&out),
    };
    done.unwrap_or_else(|error| {
        // Whoever reads our output went away (`| head`): nothing went wrong.
        if stdout::is_closed() {
            return ExitCode::SUCCESS;
        }
        if let Some(faults) = error.downcast_ref::<config::Faults>() {
            let _ = writeln!(std::io::stderr(), "{faults}");
            return ExitCode::from(config::WRONG);
        }
        let _ = writeln!(std::io::stderr(), "trailsight: {error:#}");
        ExitCode::from(failure)
    })
}
