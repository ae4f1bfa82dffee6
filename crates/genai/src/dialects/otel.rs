//! OpenTelemetry's semantic conventions for generative AI, in their three generations, and for MCP.
//!
//! Old and new names come from one process for years, and the schema address does not tell which: so each generation is
//! recognised by its attributes, and the newest name that is there wins. These signs are weak on purpose: an SDK that
//! writes semantic conventions with additions of its own is to be read by its own table first.

use pellucid_model::Kind;

use super::Sign::{Attr as HasAttr, AttrPrefix, Event as HasEvent, Marker};
use super::Source::{Attr, EachEvent, Event, Events};
use super::{Dialect, Row, UsageRule, row};
use crate::convert::SECONDS;
use crate::convert::Shape::{
    Bool, Count, Data, EventInput, EventOutput, Float, Host, Int, Length, Messages, Parts, Text, Texts, ToolDefinitions,
};
use crate::field::Field;

const V1_26: &str = "https://github.com/open-telemetry/semantic-conventions/blob/v1.26.0/docs/gen-ai/llm-spans.md";
const V1_36: &str = "https://github.com/open-telemetry/semantic-conventions/blob/v1.36.0/docs/gen-ai/gen-ai-spans.md";
const V1_36_EVENTS: &str =
    "https://github.com/open-telemetry/semantic-conventions/blob/v1.36.0/docs/gen-ai/gen-ai-events.md";
const V1_36_AGENTS: &str =
    "https://github.com/open-telemetry/semantic-conventions/blob/v1.36.0/docs/gen-ai/gen-ai-agent-spans.md";
const V1_41: &str = "https://github.com/open-telemetry/semantic-conventions/blob/v1.41.1/docs/gen-ai/gen-ai-spans.md";
const V1_41_AGENTS: &str =
    "https://github.com/open-telemetry/semantic-conventions/blob/v1.41.1/docs/gen-ai/gen-ai-agent-spans.md";
const V1_41_OPENAI: &str = "https://github.com/open-telemetry/semantic-conventions/blob/v1.41.1/docs/gen-ai/openai.md";
const V1_41_MCP: &str = "https://github.com/open-telemetry/semantic-conventions/blob/v1.41.1/docs/gen-ai/mcp.md";
const NEXT: &str =
    "https://github.com/open-telemetry/semantic-conventions-genai/blob/main/docs/gen-ai/non-normative/migration.md";

/// Semantic conventions 1.26 to 1.36: `gen_ai.system`, messages as events.
pub(crate) static GENAI_OLD: Dialect = Dialect {
    id: "otel_genai_old",
    signs: &[
        HasAttr("gen_ai.system"),
        HasAttr("gen_ai.usage.prompt_tokens"),
        HasAttr("gen_ai.usage.completion_tokens"),
        HasEvent("gen_ai.content.prompt"),
        HasEvent("gen_ai.content.completion"),
        HasEvent("gen_ai.user.message"),
        HasEvent("gen_ai.choice"),
    ],
    never: &[HasAttr("gen_ai.provider.name")],
    rows: OLD_ROWS,
    usage: Some(INCLUSIVE),
    ..Dialect::NONE
};

/// What the conventions themselves ask for: sums.
const INCLUSIVE: UsageRule = UsageRule { input_excludes_cache: &[], output_excludes_reasoning: &[] };

const OLD_ROWS: &[Row] = &[
    row(Field::Operation, &[Attr("gen_ai.operation.name")], Text, V1_36),
    row(Field::Provider, &[Attr("gen_ai.system")], Text, V1_36),
    row(Field::ServerHost, &[Attr("server.address")], Host, V1_36),
    row(Field::RequestModel, &[Attr("gen_ai.request.model")], Text, V1_36),
    row(Field::ResponseModel, &[Attr("gen_ai.response.model")], Text, V1_36),
    row(Field::ResponseId, &[Attr("gen_ai.response.id")], Text, V1_36),
    row(Field::Temperature, &[Attr("gen_ai.request.temperature")], Float, V1_36),
    row(Field::TopP, &[Attr("gen_ai.request.top_p")], Float, V1_36),
    row(Field::TopK, &[Attr("gen_ai.request.top_k")], Int, V1_36),
    row(Field::MaxTokens, &[Attr("gen_ai.request.max_tokens")], Int, V1_36),
    row(Field::FrequencyPenalty, &[Attr("gen_ai.request.frequency_penalty")], Float, V1_36),
    row(Field::PresencePenalty, &[Attr("gen_ai.request.presence_penalty")], Float, V1_36),
    row(Field::Seed, &[Attr("gen_ai.request.seed"), Attr("gen_ai.openai.request.seed")], Int, V1_36),
    row(Field::StopSequences, &[Attr("gen_ai.request.stop_sequences")], Texts, V1_36),
    row(Field::ChoiceCount, &[Attr("gen_ai.request.choice.count")], Int, V1_36),
    row(
        Field::ServiceTier,
        &[Attr("gen_ai.openai.response.service_tier"), Attr("gen_ai.openai.request.service_tier")],
        Text,
        V1_36,
    ),
    row(Field::InputTokens, &[Attr("gen_ai.usage.input_tokens"), Attr("gen_ai.usage.prompt_tokens")], Count, V1_36),
    row(
        Field::OutputTokens,
        &[Attr("gen_ai.usage.output_tokens"), Attr("gen_ai.usage.completion_tokens")],
        Count,
        V1_36,
    ),
    row(Field::FinishReasons, &[Attr("gen_ai.response.finish_reasons")], Texts, V1_36),
    row(Field::SessionId, &[Attr("gen_ai.conversation.id")], Text, V1_36_AGENTS),
    row(Field::EmbeddingDims, &[Attr("gen_ai.embeddings.dimension.count")], Int, V1_41),
    row(Field::AgentId, &[Attr("gen_ai.agent.id")], Text, V1_36_AGENTS),
    row(Field::AgentName, &[Attr("gen_ai.agent.name")], Text, V1_36_AGENTS),
    row(Field::ToolName, &[Attr("gen_ai.tool.name")], Text, V1_36_AGENTS),
    row(Field::ToolCallId, &[Attr("gen_ai.tool.call.id")], Text, V1_36_AGENTS),
    row(Field::ErrorType, &[Attr("error.type")], Text, V1_36),
    row(Field::InputMessages, &[Events], EventInput, V1_36_EVENTS),
    row(Field::OutputMessages, &[Events], EventOutput, V1_36_EVENTS),
    row(
        Field::InputMessages,
        &[Event("gen_ai.content.prompt", "gen_ai.prompt"), Attr("gen_ai.prompt")],
        Messages("user"),
        V1_26,
    ),
    row(
        Field::OutputMessages,
        &[EachEvent("gen_ai.content.completion", "gen_ai.completion"), Attr("gen_ai.completion")],
        Messages("assistant"),
        V1_26,
    ),
];

/// Semantic conventions 1.37 to 1.41: `gen_ai.provider.name`, messages as attributes.
pub(crate) static GENAI: Dialect = Dialect {
    id: "otel_genai",
    signs: &[
        HasAttr("gen_ai.provider.name"),
        HasAttr("gen_ai.input.messages"),
        HasAttr("gen_ai.output.messages"),
        HasAttr("gen_ai.system_instructions"),
        HasAttr("gen_ai.tool.definitions"),
        HasAttr("gen_ai.tool.call.arguments"),
    ],
    inherits: &[&GENAI_OLD],
    rows: ROWS,
    usage: Some(INCLUSIVE),
    ..Dialect::NONE
};

const ROWS: &[Row] = &[
    row(Field::Provider, &[Attr("gen_ai.provider.name")], Text, V1_41),
    row(Field::Stream, &[Attr("gen_ai.request.stream")], Bool, V1_41),
    row(
        Field::ServiceTier,
        &[Attr("openai.response.service_tier"), Attr("openai.request.service_tier")],
        Text,
        V1_41_OPENAI,
    ),
    row(Field::CacheReadTokens, &[Attr("gen_ai.usage.cache_read.input_tokens")], Count, V1_41),
    row(Field::CacheWriteTokens, &[Attr("gen_ai.usage.cache_creation.input_tokens")], Count, V1_41),
    row(Field::ReasoningTokens, &[Attr("gen_ai.usage.reasoning.output_tokens")], Count, V1_41),
    row(Field::Ttft, &[Attr("gen_ai.response.time_to_first_chunk")], SECONDS, V1_41),
    row(Field::SystemInstructions, &[Attr("gen_ai.system_instructions")], Parts, V1_41),
    row(Field::InputMessages, &[Attr("gen_ai.input.messages")], Messages("user"), V1_41),
    row(Field::OutputMessages, &[Attr("gen_ai.output.messages")], Messages("assistant"), V1_41),
    row(Field::ToolDefinitions, &[Attr("gen_ai.tool.definitions")], ToolDefinitions, V1_41),
    row(Field::ToolArguments, &[Attr("gen_ai.tool.call.arguments")], Data, V1_41_AGENTS),
    row(Field::ToolResult, &[Attr("gen_ai.tool.call.result")], Data, V1_41_AGENTS),
    row(Field::WorkflowName, &[Attr("gen_ai.workflow.name")], Text, V1_41_AGENTS),
    row(Field::InputValue, &[Attr("gen_ai.retrieval.query.text")], Text, V1_41),
    row(Field::OutputValue, &[Attr("gen_ai.retrieval.documents")], Data, V1_41),
];

/// The conventions' new home after 1.41, not released: what instrumentations already send of it.
pub(crate) static GENAI_NEXT: Dialect = Dialect {
    id: "otel_genai_next",
    signs: &[
        HasAttr("gen_ai.usage.cache_write.input_tokens"),
        HasAttr("gen_ai.retrieval.top_k"),
        HasAttr("gen_ai.request.reasoning.level"),
        HasAttr("gen_ai.request.previous_response.id"),
        HasAttr("gen_ai.conversation.compacted"),
        AttrPrefix("gen_ai.memory."),
    ],
    inherits: &[&GENAI],
    rows: &[
        row(Field::CacheWriteTokens, &[Attr("gen_ai.usage.cache_write.input_tokens")], Count, NEXT),
        row(Field::InputAudioTokens, &[Attr("gen_ai.usage.audio.input_tokens")], Count, NEXT),
        row(Field::OutputAudioTokens, &[Attr("gen_ai.usage.audio.output_tokens")], Count, NEXT),
        row(Field::DbTopK, &[Attr("gen_ai.retrieval.top_k")], Int, NEXT),
        row(Field::PromptName, &[Attr("gen_ai.prompt.name")], Text, NEXT),
        row(Field::PromptVersion, &[Attr("gen_ai.prompt.version")], Text, NEXT),
        row(Field::InputValue, &[Attr("gen_ai.memory.query.text")], Text, NEXT),
        row(Field::OutputValue, &[Attr("gen_ai.memory.records")], Data, NEXT),
        row(Field::DbReturned, &[Attr("gen_ai.memory.record.count")], Int, NEXT),
        row(Field::DbReturned, &[Attr("gen_ai.retrieval.documents")], Length, V1_41),
    ],
    usage: Some(INCLUSIVE),
    ..Dialect::NONE
};

/// Model Context Protocol, client and server.
pub(crate) static MCP: Dialect = Dialect {
    id: "mcp",
    signs: &[Marker("mcp.method.name")],
    inherits: &[&GENAI],
    rows: &[
        row(Field::Operation, &[Attr("gen_ai.operation.name"), Attr("mcp.method.name")], Text, V1_41_MCP),
        row(Field::PromptName, &[Attr("gen_ai.prompt.name")], Text, V1_41_MCP),
        row(Field::ErrorType, &[Attr("error.type"), Attr("rpc.response.status_code")], Text, V1_41_MCP),
        row(Field::ToolArguments, &[Attr("gen_ai.tool.call.arguments"), Attr("mcp.request.argument")], Data, V1_41_MCP),
        row(Field::ToolResult, &[Attr("gen_ai.tool.call.result"), Attr("mcp.response.value")], Data, V1_41_MCP),
    ],
    operations: &[
        ("initialize", Kind::Mcp),
        ("ping", Kind::Mcp),
        ("tools/list", Kind::Mcp),
        ("resources/read", Kind::Mcp),
        ("resources/list", Kind::Mcp),
        ("resources/subscribe", Kind::Mcp),
        ("prompts/list", Kind::Mcp),
        ("prompts/get", Kind::Mcp),
        ("completion/complete", Kind::Mcp),
        ("sampling/createmessage", Kind::Mcp),
        ("roots/list", Kind::Mcp),
        ("elicitation/create", Kind::Mcp),
        ("logging/setlevel", Kind::Mcp),
    ],
    ..Dialect::NONE
};
