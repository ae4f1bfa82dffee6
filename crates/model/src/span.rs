//! The canonical span: what every dialect is turned into, and what the columns of table `spans` show.
//!
//! `None` always means *not known*. It never stands for zero, and zero never stands for unknown.

use std::sync::Arc;

use crate::{
    Attributes, Document, Flag, Flags, ProjectId, RawEvent, RawLink, RawStatus, Resource, SpanId, SpanKind, Timestamp,
    TraceId, Usd,
};

/// A number of tokens.
pub type TokenCount = i64;

/// What a span is about: the column `kind`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Kind {
    /// A call of a language, image or speech model.
    Llm,
    /// A call of an embedding model.
    Embedding,
    /// A call of a reranking model.
    Rerank,
    /// A search for documents.
    Retrieval,
    /// A call of a vector database.
    VectorDb,
    /// A tool at work.
    Tool,
    /// An agent at work.
    Agent,
    /// A step, task or workflow.
    Chain,
    /// A check of inputs or outputs.
    Guardrail,
    /// A judgement of quality.
    Evaluator,
    /// A read or write of an agent's memory.
    Memory,
    /// The Model Context Protocol, tool calls apart.
    Mcp,
    /// A point in time in span's clothes.
    Event,
    /// Anything else.
    #[default]
    Span,
}

/// Defines `as_str` and `parse` of a closed vocabulary from one list.
macro_rules! vocabulary {
    ($name:ident { $($variant:ident = $text:literal),+ $(,)? }) => {
        impl $name {
            /// Every value, in the order of the contract.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The column value.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }

            /// Reads a column value back.
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

vocabulary!(Kind {
    Llm = "llm", Embedding = "embedding", Rerank = "rerank", Retrieval = "retrieval", VectorDb = "vector_db",
    Tool = "tool", Agent = "agent", Chain = "chain", Guardrail = "guardrail", Evaluator = "evaluator",
    Memory = "memory", Mcp = "mcp", Event = "event", Span = "span",
});

impl Kind {
    /// True for kinds that can own tokens and money in `llm_calls`.
    pub fn is_model_call(self) -> bool {
        matches!(self, Self::Llm | Self::Embedding | Self::Rerank)
    }
}

/// Our verdict on success: the column `status`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Status {
    /// Nobody said.
    #[default]
    Unset,
    /// Fine.
    Ok,
    /// Failed: by status, exception event, level or finish reason.
    Error,
}
vocabulary!(Status { Unset = "unset", Ok = "ok", Error = "error" });

/// Where a row comes from: the column `source`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SpanSource {
    /// A span.
    #[default]
    Span,
    /// Log events only; the ids are deterministic hashes.
    Log,
}
vocabulary!(SpanSource { Span = "span", Log = "log" });

/// How token numbers came about: the column `usage_source`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UsageSource {
    /// Told by the provider.
    Reported,
    /// Guessed, by us or by an SDK whose guess is recognised.
    Estimated,
    /// The sum of other calls.
    Aggregate,
}
vocabulary!(UsageSource { Reported = "reported", Estimated = "estimated", Aggregate = "aggregate" });

/// Where the money number comes from: the column `cost_source`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CostSource {
    /// The client said so.
    Reported,
    /// We computed it from tokens and a price row.
    Computed,
}
vocabulary!(CostSource { Reported = "reported", Computed = "computed" });

/// Request parameters. Values known to be an SDK's filler are absent.
#[derive(Debug, Clone, PartialEq, Default)]
#[expect(missing_docs, reason = "the contract's columns of the same names say what they are")]
pub struct Params {
    pub temperature: Option<f64>,
    pub top_p: Option<f64>,
    pub frequency_penalty: Option<f64>,
    pub presence_penalty: Option<f64>,
    pub top_k: Option<i64>,
    pub max_tokens: Option<i64>,
    pub seed: Option<i64>,
    pub choice_count: Option<i64>,
    pub stop_sequences: Vec<String>,
    pub stream: Option<bool>,
    /// `flex`, `priority`, `batch` …: changes the price.
    pub service_tier: Option<String>,
}

/// Tokens. `input` includes cached tokens, `output` includes reasoning; the others are parts of these two.
#[derive(Debug, Clone, PartialEq, Default)]
#[expect(missing_docs, reason = "the contract's columns of the same names say what they are")]
pub struct Usage {
    pub input: Option<TokenCount>,
    pub output: Option<TokenCount>,
    pub total: Option<TokenCount>,
    pub cache_read: Option<TokenCount>,
    pub cache_write: Option<TokenCount>,
    /// The part of `cache_write` that is kept for an hour and costs more.
    pub cache_write_1h: Option<TokenCount>,
    pub reasoning: Option<TokenCount>,
    pub input_audio: Option<TokenCount>,
    pub output_audio: Option<TokenCount>,
    /// Searches billed, where a provider counts those and not tokens.
    pub searches: Option<i64>,
    /// How the numbers came about; absent without numbers.
    pub source: Option<UsageSource>,
    /// What was done to reach the inclusive definitions, such as `input+=cache`; empty if nothing.
    pub notes: Vec<&'static str>,
}

/// What was said. Messages are JSON in OpenTelemetry's GenAI form, with real characters.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Content {
    /// A list of parts: system and developer text from wherever it was sent.
    pub system_instructions: Option<Document>,
    /// `[{"role","parts":[…]}]`.
    pub input_messages: Option<Document>,
    /// `[{"role","parts":[…],"finish_reason"?}]`.
    pub output_messages: Option<Document>,
    /// Tool definitions.
    pub tool_definitions: Option<Document>,
    /// Input of spans that are no chats: text or JSON text.
    pub input_value: Option<String>,
    /// Output of spans that are no chats: text or JSON text.
    pub output_value: Option<String>,
    /// Canonical: stop, length, tool_call, content_filter, error.
    pub finish_reasons: Vec<String>,
    /// Content was cut before it reached us.
    pub truncated: bool,
    /// Content was masked before it reached us.
    pub redacted: bool,
}

/// Whom and what it belongs to.
#[derive(Debug, Clone, PartialEq, Default)]
#[expect(missing_docs, reason = "the contract's columns of the same names say what they are")]
pub struct Who {
    pub service_name: Option<String>,
    pub service_version: Option<String>,
    pub environment: Option<String>,
    pub app_name: Option<String>,
    pub release: Option<String>,
    pub session_id: Option<String>,
    pub user_id: Option<String>,
    pub tags: Vec<String>,
    pub agent_id: Option<String>,
    pub agent_name: Option<String>,
    pub workflow_name: Option<String>,
    pub prompt_name: Option<String>,
    pub prompt_version: Option<String>,
}

/// A tool call, on the span of the tool.
#[derive(Debug, Clone, PartialEq, Default)]
#[expect(missing_docs, reason = "the contract's columns of the same names say what they are")]
pub struct Tool {
    pub name: Option<String>,
    pub call_id: Option<String>,
    pub arguments: Option<String>,
    pub result: Option<String>,
}

/// A vector store or retrieval call.
#[derive(Debug, Clone, PartialEq, Default)]
#[expect(missing_docs, reason = "the contract's columns of the same names say what they are")]
pub struct VectorDb {
    pub system: Option<String>,
    pub operation: Option<String>,
    pub collection: Option<String>,
    pub query: Option<String>,
    pub top_k: Option<i64>,
    pub returned: Option<i64>,
    pub embedding_dims: Option<i64>,
}

/// One span in the canonical form, not yet priced. Field for field the contract's table `spans`.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the contract's columns of the same names say what they are")]
pub struct Span {
    pub project: ProjectId,
    pub trace_id: TraceId,
    pub span_id: SpanId,
    pub parent_span_id: Option<SpanId>,
    pub start_time: Timestamp,
    pub end_time: Timestamp,
    pub received_at: Timestamp,
    pub source: SpanSource,
    pub name: String,
    pub span_kind: SpanKind,
    pub status: Status,
    pub status_raw: RawStatus,
    pub status_message: Option<String>,
    pub scope_name: Option<String>,
    pub scope_version: Option<String>,
    pub kind: Kind,
    pub operation: Option<String>,
    /// Every dialect that matched, best first.
    pub dialects: Vec<&'static str>,
    pub provider: Option<String>,
    pub provider_raw: Option<String>,
    pub model_vendor: Option<String>,
    pub request_model: Option<String>,
    pub response_model: Option<String>,
    pub response_id: Option<String>,
    pub params: Params,
    pub usage: Usage,
    pub content: Content,
    pub who: Who,
    pub tool: Tool,
    pub db: VectorDb,
    /// Time to the first token or chunk, nanoseconds; 0 as sent is absent here.
    pub ttft_ns: Option<i64>,
    pub error_type: Option<String>,
    pub error_message: Option<String>,
    pub http_status_code: Option<i64>,
    /// What the client said the call cost.
    pub reported_cost: Option<Usd>,
    /// True if this row owns its tokens and money: each real model call exactly once.
    pub counts: bool,
    /// What is odd about the row as sent.
    pub flags: Flags,
    /// Everything as sent; what was lifted stays here too.
    pub attributes: Attributes,
    pub resource: Arc<Resource>,
    pub events: Vec<RawEvent>,
    pub links: Vec<RawLink>,
}

impl Span {
    /// When it happened, as far as that can be believed: the start, or the receipt where the start cannot be true.
    pub fn plausible_time(&self) -> Timestamp {
        if self.flags.contains(Flag::StartImplausible) { self.received_at } else { self.start_time }
    }

    /// End minus start in nanoseconds, never negative; 0 while the span runs.
    pub fn duration_ns(&self) -> i64 {
        self.end_time.since(self.start_time)
    }
}

/// The currency of a price.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Currency {
    /// US dollars: what everybody quotes unless told otherwise.
    #[default]
    Usd,
    /// Chinese yuan.
    Cny,
}
vocabulary!(Currency { Usd = "USD", Cny = "CNY" });

/// Money of one call. All absent means unpriced.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Cost {
    /// What it cost, by the source that the project trusts.
    pub total: Option<Usd>,
    /// What it cost by the price row, whoever is trusted.
    pub computed: Option<Usd>,
    /// The input's share.
    pub input: Option<Usd>,
    /// The output's share.
    pub output: Option<Usd>,
    /// Who says so; absent if unpriced.
    pub source: Option<CostSource>,
    /// The price row of `computed`: book version or override, provider, model, tier, valid-from.
    pub price_id: Option<String>,
    /// In which currency that row is.
    pub currency: Option<Currency>,
    /// Dollars for one unit of that currency, as they were when the cost was computed.
    pub rate: Option<Usd>,
}

/// A canonical span with its price: what the store writes.
#[derive(Debug, Clone, PartialEq)]
pub struct PricedSpan {
    /// The span.
    pub span: Span,
    /// Its cost.
    pub cost: Cost,
}
