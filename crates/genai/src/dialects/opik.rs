//! Comet's Opik: ids that tie spans of OpenTelemetry to traces of its own SDKs. What the spans say, they say in the words
//! of other dialects.

use super::Sign::AttrPrefix;
use super::Source::Attr;
use super::{Dialect, row};
use crate::convert::Shape::{Text, Texts};
use crate::field::Field;

const OTEL: &str = "https://www.comet.com/docs/opik/integrations/opentelemetry";

pub(crate) static OPIK: Dialect = Dialect {
    id: "opik",
    signs: &[AttrPrefix("opik.")],
    inherits: &[&super::otel::GENAI],
    rows: &[
        row(Field::SessionId, &[Attr("thread_id"), Attr("opik.thread_id")], Text, OTEL),
        row(Field::Tags, &[Attr("opik.tags")], Texts, OTEL),
    ],
    ..Dialect::NONE
};
