//! `pellucid audit`: what was changed by hand on a running server, and by whom.

use clap::Args as ClapArgs;
use pellucid_model::Result;
use serde_json::{Value as Json, json};

use super::{Server, output, table};

/// What was changed by hand: prices set and removed, stored rows made again
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  pellucid audit
  pellucid audit --limit 500 --json")]
pub(super) struct Args {
    /// At most this many lines, the newest first
    #[arg(long, default_value_t = 50)]
    limit: u16,
    /// The answer of the API
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: Server,
}

pub(super) async fn run(args: &Args) -> Result<()> {
    let answer = args.server.client()?.get_json(&format!("/api/v1/audit?limit={}", args.limit)).await?;
    if args.json {
        return output::print_line(&answer.to_string());
    }
    let columns = ["line", "time", "who", "what", "about"].map(|name| json!({ "name": name }));
    let items = answer["items"].as_array().into_iter().flatten();
    let row = |line: &Json| json!([line["id"], line["time"], line["who"], line["what"], about(line)]);
    let shown = json!({ "columns": columns, "rows": items.map(row).collect::<Vec<_>>() });
    output::print(table::render(&shown).as_bytes())
}

/// A line's particulars in few words.
fn about(line: &Json) -> String {
    let text = |part: &Json| part.as_str().unwrap_or_default().to_owned();
    let (walk, details) = (&line["rewrite"], &line["details"]);
    if walk.is_object() {
        let dry = if walk["dry_run"] == true { ", dry run" } else { "" };
        return format!(
            "{}{dry}: {} rows changed, {} USD",
            text(&walk["state"]),
            walk["changed"],
            text(&walk["difference_usd"])
        );
    }
    match details["choice"].as_str() {
        Some(choice) => choice.to_owned(),
        None => format!("{} ({})", text(&details["id"]), text(&details["scope"])),
    }
}
