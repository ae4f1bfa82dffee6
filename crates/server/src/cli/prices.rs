//! `pellucid prices`: your prices, and the models that have none, on a running server.

use clap::{Args as ClapArgs, Subcommand, ValueEnum};
use pellucid_model::{Error, ErrorKind, Result};
use serde_json::{Map, Value as Json, json};

use super::{Server, output, table};

/// Your prices, and models without one
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  pellucid prices unpriced
  pellucid prices set gpt-4o --input 2 --output 8
  pellucid prices set 'qwen*' --provider dashscope --currency CNY --rate 0.14 --input 2.4 --output 9.6 --valid-from 2026-01-01
  pellucid prices list
  pellucid prices remove gpt-4o
  pellucid reprice --from 2026-01-01 --model gpt-4o

A price holds for calls from now on; `pellucid reprice` prices stored ones again. Your prices come before the overlay
and the book that are built in, those of the project before those of all. Prices can also stand in the configuration
file, as [[prices]].")]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Your prices, in the order in which they are asked
    #[command(after_help = "Examples:\n  pellucid prices list\n  pellucid prices list --format json")]
    List {
        #[command(flatten)]
        server: Server,
        /// Form of the answer
        #[arg(long, value_enum, default_value_t = Format::Table)]
        format: Format,
    },
    /// Models whose calls have no cost, most calls first
    #[command(after_help = "\
Examples:
  pellucid prices unpriced
  pellucid prices unpriced --from 2026-01-01 --to 2026-02-01")]
    Unpriced {
        #[command(flatten)]
        server: Server,
        /// First moment: RFC 3339, a day, or milliseconds since 1970
        #[arg(long, value_name = "TIME")]
        from: Option<String>,
        /// First moment after
        #[arg(long, value_name = "TIME")]
        to: Option<String>,
        /// Form of the answer
        #[arg(long, value_enum, default_value_t = Format::Table)]
        format: Format,
    },
    /// Set a price
    Set(Box<Set>),
    /// Remove a price that was set
    #[command(after_help = "Examples:\n  pellucid prices remove gpt-4o\n  pellucid prices remove house --org")]
    Remove {
        /// Its name, as `prices list` shows it
        id: String,
        /// The one for all projects
        #[arg(long)]
        org: bool,
        #[command(flatten)]
        server: Server,
    },
    /// Choose whose number is the cost where the client and a price both give one
    #[command(after_help = "Examples:\n  pellucid prices choose computed\n  pellucid prices choose reported")]
    Choose {
        choice: Choice,
        #[command(flatten)]
        server: Server,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Table,
    /// The answer of the API
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Choice {
    /// What the client reports
    Reported,
    /// What the price row gives
    Computed,
}

/// Tokens are priced by the million, searches and calls by the thousand.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  pellucid prices set gpt-4o --input 2 --output 8 --cache-read 1
  pellucid prices set 'llama*' --provider self_hosted --input 0 --output 0 --org
  pellucid prices set gpt-4o --tier batch --input 1 --output 4 --valid-from 2026-03-01 --id gpt-4o-batch")]
struct Set {
    /// The model's name; * stands for anything
    model: String,
    /// A name for the price; by default made of the model, tier and day
    #[arg(long)]
    id: Option<String>,
    /// For all projects, not just the key's
    #[arg(long)]
    org: bool,
    /// Who bills; without it, whoever does
    #[arg(long)]
    provider: Option<String>,
    /// The service tier it is for, such as batch
    #[arg(long)]
    tier: Option<String>,
    /// First day it holds for (UTC)
    #[arg(long, value_name = "DAY")]
    valid_from: Option<String>,
    /// USD or CNY
    #[arg(long)]
    currency: Option<String>,
    /// Dollars for one yuan
    #[arg(long)]
    rate: Option<String>,
    #[command(flatten)]
    amounts: Amounts,
    #[command(flatten)]
    server: Server,
}

#[derive(Debug, ClapArgs)]
struct Amounts {
    /// A million input tokens
    #[arg(long, value_name = "PRICE")]
    input: Option<String>,
    /// A million output tokens
    #[arg(long, value_name = "PRICE")]
    output: Option<String>,
    /// A million tokens read from a cache
    #[arg(long, value_name = "PRICE")]
    cache_read: Option<String>,
    /// A million tokens written to a cache
    #[arg(long, value_name = "PRICE")]
    cache_write: Option<String>,
    /// A million tokens written to be kept for an hour
    #[arg(long, value_name = "PRICE")]
    cache_write_1h: Option<String>,
    /// A million reasoning tokens
    #[arg(long, value_name = "PRICE")]
    reasoning: Option<String>,
    /// A thousand searches of a reranker
    #[arg(long, value_name = "PRICE")]
    search: Option<String>,
    /// A thousand calls, on top of everything else
    #[arg(long, value_name = "PRICE")]
    call: Option<String>,
}

pub(super) async fn run(args: &Args) -> Result<()> {
    match &args.command {
        Command::List { server, format } => {
            let answer = server.client()?.get_json("/api/v1/prices").await?;
            show(
                &answer,
                *format,
                &["id", "scope", "source", "model", "provider", "tier", "valid_from", "prices"],
                priced,
            )
        }
        Command::Unpriced { server, from, to, format } => {
            let answer = server.client()?.get_json(&period("/api/v1/prices/unpriced", from, to)?).await?;
            let columns =
                ["model", "provider", "reason", "calls", "input_tokens", "output_tokens", "first_seen", "last_seen"];
            show(&answer, *format, &columns, Json::clone)
        }
        Command::Set(set) => set.run().await,
        Command::Remove { id, org, server } => {
            server.client()?.delete(&path(id, *org)).await?;
            output::print_line(&format!("removed {id}"))
        }
        Command::Choose { choice, server } => {
            let choice = if *choice == Choice::Reported { "reported" } else { "computed" };
            server.client()?.put_json("/api/v1/prices/choice", &json!({ "choice": choice })).await?;
            output::print_line(&format!("the cost of a call is now the {choice} one"))
        }
    }
}

impl Set {
    async fn run(&self) -> Result<()> {
        let id = self.id.clone().unwrap_or_else(|| self.default_id());
        let answer = self.server.client()?.put_json(&path(&id, self.org), &self.body()).await?;
        let revision = answer["revision"].as_u64().unwrap_or_default();
        output::print_line(&format!("set {id}, revision {revision}; calls from now on are priced by it"))?;
        output::note("`pellucid reprice --from …` prices stored calls again");
        Ok(())
    }

    fn default_id(&self) -> String {
        let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '_') { c } else { '-' };
        let parts = [Some(&self.model), self.tier.as_ref(), self.valid_from.as_ref()];
        let joined: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
        joined.join(":").replace('*', "any").chars().map(|c| if c == ':' { c } else { plain(c) }).collect()
    }

    fn body(&self) -> Json {
        let amounts = &self.amounts;
        let given = [
            ("model", &Some(self.model.clone())),
            ("provider", &self.provider),
            ("tier", &self.tier),
            ("valid_from", &self.valid_from),
            ("currency", &self.currency),
            ("rate", &self.rate),
            ("input", &amounts.input),
            ("output", &amounts.output),
            ("cache_read", &amounts.cache_read),
            ("cache_write", &amounts.cache_write),
            ("cache_write_1h", &amounts.cache_write_1h),
            ("reasoning", &amounts.reasoning),
            ("search", &amounts.search),
            ("call", &amounts.call),
        ];
        let given = given.into_iter().filter_map(|(name, value)| Some((name.to_owned(), Json::from(value.clone()?))));
        Json::Object(given.collect())
    }
}

fn path(id: &str, org: bool) -> String {
    format!("/api/v1/prices/{id}{}", if org { "?scope=org" } else { "" })
}

/// A path with the times that are given.
fn period(path: &str, from: &Option<String>, to: &Option<String>) -> Result<String> {
    let given = [("from", from), ("to", to)].into_iter().filter_map(|(name, time)| Some((name, time.as_ref()?)));
    let mut query = Vec::new();
    for (name, time) in given {
        let nanos = crate::api::parse_moment(name, time)?.as_nanos();
        query.push(format!("{name}={}", nanos.div_euclid(1_000_000)));
    }
    Ok(if query.is_empty() { path.to_owned() } else { format!("{path}?{}", query.join("&")) })
}

/// A price's own words in one cell, the rest as it is.
fn priced(item: &Json) -> Json {
    let mut row = item.as_object().cloned().unwrap_or_default();
    let price = row.remove("price").and_then(|price| price.as_object().cloned()).unwrap_or_default();
    let (words, amounts): (Map<String, Json>, Map<String, Json>) = price
        .into_iter()
        .partition(|(name, _)| ["model", "provider", "tier", "valid_from", "project"].contains(&name.as_str()));
    row.extend(words);
    let amounts = amounts.iter().map(|(name, value)| match value {
        Json::String(text) => format!("{name} {text}"),
        other => format!("{name} {other}"),
    });
    row.insert("prices".to_owned(), Json::from(amounts.collect::<Vec<_>>().join(", ")));
    Json::Object(row)
}

fn show(answer: &Json, format: Format, columns: &[&str], row: impl Fn(&Json) -> Json) -> Result<()> {
    if format == Format::Json {
        return output::print_line(&answer.to_string());
    }
    let items = answer["items"].as_array().ok_or_else(|| Error::new(ErrorKind::Internal, "the server sent no list"))?;
    let cells = |item: &Json| -> Json {
        let item = row(item);
        columns.iter().map(|name| item[*name].clone()).collect()
    };
    let names: Vec<Json> = columns.iter().map(|name| json!({ "name": name })).collect();
    let shown = json!({ "columns": names, "rows": items.iter().map(cells).collect::<Vec<_>>() });
    output::print(table::render(&shown).as_bytes())
}
