//! Dialects: what each instrumentation calls things, as tables. One file a dialect.
//!
//! A dialect is recognised by [`Sign`]s, reads its [`Row`]s, then those of the dialects it inherits. To add one: a file
//! with one `Dialect`, a line in [`ALL`], and captures in `testdata/<id>/`. Code is needed for a new *shape* only.

mod anthropic_sdk;
mod coding_agents;
mod crewai;
mod dify;
mod generic;
mod genkit;
mod google_adk;
mod haystack;
mod laminar;
mod langfuse;
mod langsmith;
mod litellm;
mod livekit;
mod logfire;
mod mastra;
mod microsoft;
mod mistral_sdk;
mod mlflow;
mod openinference;
mod openlit;
mod openrouter;
mod opik;
mod otel;
mod smolagents;
mod spring_ai;
mod strands;
mod traceloop;
mod vercel_ai;

use pellucid_model::Kind;

use crate::convert::Shape;
use crate::field::Field;
use crate::view::View;

/// Every dialect, the more special before the more general: of equal scores the first is better.
pub(crate) const ALL: &[&Dialect] = &[
    &anthropic_sdk::ANTHROPIC_SDK,
    &coding_agents::CLAUDE_CODE,
    &coding_agents::CLAUDE_CODE_LOG,
    &coding_agents::CLAUDE_CODE_ERROR,
    &coding_agents::CODEX,
    &coding_agents::GEMINI_CLI,
    &coding_agents::COPILOT_CLI,
    &crewai::CREWAI,
    &dify::DIFY,
    &dify::LOONGSUITE,
    &spring_ai::SPRING_AI,
    &strands::STRANDS,
    &microsoft::AGENT_FRAMEWORK,
    &microsoft::SEMANTIC_KERNEL,
    &microsoft::EXTENSIONS_AI,
    &mistral_sdk::MISTRAL_SDK,
    &smolagents::SMOLAGENTS,
    &google_adk::GOOGLE_ADK,
    &genkit::GENKIT,
    &haystack::HAYSTACK,
    &mlflow::MLFLOW,
    &mlflow::MLFLOW_SEMCONV,
    &openrouter::OPENROUTER,
    &langfuse::LANGFUSE,
    &langsmith::LANGSMITH,
    &litellm::LITELLM,
    &mastra::MASTRA,
    &logfire::PYDANTIC_AI,
    &logfire::LOGFIRE,
    &traceloop::TRACELOOP_JS,
    &traceloop::TRACELOOP,
    &traceloop::TRACELOOP_OLD,
    &opik::OPIK,
    &laminar::LAMINAR,
    &livekit::LIVEKIT,
    &openlit::OPENLIT,
    &openlit::OPENLIT_OLD,
    &vercel_ai::VERCEL_AI_OTEL,
    &vercel_ai::VERCEL_AI_PREFIXED,
    &vercel_ai::VERCEL_AI,
    &openinference::OPENINFERENCE,
    &otel::MCP,
    &otel::GENAI_NEXT,
    &otel::GENAI,
    &otel::GENAI_OLD,
];

/// Read last for every span, whatever sent it.
pub(crate) const LAST: &Dialect = &generic::GENERIC;

/// Read first when no dialect was recognised though some `gen_ai.` key is there.
const UNRECOGNISED: &Dialect = &otel::GENAI;
const UNRECOGNISED_PREFIX: &str = "gen_ai.";

/// One instrumentation's way of telling things.
#[derive(Debug)]
pub(crate) struct Dialect {
    /// The name in the column `dialects`.
    pub(crate) id: &'static str,
    /// Any of these recognises it; the strongest is its score.
    pub(crate) signs: &'static [Sign],
    /// Any of these rules it out.
    pub(crate) never: &'static [Sign],
    /// Read after its own rows.
    pub(crate) inherits: &'static [&'static Dialect],
    /// What it calls things.
    pub(crate) rows: &'static [Row],
    /// Values that its SDK writes when the caller said nothing.
    pub(crate) fillers: &'static [Filler],
    /// Its words for [`Field::Kind`], in lower case.
    pub(crate) kinds: &'static [(&'static str, Kind)],
    /// Its words for [`Field::Kind`] that say less than the operation does: a step may be anything.
    pub(crate) steps: &'static [(&'static str, Kind)],
    /// Keys that only one kind of its spans has, where neither marker nor operation tell.
    pub(crate) marks: &'static [(Sign, Kind)],
    /// Its words for [`Field::Operation`] beyond the common ones, in lower case.
    pub(crate) operations: &'static [(&'static str, Kind)],
    /// Ends of its words for [`Field::Kind`], in lower case: names of classes say what they are at their end.
    pub(crate) ends: &'static [(&'static str, Kind)],
    /// Ends of span names that tell the kind when nothing else does.
    pub(crate) names: &'static [(&'static str, Kind)],
    /// Beginnings of span names that tell the kind when nothing else does.
    pub(crate) begins: &'static [(&'static str, Kind)],
    /// What its token numbers include; `None` leaves it to the dialects it inherits.
    pub(crate) usage: Option<UsageRule>,
    /// Beginnings of scope names that tell the kind when nothing else does.
    pub(crate) scopes: &'static [(&'static str, Kind)],
    /// How its SDK guesses tokens; any of these recognises a guess.
    pub(crate) guesses: &'static [Guess],
    /// Its SDK calls every span fine, also those of calls that failed.
    pub(crate) ok_is_no_verdict: bool,
}

impl Dialect {
    /// An empty dialect to fill with `..Dialect::NONE`.
    pub(crate) const NONE: Self = Self {
        id: "",
        signs: &[],
        never: &[],
        inherits: &[],
        rows: &[],
        fillers: &[],
        kinds: &[],
        steps: &[],
        marks: &[],
        operations: &[],
        ends: &[],
        names: &[],
        begins: &[],
        usage: None,
        scopes: &[],
        guesses: &[],
        ok_is_no_verdict: false,
    };
}

/// A field, the places that may hold it in order of trust, how to read them, and where that is written down.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) field: Field,
    pub(crate) from: &'static [Source],
    pub(crate) shape: Shape,
    /// Where the meaning is defined: an address, or what was read.
    pub(crate) spec: &'static str,
    /// Read only if one of these is there; empty: always.
    pub(crate) when: &'static [Sign],
    /// Not read if one of these is there.
    pub(crate) unless: &'static [Sign],
}

pub(crate) const fn row(field: Field, from: &'static [Source], shape: Shape, spec: &'static str) -> Row {
    Row { field, from, shape, spec, when: &[], unless: &[] }
}

impl Row {
    /// For keys that mean this on some spans only.
    pub(crate) const fn when(mut self, signs: &'static [Sign]) -> Self {
        self.when = signs;
        self
    }

    /// For keys that mean something else on some spans.
    pub(crate) const fn unless(mut self, signs: &'static [Sign]) -> Self {
        self.unless = signs;
        self
    }

    pub(crate) fn applies(&self, view: &View<'_>) -> bool {
        let any = |signs: &[Sign]| signs.iter().any(|sign| sign.is_in(view));
        (self.when.is_empty() || any(self.when)) && !any(self.unless)
    }
}

/// A place in a span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// A span attribute.
    Attr(&'static str),
    /// A place inside the data of a span attribute, as a JSON pointer.
    In(&'static str, &'static str),
    /// A list whose items are keys of their own: `<this>.0.role`, `<this>.1.role`; gaps are closed.
    Flat(&'static str),
    /// The time from the span's start to the first event of a name, in nanoseconds.
    EventTime(&'static str),
    /// The time from the span's start to the moment that an attribute tells, in nanoseconds.
    TimeIn(&'static str),
    /// A resource attribute.
    Resource(&'static str),
    /// An attribute of the first event of a name.
    Event(&'static str, &'static str),
    /// An attribute of every event of a name, as a list.
    EachEvent(&'static str, &'static str),
    /// All events of the span.
    Events,
    /// All events of a name.
    EventsNamed(&'static str),
    /// The status message.
    StatusMessage,
    /// The span's name.
    Name,
}

/// What recognises a dialect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sign {
    Scope(&'static str),
    ScopePrefix(&'static str),
    /// An attribute that only this dialect has.
    Marker(&'static str),
    /// An attribute with this value, which only this dialect has.
    MarkerIs(&'static str, &'static str),
    /// An attribute.
    Attr(&'static str),
    AttrPrefix(&'static str),
    /// An event.
    Event(&'static str),
    /// One of these.
    AnyOf(&'static [Self]),
    /// All of these.
    AllOf(&'static [Self]),
    /// No such attribute.
    Without(&'static str),
    /// A resource attribute with this value.
    ResourceIs(&'static str, &'static str),
    /// Something at this JSON pointer inside the data of an attribute.
    In(&'static str, &'static str),
    /// The sender calls it a failure.
    Failed,
}

impl Sign {
    pub(crate) fn is_in(self, view: &View<'_>) -> bool {
        match self {
            Self::Scope(name) => view.scope == name,
            Self::ScopePrefix(prefix) => view.scope.starts_with(prefix),
            Self::Marker(key) | Self::Attr(key) => view.attribute(key).is_some(),
            Self::MarkerIs(key, value) => view.attribute(key).and_then(|sent| sent.as_str()) == Some(value),
            Self::AttrPrefix(prefix) => view.has_prefix(prefix),
            Self::Event(name) => view.events.iter().any(|event| event.name == name),
            Self::AnyOf(signs) => signs.iter().any(|sign| sign.is_in(view)),
            Self::AllOf(signs) => signs.iter().all(|sign| sign.is_in(view)),
            Self::Without(key) => view.attribute(key).is_none(),
            Self::ResourceIs(key, value) => view.resource(key).and_then(|sent| sent.as_str()) == Some(value),
            Self::In(key, pointer) => view.data(key).is_some_and(|data| data.value.pointer(pointer).is_some()),
            Self::Failed => view.failed,
        }
    }

    /// Of hybrids the dialect with the surest sign is read first.
    fn weight(self) -> u32 {
        match self {
            Self::Scope(_) => 100,
            Self::Marker(_) | Self::MarkerIs(..) => 80,
            Self::ScopePrefix(_) => 50,
            Self::Attr(_) | Self::AttrPrefix(_) | Self::Event(_) | Self::In(..) | Self::Failed => 30,
            Self::ResourceIs(..) => 20,
            Self::AnyOf(signs) | Self::AllOf(signs) => signs.iter().map(|sign| sign.weight()).max().unwrap_or(0),
            Self::Without(_) => 0,
        }
    }
}

/// A value that means that nobody said anything.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Filler {
    /// This number in this field.
    Number(Field, f64),
    /// This text in this field.
    Text(Field, &'static str),
    /// A text that begins like this in this field.
    TextPrefix(Field, &'static str),
    /// Anything in this field, unless the call was streamed: a "first token" that is the whole answer.
    UnlessStreamed(Field),
    /// The first field, where it only repeats the second.
    Echo(Field, Field),
    /// A text in this field that only repeats this attribute.
    Repeats(Field, &'static str),
    /// A UUID after this beginning: an id that the SDK made up.
    MadeUp(Field, &'static str),
    /// This one, but only where this is there.
    When(Sign, &'static Filler),
}

/// Stands for every provider in a [`UsageRule`].
pub(crate) const ANY_PROVIDER: &[&str] = &["*"];

/// Providers whose raw numbers a dialect passes on though the canonical ones are sums.
#[derive(Debug, Clone, Copy)]
pub(crate) struct UsageRule {
    /// Input does not include cached tokens.
    pub(crate) input_excludes_cache: &'static [&'static str],
    /// Output does not include reasoning tokens.
    pub(crate) output_excludes_reasoning: &'static [&'static str],
}

/// What gives away that an SDK guessed the tokens because the provider told none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Guess {
    /// Both numbers are half of the characters, rounded up: of the prompt's `role: text` lines and of the answer.
    HalfOfCharacters,
    /// A streamed call with this attribute of this value.
    StreamedWith(&'static str, &'static str),
    /// A streamed call of this scope without this attribute.
    StreamedWithout { scope: &'static str, key: &'static str },
}

/// What a span speaks.
pub(crate) struct Matched {
    /// Recognised dialects, best first.
    pub(crate) recognised: Vec<&'static Dialect>,
    /// All dialects to read, in order: the recognised ones with what they inherit, then the generic one.
    pub(crate) order: Vec<&'static Dialect>,
}

/// Recognises a span's dialects. All that match are kept: hybrids are the norm.
pub(crate) fn matching(view: &View<'_>) -> Matched {
    let mut scored: Vec<(u32, &'static Dialect)> =
        view.told.recognisable().filter_map(|one| Some((score(one, view)?, one))).collect();
    scored.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    let mut recognised: Vec<&'static Dialect> = scored.into_iter().map(|(_, one)| one).collect();
    if recognised.is_empty() && view.has_prefix(UNRECOGNISED_PREFIX) {
        recognised.push(UNRECOGNISED);
    }
    let mut order = Vec::new();
    for dialect in recognised.iter().copied().chain([LAST]) {
        with_ancestors(dialect, &mut order);
    }
    Matched { recognised, order }
}

/// All dialects read for a span that speaks these, by the column `dialects`.
pub(crate) fn read_for(spoken: &[String]) -> Vec<&'static Dialect> {
    let recognised = spoken.iter().filter_map(|id| ALL.iter().copied().find(|dialect| dialect.id == id));
    let mut order = Vec::new();
    recognised.chain([LAST]).for_each(|dialect| with_ancestors(dialect, &mut order));
    order
}

fn score(dialect: &Dialect, view: &View<'_>) -> Option<u32> {
    let best = dialect.signs.iter().filter(|sign| sign.is_in(view)).map(|sign| sign.weight()).max()?;
    let out = dialect.never.iter().any(|sign| sign.is_in(view));
    (!out).then_some(best)
}

fn with_ancestors(dialect: &'static Dialect, order: &mut Vec<&'static Dialect>) {
    if order.iter().any(|known| known.id == dialect.id) {
        return;
    }
    order.push(dialect);
    for ancestor in dialect.inherits {
        with_ancestors(ancestor, order);
    }
}

#[cfg(test)]
mod tests;
