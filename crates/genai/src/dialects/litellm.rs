//! LiteLLM's OpenTelemetry callback, in both its versions.
//!
//! The first writes the call twice: `litellm_request` and in it `raw_gen_ai_request` with the provider's own body. Where
//! a provider's answer has no id of OpenAI's form, and where there is no answer, the id is one that it made up.
//!
//! Read in: litellm 1.109.1, and captures of 1.106.

use pellucid_model::Kind;

use super::Sign::{AttrPrefix, Failed, Marker, Scope};
use super::Source::{Attr, Flat, In};
use super::{Dialect, Filler, row};
use crate::convert::Shape::{Bool, Count, IndexedToolCalls, Money, Text, Texts};
use crate::field::Field;

const V1: &str = "PyPI litellm 1.109.1 (litellm/integrations/opentelemetry.py)";
const V2: &str = "PyPI litellm 1.109.1 (litellm/integrations/otel/model/semconv.py)";

const USAGE: &str = "metadata.usage_object";

/// The callback.
pub(crate) static LITELLM: Dialect = Dialect {
    id: "litellm",
    signs: &[Scope("litellm"), Marker("litellm.call_id"), AttrPrefix("litellm."), AttrPrefix("gen_ai.cost.")],
    inherits: &[&super::otel::GENAI, &super::traceloop::TRACELOOP_OLD],
    rows: &[
        row(
            Field::ResponseId,
            &[Attr("gen_ai.response.id"), Attr("llm.anthropic.id"), Attr("llm.bedrock.id"), Attr("llm.openai.id")],
            Text,
            V1,
        ),
        row(
            Field::Cost,
            &[
                Attr("litellm.cost.total"),
                Attr("gen_ai.cost.total_cost"),
                Attr("gen_ai.usage.cost"),
                In("hidden_params", "/response_cost"),
            ],
            Money,
            V2,
        ),
        // Its messages have no tool calls; the older keys beside them do.
        row(Field::ToolCalls, &[Flat("gen_ai.completion")], IndexedToolCalls, V1),
        row(Field::TotalTokens, &[Attr("gen_ai.usage.total_tokens")], Count, V1),
        row(
            Field::CacheReadTokens,
            &[
                Attr("gen_ai.usage.cache_read.input_tokens"),
                Attr("gen_ai.usage.cache_read_input_tokens"),
                In(USAGE, "/prompt_tokens_details/cached_tokens"),
                In(USAGE, "/cache_read_input_tokens"),
            ],
            Count,
            V1,
        ),
        row(
            Field::CacheWriteTokens,
            &[
                Attr("gen_ai.usage.cache_creation.input_tokens"),
                Attr("gen_ai.usage.cache_creation_input_tokens"),
                In(USAGE, "/cache_creation_input_tokens"),
            ],
            Count,
            V1,
        ),
        row(
            Field::ReasoningTokens,
            &[Attr("gen_ai.usage.reasoning.output_tokens"), In(USAGE, "/completion_tokens_details/reasoning_tokens")],
            Count,
            V1,
        ),
        row(Field::Stream, &[Attr("litellm.request.streaming"), Attr("llm.is_streaming")], Bool, V2),
        row(
            Field::UserId,
            &[
                Attr("litellm.end_user.id"),
                Attr("llm.user"),
                Attr("metadata.user_api_key_end_user_id"),
                Attr("metadata.user_api_key_user_id"),
            ],
            Text,
            V2,
        ),
        row(Field::Tags, &[Attr("metadata.tags")], Texts, V1),
    ],
    fillers: &[
        Filler::MadeUp(Field::ResponseId, "chatcmpl-"),
        Filler::Repeats(Field::ResponseId, "litellm.call_id"),
        Filler::When(Failed, &Filler::Number(Field::Cost, 0.0)),
    ],
    operations: &[("completion", Kind::Llm), ("acompletion", Kind::Llm)],
    names: &[("Received Proxy Server Request", Kind::Chain), ("Failed Proxy Server Request", Kind::Chain)],
    ..Dialect::NONE
};
