//! What the store is filled with: traces of ten spans over two weeks, as OTLP bodies.
//!
//! A trace is an agent's run with four model calls, four tool calls and a search. Everything follows from the trace's
//! number, so a question can name a trace without being told.

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, InstrumentationScope, KeyValue, any_value::Value};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span, Status};
use prost::Message as _;

/// Spans of a trace.
pub(super) const SPANS: u64 = 10;
/// Days over which the traces lie.
pub(super) const DAYS: u64 = 14;
/// Models that are asked, in turns.
pub(super) const MODELS: &[&str] =
    &["moonshot-v1-8k", "gpt-4o-mini", "claude-sonnet-4-5", "kimi-k2-0905-preview", "gpt-4o", "qwen-max"];
/// One call in so many fails.
const FAILS: u64 = 97;
const MS: u64 = 1_000_000;

/// Traces between two moments, evenly.
#[derive(Debug, Clone, Copy)]
pub(super) struct Story {
    /// How many.
    pub(super) traces: u64,
    /// When the last one begins, nanoseconds.
    pub(super) end_ns: u64,
}

impl Story {
    /// The first moment.
    pub(super) fn start_ns(&self) -> u64 {
        self.end_ns - DAYS * 86_400 * 1_000 * MS
    }

    /// A trace's id.
    pub(super) fn trace_id(number: u64) -> String {
        trace_id(number).iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The body of some traces.
    pub(super) fn body(&self, traces: std::ops::Range<u64>) -> Vec<u8> {
        let spans = traces.flat_map(|number| self.trace(number)).collect();
        let scope = InstrumentationScope { name: "pellucid.bench".to_owned(), ..InstrumentationScope::default() };
        let resource = Resource { attributes: vec![text("service.name", "bench")], ..Resource::default() };
        let scope_spans = vec![ScopeSpans { scope: Some(scope), spans, ..ScopeSpans::default() }];
        let resource_spans = ResourceSpans { resource: Some(resource), scope_spans, ..ResourceSpans::default() };
        ExportTraceServiceRequest { resource_spans: vec![resource_spans] }.encode_to_vec()
    }

    fn trace(&self, number: u64) -> Vec<Span> {
        let step = (self.end_ns - self.start_ns()) / self.traces.max(1);
        let start = self.start_ns() + number * step;
        (0..SPANS).map(|place| span(number, place, start)).collect()
    }
}

fn span(number: u64, place: u64, start: u64) -> Span {
    let begins = start + place * 400 * MS;
    let dice = mixed(number * SPANS + place);
    let (name, attributes) = match place {
        0 => ("invoke_agent bench".to_owned(), vec![text("gen_ai.operation.name", "invoke_agent"), session(number)]),
        place if place % 2 == 1 && place < 9 => call(number, dice),
        9 => ("search".to_owned(), vec![text("db.system.name", "milvus"), text("db.operation.name", "search")]),
        _ => ("execute_tool look_up".to_owned(), vec![text("gen_ai.operation.name", "execute_tool")]),
    };
    let failed = (number * SPANS + place).is_multiple_of(FAILS);
    Span {
        trace_id: trace_id(number),
        span_id: mixed(!(number * SPANS + place)).to_be_bytes().to_vec(),
        parent_span_id: if place == 0 { Vec::new() } else { mixed(!(number * SPANS)).to_be_bytes().to_vec() },
        name,
        kind: 3,
        start_time_unix_nano: begins,
        end_time_unix_nano: begins + if place == 0 { 4_000 * MS } else { 50 * MS + dice % (350 * MS) },
        attributes,
        status: failed.then(|| Status { code: 2, message: "timeout".to_owned() }),
        ..Span::default()
    }
}

fn call(number: u64, dice: u64) -> (String, Vec<KeyValue>) {
    let model = MODELS[(dice % MODELS.len() as u64) as usize];
    let messages = |role: &str, said: &str| {
        format!(r#"[{{"role":"{role}","parts":[{{"type":"text","content":"{said} {number} {dice}"}}]}}]"#)
    };
    let attributes = vec![
        text("gen_ai.operation.name", "chat"),
        text("gen_ai.provider.name", "openai"),
        text("gen_ai.request.model", model),
        text("gen_ai.response.model", model),
        text("gen_ai.response.id", &format!("resp-{dice:016x}")),
        value("gen_ai.usage.input_tokens", Value::IntValue((100 + dice % 4_000) as i64)),
        value("gen_ai.usage.output_tokens", Value::IntValue((10 + dice % 700) as i64)),
        text("gen_ai.input.messages", &messages("user", "我要退款, order")),
        text("gen_ai.output.messages", &messages("assistant", "looked up, refunded")),
        session(number),
    ];
    (format!("chat {model}"), attributes)
}

fn session(number: u64) -> KeyValue {
    text("session.id", &format!("session-{}", number / 5))
}

fn trace_id(number: u64) -> Vec<u8> {
    [mixed(number).to_be_bytes(), mixed(number ^ 0x5555_5555_5555_5555).to_be_bytes()].concat()
}

/// Each number has another, which looks like chance (splitmix64); never zero for the numbers used here.
pub(super) fn mixed(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

fn text(key: &str, content: &str) -> KeyValue {
    value(key, Value::StringValue(content.to_owned()))
}

fn value(key: &str, value: Value) -> KeyValue {
    KeyValue { key: key.to_owned(), value: Some(AnyValue { value: Some(value) }), ..KeyValue::default() }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_span_is_another_and_lies_in_the_two_weeks() {
        let story = Story { traces: 50, end_ns: 1_700_000_000_000 * MS };
        let request = ExportTraceServiceRequest::decode(&*story.body(0..50)).unwrap();
        let spans =
            request.resource_spans.iter().flat_map(|resource| &resource.scope_spans).flat_map(|scope| &scope.spans);
        let spans: Vec<&Span> = spans.collect();
        let ids: HashSet<_> = spans.iter().map(|span| (&span.trace_id, &span.span_id)).collect();
        assert_eq!((spans.len(), ids.len()), (500, 500));
        let last = story.end_ns + 10_000 * MS;
        assert!(spans.iter().all(|span| (story.start_ns()..last).contains(&span.start_time_unix_nano)));
        assert_eq!(Story::trace_id(3), format!("{:016x}{:016x}", mixed(3), mixed(3 ^ 0x5555_5555_5555_5555)));
    }
}
