//! OpenRouter's Broadcast: the gateway itself pushes a span for each call it served, with what it charged.
//!
//! Read in: OpenRouter's documentation and the mappers of others. The answer stands in one attribute with the whole
//! request beside it.

use super::Sign::{AllOf, AttrPrefix, MarkerIs, ResourceIs};
use super::Source::{Attr, In};
use super::{Dialect, row};
use crate::convert::Shape::{Body, Messages, Money, Text};
use crate::field::Field;

const BROADCAST: &str = "https://openrouter.ai/docs/guides/features/broadcast/otel-collector";

const COMPLETION: &str = "gen_ai.completion";

pub(crate) static OPENROUTER: Dialect = Dialect {
    id: "openrouter_broadcast",
    signs: &[
        MarkerIs("openrouter.source", "openrouter"),
        AllOf(&[ResourceIs("service.name", "openrouter"), AttrPrefix("gen_ai.")]),
    ],
    inherits: &[&super::otel::GENAI],
    rows: &[
        row(Field::Request, &[In(COMPLETION, "/rawRequest")], Body, BROADCAST),
        row(Field::OutputMessages, &[In(COMPLETION, "/completion")], Messages("assistant"), BROADCAST),
        row(Field::Cost, &[Attr("gen_ai.usage.cost"), Attr("gen_ai.usage.total_cost")], Money, BROADCAST),
        row(Field::SessionId, &[Attr("session.id"), Attr("trace.metadata.session_id")], Text, BROADCAST),
        row(Field::UserId, &[Attr("user.id"), Attr("trace.metadata.user_id")], Text, BROADCAST),
    ],
    ..Dialect::NONE
};
