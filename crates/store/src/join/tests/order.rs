//! Made-up traces through the product's stages: any order, any cut into batches, any repetition, flushes anywhere. The
//! traces have what real ones have: agents that repeat sums, wrappers, second instrumentations, retries, copies sent
//! while a span runs, records before and after their spans, sessions of agents that log and perhaps trace.

use std::collections::HashSet;
use std::sync::Arc;

use pellucid_model::{
    Attributes, Flags, RawLog, RawSpan, RawStatus, Scope, SpanId, SpanKind, SpanSource, Timestamp, TraceId, Value,
};
use pellucid_otlp::Decoded;
use proptest::prelude::*;

use super::real::{Real, rows_of};
use super::world::{Tables, World};
use super::{Dice, same, shuffle, span_id, trace_id};

/// One thing that is sent.
#[derive(Debug, Clone)]
enum Piece {
    Span(RawSpan),
    Log(RawLog),
}

/// Makes the pieces of one trace.
struct Maker<'a> {
    dice: &'a mut Dice,
    trace: TraceId,
    spans: u64,
    pieces: Vec<Piece>,
}

/// What two tell of one call.
#[derive(Clone)]
struct Call {
    model: &'static str,
    tokens: (i64, i64),
    response: String,
}

fn at(millis: u64) -> Timestamp {
    Timestamp::from_nanos(1_795_485_600_000_000_000 + millis.cast_signed() * 1_000_000)
}

fn text(key: &str, value: &str) -> (String, Value) {
    (key.to_owned(), Value::Str(value.to_owned()))
}

fn number(key: &str, value: i64) -> (String, Value) {
    (key.to_owned(), Value::Int(value))
}

impl Maker<'_> {
    fn is(&mut self, one_in: u64) -> bool {
        self.dice.roll(one_in) == 0
    }

    fn span(&mut self, parent: Option<SpanId>, from: u64, until: u64, attributes: Vec<(String, Value)>) -> SpanId {
        self.spans += 1;
        let id = span_id(self.spans);
        let scope = ["opentelemetry.instrumentation.openai_v2", "opentelemetry.instrumentation.langchain", "app"];
        let span = RawSpan {
            resource: Arc::default(),
            scope: Arc::new(Scope { name: scope[self.dice.roll(3) as usize].to_owned(), ..Scope::default() }),
            trace_id: self.trace,
            span_id: id,
            parent_span_id: parent,
            name: format!("span {}", self.spans),
            kind: SpanKind::Client,
            start: at(from),
            end: at(until),
            attributes: attributes.into_iter().collect(),
            events: Vec::new(),
            links: Vec::new(),
            status: RawStatus::Unset,
            status_message: String::new(),
            dropped_attributes: 0,
            flags: Flags::default(),
        };
        if self.is(4) {
            let few = span.attributes.iter().take(2).map(|(key, value)| (key.to_owned(), value.clone())).collect();
            self.pieces.push(Piece::Span(RawSpan { end: Timestamp::ZERO, attributes: few, ..span.clone() }));
        }
        if self.is(6) {
            let mut later = span.clone();
            later.end = at(until + 1);
            later.attributes.push("gen_ai.usage.output_tokens", Value::Int(77));
            self.pieces.push(Piece::Span(later));
        }
        self.pieces.push(Piece::Span(span));
        id
    }

    fn log(&mut self, name: &str, span: Option<SpanId>, body: Value, attributes: Attributes) {
        let time = at(self.dice.roll(3) * 1000);
        self.pieces.push(Piece::Log(RawLog {
            resource: Arc::default(),
            scope: Arc::default(),
            time,
            observed_time: Timestamp::ZERO,
            severity_number: 9,
            severity_text: String::new(),
            event_name: name.to_owned(),
            body,
            attributes,
            trace_id: span.map(|_| self.trace),
            span_id: span,
        }));
    }

    fn chat(&mut self, call: &Call, usage: bool, response: bool) -> Vec<(String, Value)> {
        let mut said = vec![text("gen_ai.operation.name", "chat"), text("gen_ai.request.model", call.model)];
        said.push(text("gen_ai.provider.name", "openai"));
        if usage {
            said.push(number("gen_ai.usage.input_tokens", call.tokens.0));
            said.push(number("gen_ai.usage.output_tokens", call.tokens.1));
        }
        if response {
            said.push(text("gen_ai.response.id", &call.response));
        }
        if self.is(3) {
            said.push(text("gen_ai.input.messages", r#"[{"role":"user","parts":[{"type":"text","content":"Hi"}]}]"#));
        }
        said
    }

    /// Records that tell of a span.
    fn records(&mut self, span: SpanId, call: &Call) {
        if self.is(3) {
            let mut said = self.chat(call, true, true);
            said.push(text("gen_ai.output.messages", r#"[{"role":"assistant","parts":["Hello"]}]"#));
            let by_id = self.is(2).then_some(span);
            self.log("gen_ai.client.inference.operation.details", by_id, Value::Null, said.into_iter().collect());
        }
        for (name, said) in
            [("gen_ai.system.message", "Be kind"), ("gen_ai.user.message", "Hi"), ("gen_ai.choice", "Hey")]
        {
            if self.is(4) {
                let body = Value::Map([text("content", said)].into_iter().collect());
                self.log(name, Some(span), body, Attributes::default());
            }
        }
        if self.is(6) {
            let said = [text("exception.type", "Timeout")].into_iter().collect();
            self.log("gen_ai.client.operation.exception", Some(span), Value::Null, said);
        }
    }

    /// One call, told by one to three spans; gives its tokens.
    fn call(&mut self, parent: Option<SpanId>, number: u64) -> (i64, i64) {
        let tokens = ((self.dice.roll(3) * 10).cast_signed() + 5, self.dice.roll(9).cast_signed());
        let response = format!("resp-{}-{number}", self.trace);
        let call = Call { model: ["gpt-4o", "gpt-4o-mini"][self.dice.roll(2) as usize], tokens, response };
        let (from, until) = (number * 100, number * 100 + 90);
        let told = |maker: &mut Self| (maker.is(2), maker.is(2));
        let first = told(self);
        let said = self.chat(&call, first.0, first.1);
        let outer = self.span(parent, from, until, said);
        let mut around = outer;
        for depth in 0..self.dice.roll(3) {
            let (usage, response) = told(self);
            let said = self.chat(&call, usage, response);
            around = self.span(Some(around), from + depth, until - depth, said);
        }
        if self.is(4) {
            let said = self.chat(&call, true, true);
            self.span(parent, from, until, said);
        }
        if self.is(5) {
            let mut said = self.chat(&call, false, false);
            said.push(text("error.type", "429"));
            self.span(parent, from, from + 5, said);
        }
        self.records(outer, &call);
        self.records(around, &call);
        call.tokens
    }

    fn trace(&mut self) {
        let root = match self.dice.roll(3) {
            0 => None,
            _ => Some(span_id(900)),
        };
        let mut sums = (0, 0);
        for number in 0..=self.dice.roll(3) {
            let (input, output) = self.call(root, number);
            sums = (sums.0 + input, sums.1 + output);
        }
        if root.is_some() && !self.is(5) {
            let mut said = vec![text("gen_ai.operation.name", "invoke_agent"), text("gen_ai.agent.name", "a")];
            if self.is(2) {
                said.push(number("gen_ai.usage.input_tokens", sums.0));
                said.push(number("gen_ai.usage.output_tokens", sums.1));
            }
            self.spans = 899;
            self.span(None, 0, 1000, said);
        }
    }
}

fn traces(dice: &mut Dice, count: u64) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for trace in 0..count {
        let mut maker = Maker { dice, trace: trace_id(trace), spans: 0, pieces: Vec::new() };
        maker.trace();
        pieces.append(&mut maker.pieces);
    }
    pieces
}

fn request(pieces: impl IntoIterator<Item = Piece>) -> Decoded {
    let mut request = Decoded::default();
    for piece in pieces {
        match piece {
            Piece::Span(span) => request.spans.push(span),
            Piece::Log(log) => request.logs.push(log),
        }
    }
    request
}

fn at_once(pieces: &[Piece]) -> Tables {
    let mut world = World::new(Arc::new(Real));
    world.write(rows_of(request(pieces.iter().cloned())));
    world.tables()
}

fn span_of(piece: &Piece) -> Option<(TraceId, SpanId)> {
    match piece {
        Piece::Span(span) => Some((span.trace_id, span.span_id)),
        Piece::Log(_) => None,
    }
}

/// All of it in some order and some of it again, in small batches with flushes between.
fn in_pieces(dice: &mut Dice, pieces: &[Piece]) -> Tables {
    let mut sent = pieces.to_vec();
    sent.extend(pieces.iter().filter(|_| dice.roll(4) == 0).cloned());
    shuffle(dice, &mut sent);
    let mut world = World::new(Arc::new(Real));
    while !sent.is_empty() {
        let size = (1 + dice.roll(5) as usize).min(sent.len());
        world.write(rows_of(request(sent.drain(..size))));
        match dice.roll(5) {
            0 if world.flushing.is_none() => world.start_flush(),
            1 if world.flushing.is_some() => world.end_flush(),
            _ => {}
        }
    }
    world.tables()
}

/// A session of Gemini CLI or Codex: calls by records without ids, perhaps records of the same session with ids, perhaps
/// the span of each call.
fn session(dice: &mut Dice, number: u64) -> Vec<Piece> {
    let gemini = dice.roll(2) == 0;
    let traced = dice.roll(2) == 0;
    let (scope, usage, ids) = if gemini {
        ("gemini-cli", "gemini_cli.api_response", "gemini_cli.api_request")
    } else {
        ("codex_otel.log_only", "codex.sse_event", "codex.user_prompt")
    };
    let mut maker = Maker { dice, trace: trace_id(100 + number), spans: 0, pieces: Vec::new() };
    for call in 0..=maker.dice.roll(3) {
        let (key, session) = if gemini { ("session.id", "prompt_id") } else { ("conversation.id", "turn") };
        let named = [text(key, &format!("s{number}")), text(session, &format!("p{}", call / 2))];
        let mut said = named.to_vec();
        said.extend([
            text("model", "gemini-2.5-pro"),
            number_of("input_token_count", call),
            number_of("output_token_count", 3),
        ]);
        maker.log(usage, None, Value::Null, said.into_iter().collect());
        if traced {
            let call = Call { model: "gemini-2.5-pro", tokens: (call.cast_signed() + 10, 3), response: String::new() };
            let said = maker.chat(&call, true, false);
            let span = maker.span(None, 0, 50, said);
            maker.log(ids, Some(span), Value::Null, named.into_iter().collect());
        }
    }
    for piece in &mut maker.pieces {
        if let Piece::Log(log) = piece {
            log.scope = Arc::new(Scope { name: scope.to_owned(), ..Scope::default() });
        }
    }
    maker.pieces
}

fn number_of(key: &str, value: u64) -> (String, Value) {
    number(key, value.cast_signed() + 10)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn traces_give_the_same_rows_however_they_come(seed: u64, count in 1_u64..4) {
        let mut dice = Dice::new(seed);
        let pieces = traces(&mut dice, count);
        let want = at_once(&pieces);
        prop_assert!(!want.calls().is_empty());
        same(&in_pieces(&mut dice, &pieces).unmarked(), &want.unmarked())?;
    }

    #[test]
    fn sessions_of_agents_give_the_same_calls_however_they_come(seed: u64, count in 1_u64..4) {
        let mut dice = Dice::new(seed);
        let pieces: Vec<Piece> = (0..count).flat_map(|number| session(&mut dice, number)).collect();
        let want = at_once(&pieces);
        let traced: Vec<_> = want.calls().iter().filter(|row| row.span.source == SpanSource::Span).map(|row| row.span.span_id).collect();
        prop_assert!(!want.calls().is_empty());
        let have = in_pieces(&mut dice, &pieces);
        prop_assert_eq!(have.calls(), want.calls());
        // Each session is told by spans or by records, never by both.
        prop_assert_eq!(traced.len(), pieces.iter().filter_map(span_of).collect::<HashSet<_>>().len());
        same(&have.told(), &want.told())?;
    }
}
