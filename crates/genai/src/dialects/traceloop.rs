//! OpenLLMetry, Traceloop's instrumentations and SDKs, for Python and JavaScript.
//!
//! The old ones (Python to 0.52, and mistral, ollama and cohere to this day) write messages flattened into attributes,
//! the new ones semantic conventions. Python adds cached tokens to Anthropic's input, JavaScript does not. Both pass
//! Google's candidates on as output, without thoughts.
//!
//! Read in: opentelemetry-semantic-conventions-ai 0.5.1, openllmetry 0.62.1, and captures of 0.62.4 and 0.33.12 of
//! Python and 0.27.0 of JavaScript.

use pellucid_model::Kind;

use super::Sign::{Attr as HasAttr, AttrPrefix, Marker, ScopePrefix};
use super::Source::{Attr, EventsNamed, Flat};
use super::{Dialect, Filler, Row, UsageRule, row};
use crate::convert::Shape::{
    Bool, Count, Data, EventCount, Float, Host, IndexedMessages, Int, MessagesInText, Text, Texts, ToolDefinitions,
};
use crate::field::Field;

const SEMCONV_AI: &str = "PyPI opentelemetry-semantic-conventions-ai 0.5.1 (opentelemetry/semconv_ai/__init__.py)";
const SEMCONV_AI_OLD: &str = "PyPI opentelemetry-semantic-conventions-ai 0.4.2 (opentelemetry/semconv_ai/__init__.py)";
const SDK: &str = "PyPI traceloop-sdk 0.62.1 (traceloop/sdk/decorators/base.py, traceloop/sdk/tracing/tracing.py)";
const LANGCHAIN: &str =
    "PyPI opentelemetry-instrumentation-langchain 0.62.1 (opentelemetry/instrumentation/langchain/callback_handler.py)";
const OPENAI: &str =
    "PyPI opentelemetry-instrumentation-openai 0.62.1 (opentelemetry/instrumentation/openai/shared/__init__.py)";
const VECTORS: &str = "PyPI opentelemetry-semantic-conventions-ai 0.5.1 (class Events and vector database attributes)";

/// Semantic conventions with additions, 0.53 and newer.
pub(crate) static TRACELOOP: Dialect = Dialect {
    id: "traceloop",
    signs: &[
        ScopePrefix("traceloop.tracer"),
        ScopePrefix("opentelemetry.instrumentation.openai."),
        ScopePrefix(AGENTS),
        ScopePrefix("opentelemetry.instrumentation.anthropic"),
        ScopePrefix("opentelemetry.instrumentation.groq"),
        ScopePrefix("opentelemetry.instrumentation.google_generativeai"),
        ScopePrefix("opentelemetry.instrumentation.bedrock"),
        ScopePrefix("opentelemetry.instrumentation.langchain"),
        ScopePrefix("opentelemetry.instrumentation.llamaindex"),
        ScopePrefix("opentelemetry.instrumentation.crewai"),
        ScopePrefix("opentelemetry.instrumentation.agno"),
        ScopePrefix("opentelemetry.instrumentation.writer"),
        AttrPrefix("traceloop."),
        HasAttr("gen_ai.openai.api_base"),
        HasAttr("gen_ai.task.kind"),
    ],
    never: NOT_OURS,
    inherits: &[&super::otel::GENAI, &TRACELOOP_OLD],
    rows: ROWS,
    fillers: FILLERS,
    kinds: KINDS,
    steps: STEPS,
    names: NAMES,
    usage: Some(SUMMED),
    ..Dialect::NONE
};

/// Others that write some of these keys and say more exactly what they mean.
const NOT_OURS: &[super::Sign] = &[HasAttr("openinference.span.kind"), HasAttr("langfuse.observation.type")];

const ROWS: &[Row] = &[
    row(Field::Stream, &[Attr("gen_ai.is_streaming"), Attr("llm.is_streaming")], Bool, SEMCONV_AI),
    row(Field::UserId, &[Attr("traceloop.association.properties.user_id"), Attr("gen_ai.user")], Text, SEMCONV_AI),
    row(
        Field::FinishReasons,
        &[
            Attr("gen_ai.response.finish_reasons"),
            Attr("gen_ai.response.finish_reason"),
            Attr("gen_ai.response.stop_reason"),
        ],
        Texts,
        SEMCONV_AI,
    ),
    row(Field::TotalTokens, &[Attr("gen_ai.usage.total_tokens")], Count, SEMCONV_AI),
    row(Field::ReasoningTokens, &[Attr("gen_ai.usage.reasoning_tokens")], Count, SEMCONV_AI),
    row(Field::InputValue, &[Attr("traceloop.entity.input"), Attr("gen_ai.task.input")], Data, LANGCHAIN),
    row(Field::OutputValue, &[Attr("traceloop.entity.output"), Attr("gen_ai.task.output")], Data, LANGCHAIN),
    row(Field::EntityName, &[Attr("traceloop.entity.name"), Attr("gen_ai.task.name")], Text, SDK),
];

/// The same from JavaScript, with the providers' own numbers.
pub(crate) static TRACELOOP_JS: Dialect = Dialect {
    id: "traceloop_js",
    signs: &[ScopePrefix("@traceloop/")],
    never: NOT_OURS,
    inherits: &[&TRACELOOP],
    rows: &[
        row(Field::InputMessages, &[Attr("gen_ai.input.messages")], MessagesInText("user"), JS_OPENAI),
        row(
            Field::SessionId,
            &[Attr("traceloop.association.properties.sessionId"), Attr("traceloop.association.properties.session_id")],
            Text,
            JS_SDK,
        ),
        row(
            Field::UserId,
            &[Attr("traceloop.association.properties.userId"), Attr("traceloop.association.properties.user_id")],
            Text,
            JS_SDK,
        ),
    ],
    usage: Some(UsageRule { input_excludes_cache: &["anthropic", "aws.bedrock"], output_excludes_reasoning: GOOGLE }),
    ..Dialect::NONE
};

const JS_OPENAI: &str = "npm @traceloop/instrumentation-openai 0.27.0 (input of the Responses API)";
const JS_SDK: &str = "npm @traceloop/node-server-sdk 0.27.0 (association properties are named by the application)";

/// Flattened messages and `llm.` keys.
pub(crate) static TRACELOOP_OLD: Dialect = Dialect {
    id: "traceloop_old",
    signs: &[
        Marker("llm.request.type"),
        Marker("llm.usage.total_tokens"),
        AttrPrefix("llm.usage."),
        AttrPrefix("llm.prompts."),
        AttrPrefix("llm.completions."),
        AttrPrefix("SpanAttributes.LLM_"),
        HasAttr("llm.is_streaming"),
        HasAttr("gen_ai.prompt.0.content"),
        HasAttr("gen_ai.prompt.0.role"),
        HasAttr("gen_ai.completion.0.content"),
        HasAttr("gen_ai.completion.0.role"),
    ],
    never: NOT_OURS,
    inherits: &[&super::otel::GENAI_OLD],
    rows: OLD_ROWS,
    fillers: FILLERS,
    kinds: KINDS,
    steps: STEPS,
    names: NAMES,
    usage: Some(SUMMED),
    ..Dialect::NONE
};

const OLD_ROWS: &[Row] = &[
    row(Field::Kind, &[Attr("traceloop.span.kind")], Text, SDK),
    row(Field::Operation, &[Attr("gen_ai.operation.name"), Attr("llm.request.type")], Text, SEMCONV_AI_OLD),
    row(
        Field::Provider,
        &[Attr("gen_ai.system"), Attr("traceloop.association.properties.ls_provider"), Attr("llm.vendor")],
        Text,
        LANGCHAIN,
    ),
    row(Field::ServerHost, &[Attr("gen_ai.openai.api_base"), Attr("llm.openai.api_base")], Host, OPENAI),
    row(
        Field::RequestModel,
        &[
            Attr("gen_ai.request.model"),
            Attr("llm.request.model"),
            Attr("traceloop.association.properties.ls_model_name"),
        ],
        Text,
        LANGCHAIN,
    ),
    row(Field::ResponseModel, &[Attr("gen_ai.response.model"), Attr("llm.response.model")], Text, SEMCONV_AI_OLD),
    // Then their oldest names, and what old LiteLLM made of them.
    row(
        Field::InputMessages,
        &[Flat("gen_ai.prompt"), Flat("llm.prompts"), Flat("SpanAttributes.LLM_PROMPTS")],
        IndexedMessages("user"),
        SEMCONV_AI_OLD,
    ),
    row(
        Field::OutputMessages,
        &[Flat("gen_ai.completion"), Flat("llm.completions"), Flat("SpanAttributes.LLM_COMPLETIONS")],
        IndexedMessages("assistant"),
        SEMCONV_AI_OLD,
    ),
    row(Field::ToolDefinitions, &[Flat("llm.request.functions")], ToolDefinitions, SEMCONV_AI_OLD),
    row(
        Field::InputTokens,
        &[Attr("gen_ai.usage.prompt_tokens"), Attr("gen_ai.usage.input_tokens"), Attr("llm.usage.prompt_tokens")],
        Count,
        SEMCONV_AI_OLD,
    ),
    row(
        Field::OutputTokens,
        &[
            Attr("gen_ai.usage.completion_tokens"),
            Attr("gen_ai.usage.output_tokens"),
            Attr("llm.usage.completion_tokens"),
        ],
        Count,
        SEMCONV_AI_OLD,
    ),
    row(Field::TotalTokens, &[Attr("llm.usage.total_tokens")], Count, SEMCONV_AI_OLD),
    row(Field::CacheReadTokens, &[Attr("gen_ai.usage.cache_read_input_tokens")], Count, SEMCONV_AI_OLD),
    row(Field::CacheWriteTokens, &[Attr("gen_ai.usage.cache_creation_input_tokens")], Count, SEMCONV_AI_OLD),
    row(Field::ReasoningTokens, &[Attr("llm.usage.reasoning_tokens")], Count, SEMCONV_AI_OLD),
    row(Field::Stream, &[Attr("llm.is_streaming")], Bool, SEMCONV_AI_OLD),
    row(Field::MaxTokens, &[Attr("gen_ai.request.max_tokens"), Attr("llm.request.max_tokens")], Int, SEMCONV_AI_OLD),
    row(Field::Temperature, &[Attr("gen_ai.request.temperature"), Attr("llm.temperature")], Float, SEMCONV_AI_OLD),
    row(Field::TopP, &[Attr("gen_ai.request.top_p"), Attr("llm.top_p")], Float, SEMCONV_AI_OLD),
    row(Field::TopK, &[Attr("llm.top_k")], Int, SEMCONV_AI_OLD),
    row(Field::FrequencyPenalty, &[Attr("llm.frequency_penalty")], Float, SEMCONV_AI_OLD),
    row(Field::PresencePenalty, &[Attr("llm.presence_penalty")], Float, SEMCONV_AI_OLD),
    row(Field::StopSequences, &[Attr("llm.chat.stop_sequences")], Texts, SEMCONV_AI_OLD),
    row(
        Field::FinishReasons,
        &[Attr("llm.response.finish_reason"), Attr("llm.response.stop_reason")],
        Texts,
        SEMCONV_AI_OLD,
    ),
    row(
        Field::SessionId,
        &[
            Attr("traceloop.association.properties.session_id"),
            Attr("traceloop.association.properties.sessionId"),
            Attr("gen_ai.conversation.id"),
            Attr("traceloop.association.properties.conversation_id"),
            Attr("traceloop.association.properties.thread_id"),
            Attr("traceloop.association.properties.chat_id"),
        ],
        Text,
        SDK,
    ),
    row(
        Field::UserId,
        &[
            Attr("traceloop.association.properties.user_id"),
            Attr("traceloop.association.properties.userId"),
            Attr("llm.user"),
        ],
        Text,
        SDK,
    ),
    row(Field::Tags, &[Attr("traceloop.association.properties.tags")], Texts, SDK),
    row(Field::WorkflowName, &[Attr("traceloop.workflow.name")], Text, SDK),
    row(Field::EntityName, &[Attr("traceloop.entity.name")], Text, SDK),
    row(Field::InputValue, &[Attr("traceloop.entity.input")], Data, SDK),
    row(Field::OutputValue, &[Attr("traceloop.entity.output")], Data, SDK),
    row(Field::PromptName, &[Attr("traceloop.prompt.key")], Text, SEMCONV_AI),
    row(Field::PromptVersion, &[Attr("traceloop.prompt.version")], Text, SEMCONV_AI),
    row(
        Field::DbTopK,
        &[
            Attr("db.vector.query.top_k"),
            Attr("pinecone.query.top_k"),
            Attr("db.chroma.query.n_results"),
            Attr("db.milvus.search.limit"),
        ],
        Int,
        VECTORS,
    ),
    row(
        Field::DbCollection,
        &[
            Attr("db.milvus.search.collection_name"),
            Attr("qdrant.search.collection_name"),
            Attr("pinecone.query.namespace"),
        ],
        Text,
        VECTORS,
    ),
    row(Field::DbReturned, &[EventsNamed("db.query.result"), EventsNamed("db.search.result")], EventCount, VECTORS),
];

const GOOGLE: &[&str] = &["gcp.gemini", "gcp.vertex_ai", "gcp.gen_ai"];

/// Python adds cached tokens to Anthropic's input itself.
const SUMMED: UsageRule = UsageRule { input_excludes_cache: &[], output_excludes_reasoning: GOOGLE };

/// The framework stands where the provider belongs; LangChain's own name for it stands elsewhere.
const FILLERS: &[Filler] = &[
    Filler::Text(Field::Provider, "Langchain"),
    Filler::Text(Field::Provider, "langchain"),
    Filler::Text(Field::RequestModel, "unknown"),
    Filler::Text(Field::ResponseModel, "unknown"),
    // The parameters are the answer's echo, which states defaults.
    Filler::When(ScopePrefix(AGENTS), &Filler::Number(Field::Temperature, 1.0)),
    Filler::When(ScopePrefix(AGENTS), &Filler::Number(Field::TopP, 1.0)),
];

const AGENTS: &str = "opentelemetry.instrumentation.openai_agents";

const KINDS: &[(&str, Kind)] = &[("agent", Kind::Agent), ("tool", Kind::Tool)];

/// Decorators and LangChain's callbacks call everything in between a task.
const STEPS: &[(&str, Kind)] = &[("workflow", Kind::Chain), ("task", Kind::Chain), ("handoff", Kind::Chain)];

const NAMES: &[(&str, Kind)] =
    &[(".workflow", Kind::Chain), (".task", Kind::Chain), (".agent", Kind::Agent), (".tool", Kind::Tool)];
