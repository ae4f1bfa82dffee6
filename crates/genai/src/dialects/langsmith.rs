//! LangSmith's SDKs in OpenTelemetry mode: runs as spans, their whole inputs and outputs in `gen_ai.prompt` and
//! `gen_ai.completion`.
//!
//! What it calls a session is a project. Every span is called fine, also one that raised.
//!
//! Read in: PyPI langsmith 0.15.0 (`_otel_exporter.py`), captures of it and of npm langsmith 0.12.0.

use pellucid_model::Kind;

use super::Sign::{AttrPrefix, Marker, MarkerIs, ScopePrefix};
use super::Source::{Attr, In, Name};
use super::{Dialect, Filler, row};
use crate::convert::Shape::{Body, Bool, Count, Data, Float, Int, Text, Texts, ToolDefinitions};
use crate::field::Field;

const EXPORTER: &str = "PyPI langsmith 0.15.0 (langsmith/_internal/otel/_otel_exporter.py)";
const LANGCHAIN: &str = "https://docs.smith.langchain.com/observability/how_to_guides/log_llm_trace";

const KIND: &str = "langsmith.span.kind";
const PARAMETERS: &str = "langsmith.metadata.ls_invocation_params";

pub(crate) static LANGSMITH: Dialect = Dialect {
    id: "langsmith",
    signs: &[Marker(KIND), ScopePrefix("langsmith"), AttrPrefix("langsmith.")],
    inherits: &[&super::otel::GENAI_OLD],
    rows: &[
        row(Field::Kind, &[Attr(KIND)], Text, EXPORTER),
        row(Field::Provider, &[Attr("langsmith.metadata.ls_provider"), Attr("gen_ai.system")], Text, EXPORTER),
        row(
            Field::RequestModel,
            &[In(PARAMETERS, "/model"), Attr("langsmith.metadata.ls_model_name"), Attr("gen_ai.request.model")],
            Text,
            EXPORTER,
        ),
        row(
            Field::Temperature,
            &[Attr("gen_ai.request.temperature"), Attr("langsmith.metadata.ls_temperature")],
            Float,
            LANGCHAIN,
        ),
        row(
            Field::MaxTokens,
            &[Attr("gen_ai.request.max_tokens"), Attr("langsmith.metadata.ls_max_tokens")],
            Int,
            LANGCHAIN,
        ),
        row(Field::StopSequences, &[Attr("langsmith.metadata.ls_stop")], Texts, LANGCHAIN),
        row(Field::Parameters, &[Attr(PARAMETERS)], Body, LANGCHAIN),
        row(Field::ToolDefinitions, &[In(PARAMETERS, "/tools")], ToolDefinitions, LANGCHAIN),
        row(Field::Stream, &[Attr("langsmith.request.streaming")], Bool, EXPORTER),
        row(Field::ServiceTier, &[Attr("gen_ai.response.service_tier")], Text, EXPORTER),
        row(
            Field::UsageMap,
            &[Attr("langsmith.usage_metadata"), Attr("langsmith.metadata.usage_metadata")],
            Body,
            EXPORTER,
        ),
        row(Field::TotalTokens, &[Attr("gen_ai.usage.total_tokens")], Count, EXPORTER),
        row(Field::CacheReadTokens, &[In("gen_ai.usage.input_token_details", "/cache_read")], Count, EXPORTER),
        row(Field::CacheWriteTokens, &[In("gen_ai.usage.input_token_details", "/cache_creation")], Count, EXPORTER),
        row(Field::ReasoningTokens, &[In("gen_ai.usage.output_token_details", "/reasoning")], Count, EXPORTER),
        row(Field::Request, &[Attr("gen_ai.prompt")], Body, EXPORTER),
        row(Field::Answer, &[Attr("gen_ai.completion")], Body, EXPORTER),
        // What is no object is wrapped into one.
        row(
            Field::OutputValue,
            &[In("gen_ai.completion", "/output"), In("gen_ai.completion", "/outputs")],
            Data,
            EXPORTER,
        )
        .unless(&[MarkerIs(KIND, "llm")]),
        row(Field::EntityName, &[Name], Text, EXPORTER),
        row(Field::AppName, &[Attr("langsmith.trace.session_name")], Text, EXPORTER),
        row(
            Field::SessionId,
            &[
                Attr("langsmith.metadata.session_id"),
                Attr("langsmith.metadata.thread_id"),
                Attr("langsmith.metadata.conversation_id"),
            ],
            Text,
            EXPORTER,
        ),
        row(Field::UserId, &[Attr("langsmith.metadata.user_id")], Text, EXPORTER),
        row(Field::Tags, &[Attr("langsmith.span.tags")], Texts, EXPORTER),
    ],
    fillers: &[
        Filler::Text(Field::Provider, "langchain"),
        // The project that is used when none was named.
        Filler::Text(Field::AppName, "default"),
        // Every exception is told as one of this type.
        Filler::Text(Field::ErrorType, "Exception"),
        // Operations of runs that are no calls are taken from what they prepare.
        Filler::When(MarkerIs(KIND, "prompt"), &Filler::Text(Field::Operation, "chat")),
        Filler::When(MarkerIs(KIND, "retriever"), &Filler::Text(Field::Operation, "embeddings")),
    ],
    kinds: &[
        ("llm", Kind::Llm),
        ("embedding", Kind::Embedding),
        ("chain", Kind::Chain),
        ("prompt", Kind::Chain),
        ("parser", Kind::Chain),
        ("tool", Kind::Tool),
        ("retriever", Kind::Retrieval),
    ],
    ok_is_no_verdict: true,
    ..Dialect::NONE
};
