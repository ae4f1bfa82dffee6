//! Log records that carry what a span lacks: messages, tool definitions, facts of the answer, the failure.
//!
//! In: a row and the *set* of its content records. Out: the row with its gaps filled. The row is taken as its own
//! attributes make it, never as an earlier join left it, so records may come one by one, in any order and again and
//! again. What the span itself carries is never overwritten, except a text that was cut where the record has the whole.

use std::sync::Arc;

use pellucid_model::{Attributes, PricedSpan, RawLog, RawStatus, Span, SpanSource, Status, Value};
use serde_json::{Map, Value as Json};

use crate::PriceBook;
use crate::field::{Fact, Facts, Field};
use crate::log_call::{doubted_trace, told_call};
use crate::messages::{self, Role, json_of};
use crate::normalise::{fill, renormalise, retold};
use crate::trail::Recorder;
use crate::usage::NOTE_SPANS_TELL;
use crate::verdict::status_in;

/// The record of a whole call, with the same keys as a span (1.37 and newer).
const DETAILS_EVENT: &str = "gen_ai.client.inference.operation.details";
/// The record of a call's failure (1.41 and newer).
const EXCEPTION_EVENT: &str = "gen_ai.client.operation.exception";
const RESPONSE_ID: &str = "gen_ai.response.id";

/// True for log records that carry messages or facts of a span.
pub fn is_content_event(log: &RawLog) -> bool {
    let name = log.event_name.as_str();
    name == DETAILS_EVENT
        || name == EXCEPTION_EVENT
        || Role::of(name).is_some()
        || told_call(log).is_some()
        || doubted_trace(log).is_some()
}

/// By what a content record finds its rows where it carries no span id, or that of a parent: their response id, or the
/// trace id of rows that were themselves made of records.
pub fn content_key(log: &RawLog) -> Option<String> {
    response_id(log).map(str::to_owned).or_else(|| doubted_trace(log).map(|trace_id| trace_id.to_string()))
}

/// Whether a content record tells of a row, as far as ids say.
pub fn tells_of(log: &RawLog, row: &Span) -> bool {
    let same_trace = log.trace_id.is_none_or(|id| id == row.trace_id);
    if let Some(id) = response_id(log) {
        return same_trace && row.response_id.as_deref() == Some(id);
    }
    match doubted_trace(log) {
        Some(trace_id) => row.source == SpanSource::Log && row.trace_id == trace_id,
        None => same_trace && log.trace_id.is_some() && log.span_id == Some(row.span_id),
    }
}

fn response_id(log: &RawLog) -> Option<&str> {
    if let Some(id) = told_call(log) {
        return Some(id);
    }
    if log.trace_id.is_some() && log.span_id.is_some() {
        return None;
    }
    log.attributes.get(RESPONSE_ID)?.as_str().filter(|id| !id.is_empty())
}

/// Of many content records those that tell of a row, also those that go by a response which another of them told.
pub fn telling(logs: &[Arc<RawLog>], row: &PricedSpan) -> Vec<Arc<RawLog>> {
    let telling = |span: &Span| logs.iter().filter(|log| tells_of(log, span)).map(Arc::clone).collect::<Vec<_>>();
    let own = telling(&row.span);
    let told = joined(&row.span, &own, &mut ());
    if told.response_id == row.span.response_id { own } else { telling(&told) }
}

/// The row with what its content records add, priced by `book`; nothing if that is how it is already.
pub fn enrich(book: &PriceBook, row: &PricedSpan, logs: &[Arc<RawLog>]) -> Option<PricedSpan> {
    let priced = book.price(joined(&row.span, logs, &mut ()));
    (priced != *row).then_some(priced)
}

/// The row by itself, with what its content records add, telling a recorder where everything comes from.
pub(crate) fn joined<R: Recorder>(row: &Span, logs: &[Arc<RawLog>], recorder: &mut R) -> Span {
    let mut span = retold(row, recorder);
    // Decided by the other rows of the trace, not by this one.
    span.counts = row.counts;
    let logs = in_order(logs);
    let mut all_told = Vec::new();
    for log in logs.iter().filter(|log| log.event_name == DETAILS_EVENT || told_call(log).is_some()) {
        let number = recorder.opened(&[log]);
        all_told.push((number, details(&span, log, recorder)));
    }
    if let Some(told) = message_events(&span, &logs) {
        let parts: Vec<&RawLog> = logs.iter().copied().filter(|log| Role::of(&log.event_name).is_some()).collect();
        all_told.push((recorder.opened(&parts), told));
    }
    for (number, told) in &all_told {
        if is_about(&span, told) {
            noting(&mut span, *number, recorder, |span| add(span, told));
        }
    }
    if let Some(log) = logs.iter().find(|log| log.event_name == EXCEPTION_EVENT) {
        let number = recorder.opened(&[log]);
        noting(&mut span, number, recorder, |span| add_exception(span, &log.attributes));
    }
    if row.source == SpanSource::Log && logs.iter().any(|log| doubted_trace(log) == Some(row.trace_id)) {
        span.usage.notes.push(NOTE_SPANS_TELL);
    }
    span
}

/// Changes the row; a recorder that listens is told of the difference.
fn noting<R: Recorder>(span: &mut Span, number: usize, recorder: &mut R, change: impl FnOnce(&mut Span)) {
    let before = R::LISTENS.then(|| span.clone());
    change(span);
    if let Some(before) = before {
        recorder.added(number, &before, span);
    }
}

/// By time, then by the part they play, then by what they say; each once.
fn in_order(logs: &[Arc<RawLog>]) -> Vec<&RawLog> {
    let mut logs: Vec<&RawLog> = logs.iter().map(Arc::as_ref).collect();
    let role = |log: &RawLog| Role::of(&log.event_name);
    let index = |log: &RawLog| body(log).get("index").and_then(Json::as_i64);
    logs.sort_by_cached_key(|log| (log.time, role(log), index(log), format!("{:?}{:?}", log.body, log.attributes)));
    logs.dedup_by(|one, other| {
        one.time == other.time
            && one.event_name == other.event_name
            && one.body == other.body
            && one.attributes == other.attributes
    });
    logs
}

/// What a record of the whole call says, read by the dialects of a span with its attributes.
fn details<R: Recorder>(span: &Span, log: &RawLog, recorder: &mut R) -> Span {
    let mut told = blank_like(span);
    if told_call(log).is_some() {
        // An agent's own record, whose keys mean what they mean in its records.
        told.scope_name = Some(log.scope.name.clone());
    }
    told.attributes = log.attributes.clone();
    // Some write the call into the body instead.
    if let Value::Map(more) = &log.body {
        for (key, value) in more.iter().filter(|(key, _)| log.attributes.get(key).is_none()) {
            told.attributes.push(key, value.clone());
        }
    }
    // What only the span knows decides how the record is to be read.
    let provider = [("gen_ai.provider.name", &span.provider_raw)];
    for (key, value) in provider {
        if let (None, Some(value)) = (told.attributes.get(key), value) {
            told.attributes.push(key, Value::Str(value.clone()));
        }
    }
    fill(&mut told, recorder);
    told
}

/// What per-message records say together.
fn message_events(span: &Span, logs: &[&RawLog]) -> Option<Span> {
    let events = || logs.iter().filter_map(|log| Some((Role::of(&log.event_name)?, body(log))));
    let (input, output) = (messages::from_events(events(), false), messages::from_events(events(), true));
    let masked = events().any(|(_, body)| messages::is_masked(&body));
    if input.is_none() && output.is_none() && !masked {
        return None;
    }
    let mut facts = Facts::new();
    facts.redacted = masked;
    for (field, read) in [(Field::InputMessages, input), (Field::OutputMessages, output)] {
        if let Some(read) = read {
            facts.truncated |= read.cut;
            facts.set(field, Fact::List(read.list.into()));
        }
    }
    let mut told = blank_like(span);
    told.kind = span.kind;
    told.content = crate::content::content(&mut facts, span.kind);
    Some(told)
}

/// The body as an object: a structured value or JSON text; a plain text is the content.
fn body(log: &RawLog) -> Map<String, Json> {
    match &log.body {
        Value::Map(map) => map.iter().map(|(key, value)| (key.to_owned(), json_of(value))).collect(),
        Value::Null => Map::new(),
        Value::Str(text) => match crate::loose::parse(text).map(|read| read.value) {
            Some(Json::Object(map)) => map,
            _ => Map::from_iter([("content".to_owned(), Json::from(text.as_str()))]),
        },
        other => Map::from_iter([("content".to_owned(), json_of(other))]),
    }
}

/// The same scope and time, so that the same dialects are recognised, but nothing said.
fn blank_like(span: &Span) -> Span {
    let mut blank = span.clone();
    blank.attributes = Attributes::default();
    blank.events = Vec::new();
    blank.status_raw = RawStatus::Unset;
    blank.status_message = None;
    let mut plain = renormalise(&blank);
    plain.dialects = Vec::new();
    plain
}

/// A record under a parent's id, or of another answer, is not about this row.
fn is_about(span: &Span, told: &Span) -> bool {
    let same_answer = match (&span.response_id, &told.response_id) {
        (Some(ours), Some(theirs)) => ours == theirs,
        _ => true,
    };
    same_answer && (span.kind == told.kind || !told.kind.is_model_call())
}

/// Fills the gaps of `span` with what is told.
fn add(span: &mut Span, told: &Span) {
    macro_rules! gaps {
        ($group:ident: $($field:ident),+) => {
            $( if span.$group.$field.is_none() { span.$group.$field = told.$group.$field.clone(); } )+
        };
    }
    add_content(span, told);
    gaps!(params: temperature, top_p, frequency_penalty, presence_penalty, top_k, max_tokens, seed, choice_count, stream, service_tier);
    gaps!(who: session_id, user_id, agent_id, agent_name, workflow_name, prompt_name, prompt_version);
    gaps!(db: embedding_dims);
    for (ours, theirs) in [
        (&mut span.request_model, &told.request_model),
        (&mut span.response_model, &told.response_model),
        (&mut span.response_id, &told.response_id),
        (&mut span.model_vendor, &told.model_vendor),
        (&mut span.provider_raw, &told.provider_raw),
        (&mut span.provider, &told.provider),
    ] {
        if ours.is_none() {
            ours.clone_from(theirs);
        }
    }
    if span.params.stop_sequences.is_empty() {
        span.params.stop_sequences.clone_from(&told.params.stop_sequences);
    }
    if span.usage.source.is_none() {
        let notes = std::mem::take(&mut span.usage.notes);
        span.usage = told.usage.clone();
        let known = std::mem::replace(&mut span.usage.notes, notes);
        let new = known.into_iter().filter(|note| !span.usage.notes.contains(note)).collect::<Vec<_>>();
        span.usage.notes.extend(new);
    }
    span.ttft_ns = span.ttft_ns.or(told.ttft_ns);
    span.reported_cost = span.reported_cost.or(told.reported_cost);
    if span.status == Status::Unset && told.status == Status::Error {
        span.status = Status::Error;
        span.error_type.clone_from(&told.error_type);
        span.error_message.clone_from(&told.error_message);
    }
}

fn add_content(span: &mut Span, told: &Span) {
    let whole = span.content.truncated && !told.content.truncated;
    let (ours, theirs) = (&mut span.content, &told.content);
    let mut replaced = false;
    for (ours, theirs) in [
        (&mut ours.system_instructions, &theirs.system_instructions),
        (&mut ours.input_messages, &theirs.input_messages),
        (&mut ours.output_messages, &theirs.output_messages),
        (&mut ours.tool_definitions, &theirs.tool_definitions),
    ] {
        if theirs.is_some() && (ours.is_none() || whole) {
            replaced |= ours.is_some();
            ours.clone_from(theirs);
        }
    }
    ours.truncated = ours.truncated && !(whole && replaced);
    ours.redacted |= theirs.redacted;
    for (ours, theirs) in [(&mut ours.input_value, &theirs.input_value), (&mut ours.output_value, &theirs.output_value)]
    {
        if ours.is_none() {
            ours.clone_from(theirs);
        }
    }
    if ours.finish_reasons.is_empty() {
        ours.finish_reasons.clone_from(&theirs.finish_reasons);
    }
}

fn add_exception(span: &mut Span, told: &Attributes) {
    let text = |key: &str| told.get(key).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned);
    if span.status == Status::Unset {
        span.status = Status::Error;
    }
    if span.status == Status::Error {
        span.error_type = span.error_type.take().or_else(|| text("error.type")).or_else(|| text("exception.type"));
        span.error_message = span.error_message.take().or_else(|| text("exception.message"));
        span.http_status_code = span.http_status_code.or_else(|| status_in(span.error_message.as_deref()?));
    }
}

#[cfg(test)]
mod tests;
