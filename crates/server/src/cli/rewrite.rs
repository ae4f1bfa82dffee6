//! `pellucid reprice` and `pellucid renormalize`: order stored rows to be made again, and watch it.

use std::time::Duration;

use clap::Args as ClapArgs;
use pellucid_model::{Error, ErrorKind, Result};
use serde_json::{Value as Json, json};

use super::{Server, output};
use crate::client::Client;

/// How often to ask how far it is.
const POLL_TIME: Duration = Duration::from_millis(500);

/// Price the stored calls of a period again
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  pellucid reprice --from 2026-01-01 --dry-run
  pellucid reprice --from 2026-01-01 --to 2026-02-01 --model gpt-4o

Costs are computed again by the prices there are now; nothing else of a row changes. Ordering it twice changes nothing
the second time. What was changed stands in `pellucid audit`.")]
pub(super) struct Reprice {
    #[command(flatten)]
    period: Period,
    /// Only calls of this model, as asked for or as answered
    #[arg(long)]
    model: Option<String>,
    #[command(flatten)]
    server: Server,
}

/// Normalise the stored spans of a period again, from the raw attributes they keep
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  pellucid renormalize --from 2026-01-01 --dry-run
  pellucid renormalize --from 2026-01-01T12:00:00Z --to 2026-01-02

Worth it after an update that reads a dialect better: kinds, models, tokens, messages, joined log records, costs and
which rows count become what the running version makes of the raw attributes. Ordering it twice changes nothing the
second time. What was changed stands in `pellucid audit`.")]
pub(super) struct Renormalize {
    #[command(flatten)]
    period: Period,
    #[command(flatten)]
    server: Server,
}

#[derive(Debug, ClapArgs)]
struct Period {
    /// First moment a row may start: RFC 3339, a day, or milliseconds since 1970
    #[arg(long, value_name = "TIME")]
    from: String,
    /// First moment after [default: now]
    #[arg(long, value_name = "TIME")]
    to: Option<String>,
    /// Only say what would change
    #[arg(long)]
    dry_run: bool,
}

pub(super) async fn reprice(args: &Reprice) -> Result<()> {
    let body = args.period.body(args.model.as_deref());
    follow(&args.server.client()?, "/api/v1/prices/reprice", &body).await
}

pub(super) async fn renormalize(args: &Renormalize) -> Result<()> {
    follow(&args.server.client()?, "/api/v1/renormalize", &args.period.body(None)).await
}

impl Period {
    fn body(&self, model: Option<&str>) -> Json {
        json!({ "from": self.from, "to": self.to, "model": model, "dry_run": self.dry_run })
    }
}

/// Orders it, tells how far it is on stderr, and at the end what it did on stdout.
async fn follow(client: &Client, path: &str, body: &Json) -> Result<()> {
    let mut line = client.post_json(path, body).await?;
    let id = line["id"].as_i64().ok_or_else(|| Error::new(ErrorKind::Internal, "the server named no line"))?;
    let mut told = String::new();
    while line["rewrite"]["state"] == "running" {
        let now = far(&line["rewrite"]);
        if now != told {
            output::note(&now);
            told = now;
        }
        tokio::time::sleep(POLL_TIME).await;
        line = client.get_json(&format!("/api/v1/audit/{id}")).await?;
    }
    let walk = &line["rewrite"];
    if walk["state"] != "done" {
        let why = walk["error"].as_str().unwrap_or("it was cut off");
        return Err(Error::new(ErrorKind::Internal, format!("not all rows were made again: {why}"))
            .with_hint("order the same again: what is done is not done twice"));
    }
    output::print_line(&done(id, walk))
}

fn far(walk: &Json) -> String {
    format!("{} of {} rows seen, {} changed", walk["rows_seen"], walk["rows_total"], walk["changed"])
}

fn done(id: i64, walk: &Json) -> String {
    let text = |part: &Json| part.as_str().unwrap_or_default().to_owned();
    let sums = |sums: &Json| {
        format!("{} USD ({} calls, {} unpriced)", text(&sums["cost_usd"]), sums["priced_calls"], sums["unpriced_calls"])
    };
    let verb = if walk["dry_run"] == true { "would change" } else { "changed" };
    let mut lines = vec![
        format!(
            "{} of {} rows {verb}; the cost of {} calls {verb}",
            walk["changed"], walk["matched"], walk["calls_changed"]
        ),
        format!("before      {}", sums(&walk["before"])),
        format!("after       {}", sums(&walk["after"])),
        format!("difference  {} USD", text(&walk["difference_usd"])),
    ];
    if walk["kept"].as_u64().is_some_and(|kept| kept > 0) {
        lines
            .push(format!("{} rows kept what they have: the log records they were joined with are gone", walk["kept"]));
    }
    lines.push(format!("audit line {id}"));
    lines.join("\n")
}
