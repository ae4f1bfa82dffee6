//! A row of table `spans`.

use std::sync::Arc;

use pellucid_model::{
    Attributes, Content, Cost, Flags, Kind, Params, PricedSpan, ProjectId, RawStatus, Span, SpanId, SpanKind,
    SpanSource, Status, Timestamp, Tool, TraceId, Usage, VectorDb, Who,
};

/// What a span is known by.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct SpanKey {
    // What differs first is compared first: millions of comparisons a minute.
    pub(crate) trace_id: TraceId,
    pub(crate) span_id: SpanId,
    pub(crate) project: ProjectId,
}

/// A span as it stands in the table.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SpanRow {
    /// The row.
    pub(crate) priced: Arc<PricedSpan>,
    /// Whether log records tell of it.
    pub(crate) joined: bool,
}

impl SpanKey {
    /// The key of a row.
    pub(crate) fn of(row: &PricedSpan) -> Self {
        Self { project: row.span.project.clone(), trace_id: row.span.trace_id, span_id: row.span.span_id }
    }
}

impl SpanRow {
    /// A row to be filled column by column; nothing if the ids are no ids.
    pub(crate) fn blank(trace_id: TraceId, span_id: SpanId) -> Self {
        Self { priced: Arc::new(PricedSpan { span: blank(trace_id, span_id), cost: Cost::default() }), joined: false }
    }

    /// The row to change; others that hold it keep the old one.
    pub(crate) fn edit(&mut self) -> &mut PricedSpan {
        Arc::make_mut(&mut self.priced)
    }
}

fn blank(trace_id: TraceId, span_id: SpanId) -> Span {
    Span {
        project: ProjectId::default(),
        trace_id,
        span_id,
        parent_span_id: None,
        start_time: Timestamp::ZERO,
        end_time: Timestamp::ZERO,
        received_at: Timestamp::ZERO,
        source: SpanSource::default(),
        name: String::new(),
        span_kind: SpanKind::default(),
        status: Status::default(),
        status_raw: RawStatus::default(),
        status_message: None,
        scope_name: None,
        scope_version: None,
        kind: Kind::default(),
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
        flags: Flags::default(),
        attributes: Attributes::default(),
        resource: Arc::default(),
        events: Vec::new(),
        links: Vec::new(),
    }
}
