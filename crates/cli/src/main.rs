//! The `arkwright` command: wiring over the rooms, and what people see of them. No logic lives here.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod args;
mod command;
mod failure;
mod place;
mod progress;
mod show;

use args::{Cli, Command};
use arkwright_flow::exchange::Imports;
use clap::Parser;
use failure::Failure;
use place::Place;
use std::io::Write;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The version, with the bundle format that it writes and the commit that it was built from.
pub const VERSION: &str =
    concat!(env!("CARGO_PKG_VERSION"), " (bundle format 1, commit ", env!("ARKWRIGHT_COMMIT"), ")");

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(answer) => return usage(&answer),
    };
    let json = cli.global.json;
    std::panic::set_hook(Box::new(failure::told_of_a_fault));
    let work = || Place::new(cli.global).and_then(|place| dispatch(cli.command, &place));
    // A fault of the program's own ends it like any failure: told, with its exit code.
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).unwrap_or_else(|_| Err(Failure::fault()));
    match result {
        Ok(code) => code,
        Err(failure) => failure.report(json),
    }
}

/// The help or the version on standard output, or what is wrong with the use.
fn usage(answer: &clap::Error) -> ExitCode {
    let told = answer.print().and_then(|()| std::io::stdout().flush());
    match (answer.use_stderr(), told) {
        (true, _) => ExitCode::from(2),
        (false, Ok(())) => ExitCode::SUCCESS,
        (false, Err(error)) => show::unsaid(error).report(false),
    }
}

fn dispatch(command: Command, place: &Place) -> Result<ExitCode, Failure> {
    match command {
        Command::Run(path) => command::run::run(&path.path, place),
        Command::Plan { path, expand } => command::plan::plan(&path.path, expand, place),
        Command::New { name, from, target } => command::new::new(&name, &from, &target, place),
        Command::Predict { model, input, output, format, keep } => {
            command::predict::predict(&model, &input, &output, format.as_deref(), keep, place)
        }
        Command::Serve { listen, token } => command::serve::serve(&listen, token, place),
        Command::Report { run, html } => command::report::report(run.as_deref(), html.as_deref(), place),
        Command::Runs { limit } => command::list::runs(limit, place),
        Command::Models { alias } => command::list::models(alias.as_deref(), place),
        Command::Import { file, name, features, classes } => {
            command::exchange::read(&file, &Imports { name, features, classes }, place)
        }
        Command::Export { model, to, rows } => command::exchange::write(&model, &to, rows.as_deref(), place),
        Command::Schema => command::schema::schema(),
        Command::Clean { dry_run } => command::clean::clean(dry_run, place),
        Command::Completions { shell } => command::schema::completions(shell),
    }
}
