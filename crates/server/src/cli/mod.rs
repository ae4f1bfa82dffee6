//! The command line: one module a subcommand. Exit codes: 0 fine, 1 it failed, 2 wrong usage.

mod audit;
mod check;
mod import;
mod key;
mod normalize;
mod output;
mod place;
mod prices;
mod query;
mod rewrite;
mod serve;
mod store;
mod table;
mod unmapped;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use pellucid_model::{Error, ErrorKind, Result};

use crate::client::Client;
use crate::demo;

const FAILED: u8 = 1;
const WRONG_USAGE: u8 = 2;

/// See what your LLM applications do: OpenTelemetry in, calls, tokens, cost and traces out.
#[derive(Debug, Parser)]
#[command(
    name = "pellucid",
    version,
    propagate_version = true,
    arg_required_else_help = true,
    after_help = "\
Examples:
  pellucid serve                        receive, store, answer and show on http://127.0.0.1:9529
  pellucid demo                         fill it with believable traffic
  pellucid query \"SELECT request_model, count(*) FROM llm_calls GROUP BY 1\"
  pellucid normalize traces.json        what would be stored, without storing it
  pellucid store status                 what a data directory holds
  pellucid prices unpriced              models whose calls have no cost

Exit codes: 0 fine, 1 it failed, 2 wrong usage."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Serve(serve::Args),
    Normalize(normalize::Args),
    Query(query::Args),
    Unmapped(unmapped::Args),
    Check(check::Args),
    Key(key::Args),
    Prices(prices::Args),
    Reprice(rewrite::Reprice),
    Renormalize(rewrite::Renormalize),
    Audit(audit::Args),
    Store(store::Args),
    Demo(demo::Args),
}

/// Runs the command of this process and gives its exit code.
pub fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(help) => {
            // Help goes to stdout and is fine, a mistake goes to stderr and is not; a closed pipe is nobody's loss.
            help.print().unwrap_or_default();
            return if help.use_stderr() { ExitCode::from(WRONG_USAGE) } else { ExitCode::SUCCESS };
        }
    };
    match dispatch(cli.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::complain(&error);
            ExitCode::from(FAILED)
        }
    }
}

fn dispatch(command: Command) -> Result<()> {
    match command {
        Command::Serve(args) => serve::run(&args),
        Command::Normalize(args) => normalize::run(&args),
        Command::Query(args) => runtime()?.block_on(query::run(&args)),
        Command::Unmapped(args) => runtime()?.block_on(unmapped::run(&args)),
        Command::Check(args) => check::run(&args),
        Command::Key(args) => key::run(&args),
        Command::Prices(args) => runtime()?.block_on(prices::run(&args)),
        Command::Reprice(args) => runtime()?.block_on(rewrite::reprice(&args)),
        Command::Audit(args) => runtime()?.block_on(audit::run(&args)),
        Command::Renormalize(args) => runtime()?.block_on(rewrite::renormalize(&args)),
        Command::Store(args) => runtime()?.block_on(store::run(&args)),
        Command::Demo(args) => runtime()?.block_on(demo::run(&args, output::note)),
    }
}

/// Which running server a command talks to.
#[derive(Debug, clap::Args)]
struct Server {
    /// A running server
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:9529")]
    url: String,
    /// Secret of a key, better given in PELLUCID_KEY; changes need one that may administer
    #[arg(long, value_name = "SECRET", hide_default_value = true)]
    key: Option<String>,
}

impl Server {
    fn client(&self) -> Result<Client> {
        Client::new(&self.url, self.key.clone())
    }
}

fn runtime() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|cause| Error::new(ErrorKind::Internal, "cannot start the runtime").caused_by(cause))
}
