//! LiveKit Agents: the turns of a voice agent, its calls of models in semantic conventions, and content under `lk.`, of
//! late with a `pii` in between.
//!
//! Read in: livekit/agents at its head (livekit-agents/livekit/agents/telemetry/trace_types.py). A call is a node with
//! what was said, in it a request with the usage, in that a run for each attempt.

use pellucid_model::Kind;

use super::Sign::{AttrPrefix, Scope};
use super::Source::{Attr, TimeIn};
use super::{Dialect, Filler, row};
use crate::convert::SECONDS;
use crate::convert::Shape::{Count, Data, Duration, Messages, Text, ToolCalls};
use crate::field::Field;

const TYPES: &str =
    "https://github.com/livekit/agents/blob/main/livekit-agents/livekit/agents/telemetry/trace_types.py";

pub(crate) static LIVEKIT: Dialect = Dialect {
    id: "livekit",
    signs: &[Scope("livekit-agents"), AttrPrefix("lk.")],
    inherits: &[&super::otel::GENAI],
    rows: &[
        row(Field::InputMessages, &[Attr("lk.pii.chat_ctx"), Attr("lk.chat_ctx")], Messages("user"), TYPES),
        row(
            Field::OutputMessages,
            &[Attr("lk.pii.response.text"), Attr("lk.response.text")],
            Messages("assistant"),
            TYPES,
        ),
        row(
            Field::ToolCalls,
            &[Attr("lk.pii.response.function_calls"), Attr("lk.response.function_calls")],
            ToolCalls,
            TYPES,
        ),
        row(
            Field::InputValue,
            &[
                Attr("lk.pii.user_input"),
                Attr("lk.user_input"),
                Attr("lk.pii.user_transcript"),
                Attr("lk.user_transcript"),
                Attr("lk.pii.input_text"),
                Attr("lk.input_text"),
            ],
            Text,
            TYPES,
        ),
        row(Field::CacheReadTokens, &[Attr("gen_ai.usage.input_cached_tokens")], Count, TYPES),
        row(Field::Ttft, &[Attr("lk.response.ttft")], SECONDS, TYPES),
        row(Field::Ttft, &[TimeIn("langfuse.observation.completion_start_time")], Duration(1), TYPES),
        row(Field::ToolName, &[Attr("lk.function_tool.name")], Text, TYPES),
        row(Field::ToolCallId, &[Attr("lk.function_tool.id")], Text, TYPES),
        row(
            Field::ToolArguments,
            &[
                Attr("lk.pii.function_tool.arguments"),
                Attr("lk.pii.function_tool.args"),
                Attr("lk.function_tool.arguments"),
                Attr("lk.function_tool.args"),
            ],
            Data,
            TYPES,
        ),
        row(Field::ToolResult, &[Attr("lk.pii.function_tool.output"), Attr("lk.function_tool.output")], Data, TYPES),
        row(Field::AgentName, &[Attr("gen_ai.agent.name"), Attr("lk.agent_name"), Attr("lk.agent_label")], Text, TYPES),
    ],
    fillers: &[Filler::Text(Field::RequestModel, "unknown"), Filler::Text(Field::Provider, "unknown")],
    names: &[
        ("agent_turn", Kind::Agent),
        ("start_agent_activity", Kind::Agent),
        ("agent_session", Kind::Agent),
        ("function_tool", Kind::Tool),
        ("llm_node", Kind::Llm),
        ("llm_request", Kind::Llm),
    ],
    ..Dialect::NONE
};
