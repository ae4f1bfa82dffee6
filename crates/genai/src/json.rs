//! A priced span as one JSON object with the contract's column names: the line that `normalize` prints.
//!
//! Nothing is left out: what is not known is `null`. Times are RFC 3339 UTC with nanoseconds, money is decimal text.

use chrono::{DateTime, SecondsFormat};
use pellucid_model::{Attributes, Cost, Document, Flag, PricedSpan, RawEvent, RawLink, Span, Timestamp, Usd};
use serde_json::{Map, Value as Json, json};

/// Every column of the table `spans`, in the contract's order.
pub fn to_json(row: &PricedSpan) -> Json {
    Json::Object(columns(&row.span, &row.cost))
}

/// The columns by name.
pub(crate) fn columns(span: &Span, cost: &Cost) -> Map<String, Json> {
    let parts = [identity(span), model(span), money(span, cost), content(span), rest(span)];
    let parts = parts.into_iter().filter_map(|part| match part {
        Json::Object(part) => Some(part),
        _ => None,
    });
    parts.flatten().collect()
}

fn identity(span: &Span) -> Json {
    json!({
        "project": span.project.as_str(),
        "trace_id": span.trace_id.to_string(),
        "span_id": span.span_id.to_string(),
        "parent_span_id": span.parent_span_id.map(|id| id.to_string()),
        "start_time": time(span.start_time),
        "end_time": time(span.end_time),
        "duration_ns": span.duration_ns(),
        "received_at": time(span.received_at),
        "source": span.source.as_str(),
        "name": span.name,
        "span_kind": span.span_kind.as_str(),
        "status": span.status.as_str(),
        "status_raw": span.status_raw.as_str(),
        "status_message": span.status_message,
        "service_name": span.who.service_name,
        "service_version": span.who.service_version,
        "environment": span.who.environment,
        "scope_name": span.scope_name,
        "scope_version": span.scope_version,
        "kind": span.kind.as_str(),
        "operation": span.operation,
        "dialects": span.dialects,
    })
}

fn model(span: &Span) -> Json {
    let params = &span.params;
    json!({
        "provider": span.provider,
        "provider_raw": span.provider_raw,
        "model_vendor": span.model_vendor,
        "request_model": span.request_model,
        "response_model": span.response_model,
        "response_id": span.response_id,
        "temperature": params.temperature,
        "top_p": params.top_p,
        "frequency_penalty": params.frequency_penalty,
        "presence_penalty": params.presence_penalty,
        "top_k": params.top_k,
        "max_tokens": params.max_tokens,
        "seed": params.seed,
        "choice_count": params.choice_count,
        "stop_sequences": params.stop_sequences,
        "finish_reasons": span.content.finish_reasons,
        "stream": params.stream,
        "service_tier": params.service_tier,
    })
}

fn money(span: &Span, cost: &Cost) -> Json {
    let usd = |amount: Option<Usd>| amount.map(|amount| amount.to_string());
    json!({
        "input_tokens": span.usage.input,
        "output_tokens": span.usage.output,
        "total_tokens": span.usage.total,
        "cache_read_tokens": span.usage.cache_read,
        "cache_write_tokens": span.usage.cache_write,
        "cache_write_1h_tokens": span.usage.cache_write_1h,
        "reasoning_tokens": span.usage.reasoning,
        "input_audio_tokens": span.usage.input_audio,
        "output_audio_tokens": span.usage.output_audio,
        "searches": span.usage.searches,
        "usage_source": span.usage.source.map(|source| source.as_str()),
        "usage_notes": span.usage.notes,
        "counts": span.counts,
        "flags": span.flags.iter().map(Flag::as_str).collect::<Vec<_>>(),
        "cost_usd": usd(cost.total),
        "input_cost_usd": usd(cost.input),
        "output_cost_usd": usd(cost.output),
        "cost_source": cost.source.map(|source| source.as_str()),
        "reported_cost_usd": usd(span.reported_cost),
        "computed_cost_usd": usd(cost.computed),
        "price_id": cost.price_id,
        "price_currency": cost.currency.map(|currency| currency.as_str()),
        "price_rate_usd": usd(cost.rate),
        "ttft_ns": span.ttft_ns,
    })
}

/// Messages are JSON text inside utf8 columns, so here they are text too.
fn content(span: &Span) -> Json {
    let content = &span.content;
    let text = |document: &Option<Document>| document.as_ref().map(|document| document.as_str().to_owned());
    json!({
        "system_instructions": text(&content.system_instructions),
        "input_messages": text(&content.input_messages),
        "output_messages": text(&content.output_messages),
        "tool_definitions": text(&content.tool_definitions),
        "input_value": content.input_value,
        "output_value": content.output_value,
        "truncated": content.truncated,
        "redacted": content.redacted,
    })
}

fn rest(span: &Span) -> Json {
    let (who, tool, db) = (&span.who, &span.tool, &span.db);
    json!({
        "session_id": who.session_id,
        "user_id": who.user_id,
        "app_name": who.app_name,
        "release": who.release,
        "tags": who.tags,
        "agent_id": who.agent_id,
        "agent_name": who.agent_name,
        "workflow_name": who.workflow_name,
        "tool_name": tool.name,
        "tool_call_id": tool.call_id,
        "tool_arguments": tool.arguments,
        "tool_result": tool.result,
        "db_system": db.system,
        "db_operation": db.operation,
        "db_collection": db.collection,
        "db_query": db.query,
        "db_top_k": db.top_k,
        "db_returned": db.returned,
        "embedding_dims": db.embedding_dims,
        "prompt_name": who.prompt_name,
        "prompt_version": who.prompt_version,
        "error_type": span.error_type,
        "error_message": span.error_message,
        "http_status_code": span.http_status_code,
        "attributes": texts(&span.attributes),
        "resource_attributes": texts(&span.resource.attributes),
        "events": span.events.iter().map(event).collect::<Vec<_>>(),
        "links": span.links.iter().map(link).collect::<Vec<_>>(),
    })
}

fn event(event: &RawEvent) -> Json {
    json!({"time": time(event.time), "name": event.name, "attributes": texts(&event.attributes)})
}

fn link(link: &RawLink) -> Json {
    json!({
        "trace_id": link.trace_id.to_string(),
        "span_id": link.span_id.to_string(),
        "attributes": texts(&link.attributes),
    })
}

fn texts(attributes: &Attributes) -> Json {
    attributes.iter().map(|(key, value)| (key.to_owned(), Json::from(value.to_text()))).collect()
}

fn time(time: Timestamp) -> String {
    DateTime::from_timestamp_nanos(time.as_nanos()).to_rfc3339_opts(SecondsFormat::Nanos, true)
}
