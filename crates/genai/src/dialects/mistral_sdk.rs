//! Mistral's Python SDK traces its own calls, below whatever instrumentation wraps it, in semantic conventions.
//!
//! Read in: mistralai/client-python at its head, and captures of mistralai 1.x, which writes the prompt's tokens under
//! their old name.

use super::Sign::Scope;
use super::Source::Attr;
use super::{Dialect, row};
use crate::convert::Shape::{Host, Text};
use crate::field::Field;

const SDK: &str = "https://github.com/mistralai/client-python/blob/main/src/mistralai/extra/observability/otel.py";

pub(crate) static MISTRAL_SDK: Dialect = Dialect {
    id: "mistral_sdk",
    signs: &[Scope("mistralai_sdk_tracer")],
    inherits: &[&super::otel::GENAI],
    rows: &[
        row(Field::ServerHost, &[Attr("server.address"), Attr("http.url")], Host, SDK),
        row(Field::ErrorType, &[Attr("error.type"), Attr("mistral_ai.error.code")], Text, SDK),
    ],
    ..Dialect::NONE
};
