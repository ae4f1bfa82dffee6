//! Believable OTLP bodies at almost no cost: a body is encoded once, and for each request the places that differ (ids,
//! times, texts) are overwritten in its bytes. So the sender leaves the processor to the server that is measured.
//!
//! Chat spans have the attributes of OpenTelemetry's GenAI conventions and about 1.5 kB of text, half of it Chinese; an
//! agent trace is a root, two model calls, a tool call and a vector search.

use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use clap::ValueEnum;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, InstrumentationScope, KeyValue, any_value::Value};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span};
use prost::Message as _;
use rand::rngs::SmallRng;
use rand::{RngExt as _, SeedableRng as _};

/// Every word is this long in UTF-8, so that one can be written over another.
const WORD_BYTES: usize = 6;
const WORDS_IN_A_PROMPT: usize = 100;
const WORDS_IN_AN_ANSWER: usize = 150;
const CHINESE: &[char] = &[
    '观', '测', '模', '型', '调', '用', '成', '本', '延', '迟', '请', '求', '响', '应', '故', '事', '月', '亮', '竹',
    '林', '歌', '声', '提', '示', '令', '牌', '数', '据', '系', '统', '问', '题',
];
const ENGLISH: &[&str] = &[
    "trace ", "model ", "which ", "prompt", "tokens", "about ", "cost, ", "answer", "value ", "system", "query ",
    "there ", "would ", "agent ", "search", "vector",
];
const MODELS: &[&str] = &["moonshot-v1-8k", "gpt-4o-mini", "claude-sonnet-4-5", "kimi-k2-0905-preview"];
const AGENT_SPANS: usize = 5;

/// What the spans tell of.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Mix {
    /// A chat call a trace
    Chat,
    /// Agent runs: a root, two model calls, a tool call, a vector search
    Agent,
    /// Half of each
    Mixed,
}

impl Mix {
    pub(super) fn describe(self) -> &'static str {
        match self {
            Mix::Chat => "chat calls",
            Mix::Agent => "agent traces",
            Mix::Mixed => "half chat calls, half agent traces",
        }
    }
}

/// An endless row of bodies, no two spans alike.
pub(super) struct Traffic {
    body: Vec<u8>,
    spans: Vec<Places>,
    texts: Vec<usize>,
    random: SmallRng,
}

/// Where one span's own bytes lie in the body.
struct Places {
    trace_id: usize,
    span_id: usize,
    parent_id: Option<usize>,
    start: usize,
    end: usize,
    /// Its trace's root is this many spans before it.
    root_before: usize,
}

impl Traffic {
    pub(super) fn new(mix: Mix, batch: usize, seed: u64) -> Traffic {
        let mut spans = Vec::with_capacity(batch);
        while spans.len() < batch {
            let agent = mix == Mix::Agent || (mix == Mix::Mixed && spans.len() % (2 * AGENT_SPANS) < AGENT_SPANS);
            if agent && batch - spans.len() >= AGENT_SPANS { agent_trace(&mut spans) } else { chat_trace(&mut spans) }
        }
        let roots: Vec<usize> = spans.iter().enumerate().map(|(at, (_, before))| at - before).collect();
        let mut spans: Vec<Span> = spans.into_iter().map(|(span, _)| span).collect();
        for (at, span) in spans.iter_mut().enumerate() {
            mark(span, at, roots[at]);
        }
        let body = request(spans).encode_to_vec();
        let places = roots.iter().enumerate().map(|(at, root)| find(&body, at, *root)).collect();
        let texts = words_in(&body);
        // Seeded by the clock too: a second run against the same server sends new spans.
        Traffic { body, spans: places, texts, random: SmallRng::seed_from_u64(now_ns() ^ (seed << 48)) }
    }

    pub(super) fn spans_in_body(&self) -> u64 {
        self.spans.len() as u64
    }

    /// The next body, with fresh ids, times and texts.
    pub(super) fn next_body(&mut self) -> Bytes {
        let now = now_ns();
        let (mut trace_id, mut root_id) = ([0_u8; 16], [0_u8; 8]);
        for places in &self.spans {
            let span_id: [u8; 8] = self.random.random();
            if places.root_before == 0 {
                (trace_id, root_id) = (self.random.random(), span_id);
            }
            let duration_ns: u64 = self.random.random_range(50_000_000..5_000_000_000);
            put(&mut self.body, places.trace_id, &trace_id);
            put(&mut self.body, places.span_id, &span_id);
            if let Some(parent) = places.parent_id {
                put(&mut self.body, parent, &root_id);
            }
            put(&mut self.body, places.start, &(now - duration_ns).to_le_bytes());
            put(&mut self.body, places.end, &now.to_le_bytes());
        }
        for &at in &self.texts {
            let mut word = [0; WORD_BYTES];
            write_word(&mut word, self.random.random());
            put(&mut self.body, at, &word);
        }
        Bytes::copy_from_slice(&self.body)
    }
}

fn put(body: &mut [u8], at: usize, bytes: &[u8]) {
    body[at..at + bytes.len()].copy_from_slice(bytes);
}

/// A word of six bytes: two Chinese characters or six English letters.
fn write_word(word: &mut [u8; WORD_BYTES], choice: u16) {
    let choice = usize::from(choice);
    if choice & 1 == 0 {
        CHINESE[(choice >> 1) % CHINESE.len()].encode_utf8(&mut word[..3]);
        CHINESE[(choice >> 8) % CHINESE.len()].encode_utf8(&mut word[3..]);
    } else {
        word.copy_from_slice(ENGLISH[(choice >> 1) % ENGLISH.len()].as_bytes());
    }
}

fn now_ns() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}

// Marks: bytes that occur nowhere else in a body, one for each place that will be overwritten.

const WORD_MARK: &str = "\u{e000}\u{e001}";

fn mark_bytes(kind: u8, at: usize) -> [u8; 8] {
    let at = u32::try_from(at).unwrap_or(u32::MAX).to_be_bytes();
    [0xF9, kind, 0xFA, at[0], at[1], at[2], at[3], 0xFB]
}

fn mark(span: &mut Span, at: usize, root: usize) {
    span.trace_id = [mark_bytes(b't', at), mark_bytes(b'T', at)].concat();
    span.span_id = mark_bytes(b's', at).to_vec();
    span.parent_span_id = if at == root { Vec::new() } else { mark_bytes(b'p', at).to_vec() };
    span.start_time_unix_nano = u64::from_le_bytes(mark_bytes(b'b', at));
    span.end_time_unix_nano = u64::from_le_bytes(mark_bytes(b'e', at));
}

fn find(body: &[u8], at: usize, root: usize) -> Places {
    let place = |kind| {
        let mark = mark_bytes(kind, at);
        body.windows(mark.len()).position(|window| window == mark).unwrap_or_default()
    };
    Places {
        trace_id: place(b't'),
        span_id: place(b's'),
        parent_id: (at != root).then(|| place(b'p')),
        start: place(b'b'),
        end: place(b'e'),
        root_before: at - root,
    }
}

fn words_in(body: &[u8]) -> Vec<usize> {
    let mark = WORD_MARK.as_bytes();
    (0..body.len().saturating_sub(mark.len())).filter(|&at| body[at..].starts_with(mark)).collect()
}

// Spans, each with how many spans before it its trace's root stands.

fn chat_trace(spans: &mut Vec<(Span, usize)>) {
    spans.push((chat(spans.len()), 0));
}

fn agent_trace(spans: &mut Vec<(Span, usize)>) {
    let at = spans.len();
    let plain = |name: &str, attributes| Span { name: name.to_owned(), kind: 1, attributes, ..Span::default() };
    let root = plain(
        "invoke_agent researcher",
        vec![
            text("gen_ai.operation.name", "invoke_agent"),
            text("gen_ai.agent.name", "researcher"),
            text("gen_ai.conversation.id", "bench-session"),
        ],
    );
    let tool = plain(
        "execute_tool search_web",
        vec![
            text("gen_ai.operation.name", "execute_tool"),
            text("gen_ai.tool.name", "search_web"),
            text("gen_ai.tool.call.arguments", &format!("{{\"query\":\"{}\"}}", WORD_MARK.repeat(8))),
            text("gen_ai.tool.call.result", &WORD_MARK.repeat(WORDS_IN_A_PROMPT)),
        ],
    );
    let search = plain(
        "search articles",
        vec![
            text("db.system.name", "qdrant"),
            text("db.operation.name", "search"),
            text("db.collection.name", "articles"),
        ],
    );
    let trace = [root, chat(at), tool, search, chat(at + 1)];
    spans.extend(trace.into_iter().enumerate().map(|(place, span)| (span, place)));
}

fn chat(number: usize) -> Span {
    let model = MODELS[number % MODELS.len()];
    let messages = |role: &str, words: usize, more: &str| {
        let content = WORD_MARK.repeat(words);
        format!(r#"[{{"role":"{role}","parts":[{{"type":"text","content":"{content}"}}]{more}}}]"#)
    };
    Span {
        name: format!("chat {model}"),
        kind: 3,
        attributes: vec![
            text("gen_ai.operation.name", "chat"),
            text("gen_ai.provider.name", "openai"),
            text("gen_ai.request.model", model),
            text("gen_ai.response.model", model),
            value("gen_ai.request.temperature", Value::DoubleValue(0.3)),
            value("gen_ai.request.max_tokens", Value::IntValue(2048)),
            value("gen_ai.usage.input_tokens", Value::IntValue(150 + number as i64 % 300)),
            value("gen_ai.usage.output_tokens", Value::IntValue(220 + number as i64 % 200)),
            text("gen_ai.input.messages", &messages("user", WORDS_IN_A_PROMPT, "")),
            text("gen_ai.output.messages", &messages("assistant", WORDS_IN_AN_ANSWER, r#","finish_reason":"stop""#)),
            text("server.address", "api.example.com"),
        ],
        ..Span::default()
    }
}

fn request(spans: Vec<Span>) -> ExportTraceServiceRequest {
    let scope = InstrumentationScope { name: "pellucid.bench".to_owned(), ..InstrumentationScope::default() };
    let resource = Resource {
        attributes: vec![text("service.name", "bench"), text("deployment.environment", "bench")],
        ..Resource::default()
    };
    let scope_spans = vec![ScopeSpans { scope: Some(scope), spans, ..ScopeSpans::default() }];
    let resource_spans = ResourceSpans { resource: Some(resource), scope_spans, ..ResourceSpans::default() };
    ExportTraceServiceRequest { resource_spans: vec![resource_spans] }
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
    fn every_body_decodes_and_no_two_spans_are_alike() {
        for mix in [Mix::Chat, Mix::Agent, Mix::Mixed] {
            let mut traffic = Traffic::new(mix, 23, 1);
            let mut ids = HashSet::new();
            for _ in 0..3 {
                let body = ExportTraceServiceRequest::decode(traffic.next_body()).unwrap();
                let spans = &body.resource_spans[0].scope_spans[0].spans;
                assert_eq!(spans.len() as u64, traffic.spans_in_body());
                for span in spans {
                    assert!(ids.insert(span.span_id.clone()));
                    assert!(span.end_time_unix_nano > span.start_time_unix_nano);
                    let root = spans.iter().find(|other| other.span_id == span.parent_span_id);
                    assert!(span.parent_span_id.is_empty() || root.is_some_and(|r| r.trace_id == span.trace_id));
                }
                assert!(!format!("{body:?}").contains('\u{e000}'), "a word was left unwritten");
            }
            assert_eq!(ids.len(), 69);
        }
    }
}
