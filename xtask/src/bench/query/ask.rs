//! The questions, and how long their answers take.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use pellucid_testkit::Server;
use serde_json::{Value as Json, json};

use super::story::{MODELS, Story, mixed};

const HOUR_S: u64 = 3_600;
const DAY_NS: u64 = 86_400_000_000_000;

/// A question: its name, the goal for its median in milliseconds, and how it is asked for the n-th time.
pub(super) struct Question {
    pub(super) name: &'static str,
    pub(super) goal_ms: f64,
    ask: fn(&Story, u64) -> Asked,
}

/// One request.
enum Asked {
    Get(String),
    Query(Json),
    Sql(String),
}

/// Every question.
pub(super) const QUESTIONS: &[Question] = &[
    Question {
        name: "a trace by its id",
        goal_ms: 10.0,
        ask: |story, n| Asked::Get(format!("/api/v1/traces/{}", Story::trace_id(mixed(n) % story.traces))),
    },
    Question {
        name: "latest 50 failed calls of a model",
        goal_ms: 25.0,
        ask: |story, n| {
            let model = MODELS[n as usize % MODELS.len()];
            let (from, to) = (story.start_ns() / 1_000_000, end_ms(story));
            Asked::Get(format!("/api/v1/traces?view=calls&model={model}&status=error&limit=50&from={from}&to={to}"))
        },
    },
    Question {
        name: "tokens and cost by model and hour",
        goal_ms: 150.0,
        ask: |story, _| {
            Asked::Query(json!({
                "metrics": ["input_tokens", "output_tokens", "cost"], "splits": ["model"], "step_s": HOUR_S,
                "from": story.start_ns() / 1_000_000, "to": end_ms(story),
            }))
        },
    },
    Question {
        name: "p95 latency by model, a day",
        goal_ms: 60.0,
        ask: |story, _| {
            Asked::Query(json!({
                "metrics": ["latency_p95"], "splits": ["model"],
                "from": (story.end_ns - DAY_NS) / 1_000_000, "to": end_ms(story),
            }))
        },
    },
    Question {
        name: "a session in SQL",
        goal_ms: 25.0,
        ask: |story, n| {
            let session = mixed(n) % (story.traces / 5).max(1);
            Asked::Sql(format!("SELECT count(*), sum(cost_usd) FROM spans WHERE session_id = 'session-{session}'"))
        },
    },
    Question {
        name: "how many spans, in SQL",
        goal_ms: 25.0,
        ask: |_, _| Asked::Sql("SELECT count(*) FROM spans".to_owned()),
    },
];

fn end_ms(story: &Story) -> u64 {
    story.end_ns / 1_000_000 + 60_000
}

impl Question {
    /// Asks it once to warm up, then `rounds` times. Gives the times, sorted.
    pub(super) async fn times(&self, server: &Server, story: &Story, rounds: u64) -> Result<Vec<Duration>> {
        let client = pellucid_testkit::client()?;
        let mut times = Vec::new();
        for round in 0..=rounds {
            let request = match (self.ask)(story, round) {
                Asked::Get(path) => client.get(server.url(&path)),
                Asked::Query(body) => client.post(server.url("/api/v1/query")).json(&body),
                Asked::Sql(query) => client.post(server.url("/api/v1/sql")).json(&json!({ "query": query })),
            };
            let asked = Instant::now();
            let answer = request.send().await.context(self.name)?;
            let status = answer.status();
            let text = answer.text().await?;
            if round > 0 {
                times.push(asked.elapsed());
            }
            ensure!(status.is_success(), "{}: {status} {text}", self.name);
        }
        times.sort_unstable();
        Ok(times)
    }
}

/// The time that so many percent do not exceed.
pub(super) fn percentile_ms(times: &[Duration], percent: usize) -> f64 {
    let place = (times.len() * percent / 100).min(times.len().saturating_sub(1));
    times.get(place).map_or(0.0, |time| time.as_secs_f64() * 1e3)
}
