//! AWS Strands Agents, which Bedrock AgentCore runs too. Messages are span events: the conventions' per-message events
//! with Bedrock's blocks in them, or, if asked to, details events of which each brings one field.
//!
//! Read in: strands-agents 1.62.0, strands-agents/sdk-python at `1232230d`, and captures of 1.62 and 0.2. The framework stands
//! where the provider belongs. Times to the first token are milliseconds under the name of a metric in seconds. The
//! usage of an agent is what it used in its whole life, so it is no fallback for anything.

use pellucid_model::Kind;

use super::Sign::{MarkerIs, ScopePrefix};
use super::Source::{Attr, Event};
use super::{Dialect, Sign, row};
use crate::convert::Shape::{Count, Data, Duration, Messages, Parts, Text};
use crate::field::Field;

const TRACER: &str = "https://github.com/strands-agents/sdk-python/blob/main/src/strands/telemetry/tracer.py";

const MILLISECONDS: u32 = 1_000_000;

const DETAILS: &str = "gen_ai.client.inference.operation.details";

/// On a tool's span the messages are its input and output.
const TOOL: &[Sign] = &[MarkerIs("gen_ai.operation.name", "execute_tool")];

pub(crate) static STRANDS: Dialect = Dialect {
    id: "strands",
    signs: &[
        ScopePrefix("strands.telemetry"),
        MarkerIs("gen_ai.system", "strands-agents"),
        MarkerIs("gen_ai.provider.name", "strands-agents"),
    ],
    inherits: &[&super::otel::GENAI],
    rows: &[
        row(Field::Ttft, &[Attr("gen_ai.server.time_to_first_token")], Duration(MILLISECONDS), TRACER),
        row(Field::TotalTokens, &[Attr("gen_ai.usage.total_tokens")], Count, TRACER),
        row(
            Field::CacheReadTokens,
            &[Attr("gen_ai.usage.cache_read.input_tokens"), Attr("gen_ai.usage.cache_read_input_tokens")],
            Count,
            TRACER,
        ),
        row(
            Field::CacheWriteTokens,
            &[Attr("gen_ai.usage.cache_creation.input_tokens"), Attr("gen_ai.usage.cache_write_input_tokens")],
            Count,
            TRACER,
        ),
        row(Field::SystemInstructions, &[Event(DETAILS, "gen_ai.system_instructions")], Parts, TRACER),
        row(Field::InputMessages, &[Event(DETAILS, "gen_ai.input.messages")], Messages("user"), TRACER),
        row(Field::OutputMessages, &[Event(DETAILS, "gen_ai.output.messages")], Messages("assistant"), TRACER),
        row(Field::ToolArguments, &[Event("gen_ai.tool.message", "content")], Data, TRACER).when(TOOL),
        row(Field::ToolResult, &[Event("gen_ai.choice", "message")], Data, TRACER).when(TOOL),
        row(Field::SessionId, &[Attr("gen_ai.conversation.id"), Attr("session.id")], Text, TRACER),
    ],
    // Old versions name a turn of the loop by its id.
    begins: &[("Cycle ", Kind::Chain), ("Model invoke", Kind::Llm), ("Tool: ", Kind::Tool)],
    ..Dialect::NONE
};
