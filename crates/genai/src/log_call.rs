//! Model calls that only log records tell of: coding agents that export logs and no traces.
//!
//! In: the log records of one body. Out: a row for each call among them, with `source` log. Its ids are hashes of what
//! the record says, so a record sent again is the same row, and the calls of one turn of a session are one trace. An
//! agent that also traces has a span for each call; its records then make no rows, and join the spans where an id ties
//! them. That it traces shows in the trace ids of its records: Claude Code puts them on every record, others at least on
//! some of a session. Those may come in another body, or later: [`doubted_trace`] names the rows that are then no calls.

use std::collections::BTreeSet;
use std::sync::Arc;

use pellucid_model::{
    Flags, ProjectId, RawLog, RawSpan, RawStatus, Span, SpanId, SpanKind, SpanSource, Timestamp, TraceId, Value,
};

use crate::normalise::normalise;

const NS_PER_MS: i64 = 1_000_000;

/// No call takes longer than a day: such a duration is a fault of the sender.
const MAX_DURATION_MS: i64 = 86_400_000;

/// Parts of an identity are told apart by a byte that no text holds.
const SEPARATOR: &[u8] = &[0xff];

/// How an agent tells of its calls.
struct Agent {
    /// Names its rows and keeps ids of different agents apart.
    id: &'static str,
    /// How its scopes begin.
    scope: &'static str,
    /// What stands before the event's name; some leave it out of the attribute.
    prefix: &'static str,
    /// The conversation.
    session: &'static str,
    /// One turn of it, if told.
    turn: &'static str,
    /// The records that are calls.
    calls: &'static [Call],
    /// Records that tell of a call, by the key that holds its id.
    told: &'static [(&'static str, &'static str)],
    /// All records of an agent that traces have trace ids.
    traces_every_record: bool,
    /// Where not all of them have: records of each session or turn that do.
    traced: &'static [&'static str],
}

struct Call {
    event: &'static str,
    when: When,
}

/// What makes a record of this name a call.
enum When {
    Always,
    Failed,
    Has(&'static str),
    /// An HTTP status of an error, or no answer at all.
    BadStatus(&'static str),
}

const AGENTS: &[Agent] = &[
    Agent {
        id: "claude_code",
        scope: "com.anthropic.claude_code",
        prefix: "claude_code.",
        session: "session.id",
        turn: "prompt.id",
        calls: &[Call { event: "api_request", when: When::Always }, Call { event: "api_error", when: When::Failed }],
        told: &[("api_request", "request_id"), ("api_error", "request_id"), ("assistant_response", "request_id")],
        traces_every_record: true,
        traced: &[],
    },
    Agent {
        id: "codex",
        scope: "codex_otel",
        prefix: "codex.",
        session: "conversation.id",
        turn: "",
        calls: &[
            // The only record with usage comes last, after one of the same name without.
            Call { event: "sse_event", when: When::Has("input_token_count") },
            Call { event: "api_request", when: When::BadStatus("http.response.status_code") },
        ],
        told: &[],
        traces_every_record: false,
        traced: &["conversation_starts", "user_prompt", "api_request"],
    },
    Agent {
        id: "gemini_cli",
        scope: "gemini-cli",
        prefix: "gemini_cli.",
        session: "session.id",
        turn: "prompt_id",
        calls: &[Call { event: "api_response", when: When::Always }, Call { event: "api_error", when: When::Failed }],
        told: &[],
        traces_every_record: false,
        traced: &["api_request"],
    },
    Agent {
        id: "qwen_code",
        scope: "qwen-code",
        prefix: "qwen-code.",
        session: "session.id",
        turn: "prompt_id",
        calls: &[Call { event: "api_response", when: When::Always }, Call { event: "api_error", when: When::Failed }],
        told: &[],
        traces_every_record: false,
        traced: &["api_request"],
    },
];

/// The calls that only these records, one body's, tell of.
pub fn calls_in_logs(project: &ProjectId, received_at: Timestamp, logs: &[RawLog]) -> Vec<Span> {
    let traced: BTreeSet<(&str, String)> =
        logs.iter().filter(|log| log.trace_id.is_some()).filter_map(session_of).collect();
    let is_traced = |log: &RawLog| log.trace_id.is_some() || session_of(log).is_some_and(|key| traced.contains(&key));
    let raw = logs.iter().filter(|log| !is_traced(log)).filter_map(call_of);
    raw.map(|raw| Span { source: SpanSource::Log, ..normalise(project, received_at, raw) }).collect()
}

/// The id of the call that a record tells of, where a span of that call has the same.
pub(crate) fn told_call(log: &RawLog) -> Option<&str> {
    let (agent, event) = speaker(log)?;
    let (_, key) = agent.told.iter().find(|(name, _)| *name == event)?;
    log.attributes.get(key)?.as_str().filter(|id| !id.is_empty())
}

/// The trace of rows made of records, of whose calls this record shows that spans tell of them too.
pub(crate) fn doubted_trace(log: &RawLog) -> Option<TraceId> {
    log.trace_id?;
    let (agent, event) = speaker(log)?;
    agent.traced.contains(&event).then(|| trace_id(agent, log, Timestamp::ZERO))?
}

/// Who wrote a record, and what it calls it.
fn speaker(log: &RawLog) -> Option<(&'static Agent, &str)> {
    // Codex writes a place in its source into the field.
    let name = log.attributes.get("event.name").and_then(Value::as_str).unwrap_or(&log.event_name);
    let agent = AGENTS.iter().find(|agent| log.scope.name.starts_with(agent.scope))?;
    Some((agent, name.strip_prefix(agent.prefix).unwrap_or(name)))
}

fn session_of(log: &RawLog) -> Option<(&'static str, String)> {
    let (agent, _) = speaker(log)?;
    (!agent.traces_every_record).then(|| (agent.id, text(log, agent.session)))
}

fn text(log: &RawLog, key: &str) -> String {
    log.attributes.get(key).map(|value| value.to_text().into_owned()).unwrap_or_default()
}

/// The call that a record is.
fn call_of(log: &RawLog) -> Option<RawSpan> {
    let (agent, event) = speaker(log)?;
    let call = agent.calls.iter().find(|call| call.event == event && call.when.holds(log))?;
    let end = if log.time == Timestamp::ZERO { log.observed_time } else { log.time };
    let took_ms = log.attributes.get("duration_ms").and_then(Value::to_f64).unwrap_or(0.0).round() as i64;
    let took_ms = took_ms.clamp(0, MAX_DURATION_MS);
    let failed = matches!(call.when, When::Failed | When::BadStatus(_));
    Some(RawSpan {
        resource: Arc::clone(&log.resource),
        scope: Arc::clone(&log.scope),
        trace_id: trace_id(agent, log, end)?,
        span_id: SpanId::from_bytes(record_hash(agent, log, end).as_bytes().get(..SpanId::LEN)?).ok()?,
        parent_span_id: None,
        name: format!("{}{event}", agent.prefix),
        kind: SpanKind::Client,
        start: Timestamp::from_nanos(end.as_nanos().saturating_sub(took_ms * NS_PER_MS)),
        end,
        attributes: log.attributes.clone(),
        events: Vec::new(),
        links: Vec::new(),
        status: if failed { RawStatus::Error } else { RawStatus::Unset },
        status_message: String::new(),
        dropped_attributes: 0,
        flags: Flags::default(),
    })
}

impl When {
    fn holds(&self, log: &RawLog) -> bool {
        match self {
            Self::Always | Self::Failed => true,
            Self::Has(key) => log.attributes.get(key).is_some(),
            Self::BadStatus(key) => match log.attributes.get(key).and_then(Value::to_i64) {
                Some(status) => status >= 400,
                None => log.attributes.get("error.message").is_some(),
            },
        }
    }
}

/// One trace a turn, else a session, else a call.
fn trace_id(agent: &Agent, log: &RawLog, end: Timestamp) -> Option<TraceId> {
    let (session, turn) = (text(log, agent.session), text(log, agent.turn));
    let hash = if session.is_empty() && turn.is_empty() {
        record_hash(agent, log, end)
    } else {
        hash_of([agent.id, session.as_str(), turn.as_str()].into_iter())
    };
    TraceId::from_bytes(hash.as_bytes().get(..TraceId::LEN)?).ok()
}

/// All that a record says, whatever the order of its attributes.
fn record_hash(agent: &Agent, log: &RawLog, end: Timestamp) -> blake3::Hash {
    let mut said: Vec<String> =
        log.attributes.iter().map(|(key, value)| format!("{key}={}", value.to_json())).collect();
    said.sort_unstable();
    let (end, body) = (end.as_nanos().to_string(), log.body.to_json().to_string());
    let whole = [agent.id, log.scope.name.as_str(), end.as_str(), body.as_str()];
    hash_of(whole.into_iter().chain(said.iter().map(String::as_str)))
}

fn hash_of<'a>(parts: impl Iterator<Item = &'a str>) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(part.as_bytes());
        hasher.update(SEPARATOR);
    }
    hasher.finalize()
}

#[cfg(test)]
mod tests;
