//! Mastra's exporter: semantic conventions, with inputs and outputs of agents, steps and workflows in keys of its own.
//!
//! A call is three spans in each other: `model_generation`, `agent_step`, and `chat`, which alone has the tokens; its
//! messages stand in the step. All three are called fine when the call failed; the finish reason tells.
//!
//! Read in: captures of @mastra/core 1.71.0 with @mastra/otel-exporter 1.4.0.

use pellucid_model::Kind;

use super::Sign::{AttrPrefix, ScopePrefix};
use super::Source::{Attr, TimeIn};
use super::{Dialect, row};
use crate::convert::Shape::{Body, Count, Duration, Text, Texts};
use crate::field::Field;

const EXPORTER: &str = "npm @mastra/otel-exporter 1.4.0 (src/span-converter.ts)";

pub(crate) static MASTRA: Dialect = Dialect {
    id: "mastra",
    signs: &[ScopePrefix("@mastra/"), AttrPrefix("mastra.")],
    inherits: &[&super::otel::GENAI],
    rows: &[
        row(Field::ReasoningTokens, &[Attr("gen_ai.usage.reasoning_tokens")], Count, EXPORTER),
        row(Field::Ttft, &[TimeIn("mastra.completion_start_time")], Duration(1), EXPORTER),
        row(
            Field::Request,
            &[
                Attr("mastra.model_inference.input"),
                Attr("mastra.model_step.input"),
                Attr("mastra.model_generation.input"),
                Attr("mastra.agent_run.input"),
                Attr("mastra.workflow_run.input"),
                Attr("mastra.workflow_step.input"),
                Attr("mastra.processor_run.input"),
                Attr("mastra.generic.input"),
            ],
            Body,
            EXPORTER,
        ),
        row(
            Field::Answer,
            &[
                Attr("mastra.model_inference.output"),
                Attr("mastra.model_step.output"),
                Attr("mastra.model_generation.output"),
                Attr("mastra.model_chunk.output"),
                Attr("mastra.agent_run.output"),
                Attr("mastra.workflow_run.output"),
                Attr("mastra.workflow_step.output"),
                Attr("mastra.processor_run.output"),
                Attr("mastra.generic.output"),
            ],
            Body,
            EXPORTER,
        ),
        row(Field::SessionId, &[Attr("mastra.metadata.sessionId"), Attr("gen_ai.conversation.id")], Text, EXPORTER),
        row(Field::UserId, &[Attr("mastra.metadata.userId")], Text, EXPORTER),
        row(Field::Tags, &[Attr("mastra.tags")], Texts, EXPORTER),
    ],
    operations: &[("model_generation", Kind::Llm), ("model_chunk", Kind::Event)],
    ok_is_no_verdict: true,
    ..Dialect::NONE
};
