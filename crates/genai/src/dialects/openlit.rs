//! OpenLIT's Python and TypeScript SDKs. The new generation (1.37+) writes semantic conventions with own additions, the
//! old one (to 1.36) flat events.
//!
//! Read in: openlit 1.30.4, 1.33.20, 1.36.0, 1.37.1, 1.45.0, 1.15.0 of TypeScript, and captures. Facts that no table can show: the SDK writes
//! defaults where the caller said nothing; without a usage chunk it takes half of the characters for tokens.

use pellucid_model::Kind;

use super::Sign::{Attr as HasAttr, MarkerIs, Scope, ScopePrefix};
use super::Source::{Attr, EachEvent, Event};
use super::{Dialect, Filler, Guess, Row, Sign, UsageRule, row};
use crate::convert::SECONDS;
use crate::convert::Shape::{
    Bool, Count, Data, Float, Int, Messages, Money, RoleLines, Text, Texts, ToolCalls, ToolNames,
};
use crate::field::Field;

const PY_1_45: &str = "https://github.com/openlit/openlit/blob/main/sdk/python/src/openlit/semcov/__init__.py";
const TS_1_15: &str = "npm openlit 1.15.0 (instrumentation/openai/wrapper.js)";
const PY_1_33: &str = "PyPI openlit 1.33.20 (openlit/semcov/__init__.py)";
const PY_1_30: &str = "PyPI openlit 1.30.4 (openlit/semcov/__init__.py)";

const SDK_NAME: &str = "telemetry.sdk.name";

/// OpenLIT 1.37 and newer.
pub(crate) static OPENLIT: Dialect = Dialect {
    id: "openlit",
    signs: &[
        Scope("openlit"),
        ScopePrefix("openlit.instrumentation."),
        ScopePrefix("@openlit/"),
        MarkerIs(SDK_NAME, "openlit"),
    ],
    never: &[Scope("openlit.otel.tracing"), HasAttr("gen_ai.system")],
    inherits: &[&super::otel::GENAI, &OPENLIT_OLD],
    rows: ROWS,
    fillers: FILLERS,
    operations: OPERATIONS,
    usage: Some(RAW_NUMBERS),
    scopes: SCOPES,
    guesses: &[
        Guess::HalfOfCharacters,
        // The cache keys are written if and only if the provider told its usage.
        Guess::StreamedWithout { scope: "openlit.instrumentation.openai", key: "gen_ai.usage.cache_read.input_tokens" },
    ],
    ..Dialect::NONE
};

const CHAT: &[Sign] = &[MarkerIs("gen_ai.operation.name", "chat")];

const ROWS: &[Row] = &[
    row(Field::AppName, &[Attr("gen_ai.application_name"), Attr("service.name")], Text, PY_1_45),
    row(Field::Environment, &[Attr("deployment.environment"), Attr("gen_ai.environment")], Text, PY_1_45),
    // A span attribute that bears a metric's name.
    row(Field::TotalTokens, &[Attr("gen_ai.client.token.usage")], Count, PY_1_45),
    row(
        Field::CacheReadTokens,
        &[Attr("gen_ai.usage.cache_read.input_tokens"), Attr("gen_ai.usage.prompt_tokens_details.cached_tokens")],
        Count,
        PY_1_45,
    ),
    row(
        Field::CacheWriteTokens,
        &[
            Attr("gen_ai.usage.cache_creation.input_tokens"),
            Attr("gen_ai.usage.prompt_tokens_details.cache_creation_tokens"),
        ],
        Count,
        PY_1_45,
    ),
    row(
        Field::ReasoningTokens,
        &[
            Attr("gen_ai.usage.reasoning.output_tokens"),
            Attr("gen_ai.usage.reasoning_tokens"),
            Attr("gen_ai.usage.completion_tokens_details.reasoning_tokens"),
        ],
        Count,
        PY_1_45,
    ),
    row(Field::OutputAudioTokens, &[Attr("gen_ai.usage.completion_tokens_details.audio_tokens")], Count, PY_1_45),
    row(
        Field::ToolArguments,
        &[Attr("gen_ai.tool.call.arguments"), Attr("gen_ai.tool.args"), Attr("gen_ai.tool.input")],
        Data,
        PY_1_45,
    ),
    row(Field::ToolResult, &[Attr("gen_ai.tool.call.result"), Attr("gen_ai.tool.output")], Data, PY_1_45),
    // The answers of the Responses API lack the calls in TypeScript; the names of the tools stand beside them.
    row(Field::ToolCalls, &[Attr("gen_ai.tool.name")], ToolNames, TS_1_15).when(CHAT),
    row(Field::SessionId, &[Attr("gen_ai.conversation.id"), Attr("gen_ai.agent.session_id")], Text, PY_1_45),
    row(
        Field::InputValue,
        &[Attr("gen_ai.retrieval.query.text"), Attr("gen_ai.retrieval.query"), Attr("gen_ai.workflow.input")],
        Data,
        PY_1_45,
    ),
    row(Field::OutputValue, &[Attr("gen_ai.retrieval.documents"), Attr("gen_ai.workflow.output")], Data, PY_1_45),
    row(Field::DbSystem, &[Attr("db.system.name")], Text, PY_1_45),
    row(Field::DbOperation, &[Attr("db.operation.name")], Text, PY_1_45),
    row(Field::DbTopK, &[Attr("db.vector.query.top_k")], Int, PY_1_45),
    row(Field::DbReturned, &[Attr("db.response.returned_rows"), Attr("gen_ai.retrieval.document_count")], Int, PY_1_45),
];

/// OpenLIT up to 1.36.
pub(crate) static OPENLIT_OLD: Dialect = Dialect {
    id: "openlit_old",
    signs: &[
        Scope("openlit.otel.tracing"),
        MarkerIs(SDK_NAME, "openlit"),
        HasAttr("gen_ai.request.is_stream"),
        HasAttr("gen_ai.endpoint"),
    ],
    never: &[HasAttr("gen_ai.provider.name"), ScopePrefix("@openlit/")],
    inherits: &[&super::otel::GENAI_OLD],
    rows: OLD_ROWS,
    fillers: FILLERS,
    operations: OPERATIONS,
    names: &[
        (".chat.completions", Kind::Llm),
        (".embeddings", Kind::Embedding),
        (".messages", Kind::Llm),
        (".images.generate", Kind::Llm),
        (".audio.speech", Kind::Llm),
    ],
    usage: Some(RAW_NUMBERS),
    scopes: SCOPES,
    guesses: &[
        Guess::HalfOfCharacters,
        // Up to 1.30 every streamed call is counted with a tokenizer of the client's.
        Guess::StreamedWith("gen_ai.endpoint", "openai.chat.completions"),
    ],
    ..Dialect::NONE
};

const OLD_ROWS: &[Row] = &[
    row(Field::AppName, &[Attr("gen_ai.application_name"), Attr("service.name")], Text, PY_1_30),
    row(Field::Environment, &[Attr("gen_ai.environment"), Attr("deployment.environment")], Text, PY_1_30),
    row(Field::Stream, &[Attr("gen_ai.request.is_stream")], Bool, PY_1_33),
    row(Field::UserId, &[Attr("gen_ai.request.user")], Text, PY_1_33),
    row(
        Field::ServiceTier,
        &[Attr("gen_ai.response.service_tier"), Attr("gen_ai.request.service_tier")],
        Text,
        PY_1_33,
    ),
    row(Field::Cost, &[Attr("gen_ai.usage.cost")], Money, PY_1_33),
    row(Field::TotalTokens, &[Attr("gen_ai.usage.total_tokens")], Count, PY_1_33),
    row(Field::Ttft, &[Attr("gen_ai.server.time_to_first_token")], SECONDS, PY_1_33),
    row(Field::InputMessages, &[Event("gen_ai.content.prompt", "gen_ai.prompt")], RoleLines, PY_1_33),
    row(
        Field::OutputMessages,
        &[EachEvent("gen_ai.content.completion", "gen_ai.completion")],
        Messages("assistant"),
        PY_1_33,
    ),
    row(Field::ToolCalls, &[Attr("gen_ai.response.tool_calls")], ToolCalls, PY_1_33),
    row(Field::EmbeddingDims, &[Attr("gen_ai.request.embedding_dimension")], Int, PY_1_30),
    row(Field::TopK, &[Attr("gen_ai.request.top_k")], Int, PY_1_30),
    row(Field::Temperature, &[Attr("gen_ai.request.temperature")], Float, PY_1_30),
    row(Field::Tags, &[Attr("gen_ai.request.tags")], Texts, PY_1_30),
    row(Field::DbSystem, &[Attr("db.system")], Text, PY_1_30),
    row(Field::DbOperation, &[Attr("db.operation")], Text, PY_1_30),
    row(Field::DbCollection, &[Attr("db.collection.name"), Attr("db.index.name")], Text, PY_1_30),
    row(Field::DbQuery, &[Attr("db.statement")], Text, PY_1_30),
    row(Field::DbTopK, &[Attr("db.n_results"), Attr("db.limit")], Int, PY_1_30),
];

/// Written by the SDK when the caller gave nothing. That a caller who really asked for such a value loses it is the
/// smaller harm: nearly all of these are defaults of the SDK.
const FILLERS: &[Filler] = &[
    Filler::Number(Field::Temperature, 1.0),
    Filler::Number(Field::TopP, 1.0),
    Filler::Number(Field::TopK, 1.0),
    Filler::Number(Field::FrequencyPenalty, 0.0),
    Filler::Number(Field::PresencePenalty, 0.0),
    Filler::Number(Field::Seed, 0.0),
    Filler::Number(Field::MaxTokens, -1.0),
    Filler::Number(Field::CacheReadTokens, 0.0),
    Filler::Number(Field::CacheWriteTokens, 0.0),
    Filler::Number(Field::ReasoningTokens, 0.0),
    Filler::Number(Field::Cost, 0.0),
    Filler::Text(Field::DbCollection, "unknown"),
    Filler::UnlessStreamed(Field::Ttft),
    Filler::When(Scope("openlit.instrumentation.cohere"), &Filler::Number(Field::Temperature, 0.3)),
];

const OPERATIONS: &[(&str, Kind)] = &[
    ("vectordb", Kind::VectorDb),
    ("framework", Kind::Chain),
    ("agent", Kind::Agent),
    ("task", Kind::Chain),
    ("execute_task", Kind::Chain),
    ("audio", Kind::Llm),
    ("image", Kind::Llm),
    ("translate", Kind::Llm),
    ("batch", Kind::Span),
    ("fine_tuning", Kind::Span),
    ("realtime", Kind::Llm),
];

/// A failed call has no attributes; its instrumentation's name still tells what it was.
const SCOPES: &[(&str, Kind)] = &[
    ("openlit.instrumentation.chroma", Kind::VectorDb),
    ("openlit.instrumentation.qdrant", Kind::VectorDb),
    ("openlit.instrumentation.milvus", Kind::VectorDb),
    ("openlit.instrumentation.pinecone", Kind::VectorDb),
    ("openlit.instrumentation.astra", Kind::VectorDb),
    ("openlit.instrumentation.openai", Kind::Llm),
    ("openlit.instrumentation.anthropic", Kind::Llm),
];

/// Numbers as Anthropic's, Bedrock's and Google's APIs give them.
const RAW_NUMBERS: UsageRule = UsageRule {
    input_excludes_cache: &["anthropic", "aws.bedrock"],
    output_excludes_reasoning: &["gcp.gemini", "gcp.vertex_ai", "gcp.gen_ai"],
};
