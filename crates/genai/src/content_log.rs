//! Log records that carry what a span lacks.

use std::sync::Arc;

use pellucid_model::{PricedSpan, RawLog};

/// Event names whose records carry messages or facts of a model call.
const CONTENT_EVENTS: &[&str] = &[
    "gen_ai.client.inference.operation.details",
    "gen_ai.system.message",
    "gen_ai.user.message",
    "gen_ai.assistant.message",
    "gen_ai.tool.message",
    "gen_ai.choice",
];

/// True for log records that carry messages or facts of a span.
pub fn is_content_event(log: &RawLog) -> bool {
    CONTENT_EVENTS.contains(&log.event_name.as_str())
}

/// The response id by which a content record finds its span when it carries no span id.
pub fn content_response_id(log: &RawLog) -> Option<&str> {
    log.attributes.get("gen_ai.response.id")?.as_str()
}

/// The row with what its content records add, or nothing if they add nothing.
pub fn enrich(_row: &PricedSpan, _logs: &[Arc<RawLog>]) -> Option<PricedSpan> {
    None
}
