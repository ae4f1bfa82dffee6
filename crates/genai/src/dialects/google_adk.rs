//! Google's Agent Development Kit: `call_llm` with the whole request and answer in attributes of its own, and since 2.x
//! `generate_content` inside it, which speaks semantic conventions.
//!
//! Read in: PyPI google-adk 2.13.0, google/adk-python at `7c670f63` and `0798a74d`. Old versions pass candidates on as
//! output, new ones add the thoughts: the total in the answer tells which. What is "not specified" is written as such,
//! and spans that only gather parallel tools are called "(merged tools)".

use pellucid_model::Kind;

use super::Sign::{AttrPrefix, In as HasIn, Scope};
use super::Source::{Attr, In};
use super::{Dialect, Filler, Sign, row};
use crate::convert::Shape::{Body, Data, Messages, Text, Texts};
use crate::field::Field;

const TRACING: &str = "PyPI google-adk 2.13.0 (google/adk/telemetry/tracing.py)";

const REQUEST: &str = "gcp.vertex.agent.llm_request";
const ANSWER: &str = "gcp.vertex.agent.llm_response";

/// Spans of tools carry an empty request and answer.
const ASKED: &[Sign] = &[HasIn(REQUEST, "/contents"), HasIn(REQUEST, "/model")];

pub(crate) static GOOGLE_ADK: Dialect = Dialect {
    id: "google_adk",
    signs: &[Scope("gcp.vertex.agent"), AttrPrefix("gcp.vertex.agent.")],
    inherits: &[&super::otel::GENAI],
    rows: &[
        row(Field::Request, &[Attr(REQUEST)], Body, TRACING).when(ASKED),
        row(Field::OutputMessages, &[In(ANSWER, "/content")], Messages("assistant"), TRACING),
        row(Field::UsageMap, &[In(ANSWER, "/usage_metadata")], Body, TRACING),
        row(Field::ResponseModel, &[In(ANSWER, "/model_version")], Text, TRACING),
        row(
            Field::FinishReasons,
            &[Attr("gen_ai.response.finish_reasons"), In(ANSWER, "/finish_reason")],
            Texts,
            TRACING,
        ),
        row(Field::ErrorType, &[Attr("error.type"), In(ANSWER, "/error_code")], Text, TRACING),
        row(Field::ErrorMessage, &[In(ANSWER, "/error_message")], Text, TRACING),
        row(
            Field::ToolArguments,
            &[Attr("gen_ai.tool.call.arguments"), Attr("gcp.vertex.agent.tool_call_args")],
            Data,
            TRACING,
        ),
        row(
            Field::ToolResult,
            &[Attr("gen_ai.tool.call.result"), Attr("gcp.vertex.agent.tool_response")],
            Data,
            TRACING,
        ),
        row(Field::SessionId, &[Attr("gen_ai.conversation.id"), Attr("gcp.vertex.agent.session_id")], Text, TRACING),
        row(Field::InputValue, &[Attr("gcp.vertex.agent.data")], Data, TRACING),
    ],
    fillers: &[
        Filler::Text(Field::ToolName, "(merged tools)"),
        Filler::Text(Field::ToolCallId, "<not specified>"),
        Filler::Text(Field::ToolResult, "{\"result\":\"<not specified>\"}"),
    ],
    names: &[("call_llm", Kind::Llm), ("invocation", Kind::Chain)],
    begins: &[("agent_run [", Kind::Agent)],
    ..Dialect::NONE
};
