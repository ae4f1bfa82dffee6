//! Dify's own tracing, and Alibaba's LoongSuite, from which it has its words: `gen_ai.span.kind` beside semantic
//! conventions, and a time to the first token in nanoseconds. Volcengine's SDKs write the same kinds.
//!
//! Read in: langgenius/dify at `0a6b55ff` (api/extensions/otel), alibaba/loongsuite-python-agent at `0ae17251`. Dify
//! names a provider by its plugin: `langgenius/openai/openai`.

use pellucid_model::Kind;

use super::Sign::{AttrPrefix, Marker, MarkerIs};
use super::Source::Attr;
use super::{Dialect, row};
use crate::convert::Shape::{Bool, Count, Data, Duration, Text, Texts};
use crate::field::Field;

const DIFY_KEYS: &str = "https://github.com/langgenius/dify/blob/main/api/extensions/otel/semconv/gen_ai.py";
const DIFY_OWN: &str = "https://github.com/langgenius/dify/blob/main/api/extensions/otel/semconv/dify.py";
const LOONG: &str = "https://github.com/alibaba/loongsuite-python-agent/blob/main/util/opentelemetry-util-genai/src/opentelemetry/util/genai/extended_semconv/gen_ai_extended_attributes.py";

pub(crate) static DIFY: Dialect = Dialect {
    id: "dify",
    signs: &[MarkerIs("gen_ai.framework", "dify"), AttrPrefix("dify.")],
    inherits: &[&LOONGSUITE],
    rows: &[
        row(Field::Stream, &[Attr("gen_ai.request.stream"), Attr("dify.streaming")], Bool, DIFY_OWN),
        row(Field::InputValue, &[Attr("retrieval.query"), Attr("input.value")], Data, DIFY_KEYS),
        row(Field::OutputValue, &[Attr("retrieval.document"), Attr("output.value")], Data, DIFY_KEYS),
    ],
    ..Dialect::NONE
};

pub(crate) static LOONGSUITE: Dialect = Dialect {
    id: "loongsuite",
    signs: &[Marker("gen_ai.span.kind")],
    inherits: &[&super::otel::GENAI_NEXT],
    rows: &[
        row(Field::Kind, &[Attr("gen_ai.span.kind")], Text, LOONG),
        row(Field::TotalTokens, &[Attr("gen_ai.usage.total_tokens")], Count, LOONG),
        row(
            Field::Ttft,
            &[Attr("gen_ai.response.time_to_first_token"), Attr("gen_ai.user.time_to_first_token")],
            Duration(1),
            LOONG,
        ),
        row(
            Field::FinishReasons,
            &[Attr("gen_ai.response.finish_reasons"), Attr("gen_ai.response.finish_reason")],
            Texts,
            DIFY_KEYS,
        ),
        row(Field::SessionId, &[Attr("gen_ai.conversation.id"), Attr("gen_ai.session.id")], Text, LOONG),
        row(Field::UserId, &[Attr("gen_ai.user.id")], Text, LOONG),
        row(
            Field::InputValue,
            &[Attr("gen_ai.retrieval.query.text"), Attr("gen_ai.rerank.input_documents")],
            Data,
            LOONG,
        ),
        row(
            Field::OutputValue,
            &[Attr("gen_ai.retrieval.documents"), Attr("gen_ai.rerank.output_documents")],
            Data,
            LOONG,
        ),
    ],
    kinds: &[
        ("llm", Kind::Llm),
        ("embedding", Kind::Embedding),
        ("retriever", Kind::Retrieval),
        ("reranker", Kind::Rerank),
        ("tool", Kind::Tool),
        ("agent", Kind::Agent),
        ("memory", Kind::Memory),
        ("mcp_client", Kind::Mcp),
    ],
    steps: &[
        ("chain", Kind::Chain),
        ("task", Kind::Chain),
        ("workflow", Kind::Chain),
        ("step", Kind::Chain),
        ("entry", Kind::Chain),
    ],
    ..Dialect::NONE
};
