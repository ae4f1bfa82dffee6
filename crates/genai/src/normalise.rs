//! A raw span to the canonical span. Total: whatever came in, a row comes out.

use pellucid_model::{
    Content, Kind, Params, ProjectId, RawSpan, RawStatus, Span, SpanSource, Status, Timestamp, Tool, Usage, VectorDb,
    Who,
};

/// Turns one raw span into the canonical form. Never fails; what is not understood stays in `attributes`.
pub fn normalise(project: &ProjectId, received_at: Timestamp, raw: RawSpan) -> Span {
    let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Span {
        project: project.clone(),
        trace_id: raw.trace_id,
        span_id: raw.span_id,
        parent_span_id: raw.parent_span_id,
        start_time: raw.start,
        end_time: raw.end,
        received_at,
        source: SpanSource::Span,
        span_kind: raw.kind,
        status: match raw.status {
            RawStatus::Unset => Status::Unset,
            RawStatus::Ok => Status::Ok,
            RawStatus::Error => Status::Error,
        },
        status_raw: raw.status,
        status_message: text(&raw.status_message),
        scope_name: text(&raw.scope.name),
        scope_version: text(&raw.scope.version),
        kind: Kind::Span,
        operation: None,
        dialects: Vec::new(),
        provider: None,
        provider_raw: None,
        model_vendor: None,
        request_model: None,
        response_model: None,
        response_id: None,
        params: Params::default(),
        usage: Usage::default(),
        content: Content::default(),
        who: Who::default(),
        tool: Tool::default(),
        db: VectorDb::default(),
        ttft_ns: None,
        error_type: None,
        error_message: None,
        http_status_code: None,
        reported_cost: None,
        counts: false,
        name: raw.name,
        attributes: raw.attributes,
        resource_attributes: raw.resource.attributes.clone(),
        events: raw.events,
        links: raw.links,
    }
}
