//! `pellucid key`: makes keys for clients.

use clap::{Subcommand, ValueEnum};
use pellucid_model::{ProjectId, Result};

use super::output;
use crate::auth::new_key;
use crate::config::{ApiKey, Right};

/// Make keys for clients
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Print a fresh secret and the line of the configuration file that admits it
    #[command(after_help = "\
Examples:
  pellucid key new --name ci
  pellucid key new --name grafana --project shop --can read

The secret is shown once and stored nowhere; the file holds only its hash. Clients send it as
`Authorization: Bearer SECRET`, as Basic password, or as `x-api-key`.")]
    New {
        /// Shown in logs
        #[arg(long, default_value = "key")]
        name: String,
        /// The project it writes to and reads from
        #[arg(long, default_value = ProjectId::DEFAULT)]
        project: String,
        /// What it may do; may repeat
        #[arg(long, value_enum, default_values = ["ingest", "read"])]
        can: Vec<Can>,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Can {
    /// Send telemetry
    Ingest,
    /// Ask questions
    Read,
    /// Everything
    Admin,
}

pub(super) fn run(args: &Args) -> Result<()> {
    let Command::New { name, project, can } = &args.command;
    let rights: Vec<Right> = can
        .iter()
        .map(|can| match can {
            Can::Ingest => Right::Ingest,
            Can::Read => Right::Read,
            Can::Admin => Right::Admin,
        })
        .collect();
    let (secret, row) = new_key(name, project, &rights);
    output::print_line(&format!("secret: {secret}\n\nPut this into the file given by --config:\n\n{}", table(&row)))
}

fn table(row: &ApiKey) -> String {
    let can: Vec<String> = row.can.iter().map(|right| format!("{right:?}").to_lowercase()).collect();
    format!(
        "[[auth.keys]]\nname = {:?}\nsha256 = {:?}\nproject = {:?}\ncan = {:?}",
        row.name, row.sha256, row.project, can
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_printed_line_is_valid_configuration() {
        let (_, row) = new_key("a \"b\"", "p", &[Right::Ingest, Right::Admin]);
        assert!(crate::config::check_text("key", &table(&row)).is_ok(), "{}", table(&row));
    }
}
