//! Laminar's SDKs: spans of their own with the whole input and output, and keys added to the spans of OpenLLMetry's
//! instrumentations, of which they bring a fork.
//!
//! Read in: lmnr-ai/lmnr at `39a1e595` (span_attributes.rs), lmnr-ai/lmnr-python at `67dea397`. `DEFAULT` says nothing of
//! a span: agents are called so too.

use pellucid_model::Kind;

use super::Sign::{AttrPrefix, ScopePrefix};
use super::Source::{Attr, Name};
use super::{Dialect, row};
use crate::convert::Shape::{Body, Money, Text, Texts};
use crate::field::Field;

const KEYS: &str = "https://github.com/lmnr-ai/lmnr-python/blob/main/src/lmnr/opentelemetry_lib/tracing/attributes.py";
const SERVER: &str = "https://github.com/lmnr-ai/lmnr/blob/main/app-server/src/traces/span_attributes.rs";

pub(crate) static LAMINAR: Dialect = Dialect {
    id: "laminar",
    signs: &[ScopePrefix("lmnr"), AttrPrefix("lmnr.")],
    inherits: &[&super::otel::GENAI, &super::traceloop::TRACELOOP_OLD],
    rows: &[
        row(Field::Kind, &[Attr("lmnr.span.type")], Text, KEYS),
        row(Field::Request, &[Attr("lmnr.span.input")], Body, KEYS),
        row(Field::Answer, &[Attr("lmnr.span.output")], Body, KEYS),
        row(Field::EntityName, &[Name], Text, KEYS),
        row(Field::Cost, &[Attr("gen_ai.usage.cost")], Money, KEYS),
        row(
            Field::ServiceTier,
            &[
                Attr("gen_ai.response.service_tier"),
                Attr("anthropic.response.service_tier"),
                Attr("gen_ai.request.service_tier"),
                Attr("anthropic.request.service_tier"),
            ],
            Text,
            SERVER,
        ),
        row(Field::SessionId, &[Attr("lmnr.association.properties.session_id")], Text, KEYS),
        row(Field::UserId, &[Attr("lmnr.association.properties.user_id")], Text, KEYS),
        row(
            Field::Tags,
            &[Attr("lmnr.association.properties.tags"), Attr("lmnr.association.properties.labels")],
            Texts,
            SERVER,
        ),
    ],
    kinds: &[
        ("llm", Kind::Llm),
        ("cached", Kind::Llm),
        ("tool", Kind::Tool),
        ("evaluator", Kind::Evaluator),
        ("human_evaluator", Kind::Evaluator),
        ("evaluation", Kind::Evaluator),
        ("executor", Kind::Chain),
    ],
    ..Dialect::NONE
};
