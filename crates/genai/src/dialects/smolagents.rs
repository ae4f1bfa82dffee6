//! Hugging Face's smolagents, which has no telemetry of its own: OpenInference's instrumentation of it.
//!
//! Read in: openinference-instrumentation-smolagents 0.1, and captures. The agent and its steps repeat the usage of the
//! calls below them under the same keys.

use super::Sign::{AttrPrefix, Scope};
use super::Source::Attr;
use super::{Dialect, row};
use crate::convert::Shape::{Text, ToolDefinitions};
use crate::field::Field;

const INSTRUMENTATION: &str = "https://github.com/Arize-ai/openinference/blob/main/python/instrumentation/openinference-instrumentation-smolagents/src/openinference/instrumentation/smolagents/_wrappers.py";

pub(crate) static SMOLAGENTS: Dialect = Dialect {
    id: "smolagents",
    signs: &[Scope("openinference.instrumentation.smolagents"), AttrPrefix("smolagents.")],
    inherits: &[&super::openinference::OPENINFERENCE],
    rows: &[
        row(Field::AgentName, &[Attr("agent.name"), Attr("smolagents.name")], Text, INSTRUMENTATION),
        row(Field::ToolDefinitions, &[Attr("smolagents.tools_names")], ToolDefinitions, INSTRUMENTATION),
    ],
    ..Dialect::NONE
};
