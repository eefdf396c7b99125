//! The command line: one table, from which help, completions and the guide's reference are made.

use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// One file describes a machine-learning system; this program plans it, trains it, explains it, serves it.
#[derive(Parser, Debug)]
#[command(name = "arkwright", version = crate::VERSION, disable_help_subcommand = true, arg_required_else_help = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// What every command takes.
    #[command(flatten)]
    pub global: Global,
}

/// Options that every command takes.
#[derive(Args, Debug, Clone)]
pub struct Global {
    /// Where results are kept: a folder, or postgres://... [default: the nearest .arkwright]
    #[arg(long, global = true, value_name = "URL", env = "ARKWRIGHT_STORE", hide_env_values = true)]
    pub store: Option<String>,
    /// Where a PostgreSQL store keeps its files: a folder, or s3://... [default: the nearest .arkwright]
    #[arg(long, global = true, value_name = "URL")]
    pub artifacts: Option<String>,
    /// Threads to compute with [default: all cores]
    #[arg(long, global = true, value_name = "N", env = "ARKWRIGHT_THREADS", hide_env_values = true, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
    /// The seed of every random choice; over the file's
    #[arg(long, global = true, value_name = "N")]
    pub seed: Option<u64>,
    /// Bytes of data held at once, such as 500MB or 4GB [default: no limit]
    #[arg(long, global = true, value_name = "BYTES", value_parser = bytes)]
    pub memory: Option<u64>,
    /// Results as JSON on standard output
    #[arg(long, global = true)]
    pub json: bool,
    /// No progress and no hints; warnings are told
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Say more
    #[arg(short, long, global = true)]
    pub verbose: bool,
}

/// The commands.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Make a system: read, check, compare, tune, judge, explain, gate, register
    #[command(
        after_help = "Examples:\n  arkwright run\n  arkwright run systems/churn --threads 4\n  arkwright run systems/churn --json > run.json"
    )]
    Run(PathArg),
    /// Show the stages: what is done, what would run, and why
    #[command(after_help = "Examples:\n  arkwright plan systems/churn\n  arkwright plan --expand > long.toml")]
    Plan {
        /// The system.
        #[command(flatten)]
        path: PathArg,
        /// Print the long form of the file
        #[arg(long)]
        expand: bool,
    },
    /// Look at a table and write a system file for it
    #[command(after_help = "Examples:\n  arkwright new churn --from customers.csv --target churned")]
    New {
        /// The folder to make, and the system's name
        name: String,
        /// The table
        #[arg(long, value_name = "FILE")]
        from: String,
        /// The column to learn
        #[arg(long, value_name = "COLUMN")]
        target: String,
    },
    /// Score a file with a registered model
    #[command(
        after_help = "Examples:\n  arkwright predict churn new.csv -o scored.parquet\n  cat new.jsonl | arkwright predict churn@production - --format jsonl"
    )]
    Predict {
        /// NAME, NAME@alias or NAME:version
        model: String,
        /// CSV, JSON, Parquet or Arrow; `-` for standard input
        input: String,
        /// Where to write; `-` for standard output
        #[arg(short, long, default_value = "-", value_name = "FILE")]
        output: String,
        /// The format where no extension says it: csv, jsonl, parquet, arrow [default: csv; jsonl with --json]
        #[arg(long, value_name = "FORMAT")]
        format: Option<String>,
        /// Add the inputs to the output
        #[arg(long)]
        keep: bool,
    },
    /// Serve every registered model over HTTP, with a web UI
    #[command(after_help = "Examples:\n  arkwright serve\n  arkwright serve --listen 127.0.0.1:9000")]
    Serve {
        /// Address and port
        #[arg(long, default_value = "127.0.0.1:8080", value_name = "ADDRESS")]
        listen: String,
        /// What clients must show as `Authorization: Bearer TOKEN`; needed to listen beyond this machine
        #[arg(long, value_name = "TOKEN", env = "ARKWRIGHT_TOKEN", hide_env_values = true)]
        token: Option<String>,
    },
    /// Show the report of a run, or write it as a page
    #[command(
        after_help = "Examples:\n  arkwright report\n  arkwright report churn --html report.html\n  arkwright report 3"
    )]
    Report {
        /// The run's number; or a system, NAME (its newest run), NAME:version or NAME@alias [default: the newest run]
        #[arg(value_name = "RUN|NAME")]
        run: Option<String>,
        /// Write the page with its pictures to a file
        #[arg(long, value_name = "FILE")]
        html: Option<PathBuf>,
    },
    /// List the runs
    Runs {
        /// How many at most
        #[arg(short = 'n', long, default_value_t = 20)]
        limit: u32,
    },
    /// List the registered models, or point an alias at a version
    #[command(after_help = "Examples:\n  arkwright models\n  arkwright models --alias churn@production=3")]
    Models {
        /// NAME@ALIAS=VERSION
        #[arg(long, value_name = "NAME@ALIAS=VERSION")]
        alias: Option<String>,
    },
    /// Register a model of LightGBM's, XGBoost's or ONNX trees
    #[command(
        after_help = "Examples:\n  arkwright import model.txt --name churn\n  arkwright import model.json --name wine --features acid,sugar,ash --classes red,white"
    )]
    Import {
        /// LightGBM's text, XGBoost's JSON or UBJSON, ONNX
        file: PathBuf,
        /// What the model is called from now on
        #[arg(long)]
        name: String,
        /// The features' names in their order [default: the file's]
        #[arg(long, value_name = "NAMES", value_delimiter = ',')]
        features: Option<Vec<String>>,
        /// The classes' names in their order [default: 0,1,...]
        #[arg(long, value_name = "NAMES", value_delimiter = ',')]
        classes: Option<Vec<String>>,
    },
    /// Write a registered model of trees for LightGBM, XGBoost or ONNX
    #[command(
        after_help = "Examples:\n  arkwright export churn --to churn.onnx\n  arkwright export churn@production --to churn.txt --rows new.csv"
    )]
    Export {
        /// NAME, NAME@alias or NAME:version
        model: String,
        /// Where to write: .txt for LightGBM, .json for XGBoost, .onnx
        #[arg(long, value_name = "FILE")]
        to: PathBuf,
        /// Rows to replay it on [default: those that its run held out]
        #[arg(long, value_name = "FILE")]
        rows: Option<String>,
    },
    /// Print the JSON Schema of the system file
    Schema,
    /// Free what no registered version needs
    Clean {
        /// List it only
        #[arg(long)]
        dry_run: bool,
    },
    /// Print completions for a shell
    #[command(
        after_help = "Examples:\n  arkwright completions bash > ~/.local/share/bash-completion/completions/arkwright"
    )]
    Completions {
        /// bash, zsh, fish, elvish or powershell
        shell: clap_complete::Shell,
    },
}

/// The system of a command.
#[derive(Args, Debug, Clone)]
pub struct PathArg {
    /// A folder that holds arkwright.toml, or the file
    #[arg(default_value = ".")]
    pub path: PathBuf,
}

/// Reads a number of bytes with an optional unit: `500MB`, `4GiB`.
fn bytes(text: &str) -> Result<u64, String> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let number: f64 = text[..digits].parse().map_err(|_| "a number of bytes, such as 500MB".to_string())?;
    let unit = match text[digits..].trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1.0,
        "kb" => 1e3,
        "mb" => 1e6,
        "gb" => 1e9,
        "tb" => 1e12,
        "kib" | "k" => 1024.0,
        "mib" | "m" => 1_048_576.0,
        "gib" | "g" => 1_073_741_824.0,
        other => return Err(format!("`{other}` is no unit of bytes; use KB, MB, GB, KiB, MiB or GiB")),
    };
    Ok((number * unit) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_table_of_arguments_holds_together() {
        Cli::command().debug_assert();
    }

    #[test]
    fn bytes_are_read_with_their_unit() {
        assert_eq!(bytes("500MB"), Ok(500_000_000));
        assert_eq!(bytes("1.5 GiB"), Ok(1_610_612_736));
        assert_eq!(bytes("12"), Ok(12));
        assert!(bytes("12 parsecs").is_err() && bytes("x").is_err());
    }
}
