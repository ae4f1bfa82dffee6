//! `pellucid store delete`: order a deletion on a running server, and watch it.

use std::time::Duration;

use pellucid_model::{Error, ErrorKind, Result};
use serde_json::{Value as Json, json};

use crate::cli::{Server, output};

/// How often to ask how far it is.
const POLL_TIME: Duration = Duration::from_millis(500);

/// Delete a trace, a session or a user for good
#[derive(Debug, clap::Args)]
#[command(
    group = clap::ArgGroup::new("subject").required(true),
    after_help = "\
Examples:
  pellucid store delete --trace 4bf92f3577b34da6a3ce929d0e0e4736
  pellucid store delete --user u-42 --reason 'request of 3 March' --wait

Of a session or a user every trace goes in which a span names it, with its log records. No query sees the rows once the
command has answered `hidden`; `purged` means that the data directory no longer holds their bytes. Backups still do."
)]
pub(super) struct Args {
    /// One trace
    #[arg(long, value_name = "ID", group = "subject")]
    trace: Option<String>,
    /// Every trace of a session
    #[arg(long, value_name = "ID", group = "subject")]
    session: Option<String>,
    /// Every trace of a user
    #[arg(long, value_name = "ID", group = "subject")]
    user: Option<String>,
    /// Why, for the record
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Come back only when the bytes are gone
    #[arg(long)]
    wait: bool,
    #[command(flatten)]
    server: Server,
}

pub(super) async fn run(args: &Args) -> Result<()> {
    let client = args.server.client()?;
    let ids = [("trace_id", &args.trace), ("session_id", &args.session), ("user_id", &args.user)];
    let mut body: serde_json::Map<String, Json> =
        ids.iter().filter_map(|(key, id)| Some(((*key).to_owned(), json!(id.as_ref()?)))).collect();
    body.extend(args.reason.as_ref().map(|reason| ("reason".to_owned(), json!(reason))));
    let mut deletion = client.post_json("/api/v1/deletions", &Json::Object(body)).await?;
    let id = deletion["id"].as_i64();
    let id = id.ok_or_else(|| Error::new(ErrorKind::Internal, "the server named no deletion"))?;
    let until = if args.wait { "purged" } else { "hidden" };
    let mut told = String::new();
    while deletion["state"] != until && deletion["state"] != "purged" {
        if let Some(problem) = deletion["problem"].as_str() {
            return Err(Error::new(ErrorKind::Unavailable, format!("deletion {id}: {problem}"))
                .with_hint("the server tries again within an hour; GET /api/v1/deletions says how far it is"));
        }
        let now = far(&deletion);
        if now != told {
            output::note(&now);
            told = now;
        }
        tokio::time::sleep(POLL_TIME).await;
        deletion = client.get_json(&format!("/api/v1/deletions/{id}")).await?;
    }
    output::print_line(&format!("deletion {id}: {}", far(&deletion)))
}

fn far(deletion: &Json) -> String {
    format!(
        "{}, {} spans and {} log records in {} of {} chunks",
        deletion["state"].as_str().unwrap_or_default(),
        deletion["spans"],
        deletion["logs"],
        deletion["chunks_done"],
        deletion["chunks"]
    )
}
