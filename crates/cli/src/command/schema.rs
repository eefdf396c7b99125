//! `arkwright schema` and `arkwright completions`: what editors and shells read.

use crate::args::Cli;
use crate::failure::Failure;
use crate::show::{say, say_json};
use clap::CommandFactory;
use std::process::ExitCode;

/// Prints the JSON Schema of the system file.
pub fn schema() -> Result<ExitCode, Failure> {
    let schema = arkwright_flow::schema(&arkwright_flow::registry());
    say_json(&schema)?;
    Ok(ExitCode::SUCCESS)
}

/// Prints completions for a shell.
pub fn completions(shell: clap_complete::Shell) -> Result<ExitCode, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "arkwright", &mut script);
    say(&String::from_utf8_lossy(&script))?;
    Ok(ExitCode::SUCCESS)
}
