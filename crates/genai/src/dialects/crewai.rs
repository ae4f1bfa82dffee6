//! CrewAI's own spans, which reach others than its makers only by a setting. Real traces of CrewAI come from the
//! instrumentations of others.
//!
//! Read in: crewai 1.15.30.

use pellucid_model::Kind;

use super::Sign::{Attr as HasAttr, ScopePrefix};
use super::Source::Attr;
use super::{Dialect, row};
use crate::convert::Shape::{Data, Text};
use crate::field::Field;

const TELEMETRY: &str = "PyPI crewai 1.15.30 (crewai/telemetry/telemetry.py)";

pub(crate) static CREWAI: Dialect = Dialect {
    id: "crewai",
    signs: &[ScopePrefix("crewai.telemetry"), HasAttr("crew_key"), HasAttr("crewai_version")],
    never: &[HasAttr("openinference.span.kind"), HasAttr("traceloop.span.kind")],
    rows: &[
        row(Field::AgentName, &[Attr("agent_role")], Text, TELEMETRY),
        row(Field::ToolName, &[Attr("tool_name")], Text, TELEMETRY),
        row(Field::WorkflowName, &[Attr("flow_name")], Text, TELEMETRY),
        row(Field::InputValue, &[Attr("crew_inputs")], Data, TELEMETRY),
        row(Field::OutputValue, &[Attr("crew_output")], Data, TELEMETRY),
    ],
    names: &[
        ("Crew Execution", Kind::Chain),
        ("Crew Created", Kind::Chain),
        ("Task Created", Kind::Chain),
        ("Task Execution", Kind::Chain),
        ("Flow Creation", Kind::Chain),
        ("Flow Execution", Kind::Chain),
        ("Tool Usage", Kind::Tool),
        ("Tool Repeated Usage", Kind::Tool),
        ("Tool Usage Error", Kind::Tool),
    ],
    ..Dialect::NONE
};
