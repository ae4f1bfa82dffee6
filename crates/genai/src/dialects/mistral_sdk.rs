//! Mistral's Python SDK traces its own calls, below whatever instrumentation wraps it.
//!
//! Read in: mistralai/client-python at its head, and captures of mistralai 1.x. That one has no operation but the name
//! of the API's, writes the prompt's tokens under their old name, and says nothing of streams and failures. Newer ones
//! write semantic conventions, if at all.

use pellucid_model::Kind;

use super::Sign::Scope;
use super::Source::{Attr, Name};
use super::{Dialect, row};
use crate::convert::Shape::{Count, Host, Is, Text};
use crate::field::Field;

const SDK: &str = "https://github.com/mistralai/client-python/blob/main/src/mistralai/extra/observability/otel.py";

pub(crate) static MISTRAL_SDK: Dialect = Dialect {
    id: "mistral_sdk",
    signs: &[Scope("mistralai_sdk_tracer")],
    inherits: &[&super::otel::GENAI],
    rows: &[
        row(Field::Kind, &[Attr("mistral_ai.operation.id"), Name], Text, SDK),
        row(Field::Stream, &[Name], Is("stream_chat"), SDK),
        row(Field::TotalTokens, &[Attr("mistral_ai.request.total_tokens")], Count, SDK),
        row(Field::ServerHost, &[Attr("server.address"), Attr("http.url")], Host, SDK),
        row(Field::ErrorType, &[Attr("error.type"), Attr("mistral_ai.error.code")], Text, SDK),
    ],
    kinds: &[
        ("chat_completion_v1_chat_completions_post", Kind::Llm),
        ("stream_chat", Kind::Llm),
        ("fim_completion_v1_fim_completions_post", Kind::Llm),
        ("stream_fim", Kind::Llm),
        ("embeddings_v1_embeddings_post", Kind::Embedding),
        ("agents_completion_v1_agents_completions_post", Kind::Agent),
        ("stream_agents", Kind::Agent),
    ],
    ..Dialect::NONE
};
