//! `arkwright schema` and `arkwright completions`: what editors and shells read.

use crate::args::Cli;
use crate::failure::Failure;
use clap::CommandFactory;
use std::io::Write;
use std::process::ExitCode;

/// Prints the JSON Schema of the system file.
pub fn schema() -> Result<ExitCode, Failure> {
    let schema = arkwright_flow::schema(&arkwright_flow::registry());
    let mut out = std::io::stdout().lock();
    writeln!(out, "{schema:#}")?;
    Ok(ExitCode::SUCCESS)
}

/// Prints completions for a shell.
pub fn completions(shell: clap_complete::Shell) -> Result<ExitCode, Failure> {
    clap_complete::generate(shell, &mut Cli::command(), "arkwright", &mut std::io::stdout().lock());
    Ok(ExitCode::SUCCESS)
}
