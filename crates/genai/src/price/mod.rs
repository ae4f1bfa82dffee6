//! What a call cost: canonical spans to priced spans.
//!
//! In: a span with its tokens, provider and models. Out: the same span and a [`Cost`], computed at the price valid when
//! the span started. Unknown stays unknown: without a price row the cost is absent, never zero.

mod matcher;

use std::time::{Duration, UNIX_EPOCH};

use genai_prices::{Calculator, PriceCalculation, PriceRequest, Usage as Amounts, UsageKey};
use pellucid_model::{Cost, CostSource, Kind, PricedSpan, Span, Timestamp, TokenCount, Usage, UsageSource, Usd};

/// Which book the bundled prices are. A test holds it to the version that is really built in.
const BOOK: &str = "genai-prices-0.2.1";

/// Service tiers that have prices of their own in the book; the sender's word → the book's.
const TIERS: &[(&str, &str, &str)] = &[
    ("flex", "service_tier", "flex"),
    ("priority", "service_tier", "priority"),
    ("fast", "service_tier", "fast"),
    ("batch", "processing", "batch"),
];

/// The most tokens that a double counts exactly.
const MAX_EXACT: TokenCount = 1 << 53;

/// Prices of models by provider, model, tier and time.
pub struct PriceBook {
    calculator: Option<&'static Calculator>,
}

static BUNDLED: PriceBook = PriceBook { calculator: None };

impl std::fmt::Debug for PriceBook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PriceBook").field("book", &BOOK).finish()
    }
}

impl PriceBook {
    /// The book that comes with this build. The first use reads it, which takes tens of milliseconds.
    pub fn bundled() -> &'static Self {
        &BUNDLED
    }

    fn calculator(&self) -> &'static Calculator {
        self.calculator.unwrap_or_else(Calculator::bundled)
    }

    /// Adds what the span cost, if that can be known.
    ///
    /// A cost that the client reports wins over a computed one (its price may be negotiated), unless it was made from
    /// guessed tokens: then it stays in `reported_cost` only. Zero is no report, but the word of SDKs for "no price".
    pub fn price(&self, span: Span) -> PricedSpan {
        let computed = self.compute(&span);
        let cost = match trusted(&span) {
            Some(total) => Cost { total: Some(total), source: Some(CostSource::Reported), ..Cost::default() },
            None => computed.unwrap_or_default(),
        };
        PricedSpan { span, cost }
    }

    fn compute(&self, span: &Span) -> Option<Cost> {
        let provider = matcher::book_provider(span.provider.as_deref()?)?;
        let amounts = amounts(span.kind, &span.usage)?;
        let tier = span.params.service_tier.as_deref().and_then(tier);
        let models = matcher::candidates(span.response_model.as_deref(), span.request_model.as_deref());
        let found = models.iter().find_map(|model| self.ask(provider, model, &amounts, tier, span.start_time))?;
        let (input, output) = (Usd::from_f64(found.input_price)?, Usd::from_f64(found.output_price)?);
        Some(Cost {
            total: Some(sum(input, output, Usd::from_f64(found.total_price)?)),
            input: Some(input),
            output: Some(output),
            source: Some(CostSource::Computed),
            price_id: Some(price_id(&found, tier)),
        })
    }

    /// The book does not show its rates, it only answers for whole calls, in doubles. Its answer is right to fifteen
    /// digits; read as a decimal and rounded to the twelfth place that is exact for every call below a thousand dollars.
    /// From there on all money is decimal.
    fn ask(
        &self,
        provider: &str,
        model: &str,
        amounts: &Amounts,
        tier: Option<Tier>,
        at: Timestamp,
    ) -> Option<PriceCalculation> {
        let nanos = u64::try_from(at.as_nanos()).ok()?;
        let mut request = PriceRequest::new(model, amounts)
            .with_provider_id(provider)
            .with_timestamp(UNIX_EPOCH + Duration::from_nanos(nanos));
        if let Some((_, key, value)) = tier {
            request = request.with_price_context(key, value);
        }
        self.calculator().calculate(&request).ok()
    }
}

type Tier = (&'static str, &'static str, &'static str);

fn tier(sent: &str) -> Option<Tier> {
    TIERS.iter().copied().find(|(word, ..)| sent.eq_ignore_ascii_case(word))
}

/// The parts that are shown add up to the last digit, unless the book bills more than the two (a fee a request).
fn sum(input: Usd, output: Usd, told: Usd) -> Usd {
    const ROUNDING_PICOS: u128 = 2;
    let sum = input + output;
    if (told.as_picos() - sum.as_picos()).unsigned_abs() <= ROUNDING_PICOS { sum } else { told }
}

/// What the client says, if it can be believed.
fn trusted(span: &Span) -> Option<Usd> {
    let guessed = span.usage.source == Some(UsageSource::Estimated);
    span.reported_cost.filter(|amount| *amount > Usd::ZERO && !guessed && span.kind.is_model_call())
}

/// The tokens in the book's words; nothing if a part that is billed is not known.
fn amounts(kind: Kind, usage: &Usage) -> Option<Amounts> {
    let billed = match kind {
        Kind::Llm => [(UsageKey::INPUT_TOKENS, Some(usage.input?)), (UsageKey::OUTPUT_TOKENS, Some(usage.output?))],
        Kind::Embedding => [(UsageKey::INPUT_TOKENS, Some(usage.input?)), (UsageKey::OUTPUT_TOKENS, None)],
        // Reranking is billed by searches, which nobody tells.
        _ => return None,
    };
    let parts = [
        (UsageKey::CACHE_READ_TOKENS, usage.cache_read),
        (UsageKey::CACHE_WRITE_TOKENS, usage.cache_write),
        (UsageKey::OUTPUT_REASONING_TOKENS, usage.reasoning),
    ];
    let told = billed.into_iter().chain(parts).filter_map(|(key, count)| Some((key, count?)));
    let mut amounts = Amounts::new();
    for (key, count) in told {
        amounts.insert(key, exact(count)?);
    }
    Some(amounts)
}

fn exact(count: TokenCount) -> Option<f64> {
    (0..=MAX_EXACT).contains(&count).then_some(count as f64)
}

/// The book does not tell since when a row is valid; the book's version and the span's start give it again.
fn price_id(found: &PriceCalculation, tier: Option<Tier>) -> String {
    let tier = tier.map_or("standard", |(word, ..)| word);
    format!("{BOOK}/{}/{}/{tier}", found.provider_id, found.model_id)
}

#[cfg(test)]
mod tests;
