//! `pellucid demo`: believable traffic for a server, so that every page has something to show.
//!
//! First the past, denser towards now, so that every time range has something; then new traces, one by one, until it is
//! stopped. It sends what an OpenTelemetry SDK would send, by the same door.

mod span;
mod story;
#[cfg(test)]
mod tests;
mod words;

use std::collections::HashMap;
use std::time::Duration;

use pellucid_model::{Error, ErrorKind, Result};

use self::span::{DemoSpan, request};
use self::story::Teller;
use crate::client::Client;
use crate::clock;

/// Nanoseconds of an hour.
const HOUR: i64 = 3_600_000_000_000;
/// How much denser the past is towards now: age is a random number to this power.
const RECENT: f64 = 1.7;
/// Traces a request of the past.
const PACK: usize = 50;

/// Send believable live traffic to a server
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  pellucid demo                                   fill http://127.0.0.1:9529, then go on until Ctrl-C
  pellucid demo --once --traces 2000 --hours 168  a week of traffic, then stop
  pellucid demo --rate 120                        two new traces a second

It sends chats, questions to a vector store, agents with tools, and some errors, from four made-up applications whose
environment is \"demo\". With keys configured, give one that may ingest in PELLUCID_KEY or with --key.")]
pub(crate) struct Args {
    /// A running server
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:9529")]
    url: String,
    /// Traces of the past to begin with
    #[arg(long, default_value_t = 600)]
    traces: usize,
    /// How far back the past goes
    #[arg(long, default_value_t = 24, value_parser = clap::value_parser!(u32).range(1..=8760))]
    hours: u32,
    /// New traces a minute after that
    #[arg(long, default_value_t = 40, value_parser = clap::value_parser!(u32).range(1..=6000))]
    rate: u32,
    /// Stop after the past
    #[arg(long)]
    once: bool,
    /// The same number tells the same stories
    #[arg(long)]
    seed: Option<u64>,
    /// Secret of a key that may ingest, better given in PELLUCID_KEY
    #[arg(long, value_name = "SECRET", hide_default_value = true)]
    key: Option<String>,
}

/// Sends the past, then goes on. `note` tells people how far it is.
pub(crate) async fn run(args: &Args, note: impl Fn(&str)) -> Result<()> {
    let client = Client::new(&args.url, args.key.clone())?;
    let mut teller = Teller::new(args.seed.unwrap_or_else(rand::random));
    past(args, &client, &mut teller, &note).await?;
    if args.once {
        return Ok(());
    }
    note(&format!("{} new traces a minute now, Ctrl-C stops; look at {}", args.rate, args.url));
    let mut ticks = tokio::time::interval(Duration::from_secs(60) / args.rate);
    loop {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => return Ok(()),
            _ = ticks.tick() => {
                let story = teller.tell(clock::now().as_nanos());
                match send(&client, story.app, &story.spans).await {
                    // A server that is restarted or full for a moment does not end the demo.
                    Err(error) if error.kind == ErrorKind::Unavailable => note(&format!("{error}; going on")),
                    outcome => outcome?,
                }
            }
        }
    }
}

async fn past(args: &Args, client: &Client, teller: &mut Teller, note: &impl Fn(&str)) -> Result<()> {
    let now = clock::now().as_nanos();
    let mut sent = 0;
    while sent < args.traces {
        let mut apps: HashMap<&str, Vec<DemoSpan>> = HashMap::new();
        let pack = PACK.min(args.traces - sent);
        for _ in 0..pack {
            let age = teller.chance().powf(RECENT) * f64::from(args.hours) * HOUR as f64;
            let story = teller.tell(now - age as i64);
            apps.entry(story.app).or_default().extend(story.spans);
        }
        for (app, spans) in apps {
            send(client, app, &spans).await?;
        }
        sent += pack;
        note(&format!("{sent} of {} traces of the last {} hours", args.traces, args.hours));
    }
    Ok(())
}

async fn send(client: &Client, app: &str, spans: &[DemoSpan]) -> Result<()> {
    let body = serde_json::to_vec(&request(app, spans))
        .map_err(|cause| Error::new(ErrorKind::Internal, "cannot write a request").caused_by(cause))?;
    client.post("/v1/traces", "application/json", "application/json", body).await.map(drop)
}
