//! Prices of known calls, and of unknown ones none.

use pellucid_model::{ProjectId, RawSpan, RawStatus, SpanId, SpanKind, TraceId};

use super::*;
use crate::normalise;

/// 2026-11-24, when the captures were taken.
const START_NS: i64 = 1_795_485_588_000_000_000;

fn span(provider: &str, model: &str, input: i64, output: Option<i64>) -> Span {
    let raw = RawSpan {
        resource: Default::default(),
        scope: Default::default(),
        trace_id: TraceId::from_bytes(&[1; 16]).expect("a trace id"),
        span_id: SpanId::from_bytes(&[2; 8]).expect("a span id"),
        parent_span_id: None,
        name: "chat".to_owned(),
        kind: SpanKind::Client,
        start: Timestamp::from_nanos(START_NS),
        end: Timestamp::from_nanos(START_NS + 1),
        attributes: Default::default(),
        events: Vec::new(),
        links: Vec::new(),
        status: RawStatus::Unset,
        status_message: String::new(),
        dropped_attributes: 0,
    };
    let mut span = normalise(&ProjectId::default(), Timestamp::ZERO, raw);
    span.kind = Kind::Llm;
    span.provider = Some(provider.to_owned());
    span.request_model = Some(model.to_owned());
    span.usage = Usage { input: Some(input), output, source: Some(UsageSource::Reported), ..Usage::default() };
    span
}

fn cost(span: Span) -> Option<String> {
    PriceBook::bundled().price(span).cost.total.map(|total| total.to_string())
}

#[test]
fn moonshot_is_priced_to_the_last_digit() {
    // 0.2 and 2 dollars a million tokens.
    assert_eq!(cost(span("moonshot_ai", "moonshot-v1-8k", 57, Some(139))).as_deref(), Some("0.000289400000"));
    let priced = PriceBook::bundled().price(span("moonshot_ai", "moonshot-v1-8k", 57, Some(139)));
    assert_eq!(priced.cost.input.map(|usd| usd.to_string()).as_deref(), Some("0.000011400000"));
    assert_eq!(priced.cost.output.map(|usd| usd.to_string()).as_deref(), Some("0.000278000000"));
    assert_eq!(priced.cost.source, Some(CostSource::Computed));
    assert_eq!(priced.cost.price_id.as_deref(), Some("genai-prices-0.2.1/moonshotai/moonshot-v1-8k/standard"));
    for model in ["moonshot-v1-32k", "moonshot-v1-128k", "kimi-k2", "kimi-k2-0905-preview", "kimi-k2-thinking"] {
        assert!(cost(span("moonshot_ai", model, 10, Some(10))).is_some(), "{model}");
    }
}

#[test]
fn unknown_is_not_zero() {
    assert_eq!(cost(span("moonshot_ai", "nobody-knows-this", 57, Some(139))), None);
    assert_eq!(cost(span("self_hosted", "gpt-4o", 57, Some(139))), None);
    assert_eq!(cost(span("openai", "gpt-4o", 57, None)), None);
}

#[test]
fn cached_tokens_cost_less_and_are_not_counted_twice() {
    let mut cached = span("openai", "gpt-4o-2024-08-06", 140, Some(71));
    let plain = PriceBook::bundled().price(cached.clone()).cost.total;
    cached.usage.cache_read = Some(64);
    assert!(PriceBook::bundled().price(cached).cost.total < plain);
}

#[test]
fn tiers_have_prices_of_their_own() {
    let standard = span("openai", "gpt-5-mini", 1_000_000, Some(1_000_000));
    let mut flex = standard.clone();
    flex.params.service_tier = Some("flex".to_owned());
    let (standard, flex) = (PriceBook::bundled().price(standard).cost, PriceBook::bundled().price(flex).cost);
    assert!(flex.total < standard.total, "{flex:?} {standard:?}");
    assert!(flex.price_id.is_some_and(|id| id.ends_with("/flex")));
}

#[test]
fn a_report_wins_unless_it_is_built_on_a_guess() {
    let reported = || Usd::from_picos(5_000_000_000);
    let mut told = span("openai", "gpt-4o", 57, Some(139));
    told.reported_cost = reported();
    let priced = PriceBook::bundled().price(told.clone());
    assert_eq!((priced.cost.total, priced.cost.source), (reported(), Some(CostSource::Reported)));
    told.usage.source = Some(UsageSource::Estimated);
    let priced = PriceBook::bundled().price(told.clone());
    assert_eq!((priced.span.reported_cost, priced.cost.source), (reported(), Some(CostSource::Computed)));
    told.usage.source = Some(UsageSource::Reported);
    told.reported_cost = Some(Usd::ZERO);
    assert_eq!(PriceBook::bundled().price(told).cost.source, Some(CostSource::Computed));
}

#[test]
fn embeddings_are_billed_by_their_input() {
    let mut embedding = span("openai", "text-embedding-3-small", 1_000_000, None);
    embedding.kind = Kind::Embedding;
    assert_eq!(cost(embedding).as_deref(), Some("0.020000000000"));
}

#[test]
fn the_book_is_the_one_that_is_built_in() {
    let lock = include_str!("../../../../Cargo.lock");
    let (_, rest) = lock.split_once("name = \"genai-prices\"\nversion = \"").expect("the book is a dependency");
    let (version, _) = rest.split_once('"').expect("a version");
    assert_eq!(BOOK, format!("genai-prices-{version}"));
}

proptest::proptest! {
    #[test]
    fn parts_add_up(input in 1_i64..10_000_000, output in 1_i64..10_000_000) {
        let cost = PriceBook::bundled().price(span("openai", "gpt-4o", input, Some(output))).cost;
        let sum = cost.input.zip(cost.output).map(|(input, output)| input + output);
        proptest::prop_assert_eq!(cost.total, sum);
        // 2.5 and 10 dollars a million tokens: whole picodollars.
        proptest::prop_assert_eq!(cost.total.map(Usd::as_picos), Some(i128::from(input) * 2_500_000 + i128::from(output) * 10_000_000));
    }
}
