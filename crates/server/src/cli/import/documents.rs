//! JSON documents one after the other: one in a file, one a line as the OpenTelemetry Collector's file exporter writes them, or
//! spread over lines.
//!
//! In: a stream. Out: each document's bytes, the line where it starts, and the signals it speaks of by its outermost keys. What is
//! held is one document, up to a bound. A document that breaks off costs itself alone: a `{` at the start of a line begins the
//! next one.

use std::io::{self, BufRead};

use pellucid_otlp::Signal;

/// The outermost key of a request body by signal.
const KEYS: [(&[u8], Signal); 3] =
    [(b"resourceSpans", Signal::Traces), (b"resourceLogs", Signal::Logs), (b"resourceMetrics", Signal::Metrics)];
/// No outermost key that matters is longer.
const MAX_KEY_BYTES: usize = 32;

/// One document.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Document {
    /// The line on which it starts, from 1.
    pub(super) line: u64,
    /// What it speaks of.
    pub(super) signals: Vec<Signal>,
    pub(super) bytes: Vec<u8>,
}

/// Why there is no document.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Broken {
    /// The line on which it starts, from 1.
    pub(super) line: u64,
    pub(super) what: &'static str,
}

/// Reads documents.
pub(super) struct Documents<R> {
    source: R,
    max_bytes: usize,
    line: u64,
    /// A `{` that was read and begins the next document.
    begun: bool,
}

/// Where in a document reading is.
#[derive(Default)]
struct State {
    depth: usize,
    in_text: bool,
    escaped: bool,
    /// The text being read is an outermost key, unless a comma or the start is not what stood before.
    key_next: bool,
    key: Vec<u8>,
    signals: Vec<Signal>,
    at_line_start: bool,
}

/// What a byte means.
enum Step {
    More,
    Whole,
    Broken(&'static str),
    /// Broken, and the byte begins the next document.
    NextBegins,
}

impl<R: BufRead> Documents<R> {
    /// Documents of at most so many bytes.
    pub(super) fn new(source: R, max_bytes: usize) -> Self {
        Self { source, max_bytes, line: 1, begun: false }
    }

    /// The next document; nothing at the end.
    pub(super) fn next(&mut self) -> io::Result<Option<Result<Document, Broken>>> {
        if !std::mem::take(&mut self.begun) {
            match self.next_byte_but_space()? {
                None => return Ok(None),
                Some(b'{') => {}
                Some(other) => {
                    let line = self.line;
                    self.skip_line(other)?;
                    return Ok(Some(Err(Broken { line, what: "is no JSON object" })));
                }
            }
        }
        self.rest_of_document().map(Some)
    }

    fn rest_of_document(&mut self) -> io::Result<Result<Document, Broken>> {
        let line = self.line;
        let broken = |what| Ok(Err(Broken { line, what }));
        let mut state = State { depth: 1, key_next: true, ..State::default() };
        let (mut bytes, mut too_large) = (vec![b'{'], false);
        loop {
            let (mut used, mut step) = (0, Step::More);
            let piece = self.source.fill_buf()?;
            if piece.is_empty() {
                return broken("breaks off");
            }
            for byte in piece {
                used += 1;
                self.line += u64::from(*byte == b'\n');
                step = state.step(*byte);
                if !matches!(step, Step::More) {
                    break;
                }
            }
            too_large = too_large || bytes.len() + used > self.max_bytes;
            if too_large {
                bytes = Vec::new();
            } else {
                bytes.extend_from_slice(piece.get(..used).unwrap_or_default());
            }
            self.source.consume(used);
            match step {
                Step::More => {}
                Step::Whole if too_large => return broken("is larger than a request body may be"),
                Step::Whole => return Ok(Ok(Document { line, signals: state.signals, bytes })),
                Step::Broken(what) => return broken(what),
                Step::NextBegins => {
                    self.begun = true;
                    return broken("breaks off");
                }
            }
        }
    }

    fn next_byte_but_space(&mut self) -> io::Result<Option<u8>> {
        loop {
            let piece = self.source.fill_buf()?;
            let Some(first) = piece.first().copied() else { return Ok(None) };
            self.source.consume(1);
            self.line += u64::from(first == b'\n');
            if !first.is_ascii_whitespace() {
                return Ok(Some(first));
            }
        }
    }

    fn skip_line(&mut self, mut byte: u8) -> io::Result<()> {
        while byte != b'\n' {
            let Some(next) = self.source.fill_buf()?.first().copied() else { return Ok(()) };
            self.source.consume(1);
            byte = next;
        }
        self.line += 1;
        Ok(())
    }
}

impl State {
    fn step(&mut self, byte: u8) -> Step {
        let at_line_start = std::mem::replace(&mut self.at_line_start, byte == b'\n');
        if self.in_text {
            return self.step_in_text(byte);
        }
        match byte {
            b'{' if at_line_start => return Step::NextBegins,
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => {
                self.depth -= 1;
                if self.depth == 0 {
                    return Step::Whole;
                }
            }
            b'"' => {
                self.in_text = true;
                self.key.clear();
            }
            b',' if self.depth == 1 => self.key_next = true,
            b':' if self.depth == 1 => {
                let key = std::mem::take(&mut self.key);
                let signal = KEYS.iter().find(|(name, _)| *name == key).map(|(_, signal)| *signal);
                self.signals.extend(signal.filter(|signal| !self.signals.contains(signal)));
                self.key_next = false;
            }
            _ => {}
        }
        Step::More
    }

    fn step_in_text(&mut self, byte: u8) -> Step {
        match byte {
            // JSON has no line break inside a text: the document broke off.
            b'\n' => return Step::Broken("breaks off"),
            _ if self.escaped => self.escaped = false,
            b'\\' => self.escaped = true,
            b'"' => self.in_text = false,
            _ if self.depth == 1 && self.key_next && self.key.len() < MAX_KEY_BYTES => self.key.push(byte),
            _ => {}
        }
        Step::More
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;

    /// Read in pieces of every small size, with the same outcome.
    fn read(text: &str) -> Vec<Result<Document, Broken>> {
        let whole = |capacity| {
            let mut documents = Documents::new(BufReader::with_capacity(capacity, text.as_bytes()), 100);
            std::iter::from_fn(|| documents.next().unwrap()).collect::<Vec<_>>()
        };
        let all = whole(1);
        (2..9).for_each(|capacity| assert_eq!(whole(capacity), all, "{text}"));
        all
    }

    fn lines(text: &str) -> Vec<(u64, Result<Vec<Signal>, &'static str>)> {
        let line = |one| match one {
            Ok(Document { line, signals, .. }) => (line, Ok(signals)),
            Err(Broken { line, what }) => (line, Err(what)),
        };
        read(text).into_iter().map(line).collect()
    }

    #[test]
    fn documents_come_a_line_each_spread_out_or_side_by_side() {
        let (spans, logs) = (Ok(vec![Signal::Traces]), Ok(vec![Signal::Logs]));
        let text = "{\"resourceSpans\":[]}\n{\"resourceLogs\":[{\"a\":\"}\\\"{\"}]}\n\n{\n  \"resourceSpans\": [\n  {}\n  ]\n}";
        assert_eq!(lines(text), [(1, spans.clone()), (2, logs.clone()), (4, spans.clone())]);
        assert_eq!(lines("{\"resourceSpans\":[]}{\"resourceLogs\":[]} "), [(1, spans), (1, logs)]);
        let both = "{\"resourceSpans\": [{\"resourceMetrics\": 1}], \"x\": \"resourceMetrics\", \"resourceLogs\": []}";
        assert_eq!(lines(both), [(1, Ok(vec![Signal::Traces, Signal::Logs]))]);
        assert_eq!(read(both)[0].as_ref().unwrap().bytes, both.as_bytes());
        assert_eq!(lines(" \n "), []);
    }

    #[test]
    fn what_is_broken_costs_itself_alone() {
        let spans = Ok(vec![Signal::Traces]);
        let good = "{\"resourceSpans\":[]}";
        for broken in ["{\"resourceSpans\":[", "{\"resourceSpans\":[\"half", "{\"a\":{\"b\":1}", "{"] {
            let told = lines(&format!("{good}\n{broken}\n{good}\n{broken}"));
            assert_eq!(told, [(1, spans.clone()), (2, Err("breaks off")), (3, spans.clone()), (4, Err("breaks off"))]);
        }
        assert_eq!(lines(&format!("hello {good}\n{good}")), [(1, Err("is no JSON object")), (2, spans.clone())]);
        let long = format!("{{\"a\":\"{}\"}}\n{good}", "x".repeat(100));
        assert_eq!(lines(&long), [(1, Err("is larger than a request body may be")), (2, spans)]);
    }
}
