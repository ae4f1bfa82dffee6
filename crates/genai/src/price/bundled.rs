//! The book that comes with the build, `genai-prices`: models by provider, with tiers, history and batches.

use std::time::{Duration, UNIX_EPOCH};

use genai_prices::{Calculator, PriceCalculation, PriceRequest, Usage as Amounts, UsageKey};
use pellucid_model::{Kind, Span, Timestamp, TokenCount, Usage, Usd};

use super::compute::Money;
use super::matcher;

/// Which book it is. A test holds it to the version that is really built in.
pub(super) const BOOK: &str = "genai-prices-0.2.1";

/// Service tiers that have prices of their own in the book; the sender's word → the book's.
const TIERS: &[Tier] = &[
    ("flex", "service_tier", "flex"),
    ("priority", "service_tier", "priority"),
    ("fast", "service_tier", "fast"),
    ("batch", "processing", "batch"),
];

/// The most tokens that a double counts exactly.
const MAX_EXACT: TokenCount = 1 << 53;

type Tier = (&'static str, &'static str, &'static str);

/// The cost by the book and the name of its price.
pub(super) fn cost(span: &Span, models: &[String]) -> Option<(Money, String)> {
    let provider = matcher::book_provider(span.provider.as_deref()?)?;
    let amounts = amounts(span.kind, &span.usage)?;
    let (model, standard) =
        models.iter().find_map(|model| Some((model, ask(provider, model, &amounts, None, span.plausible_time())?)))?;
    let sent = span.params.service_tier.as_deref();
    let tier = sent.and_then(|sent| TIERS.iter().copied().find(|(word, ..)| sent.eq_ignore_ascii_case(word)));
    let priced =
        tier.and_then(|tier| Some((tier.0, ask(provider, model, &amounts, Some(tier), span.plausible_time())?)));
    // The book answers with the standard price where a model has none for the tier: then that is what it was.
    let told = priced.filter(|(_, found)| found.total_price.total_cmp(&standard.total_price).is_ne());
    let (tier, found) = told.unwrap_or(("standard", standard));
    let (input, output) = (Usd::from_f64(found.input_price)?, Usd::from_f64(found.output_price)?);
    let total = sum(input, output, Usd::from_f64(found.total_price)?);
    let money = Money { input: Some(input), output: Some(output), total, above: None, one_search: false };
    // The book does not tell since when a row is valid; the book's version and the span's start give it again.
    Some((money, format!("{BOOK}/{}/{}/{tier}", found.provider_id, found.model_id)))
}

/// True if the book has a price for a model's call of some tokens today.
pub(super) fn knows(provider: &str, kind: Kind, models: &[String], at: Timestamp) -> bool {
    let usage = Usage { input: Some(1), output: Some(1), ..Usage::default() };
    let Some(provider) = matcher::book_provider(provider) else { return false };
    let Some(amounts) = amounts(kind, &usage) else { return false };
    models.iter().any(|model| ask(provider, model, &amounts, None, at).is_some())
}

/// The book does not show its rates, it only answers for whole calls, in doubles. Its answer is right to fifteen
/// digits; read as a decimal and rounded to the twelfth place that is exact for every call below a thousand dollars.
/// From there on all money is decimal.
fn ask(provider: &str, model: &str, amounts: &Amounts, tier: Option<Tier>, at: Timestamp) -> Option<PriceCalculation> {
    let nanos = u64::try_from(at.as_nanos()).ok()?;
    let mut request = PriceRequest::new(model, amounts)
        .with_provider_id(provider)
        .with_timestamp(UNIX_EPOCH + Duration::from_nanos(nanos));
    if let Some((_, key, value)) = tier {
        request = request.with_price_context(key, value);
    }
    Calculator::bundled().calculate(&request).ok()
}

/// The parts that are shown add up to the last digit, unless the book bills more than the two (a fee a request).
fn sum(input: Usd, output: Usd, told: Usd) -> Usd {
    const ROUNDING_PICOS: u128 = 2;
    let sum = input + output;
    if (told.as_picos() - sum.as_picos()).unsigned_abs() <= ROUNDING_PICOS { sum } else { told }
}

/// The tokens in the book's words; nothing if a part that is billed is not known.
fn amounts(kind: Kind, usage: &Usage) -> Option<Amounts> {
    let billed = match kind {
        Kind::Llm => [(UsageKey::INPUT_TOKENS, Some(usage.input?)), (UsageKey::OUTPUT_TOKENS, Some(usage.output?))],
        Kind::Embedding => [(UsageKey::INPUT_TOKENS, Some(usage.input?)), (UsageKey::OUTPUT_TOKENS, None)],
        // The book has no rerankers.
        _ => return None,
    };
    let kept_1h = usage.cache_write_1h.map(|count| count.min(usage.cache_write.unwrap_or(0)));
    let parts = [
        (UsageKey::CACHE_READ_TOKENS, usage.cache_read),
        (UsageKey::CACHE_WRITE_TOKENS, usage.cache_write),
        (UsageKey::CACHE_WRITE_1H_TOKENS, kept_1h.filter(|count| *count > 0)),
        (UsageKey::INPUT_AUDIO_TOKENS, usage.input_audio),
        // The book asks how much of the audio was cached. Caches hold text as long as there is room for all.
        (UsageKey::CACHE_AUDIO_READ_TOKENS, text_alone_is_cached(usage).then_some(0)),
        (UsageKey::OUTPUT_REASONING_TOKENS, usage.reasoning),
        (UsageKey::OUTPUT_AUDIO_TOKENS, usage.output_audio),
    ];
    let told = billed.into_iter().chain(parts).filter_map(|(key, count)| Some((key, count?)));
    let mut amounts = Amounts::new();
    for (key, count) in told {
        amounts.insert(key, exact(count)?);
    }
    Some(amounts)
}

fn text_alone_is_cached(usage: &Usage) -> bool {
    let (Some(read), Some(audio), Some(input)) = (usage.cache_read, usage.input_audio, usage.input) else {
        return false;
    };
    read.saturating_add(audio) <= input
}

fn exact(count: TokenCount) -> Option<f64> {
    (0..=MAX_EXACT).contains(&count).then_some(count as f64)
}
