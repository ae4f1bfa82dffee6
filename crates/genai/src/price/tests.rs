//! Prices of known calls, and of unknown ones none.

use pellucid_model::{Flags, RawSpan, RawStatus, SpanId, SpanKind, TraceId, Usage};

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
        flags: Flags::default(),
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
    // 57 and 139 tokens at 2.5 and 10 dollars a million.
    assert_eq!(priced.cost.computed.map(|usd| usd.to_string()).as_deref(), Some("0.001532500000"), "both are kept");
    assert!(priced.cost.price_id.is_some_and(|id| id.contains("/openai/gpt-4o/")));
    let choices = BTreeMap::from([(ProjectId::default(), CostChoice::Computed)]);
    let chosen = PriceBook::new(Vec::new(), CostChoice::Reported, choices).price(told.clone());
    assert_eq!(chosen.cost.source, Some(CostSource::Computed), "unless the project trusts prices more");
    assert_eq!((chosen.cost.total, chosen.span.reported_cost), (chosen.cost.computed, reported()));
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
    assert_eq!(bundled::BOOK, format!("genai-prices-{version}"));
}

#[test]
fn what_the_book_lacks_comes_from_the_overlay() {
    let cost_of = |span: Span| PriceBook::bundled().price(span).cost;
    // A tier for all of the call, by its whole input: 0.05 and 0.4 up to 256,000, then 0.25 and 2.
    let small = cost_of(span("dashscope", "qwen-flash", 256_000, Some(1_000_000)));
    assert_eq!(small.total.map(|usd| usd.to_string()).as_deref(), Some("0.412800000000"));
    let mut large = span("dashscope", "qwen-flash", 256_001, Some(1_000_000));
    large.usage.cache_read = Some(200_000);
    let large = cost_of(large);
    assert_eq!(large.total.map(|usd| usd.to_string()).as_deref(), Some("2.064000250000"));
    let id = large.price_id.unwrap_or_default();
    assert!(id.starts_with("litellm-") && id.ends_with("/dashscope/qwen-flash/standard>256000"), "{id}");
    assert!(cost(span("volcengine", "doubao-seed-2-1-pro-260915", 10, Some(10))).is_some());
    assert!(cost(span("tencent", "hy4", 10, Some(10))).is_some());
    assert_eq!(cost(span("volcengine", "glm-4-7-251222", 10, Some(10))), None, "0 for 0 is no price");
}

#[test]
fn rerankers_are_billed_by_searches_or_by_tokens() {
    let mut call = span("cohere", "rerank-v3.5", 0, None);
    call.kind = Kind::Rerank;
    call.usage = Usage { searches: Some(3), ..Usage::default() };
    assert_eq!(cost(call.clone()).as_deref(), Some("0.006000000000"));
    call.usage.searches = None;
    let untold = PriceBook::bundled().price(call).cost;
    assert_eq!(untold.total.map(|usd| usd.to_string()).as_deref(), Some("0.002000000000"));
    assert!(untold.price_id.is_some_and(|id| id.ends_with("/one-search")), "an assumption is told");
    let mut call = span("voyageai", "rerank-2.5", 1_000_000, None);
    call.kind = Kind::Rerank;
    assert_eq!(cost(call).as_deref(), Some("0.050000000000"));
}

fn row(model: &str, input: &str, output: &str) -> PriceRow {
    let mut rates = Rates::default();
    for (class, text) in [(Class::Input, input), (Class::Output, output)] {
        rates.set(class, text.parse().expect("an amount"));
    }
    PriceRow {
        id: format!("override:{model}"),
        provider: None,
        model: model.to_owned(),
        tier: None,
        valid_from: Timestamp::ZERO,
        currency: Currency::Usd,
        rate: None,
        rates,
        above: Vec::new(),
    }
}

fn book(rows: Vec<(Option<&str>, PriceRow)>) -> PriceBook {
    let entry = |(project, row): (Option<&str>, PriceRow)| Override { project: project.map(ProjectId::new), row };
    PriceBook::new(rows.into_iter().map(entry).collect(), CostChoice::Reported, BTreeMap::new())
}

fn by(book: &PriceBook, span: Span) -> (String, String) {
    let cost = book.price(span).cost;
    (cost.total.map(|usd| usd.to_string()).unwrap_or_default(), cost.price_id.unwrap_or_default())
}

#[test]
fn project_over_all_over_overlay_over_book() {
    let call = |project: &str, model: &str| {
        let mut call = span("openai", model, 1_000_000, Some(0));
        call.project = ProjectId::new(project);
        call
    };
    let book = book(vec![(Some("shop"), row("gpt-4o", "7", "1")), (None, row("gpt-4*", "8", "1"))]);
    assert_eq!(by(&book, call("shop", "gpt-4o")), ("7.000000000000".to_owned(), "override:gpt-4o/standard".to_owned()));
    assert_eq!(by(&book, call("other", "gpt-4o")).0, "8.000000000000");
    assert_eq!(by(&book, call("other", "openai/gpt-4.1-2025-04-14")).0, "8.000000000000", "names lose their prefix");
    assert!(by(&book, call("shop", "o3")).1.starts_with("genai-prices-"));
    let mut unknown = call("shop", "gpt-4o");
    unknown.provider = None;
    assert_eq!(by(&book, unknown).0, "7.000000000000", "a row without provider asks for none");
}

#[test]
fn a_price_holds_from_its_day_on() {
    let since =
        |text: &str, input: &str| PriceRow { valid_from: day(text).expect("a day"), ..row("house-model", input, "0") };
    let book = book(vec![(None, since("2026-01-01", "1")), (None, since("2026-11-24", "2"))]);
    let at = |text: &str| Span {
        start_time: day(text).expect("a day"),
        ..span("self_hosted", "house-model", 1_000_000, Some(5))
    };
    assert_eq!(by(&book, at("2025-12-31")), (String::new(), String::new()), "before its first day there is no price");
    assert_eq!(by(&book, at("2026-11-23")).1, "override:house-model/standard@2026-01-01");
    assert_eq!(
        by(&book, at("2026-11-24")),
        ("2.000000000000".into(), "override:house-model/standard@2026-11-24".into())
    );
}

#[test]
fn yuan_become_dollars_at_the_row_s_rate() {
    let yuan = PriceRow { currency: Currency::Cny, rate: "0.14".parse().ok(), ..row("qwen-max", "2.4", "9.6") };
    let cost = book(vec![(None, yuan)]).price(span("dashscope", "qwen-max", 1_000, Some(100))).cost;
    // (1000 · 2.4 + 100 · 9.6) / 10⁶ yuan.
    assert_eq!(cost.total.map(|usd| usd.to_string()).as_deref(), Some("0.000470400000"));
    assert_eq!(
        (cost.currency, cost.rate.map(|usd| usd.to_string())),
        (Some(Currency::Cny), Some("0.140000000000".into()))
    );
}

#[test]
fn every_class_is_billed_once() {
    let mut row = row("m", "10", "100");
    let classes = [
        (Class::CacheRead, "1"),
        (Class::CacheWrite, "12"),
        (Class::CacheWrite1h, "20"),
        (Class::InputAudio, "40"),
        (Class::Reasoning, "300"),
        (Class::OutputAudio, "800"),
        (Class::Call, "5"),
    ];
    for (class, text) in classes {
        row.rates.set(class, text.parse().expect("an amount"));
    }
    let mut call = span("self_hosted", "m", 100, Some(50));
    call.usage = Usage {
        cache_read: Some(30),
        cache_write: Some(20),
        cache_write_1h: Some(5),
        input_audio: Some(10),
        reasoning: Some(15),
        output_audio: Some(25),
        ..call.usage
    };
    let cost = book(vec![(None, row)]).price(call).cost;
    let micros = |usd: Option<Usd>| usd.map(|usd| usd.as_picos() / 1_000_000);
    assert_eq!(micros(cost.input), Some(30 + 15 * 12 + 5 * 20 + 10 * 40 + 40 * 10));
    assert_eq!(micros(cost.output), Some(15 * 300 + 25 * 800 + 10 * 100));
    assert_eq!(micros(cost.total), Some(1110 + 25_500 + 5_000));
}

#[test]
fn a_batch_costs_half_unless_it_has_a_price() {
    let mut call = span("self_hosted", "m", 1_000_000, Some(0));
    call.params.service_tier = Some("batch".to_owned());
    let standard = row("m", "10", "0");
    let half = book(vec![(None, standard.clone())]);
    assert_eq!(by(&half, call.clone()), ("5.000000000000".to_owned(), "override:m/batch".to_owned()));
    let own = PriceRow { tier: Some("batch".to_owned()), ..row("m", "4", "0") };
    assert_eq!(by(&book(vec![(None, standard.clone()), (None, own.clone())]), call.clone()).0, "4.000000000000");
    call.params.service_tier = Some("auto".to_owned());
    assert_eq!(by(&book(vec![(None, own), (None, standard)]), call).0, "10.000000000000");
}

#[test]
fn a_tier_that_has_no_price_is_not_named() {
    let mut call = span("anthropic", "claude-sonnet-4-5", 10, Some(10));
    call.params.service_tier = Some("priority".to_owned());
    assert!(by(PriceBook::bundled(), call).1.ends_with("/standard"));
}

#[test]
fn writes_kept_for_an_hour_and_audio_are_told_to_the_book() {
    let plain = |change: fn(&mut Usage)| {
        let mut call = span("anthropic", "claude-sonnet-4-5", 100_000, Some(0));
        call.usage.cache_write = Some(100_000);
        change(&mut call.usage);
        cost(call)
    };
    assert_eq!(plain(|_| {}).as_deref(), Some("0.375000000000"));
    assert_eq!(plain(|usage| usage.cache_write_1h = Some(100_000)).as_deref(), Some("0.600000000000"));
    let mut audio = span("openai", "gpt-realtime", 1_000_000, Some(0));
    (audio.usage.input_audio, audio.usage.cache_read) = (Some(400_000), Some(100_000));
    // 0.4 million at 32, 0.1 at 0.4, the rest at 4 dollars.
    assert_eq!(cost(audio).as_deref(), Some("14.840000000000"));
}

proptest::proptest! {
    /// Parts that claim more than there is never make a call cost more than its dearest class, nor less than nothing.
    #[test]
    fn odd_parts_stay_within_bounds(input in 0_i64..1000, read in 0_i64..2000, write in 0_i64..2000, audio in 0_i64..2000) {
        let mut row = row("m", "10", "0");
        row.rates.set(Class::CacheRead, "1".parse().expect("an amount"));
        let mut call = span("self_hosted", "m", input, Some(0));
        call.usage = Usage { cache_read: Some(read), cache_write: Some(write), input_audio: Some(audio), ..call.usage };
        let total = book(vec![(None, row)]).price(call).cost.total.map(Usd::as_picos);
        let dearest = i128::from(input) * 10_000_000;
        proptest::prop_assert!(total.is_some_and(|total| (0..=dearest).contains(&total)));
    }
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
