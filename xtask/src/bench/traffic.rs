//! Believable OTLP bodies at almost no cost: a body is encoded once, and for each request the places that differ (ids,
//! times, texts) are overwritten in its bytes. So the sender leaves the processor to the server that is measured.
//!
//! Chat spans have the attributes of OpenTelemetry's GenAI conventions and about 1.5 kB of text, half of it Chinese. An
//! agent trace is 25 model calls that each send again what was said before, about 1 MB. Plain spans are a web server's.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
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
/// Model calls of an agent trace, and words of what a tool told before each.
const TURNS: usize = 25;
const WORDS_IN_A_RESULT: usize = 400;

/// What the spans tell of.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Mix {
    /// A chat call a trace
    Chat,
    /// Agent runs: model calls that send the whole history again
    Agent,
    /// A web server's spans, eight a trace, without any model
    Plain,
}

impl Mix {
    pub(super) fn describe(self) -> &'static str {
        match self {
            Mix::Chat => "chat calls",
            Mix::Agent => "agent traces",
            Mix::Plain => "plain spans",
        }
    }
}

/// An endless row of bodies, no two spans alike.
pub(super) struct Traffic {
    body: Vec<u8>,
    spans: Vec<Places>,
    /// Where words stand that come for the first time.
    words: Vec<usize>,
    /// What is said again: from where, how long, where to.
    again: Vec<(usize, usize, usize)>,
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
            let at = spans.len();
            spans.push(match mix {
                Mix::Chat => (chat(at), 0),
                Mix::Agent => (turn(at), at % TURNS),
                Mix::Plain => (plain(at), at % PLAIN_SPANS),
            });
        }
        let roots: Vec<usize> = spans.iter().enumerate().map(|(at, (_, before))| at - before).collect();
        let mut spans: Vec<Span> = spans.into_iter().map(|(span, _)| span).collect();
        for (at, span) in spans.iter_mut().enumerate() {
            mark(span, at, roots[at]);
        }
        let body = request(spans).encode_to_vec();
        let mut from = 0;
        let places = roots.iter().enumerate().map(|(at, root)| find(&body, &mut from, at, *root)).collect();
        let (words, again) = texts_in(&body);
        // Seeded by the clock too: a second run against the same server sends new spans.
        Traffic { body, spans: places, words, again, random: SmallRng::seed_from_u64(now_ns() ^ (seed << 48)) }
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
        for &at in &self.words {
            let mut word = [0; WORD_BYTES];
            write_word(&mut word, self.random.random());
            put(&mut self.body, at, &word);
        }
        for &(from, bytes, to) in &self.again {
            self.body.copy_within(from..from + bytes, to);
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

/// A word to be written.
const WORD_MARK: &str = "\u{e000}\u{e001}";
/// The first word of a text; its second character tells which text.
const TEXT_MARK: char = '\u{e002}';
const FIRST_TEXT: u32 = 0xe100;

/// A text of so many words. Texts of one number are the same.
fn words(number: usize, count: usize) -> String {
    let number = u32::try_from(number).unwrap_or_default();
    let mark = char::from_u32(FIRST_TEXT + number).unwrap_or(TEXT_MARK);
    format!("{TEXT_MARK}{mark}{}", WORD_MARK.repeat(count - 1))
}

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

/// The places of span `at`, which lies behind `from`; its trace id comes first.
fn find(body: &[u8], from: &mut usize, at: usize, root: usize) -> Places {
    let place_from = |from: usize, kind| {
        let mark = mark_bytes(kind, at);
        from + body[from..].windows(mark.len()).position(|window| window == mark).unwrap_or_default()
    };
    *from = place_from(*from, b't');
    let place = |kind| place_from(*from, kind);
    Places {
        trace_id: *from,
        span_id: place(b's'),
        parent_id: (at != root).then(|| place(b'p')),
        start: place(b'b'),
        end: place(b'e'),
        root_before: at - root,
    }
}

/// The words of texts that come for the first time, and the texts that come again.
fn texts_in(body: &[u8]) -> (Vec<usize>, Vec<(usize, usize, usize)>) {
    let mut mark = [0; 3];
    let mark = TEXT_MARK.encode_utf8(&mut mark).as_bytes();
    let (mut words, mut again, mut first) = (Vec::new(), Vec::new(), HashMap::new());
    let mut at = 0;
    while let Some(found) = body[at..].windows(mark.len()).position(|window| window == mark) {
        at += found;
        let more = body[at + WORD_BYTES..].chunks_exact(WORD_BYTES).take_while(|word| *word == WORD_MARK.as_bytes());
        let bytes = WORD_BYTES * (1 + more.count());
        match first.entry(&body[at + mark.len()..at + WORD_BYTES]) {
            Entry::Occupied(known) => again.push((*known.get(), bytes, at)),
            Entry::Vacant(new) => {
                new.insert(at);
                words.extend((at..at + bytes).step_by(WORD_BYTES));
            }
        }
        at += bytes;
    }
    (words, again)
}

/// Spans of a web server's trace.
const PLAIN_SPANS: usize = 8;

fn plain(number: usize) -> Span {
    Span {
        name: "GET /api/orders/{id}".to_owned(),
        kind: 2,
        attributes: vec![
            text("http.request.method", "GET"),
            text("http.route", "/api/orders/{id}"),
            text("url.path", &format!("/api/orders/{number}")),
            text("url.scheme", "https"),
            value("http.response.status_code", Value::IntValue(200)),
            text("server.address", "shop.example.com"),
            value("server.port", Value::IntValue(443)),
            text("network.protocol.version", "1.1"),
        ],
        ..Span::default()
    }
}

fn message(role: &str, parts: &str) -> String {
    format!(r#"{{"role":"{role}","parts":[{parts}]}}"#)
}

fn said(number: usize, count: usize) -> String {
    format!(r#"{{"type":"text","content":"{}"}}"#, words(number, count))
}

/// A call with one question and one answer.
fn chat(number: usize) -> Span {
    let input = message("user", &said(2 * number, WORDS_IN_A_PROMPT));
    call(number, &input, &said(2 * number + 1, WORDS_IN_AN_ANSWER), "stop")
}

/// A call of an agent: what was asked at first, then what it called and what the tools told, then the next call.
fn turn(number: usize) -> Span {
    let (trace, turn) = (number / TURNS, number % TURNS);
    let text = |nth: usize| trace * (TURNS + 2) + nth;
    let asks = |turn: usize| {
        format!(r#"{{"type":"tool_call","id":"call_{turn}","name":"search","arguments":{{"page":{turn}}}}}"#)
    };
    let mut input = vec![message("user", &said(text(0), WORDS_IN_A_PROMPT))];
    for before in 0..turn {
        input.push(message("assistant", &asks(before)));
        let told = words(text(before + 1), WORDS_IN_A_RESULT);
        let result = format!(r#"{{"type":"tool_call_response","id":"call_{before}","response":"{told}"}}"#);
        input.push(message("tool", &result));
    }
    call(number, &input.join(","), &asks(turn), "tool_call")
}

fn call(number: usize, input: &str, answer: &str, finish: &str) -> Span {
    let model = MODELS[number % MODELS.len()];
    let output = format!(r#"[{{"role":"assistant","parts":[{answer}],"finish_reason":"{finish}"}}]"#);
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
            text("gen_ai.input.messages", &format!("[{input}]")),
            text("gen_ai.output.messages", &output),
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
        for mix in [Mix::Chat, Mix::Agent, Mix::Plain] {
            let mut traffic = Traffic::new(mix, 28, 1);
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
                let private = |c: char| ('\u{e000}'..='\u{f8ff}').contains(&c);
                assert!(!format!("{body:?}").contains(private), "a word was left unwritten");
            }
            assert_eq!(ids.len(), 84);
        }
    }
}
