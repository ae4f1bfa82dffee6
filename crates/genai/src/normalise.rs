//! A raw span to the canonical span. Total: whatever came in, a row comes out, and everything sent stays in it.
//!
//! Everything canonical is a function of what the row keeps as sent, so [`renormalise`] of a row gives the same row.

use std::sync::Arc;

use pellucid_model::{
    Content, Flag, Flags, Kind, Params, ProjectId, RawSpan, RawStatus, Span, SpanKind, SpanSource, Status, Timestamp,
    Tool, Usage, VectorDb, Who,
};

use crate::classify::classify;
use crate::content::{content, is_guess};
use crate::dialects::{self, Dialect, Matched};
use crate::field::{Facts, Field};
use crate::lift::{lift, open};
use crate::lineage::{self, Place};
use crate::messages;
use crate::oddity;
use crate::provider::{self, Clues};
use crate::trail::Recorder;
use crate::usage::{self, Known, Sent};
use crate::verdict;
use crate::view::View;

/// The word for calls that a provider takes its time for.
const BATCH_TIER: &str = "batch";

/// Turns one raw span into the canonical form. Never fails; what is not understood stays in `attributes`.
pub fn normalise(project: &ProjectId, received_at: Timestamp, raw: RawSpan) -> Span {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let Place { span_id, parent_span_id, end } = lineage::place(&raw);
    let mut span = Span {
        trace_id: raw.trace_id,
        span_id,
        parent_span_id,
        start_time: raw.start,
        end_time: end,
        received_at,
        span_kind: raw.kind,
        status_raw: raw.status,
        status_message: some(&raw.status_message),
        scope_name: some(&raw.scope.name),
        scope_version: some(&raw.scope.version),
        name: raw.name,
        attributes: raw.attributes,
        resource: raw.resource,
        events: raw.events,
        links: raw.links,
        flags: raw.flags,
        ..blank(project.clone(), raw.trace_id, span_id)
    };
    oddity::own_parent(&mut span);
    fill(&mut span, &mut ());
    mark_dropped(&mut span, raw.dropped_attributes > 0);
    span
}

/// An SDK that drops attributes drops those set last, which are messages and tokens.
fn mark_dropped(span: &mut Span, dropped: bool) {
    if dropped && !span.dialects.is_empty() {
        span.content.truncated = true;
        span.usage.notes.push(usage::NOTE_DROPPED);
    }
}

/// The row as today's tables make it from what it keeps as sent, before anything from elsewhere is added to it.
pub fn renormalise(span: &Span) -> Span {
    retold(span, &mut ())
}

/// The same, telling a recorder where everything comes from.
pub(crate) fn retold<R: Recorder>(span: &Span, recorder: &mut R) -> Span {
    let mut again = Span {
        parent_span_id: span.parent_span_id,
        start_time: span.start_time,
        end_time: span.end_time,
        received_at: span.received_at,
        source: span.source,
        span_kind: span.span_kind,
        status_raw: span.status_raw,
        status_message: span.status_message.clone(),
        scope_name: span.scope_name.clone(),
        scope_version: span.scope_version.clone(),
        name: span.name.clone(),
        attributes: span.attributes.clone(),
        resource: Arc::clone(&span.resource),
        events: span.events.clone(),
        links: span.links.clone(),
        flags: oddity::from_arrival(span.flags),
        ..blank(span.project.clone(), span.trace_id, span.span_id)
    };
    fill(&mut again, recorder);
    mark_dropped(&mut again, span.usage.notes.contains(&usage::NOTE_DROPPED));
    again
}

/// A row that says nothing yet.
fn blank(project: ProjectId, trace_id: pellucid_model::TraceId, span_id: pellucid_model::SpanId) -> Span {
    Span {
        project,
        trace_id,
        span_id,
        parent_span_id: None,
        start_time: Timestamp::ZERO,
        end_time: Timestamp::ZERO,
        received_at: Timestamp::ZERO,
        source: SpanSource::Span,
        name: String::new(),
        span_kind: SpanKind::Unspecified,
        status: Status::Unset,
        status_raw: RawStatus::Unset,
        status_message: None,
        scope_name: None,
        scope_version: None,
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
        flags: Flags::default(),
        attributes: pellucid_model::Attributes::default(),
        resource: Arc::default(),
        events: Vec::new(),
        links: Vec::new(),
    }
}

/// Fills every canonical field from what was sent.
pub(crate) fn fill<R: Recorder>(span: &mut Span, recorder: &mut R) {
    let (matched, mut facts, kind, operation) = {
        let view = View::of(span);
        let matched = dialects::matching(&view);
        let mut facts = lift(&view, &matched.order, recorder);
        let (kind, operation) = classify(&view, &matched, &facts, recorder);
        open(&view, &matched.order, kind, &mut facts, recorder);
        (matched, facts, kind, operation)
    };
    span.kind = kind;
    span.operation = operation;
    span.dialects = matched.recognised.iter().map(|dialect| dialect.id).collect();
    span.counts = kind.is_model_call() && !lineage::is_placeholder(span);
    fill_model(span, &mut facts, recorder);
    span.content = content(&mut facts, kind);
    span.usage = usage_of(span, &facts, &matched);
    span.params = params(&mut facts);
    let entity = facts.text(Field::EntityName);
    span.who = who(&mut facts);
    span.tool = tool(&mut facts, kind, &span.content);
    match kind {
        Kind::Agent => span.who.agent_name = span.who.agent_name.take().or(entity),
        Kind::Tool => span.tool.name = span.tool.name.take().or(entity),
        _ => {}
    }
    span.db = vector_db(&mut facts);
    span.ttft_ns = facts.int(Field::Ttft).and_then(|ttft| plausible_ttft(ttft, span.duration_ns()));
    span.reported_cost = facts.money(Field::Cost);
    let ok_is_no_verdict = matched.recognised.iter().any(|dialect| dialect.ok_is_no_verdict);
    verdict::fill(span, &mut facts, ok_is_no_verdict, recorder);
    span.flags.set(Flag::ImpossibleNumber, facts.impossible);
    oddity::times(span);
}

fn fill_model<R: Recorder>(span: &mut Span, facts: &mut Facts, recorder: &mut R) {
    span.request_model = facts.text(Field::RequestModel);
    span.response_model = facts.text(Field::ResponseModel);
    span.response_id = facts.text(Field::ResponseId);
    span.provider_raw = facts.text(Field::Provider);
    let host = facts.text(Field::ServerHost);
    let model = span.request_model.as_deref().or(span.response_model.as_deref());
    let says_provider = span.provider_raw.is_some() || (model.is_some() && span.kind != Kind::Span);
    if says_provider {
        let clues = Clues { sent: span.provider_raw.as_deref(), host: host.as_deref(), model };
        if let Some((provider, rule)) = provider::provider(clues) {
            recorder.concluded("provider", rule);
            span.provider = Some(provider);
        }
    }
    span.model_vendor = model.and_then(provider::vendor).map(str::to_owned);
}

fn usage_of(span: &Span, facts: &Facts, matched: &Matched) -> Usage {
    let sent = Sent {
        input: facts.int(Field::InputTokens),
        output: facts.int(Field::OutputTokens),
        total: facts.int(Field::TotalTokens),
        cache_read: facts.int(Field::CacheReadTokens),
        cache_write: facts.int(Field::CacheWriteTokens),
        cache_write_1h: facts.int(Field::CacheWrite1hTokens),
        reasoning: facts.int(Field::ReasoningTokens),
        uncached: facts.int(Field::UncachedTokens),
        input_audio: facts.int(Field::InputAudioTokens),
        output_audio: facts.int(Field::OutputAudioTokens),
        searches: facts.int(Field::Searches),
    };
    let rule = matched.order.iter().find_map(|dialect: &&Dialect| dialect.usage);
    let provider = span.provider.as_deref().unwrap_or_default();
    usage::settle(
        sent,
        Known {
            kind: span.kind,
            input_excludes_cache: facts.cache_apart
                || rule.is_some_and(|rule| names(rule.input_excludes_cache, provider)),
            output_excludes_reasoning: facts.reasoning_apart
                || rule.is_some_and(|rule| names(rule.output_excludes_reasoning, provider)),
            answered: facts.answered,
            guessed: is_guess(facts, span, &matched.order),
        },
    )
}

/// Whether a rule's list of providers holds this one.
fn names(providers: &[&str], provider: &str) -> bool {
    providers == dialects::ANY_PROVIDER || providers.contains(&provider)
}

fn params(facts: &mut Facts) -> Params {
    // Nobody asks for no tokens, no choices or no candidates: such numbers stand for "not set".
    let positive = |number: Option<i64>| number.filter(|number| *number > 0);
    Params {
        temperature: facts.number(Field::Temperature),
        top_p: facts.number(Field::TopP),
        frequency_penalty: facts.number(Field::FrequencyPenalty),
        presence_penalty: facts.number(Field::PresencePenalty),
        top_k: positive(facts.int(Field::TopK)),
        max_tokens: positive(facts.int(Field::MaxTokens)),
        seed: facts.int(Field::Seed),
        choice_count: positive(facts.int(Field::ChoiceCount)),
        stop_sequences: facts.texts(Field::StopSequences),
        stream: facts.truth(Field::Stream),
        service_tier: service_tier(facts),
    }
}

/// A batch is told apart from the tier, which then is the default one.
fn service_tier(facts: &mut Facts) -> Option<String> {
    let tier = facts.text(Field::ServiceTier);
    if facts.truth(Field::Batch) == Some(true) { Some(BATCH_TIER.to_owned()) } else { tier }
}

fn who(facts: &mut Facts) -> Who {
    let service_name = facts.text(Field::ServiceName);
    // SDKs invent `unknown_service:python` for a service that has no name.
    let named = service_name.clone().filter(|name| !name.starts_with("unknown_service"));
    Who {
        app_name: facts.text(Field::AppName).filter(|name| !name.starts_with("unknown_service")).or(named),
        service_name,
        service_version: facts.text(Field::ServiceVersion),
        environment: facts.text(Field::Environment),
        release: facts.text(Field::Release),
        session_id: facts.text(Field::SessionId),
        user_id: facts.text(Field::UserId),
        tags: facts.texts(Field::Tags),
        agent_id: facts.text(Field::AgentId),
        agent_name: facts.text(Field::AgentName),
        workflow_name: facts.text(Field::WorkflowName),
        prompt_name: facts.text(Field::PromptName),
        prompt_version: facts.text(Field::PromptVersion),
    }
}

/// Where messages tell of a tool's input and output: a part's type, and its key.
const ARGUMENTS: (&str, &str) = ("tool_call", "arguments");
const RESULT: (&str, &str) = ("tool_call_response", "response");

/// The tool of a tool's own span. On a model call these keys repeat what the answer asks for.
fn tool(facts: &mut Facts, kind: Kind, content: &Content) -> Tool {
    if kind.is_model_call() {
        return Tool::default();
    }
    // What goes into a tool are its arguments, what comes out is its result.
    let (input, output) = match kind {
        Kind::Tool => (
            content.input_value.clone().or_else(|| messages::part_text(&content.input_messages, ARGUMENTS)),
            content.output_value.clone().or_else(|| messages::part_text(&content.output_messages, RESULT)),
        ),
        _ => (None, None),
    };
    Tool {
        name: facts.text(Field::ToolName),
        call_id: facts.text(Field::ToolCallId),
        arguments: facts.text(Field::ToolArguments).or(input),
        result: facts.text(Field::ToolResult).or(output),
    }
}

fn vector_db(facts: &mut Facts) -> VectorDb {
    VectorDb {
        system: facts.text(Field::DbSystem),
        operation: facts.text(Field::DbOperation),
        collection: facts.text(Field::DbCollection),
        query: facts.text(Field::DbQuery),
        top_k: facts.int(Field::DbTopK),
        returned: facts.int(Field::DbReturned),
        embedding_dims: facts.int(Field::EmbeddingDims),
    }
}

/// R8: a first token after the end is a matter of units. Clocks differ a little, so a little later is let pass.
fn plausible_ttft(ttft_ns: i64, duration_ns: i64) -> Option<i64> {
    const SLACK_NS: i64 = 5_000_000;
    const SLACK_PERCENT: i64 = 5;
    const SCALES: [i64; 3] = [1, 1_000, 1_000_000];
    let latest = duration_ns.saturating_add(SLACK_NS).saturating_add(duration_ns / 100 * SLACK_PERCENT);
    if duration_ns == 0 {
        return Some(ttft_ns);
    }
    SCALES.iter().map(|scale| ttft_ns / scale).find(|ttft| *ttft <= latest).filter(|ttft| *ttft > 0)
}

#[cfg(test)]
mod tests;
