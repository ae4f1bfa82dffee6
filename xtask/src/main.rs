//! Development tasks: `cargo xtask tidy` checks the house rules, `gen` writes the generated files, `prices` the overlay of
//! prices, `bench ingest` loads a real server over loopback, `crash` kills one again and again. Reads and writes the
//! repository it was compiled in; nothing here ships.
#![expect(clippy::print_stdout, reason = "a command line tool speaks on stdout")]

mod bench;
mod crash;
mod generate;
mod prices;
mod tidy;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Development tasks of Pellucid")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Check the house rules that compilers and linters do not know
    Tidy,
    /// Write openapi.json and the web's types from the server's code
    Gen,
    Prices(prices::Args),
    Crash(crash::Args),
    /// Measure a whole server from outside
    #[command(subcommand)]
    Bench(bench::Bench),
}

fn main() -> Result<ExitCode> {
    let root = root()?;
    match Cli::parse().task {
        Task::Tidy => {
            let faults = tidy::check(&root)?;
            faults.iter().for_each(|fault| println!("{fault}"));
            println!("tidy: {} faults", faults.len());
            Ok(if faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
        Task::Gen => generate::run(&root).map(|()| ExitCode::SUCCESS),
        Task::Prices(args) => {
            println!("{}", prices::run(&root, &args)?);
            Ok(ExitCode::SUCCESS)
        }
        Task::Crash(args) => crash::run(&args).map(|()| ExitCode::SUCCESS),
        Task::Bench(bench) => bench::run(&root, bench).map(|()| ExitCode::SUCCESS),
    }
}

/// The repository of the current directory: a binary in a shared target directory may stem from another clone.
fn root() -> Result<PathBuf> {
    let here = std::env::current_dir()?;
    let root = here.ancestors().find(|dir| dir.join("xtask/Cargo.toml").is_file());
    root.map(PathBuf::from).context("run this inside the repository")
}
