//! The columns of table `spans`.

use std::borrow::Cow;
use std::sync::Arc;

use pellucid_model::{
    Attributes, CostSource, Currency, Document, Flag, Kind, ProjectId, RawStatus, Resource, SpanId, SpanKind,
    SpanSource, Status, TraceId, UsageSource,
};

use super::column::{Cell, Column};
use crate::rows::{SpanRow, json, words};

/// A text field that may be absent.
macro_rules! text {
    ($name:literal, $($field:ident).+, $meaning:literal) => {
        Column::<SpanRow>::new($name, $meaning, Cell::Text {
            get: |row: &SpanRow| row.priced.$($field).+.as_deref().map(Cow::Borrowed),
            set: |row: &mut SpanRow, text| row.edit().$($field).+ = Some(text.to_owned()),
        })
    };
}

/// A whole, real or truth value that may be absent: `Int`, `Float`, `Bool` or `Money`.
macro_rules! value {
    ($cell:ident, $name:literal, $($field:ident).+, $meaning:literal) => {
        Column::<SpanRow>::new($name, $meaning, Cell::$cell {
            get: |row: &SpanRow| row.priced.$($field).+,
            set: |row: &mut SpanRow, value| row.edit().$($field).+ = Some(value),
        })
    };
}

/// A value that is always there: `Bool` or `Time`.
macro_rules! given {
    ($cell:ident, $name:literal, $($field:ident).+, $meaning:literal) => {
        Column::<SpanRow>::new($name, $meaning, Cell::$cell {
            get: |row: &SpanRow| Some(row.priced.$($field).+),
            set: |row: &mut SpanRow, value| row.edit().$($field).+ = value,
        }).required()
    };
}

/// JSON that may be absent, as its text.
macro_rules! document {
    ($name:literal, $field:ident, $meaning:literal) => {
        Column::<SpanRow>::new(
            $name,
            $meaning,
            Cell::Text {
                get: |row: &SpanRow| {
                    row.priced.span.content.$field.as_ref().map(|document| Cow::Borrowed(document.as_str()))
                },
                set: |row: &mut SpanRow, text| row.edit().span.content.$field = Some(Document::from_text(text)),
            },
        )
    };
}

/// A closed vocabulary that may be absent.
macro_rules! word {
    ($name:literal, $of:ident, $($field:ident).+, $meaning:literal) => {
        Column::<SpanRow>::new($name, $meaning, Cell::Text {
            get: |row: &SpanRow| row.priced.$($field).+.map(|word| Cow::Borrowed(word.as_str())),
            set: |row: &mut SpanRow, text| row.edit().$($field).+ = $of::parse(text),
        })
    };
}

/// A closed vocabulary that is always there; what this version does not know is the default.
macro_rules! given_word {
    ($name:literal, $parse:expr, $($field:ident).+, $meaning:literal) => {
        Column::<SpanRow>::new($name, $meaning, Cell::Text {
            get: |row: &SpanRow| Some(Cow::Borrowed(row.priced.$($field).+.as_str())),
            set: |row: &mut SpanRow, text| row.edit().$($field).+ = $parse(text).unwrap_or_default(),
        }).required()
    };
}

/// A list of texts, empty if there are none.
macro_rules! texts {
    ($name:literal, $($field:ident).+, $meaning:literal) => {
        Column::<SpanRow>::new($name, $meaning, Cell::Texts {
            get: |row: &SpanRow| row.priced.$($field).+.iter().map(String::as_str).collect(),
            set: |row: &mut SpanRow, texts| row.edit().$($field).+ = texts,
        }).required()
    };
}

/// A list of words of our own making, empty if there are none.
macro_rules! own_words {
    ($name:literal, $($field:ident).+, $meaning:literal) => {
        Column::<SpanRow>::new($name, $meaning, Cell::Texts {
            get: |row: &SpanRow| row.priced.$($field).+.clone(),
            set: |row: &mut SpanRow, texts| row.edit().$($field).+ = texts.iter().map(|text| words::intern(text)).collect(),
        }).required()
    };
}

/// Attributes.
macro_rules! map {
    ($name:literal, $($field:ident).+, $meaning:literal) => {
        Column::<SpanRow>::new($name, $meaning, Cell::Map {
            get: |row: &SpanRow| &row.priced.$($field).+,
            set: |row: &mut SpanRow, map: Attributes| row.edit().$($field).+ = map,
        }).required()
    };
}

/// Every column of `spans`, in order. Only append: files are read by name, people by habit.
pub(crate) const SPANS: &[Column<SpanRow>] = &[
    Column::<SpanRow>::new(
        "project",
        "who owns the row",
        Cell::Text {
            get: |row| Some(Cow::Borrowed(row.priced.span.project.as_str())),
            set: |row, text| row.edit().span.project = ProjectId::new(text),
        },
    )
    .required(),
    Column::<SpanRow>::new(
        "trace_id",
        "lower-case hexadecimal",
        Cell::Text {
            get: |row| Some(Cow::Owned(row.priced.span.trace_id.to_string())),
            set: |row, text| {
                if let Ok(id) = TraceId::from_hex(text) {
                    row.edit().span.trace_id = id;
                }
            },
        },
    )
    .required(),
    Column::<SpanRow>::new(
        "span_id",
        "lower-case hexadecimal",
        Cell::Text {
            get: |row| Some(Cow::Owned(row.priced.span.span_id.to_string())),
            set: |row, text| {
                if let Ok(id) = SpanId::from_hex(text) {
                    row.edit().span.span_id = id;
                }
            },
        },
    )
    .required(),
    Column::<SpanRow>::new(
        "parent_span_id",
        "null at a root",
        Cell::Text {
            get: |row| row.priced.span.parent_span_id.map(|id| Cow::Owned(id.to_string())),
            set: |row, text| row.edit().span.parent_span_id = SpanId::from_hex(text).ok(),
        },
    ),
    given!(Time, "start_time", span.start_time, "as sent"),
    given!(Time, "end_time", span.end_time, "as sent; 1970 while the span runs"),
    Column::<SpanRow>::new(
        "duration_ns",
        "end minus start, never negative",
        Cell::Int { get: |row| Some(row.priced.span.duration_ns()), set: |_, _| {} },
    )
    .required()
    .unit("ns"),
    given!(Time, "received_at", span.received_at, "when this server took it"),
    given_word!("source", SpanSource::parse, span.source, "span, or log for a call known only from log events"),
    Column::<SpanRow>::new(
        "name",
        "span name",
        Cell::Text {
            get: |row| Some(Cow::Borrowed(&row.priced.span.name)),
            set: |row, text| row.edit().span.name = text.to_owned(),
        },
    )
    .required(),
    given_word!("span_kind", span_kind, span.span_kind, "internal, server, client, producer, consumer"),
    given_word!("status", Status::parse, span.status, "our verdict: unset, ok, error"),
    given_word!("status_raw", raw_status, span.status_raw, "the status code as sent"),
    text!("status_message", span.status_message, "the status message as sent"),
    text!("service_name", span.who.service_name, "service.name of the resource"),
    text!("service_version", span.who.service_version, "service.version of the resource"),
    text!("environment", span.who.environment, "deployment environment"),
    text!("scope_name", span.scope_name, "instrumentation scope"),
    text!("scope_version", span.scope_version, "version of the instrumentation scope"),
    given_word!("kind", Kind::parse, span.kind, "what the span is about: llm, embedding, tool, agent, …"),
    text!("operation", span.operation, "canonical gen_ai.operation.name"),
    own_words!("dialects", span.dialects, "every dialect that matched, best first"),
    text!("provider", span.provider, "who bills, canonical id"),
    text!("provider_raw", span.provider_raw, "the provider as sent"),
    text!("model_vendor", span.model_vendor, "who made the model"),
    text!("request_model", span.request_model, "the model asked for"),
    text!("response_model", span.response_model, "the model that answered"),
    text!("response_id", span.response_id, "the provider's id of the answer"),
    value!(Float, "temperature", span.params.temperature, "null when not sent or an SDK's filler"),
    value!(Float, "top_p", span.params.top_p, "null when not sent or an SDK's filler"),
    value!(Float, "frequency_penalty", span.params.frequency_penalty, "null when not sent or an SDK's filler"),
    value!(Float, "presence_penalty", span.params.presence_penalty, "null when not sent or an SDK's filler"),
    value!(Int, "top_k", span.params.top_k, "request parameter"),
    value!(Int, "max_tokens", span.params.max_tokens, "request parameter").unit("tokens"),
    value!(Int, "seed", span.params.seed, "request parameter"),
    value!(Int, "choice_count", span.params.choice_count, "request parameter"),
    texts!("stop_sequences", span.params.stop_sequences, "request parameter"),
    texts!("finish_reasons", span.content.finish_reasons, "canonical: stop, length, tool_call, content_filter, error"),
    value!(Bool, "stream", span.params.stream, "whether the answer was streamed"),
    text!("service_tier", span.params.service_tier, "flex, priority, batch …: changes the price"),
    value!(Int, "input_tokens", span.usage.input, "includes cached tokens; null is not known").unit("tokens"),
    value!(Int, "output_tokens", span.usage.output, "includes reasoning; null is not known").unit("tokens"),
    value!(Int, "total_tokens", span.usage.total, "input plus output").unit("tokens"),
    value!(Int, "cache_read_tokens", span.usage.cache_read, "part of the input").unit("tokens"),
    value!(Int, "cache_write_tokens", span.usage.cache_write, "part of the input").unit("tokens"),
    value!(Int, "reasoning_tokens", span.usage.reasoning, "part of the output").unit("tokens"),
    word!("usage_source", UsageSource, span.usage.source, "reported, estimated, aggregate; null without usage"),
    own_words!("usage_notes", span.usage.notes, "what was done to reach the inclusive numbers"),
    given!(Bool, "counts", span.counts, "true if this row owns its tokens and money"),
    value!(Money, "cost_usd", cost.total, "null is unpriced").unit("USD"),
    value!(Money, "input_cost_usd", cost.input, "the input's share").unit("USD"),
    value!(Money, "output_cost_usd", cost.output, "the output's share").unit("USD"),
    value!(Money, "reported_cost_usd", span.reported_cost, "what the client said").unit("USD"),
    word!("cost_source", CostSource, cost.source, "reported, computed; null when unpriced"),
    text!("price_id", cost.price_id, "the price row used"),
    value!(Int, "ttft_ns", span.ttft_ns, "time to the first token or chunk").unit("ns"),
    document!("system_instructions", system_instructions, "JSON list of parts"),
    document!("input_messages", input_messages, "JSON messages"),
    document!("output_messages", output_messages, "JSON messages"),
    document!("tool_definitions", tool_definitions, "JSON"),
    text!("input_value", span.content.input_value, "input of spans that are no chats"),
    text!("output_value", span.content.output_value, "output of spans that are no chats"),
    text!("session_id", span.who.session_id, "conversation or session"),
    text!("user_id", span.who.user_id, "end user"),
    text!("app_name", span.who.app_name, "application"),
    text!("release", span.who.release, "release of the application"),
    texts!("tags", span.who.tags, "tags as sent"),
    text!("agent_id", span.who.agent_id, "agent"),
    text!("agent_name", span.who.agent_name, "agent"),
    text!("workflow_name", span.who.workflow_name, "workflow"),
    text!("tool_name", span.tool.name, "tool"),
    text!("tool_call_id", span.tool.call_id, "id of the tool call"),
    text!("tool_arguments", span.tool.arguments, "arguments of the tool call"),
    text!("tool_result", span.tool.result, "result of the tool call"),
    text!("db_system", span.db.system, "vector store"),
    text!("db_operation", span.db.operation, "what was asked of the vector store"),
    text!("db_collection", span.db.collection, "collection or index"),
    text!("db_query", span.db.query, "query text"),
    value!(Int, "db_top_k", span.db.top_k, "results asked for"),
    value!(Int, "db_returned", span.db.returned, "results got"),
    value!(Int, "embedding_dims", span.db.embedding_dims, "dimensions of the vectors"),
    text!("prompt_name", span.who.prompt_name, "prompt template"),
    text!("prompt_version", span.who.prompt_version, "version of the prompt template"),
    text!("error_type", span.error_type, "kind of the error"),
    text!("error_message", span.error_message, "text of the error"),
    value!(Int, "http_status_code", span.http_status_code, "of the model call"),
    given!(Bool, "truncated", span.content.truncated, "content was cut before it reached us"),
    given!(Bool, "redacted", span.content.redacted, "content was masked before it reached us"),
    Column::<SpanRow>::new(
        "joined",
        "log records tell of it",
        Cell::Bool { get: |row| Some(row.joined), set: |row, joined| row.joined = joined },
    )
    .required(),
    map!("attributes", span.attributes, "everything as sent; JSON text for what is no string"),
    Column::<SpanRow>::new(
        "resource_attributes",
        "the resource as sent",
        Cell::Map {
            get: |row: &SpanRow| &row.priced.span.resource.attributes,
            set: |row: &mut SpanRow, map: Attributes| row.edit().span.resource = Arc::new(Resource { attributes: map }),
        },
    )
    .required(),
    Column::<SpanRow>::new(
        "attribute_types",
        "how each attribute was sent, a letter each: s i d b y a m n",
        Cell::Text {
            get: |row| Some(Cow::Owned(json::types_of(&row.priced.span.attributes))),
            set: |row, types| json::retype(&mut row.edit().span.attributes, types),
        },
    )
    .required(),
    Column::<SpanRow>::new(
        "events",
        "JSON list of {time, name, attributes}",
        Cell::Text {
            get: |row| Some(Cow::Owned(json::events_to_text(&row.priced.span.events))),
            set: |row, text| row.edit().span.events = json::events_from_text(text),
        },
    )
    .required(),
    Column::<SpanRow>::new(
        "links",
        "JSON list of {trace_id, span_id, attributes}",
        Cell::Text {
            get: |row| Some(Cow::Owned(json::links_to_text(&row.priced.span.links))),
            set: |row, text| row.edit().span.links = json::links_from_text(text),
        },
    )
    .required(),
    value!(Int, "cache_write_1h_tokens", span.usage.cache_write_1h, "part of the cache writes, kept for an hour")
        .unit("tokens"),
    value!(Int, "input_audio_tokens", span.usage.input_audio, "part of the input").unit("tokens"),
    value!(Int, "output_audio_tokens", span.usage.output_audio, "part of the output").unit("tokens"),
    value!(Int, "searches", span.usage.searches, "searches billed, where a provider counts those and not tokens"),
    value!(Money, "computed_cost_usd", cost.computed, "by the row price_id names, whatever was reported").unit("USD"),
    word!("price_currency", Currency, cost.currency, "the currency of the price row"),
    value!(Money, "price_rate_usd", cost.rate, "dollars for one unit of price_currency when it was computed")
        .unit("USD"),
    // Files of before this column have none: null there says that nobody looked.
    Column::<SpanRow>::new(
        "flags",
        "what is odd about the row as sent: time_unit, end_before_start, start_implausible, own_parent, impossible_number, secrets_masked",
        Cell::Texts {
            get: |row| row.priced.span.flags.iter().map(Flag::as_str).collect(),
            set: |row, words| row.edit().span.flags = words.iter().filter_map(|word| Flag::parse(word)).collect(),
        },
    ),
];

fn span_kind(text: &str) -> Option<SpanKind> {
    let all = [SpanKind::Internal, SpanKind::Server, SpanKind::Client, SpanKind::Producer, SpanKind::Consumer];
    all.into_iter().find(|kind| kind.as_str() == text)
}

fn raw_status(text: &str) -> Option<RawStatus> {
    [RawStatus::Unset, RawStatus::Ok, RawStatus::Error].into_iter().find(|status| status.as_str() == text)
}
