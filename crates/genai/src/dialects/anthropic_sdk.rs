//! Anthropic's Python SDK (2.x) traces its own calls, below whatever instrumentation wraps it.
//!
//! Read in captures of anthropic 2.12. Its input tokens include the cache, unlike those of the API.

use super::Sign::ScopePrefix;
use super::Source::Attr;
use super::{Dialect, row};
use crate::convert::Shape::{Count, Int, Text, Texts};
use crate::field::Field;

const PY_2_12: &str = "PyPI anthropic 2.12.0";

pub(crate) static ANTHROPIC_SDK: Dialect = Dialect {
    id: "anthropic_sdk",
    signs: &[ScopePrefix("com.anthropic.sdk.")],
    inherits: &[&super::otel::GENAI_NEXT],
    rows: &[
        row(Field::FinishReasons, &[Attr("anthropic.message.stop_reason")], Texts, PY_2_12),
        row(Field::ServiceTier, &[Attr("anthropic.response.service_tier")], Text, PY_2_12),
        row(
            Field::CacheWrite1hTokens,
            &[Attr("anthropic.usage.cache_creation.ephemeral_1h_input_tokens")],
            Count,
            PY_2_12,
        ),
        row(Field::HttpStatus, &[Attr("http.response.status_code")], Int, PY_2_12),
    ],
    ..Dialect::NONE
};
