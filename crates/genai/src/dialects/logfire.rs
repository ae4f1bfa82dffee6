//! Logfire's integrations and Pydantic AI.
//!
//! The copies that it sends of spans when they start are for [`crate::lineage`]. Streams of Logfire's integrations are
//! two records: the call, and a point in time with tokens and answer.
//!
//! Read in: logfire 4.41, pydantic-ai 2.68.0, and captures of logfire 5.2.0, pydantic-ai 2.68.0.

use pellucid_model::Kind;

use super::Sign::{AllOf, AttrPrefix, Scope, ScopePrefix, Without};
use super::Source::{Attr, In};
use super::{Dialect, Filler, row};
use crate::convert::SECONDS;
use crate::convert::Shape::{Bool, Count, Data, Float, Int, Messages, Money, Text, Texts};
use crate::field::Field;

const LOGFIRE_KEYS: &str = "PyPI logfire 4.41.0 (logfire/_internal/constants.py)";
const LOGFIRE_LLM: &str = "PyPI logfire 4.41.0 (logfire/_internal/integrations/llm_providers)";
const PYDANTIC_AI_KEYS: &str =
    "PyPI pydantic-ai-slim 2.68.0 (pydantic_ai/models/instrumented.py, pydantic_ai/usage.py)";

const RAW_USAGE: &str = "gen_ai.usage.raw";
const REQUEST: &str = "request_data";
const RESPONSE: &str = "response_data";

/// Logfire.
pub(crate) static LOGFIRE: Dialect = Dialect {
    id: "logfire",
    signs: &[Scope("logfire"), ScopePrefix("logfire."), AttrPrefix("logfire.")],
    inherits: &[&super::otel::GENAI],
    rows: &[
        row(Field::Tags, &[Attr("logfire.tags")], Texts, LOGFIRE_KEYS),
        row(Field::Cost, &[Attr("operation.cost")], Money, LOGFIRE_LLM),
        row(Field::RequestModel, &[Attr("gen_ai.request.model"), In(REQUEST, "/model")], Text, LOGFIRE_LLM),
        row(Field::Stream, &[Attr("gen_ai.request.stream"), In(REQUEST, "/stream")], Bool, LOGFIRE_LLM),
        row(Field::Temperature, &[Attr("gen_ai.request.temperature"), In(REQUEST, "/temperature")], Float, LOGFIRE_LLM),
        row(Field::TopP, &[Attr("gen_ai.request.top_p"), In(REQUEST, "/top_p")], Float, LOGFIRE_LLM),
        row(
            Field::MaxTokens,
            &[
                Attr("gen_ai.request.max_tokens"),
                In(REQUEST, "/max_completion_tokens"),
                In(REQUEST, "/max_output_tokens"),
                In(REQUEST, "/max_tokens"),
            ],
            Int,
            LOGFIRE_LLM,
        ),
        row(
            Field::InputTokens,
            &[
                Attr("gen_ai.usage.input_tokens"),
                In(RESPONSE, "/usage/prompt_tokens"),
                In(RESPONSE, "/usage/input_tokens"),
            ],
            Count,
            LOGFIRE_LLM,
        ),
        row(
            Field::OutputTokens,
            &[
                Attr("gen_ai.usage.output_tokens"),
                In(RESPONSE, "/usage/completion_tokens"),
                In(RESPONSE, "/usage/output_tokens"),
            ],
            Count,
            LOGFIRE_LLM,
        ),
        row(
            Field::CacheReadTokens,
            &[
                Attr("gen_ai.usage.cache_read.input_tokens"),
                Attr("gen_ai.usage.details.cache_read_tokens"),
                In(RAW_USAGE, "/prompt_tokens_details/cached_tokens"),
                In(RAW_USAGE, "/input_tokens_details/cached_tokens"),
                In(RAW_USAGE, "/cache_read_input_tokens"),
                In(RESPONSE, "/usage/prompt_tokens_details/cached_tokens"),
                In(RESPONSE, "/usage/cache_read_input_tokens"),
            ],
            Count,
            LOGFIRE_LLM,
        ),
        row(
            Field::CacheWriteTokens,
            &[
                Attr("gen_ai.usage.cache_creation.input_tokens"),
                Attr("gen_ai.usage.details.cache_write_tokens"),
                In(RAW_USAGE, "/cache_creation_input_tokens"),
                In(RESPONSE, "/usage/cache_creation_input_tokens"),
            ],
            Count,
            LOGFIRE_LLM,
        ),
        row(
            Field::ReasoningTokens,
            &[
                Attr("gen_ai.usage.reasoning.output_tokens"),
                Attr("gen_ai.usage.details.reasoning_tokens"),
                Attr("gen_ai.usage.details.thoughts_tokens"),
                In(RAW_USAGE, "/completion_tokens_details/reasoning_tokens"),
                In(RAW_USAGE, "/output_tokens_details/reasoning_tokens"),
                In(RESPONSE, "/usage/completion_tokens_details/reasoning_tokens"),
            ],
            Count,
            LOGFIRE_LLM,
        ),
        row(
            Field::InputMessages,
            &[Attr("gen_ai.input.messages"), In(REQUEST, "/messages")],
            Messages("user"),
            LOGFIRE_LLM,
        ),
        row(
            Field::OutputMessages,
            &[Attr("gen_ai.output.messages"), In(RESPONSE, "/message")],
            Messages("assistant"),
            LOGFIRE_LLM,
        ),
    ],
    // Where no answer told its id, none told its model: streams and failures name the one that was asked.
    fillers: &[Filler::When(
        AllOf(&[ScopePrefix("logfire"), Without("gen_ai.response.id")]),
        &Filler::Echo(Field::ResponseModel, Field::RequestModel),
    )],
    ..Dialect::NONE
};

/// Pydantic AI.
pub(crate) static PYDANTIC_AI: Dialect = Dialect {
    id: "pydantic_ai",
    signs: &[Scope("pydantic-ai")],
    inherits: &[&super::otel::GENAI, &LOGFIRE],
    rows: &[
        row(Field::AgentName, &[Attr("gen_ai.agent.name"), Attr("agent_name")], Text, PYDANTIC_AI_KEYS),
        row(Field::RequestModel, &[Attr("gen_ai.request.model"), Attr("model_name")], Text, PYDANTIC_AI_KEYS),
        row(
            Field::InputMessages,
            &[Attr("gen_ai.input.messages"), Attr("pydantic_ai.all_messages")],
            Messages("user"),
            PYDANTIC_AI_KEYS,
        ),
        row(Field::OutputValue, &[Attr("final_result")], Data, PYDANTIC_AI_KEYS),
        row(
            Field::ToolArguments,
            &[Attr("gen_ai.tool.call.arguments"), Attr("tool_arguments")],
            Data,
            PYDANTIC_AI_KEYS,
        ),
        row(Field::ToolResult, &[Attr("gen_ai.tool.call.result"), Attr("tool_response")], Data, PYDANTIC_AI_KEYS),
        // A span attribute that bears a metric's name.
        row(
            Field::Ttft,
            &[Attr("gen_ai.response.time_to_first_chunk"), Attr("gen_ai.client.operation.time_to_first_chunk")],
            SECONDS,
            PYDANTIC_AI_KEYS,
        ),
    ],
    names: &[("agent run", Kind::Agent), ("running tool", Kind::Tool), ("running tools", Kind::Chain)],
    ..Dialect::NONE
};
