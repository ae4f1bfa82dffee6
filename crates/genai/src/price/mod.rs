//! What a call cost: canonical spans to priced spans.
//!
//! In: a span with its tokens, provider and models. Out: the same span and a [`Cost`], computed at the price valid when
//! the span started. Four layers are asked in turn: the project's overrides, those for all projects, the overlay of what
//! the bundled book lacks, the bundled book. Unknown stays unknown: without a price row the cost is absent, never zero.

#![deny(clippy::float_arithmetic)]

mod bundled;
mod choice;
mod compute;
mod matcher;
mod overlay;
mod row;

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, NaiveTime};
use pellucid_model::{Cost, CostSource, Currency, Kind, PricedSpan, ProjectId, Span, Timestamp, UsageSource, Usd};

pub use self::choice::CostChoice;
use self::compute::Money;
pub use self::row::{Above, Amount, Class, PriceRow, Rates};

/// The tier of a call that names none, and of tiers without a price of their own.
const STANDARD: &str = "standard";
/// The tier that costs half where it has no price of its own.
const BATCH: &str = "batch";
/// Senders' words that name no tier.
const NO_TIER: &[&str] = &["", "auto", "default", "standard", "standard_only", "on_demand", "none"];

/// A price row of the user's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Override {
    /// The project it is for; without one, all.
    pub project: Option<ProjectId>,
    /// The row.
    pub row: PriceRow,
}

/// Prices of models by provider, model, tier and time. Plain data: to change it, make another.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PriceBook {
    overrides: Vec<Override>,
    choice: CostChoice,
    choices: BTreeMap<ProjectId, CostChoice>,
}

static BUNDLED: PriceBook = PriceBook { overrides: Vec::new(), choice: CostChoice::Reported, choices: BTreeMap::new() };

impl PriceBook {
    /// The prices that come with this build. The first use reads them, which takes tens of milliseconds.
    pub fn bundled() -> &'static Self {
        &BUNDLED
    }

    /// The bundled prices below the user's rows. `choice` holds where a project has none in `choices`.
    pub fn new(overrides: Vec<Override>, choice: CostChoice, choices: BTreeMap<ProjectId, CostChoice>) -> Self {
        Self { overrides, choice, choices }
    }

    /// The lists that are asked after the user's rows, in this order: what `price_id` begins with.
    pub fn sources() -> [&'static str; 2] {
        [overlay::overlay().source(), bundled::BOOK]
    }

    /// True if the book, without overlay and overrides, prices calls of a model at this time. For the tool that builds
    /// the overlay.
    pub fn is_in_the_book(provider: &str, model: &str, at: Timestamp) -> bool {
        bundled::knows(provider, Kind::Llm, &matcher::candidates(Some(model), None), at)
    }

    /// Adds what the span cost, if that can be known.
    ///
    /// A cost that the client reports wins over a computed one unless the project chose otherwise, or it was made from
    /// guessed tokens: then it stays in `reported_cost` only. Zero is no report, but the word of SDKs for "no price".
    pub fn price(&self, span: Span) -> PricedSpan {
        let computed = self.compute(&span);
        let choice = self.choices.get(&span.project).copied().unwrap_or(self.choice);
        let trusts_report = choice == CostChoice::Reported || computed.is_none();
        let cost = match trusted(&span).filter(|_| trusts_report) {
            // The parts would not add up to what was reported.
            Some(total) => Cost {
                total: Some(total),
                source: Some(CostSource::Reported),
                input: None,
                output: None,
                ..computed.unwrap_or_default()
            },
            None => computed.unwrap_or_default(),
        };
        PricedSpan { span, cost }
    }

    fn compute(&self, span: &Span) -> Option<Cost> {
        if !span.kind.is_model_call() {
            return None;
        }
        let models = matcher::candidates(span.response_model.as_deref(), span.request_model.as_deref());
        let own = |project: Option<&ProjectId>| {
            let is_own = |entry: &&Override| entry.project.as_ref() == project;
            let rows: Vec<&PriceRow> = self.overrides.iter().filter(is_own).map(|entry| &entry.row).collect();
            if rows.is_empty() { None } else { by_rows(span, &models, |_| rows.iter().copied()) }
        };
        let by_overlay = || {
            let known = overlay::overlay().of(span.provider.as_deref()?)?;
            by_rows(span, &models, |model| known.get(model).into_iter().flatten())
        };
        own(Some(&span.project)).or_else(|| own(None)).or_else(by_overlay).or_else(|| {
            let (money, price_id) = bundled::cost(span, &models)?;
            Some(cost(money, price_id, Currency::Usd, None))
        })
    }
}

/// The cost by the best of a layer's rows: for the surest name of the model, the row that says the most.
fn by_rows<'a, I: Iterator<Item = &'a PriceRow>>(
    span: &Span,
    models: &[String],
    layer: impl Fn(&str) -> I,
) -> Option<Cost> {
    let tier = tier(span);
    models.iter().find_map(|model| {
        let model = model.to_lowercase();
        let mut rows: Vec<&PriceRow> = layer(&model).filter(|row| means(row, span, &model, &tier)).collect();
        rows.sort_by_key(|row| std::cmp::Reverse(exactness(row)));
        rows.into_iter().find_map(|row| {
            let half = row.tier.is_none() && tier == BATCH;
            let money = compute::cost(row, span.kind, &span.usage, half)?;
            let price_id = price_id(row, &money, half);
            Some(cost(money, price_id, row.currency, row.rate))
        })
    })
}

fn means(row: &PriceRow, span: &Span, model: &str, tier: &str) -> bool {
    row.valid_from <= span.plausible_time()
        && row.provider.as_deref().is_none_or(|provider| span.provider.as_deref() == Some(provider))
        && row.tier.as_deref().is_none_or(|named| named.eq_ignore_ascii_case(tier))
        && row::matches(&row.model.to_lowercase(), model)
}

/// Of two rows for one call the one whose name leaves less open, then the one for the provider, for the tier, the newer.
fn exactness(row: &PriceRow) -> (bool, usize, bool, bool, Timestamp) {
    let stars = row.model.matches('*').count();
    (stars == 0, row.model.len() - stars, row.provider.is_some(), row.tier.is_some(), row.valid_from)
}

/// The tier of a call, in lower case.
fn tier(span: &Span) -> String {
    let sent = span.params.service_tier.as_deref().unwrap_or_default().to_lowercase();
    if NO_TIER.contains(&sent.as_str()) { STANDARD.to_owned() } else { sent }
}

/// Row, tier, the input from which on it holds, and since when it does.
fn price_id(row: &PriceRow, money: &Money, half: bool) -> String {
    let tier = row.tier.as_deref().unwrap_or(if half { BATCH } else { STANDARD });
    let above = money.above.map(|tokens| format!(">{tokens}")).unwrap_or_default();
    let searches = if money.one_search { "/one-search" } else { "" };
    let since = match row.valid_from {
        Timestamp::ZERO => String::new(),
        time => format!("@{}", DateTime::from_timestamp_nanos(time.as_nanos()).format("%Y-%m-%d")),
    };
    format!("{}/{tier}{above}{searches}{since}", row.id)
}

fn cost(money: Money, price_id: String, currency: Currency, rate: Option<Usd>) -> Cost {
    Cost {
        total: Some(money.total),
        computed: Some(money.total),
        input: money.input,
        output: money.output,
        source: Some(CostSource::Computed),
        price_id: Some(price_id),
        currency: Some(currency),
        rate,
    }
}

/// What the client says, if it can be believed.
fn trusted(span: &Span) -> Option<Usd> {
    let guessed = span.usage.source == Some(UsageSource::Estimated);
    span.reported_cost.filter(|amount| *amount > Usd::ZERO && !guessed && span.kind.is_model_call())
}

/// Midnight UTC of a day such as `2026-01-31`: how price lists say since when a price holds.
pub fn day(text: &str) -> Option<Timestamp> {
    let midnight = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_time(NaiveTime::MIN).and_utc();
    midnight.timestamp_nanos_opt().map(Timestamp::from_nanos)
}

#[cfg(test)]
mod tests;
