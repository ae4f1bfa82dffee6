//! Tokens times prices, in whole numbers: nothing is rounded before the sum, and the sum only at the twelfth place.

use pellucid_model::{Kind, TokenCount, Usage, Usd};

use super::row::{Amount, Class, PriceRow, Rates};

/// A price is for a million tokens.
const A_MILLION: i128 = 1_000_000;
/// A price is for a thousand searches or calls.
const A_THOUSAND: i128 = 1_000;
/// A batch costs half where its price is not told apart: so it is with everybody who sells batches.
const BATCH_SHARE: i128 = 2;
/// 10⁻¹² of a currency in one of its units.
const ONE: i128 = 1_000_000_000_000;

/// What a row makes of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Money {
    pub(super) input: Option<Usd>,
    pub(super) output: Option<Usd>,
    pub(super) total: Usd,
    /// The input from which on the prices hold.
    pub(super) above: Option<TokenCount>,
    /// The provider bills searches, and how many they were was not told.
    pub(super) one_search: bool,
}

/// A call's cost by a row; nothing if a part that is billed is not known or has no price. `half` is for a batch.
pub(super) fn cost(row: &PriceRow, kind: Kind, usage: &Usage, half: bool) -> Option<Money> {
    let (rates, above) = row.rates_for(usage.input);
    let bill = bill(&rates, kind, usage)?;
    let share = if half { BATCH_SHARE } else { 1 };
    let dollars = |sum: i128| dollars(row, rounded(sum, share)?);
    let each = |sum: Option<i128>| match sum {
        Some(sum) => dollars(sum).map(Some),
        None => Some(None),
    };
    let (input, output, fees) = (each(bill.input)?, each(bill.output)?, dollars(bill.fees)?);
    let total = input.into_iter().chain(output).chain([fees]).sum();
    Some(Money { input, output, total, above, one_search: bill.one_search })
}

/// Sums in 10⁻¹⁸ of the row's currency. What a kind of call does not have is absent.
struct Bill {
    input: Option<i128>,
    output: Option<i128>,
    fees: i128,
    one_search: bool,
}

fn bill(rates: &Rates, kind: Kind, usage: &Usage) -> Option<Bill> {
    let fee = |class, count: i64| {
        let Some(Amount(price)) = rates.get(class) else { return Some(0) };
        price.checked_mul(i128::from(count))?.checked_mul(A_MILLION / A_THOUSAND)
    };
    let by_search = kind == Kind::Rerank && rates.get(Class::Search).is_some();
    let searches = if by_search { usage.searches.unwrap_or(1) } else { 0 };
    let input = match kind {
        Kind::Rerank if by_search && rates.get(Class::Input).is_none() => None,
        Kind::Llm | Kind::Embedding | Kind::Rerank => Some(sum(rates, &input_parts(usage.input?, usage))?),
        _ => return None,
    };
    let output = match kind {
        Kind::Llm => Some(sum(rates, &output_parts(usage.output?, usage))?),
        _ => None,
    };
    let fees = fee(Class::Search, searches)?.checked_add(fee(Class::Call, 1)?)?;
    Some(Bill { input, output, fees, one_search: by_search && usage.searches.is_none() })
}

/// The prompt in parts that do not overlap. Where parts claim more than the whole, the later ones yield.
fn input_parts(input: TokenCount, usage: &Usage) -> [(Class, TokenCount); 5] {
    let mut left = Left(input);
    let read = left.take(usage.cache_read);
    let write = left.take(usage.cache_write);
    let write_1h = usage.cache_write_1h.unwrap_or(0).clamp(0, write);
    let audio = left.take(usage.input_audio);
    [
        (Class::CacheRead, read),
        (Class::CacheWrite, write - write_1h),
        (Class::CacheWrite1h, write_1h),
        (Class::InputAudio, audio),
        (Class::Input, left.0),
    ]
}

/// The answer likewise.
fn output_parts(output: TokenCount, usage: &Usage) -> [(Class, TokenCount); 3] {
    let mut left = Left(output);
    let audio = left.take(usage.output_audio);
    let reasoning = left.take(usage.reasoning);
    [(Class::OutputAudio, audio), (Class::Reasoning, reasoning), (Class::Output, left.0)]
}

/// Tokens no class has taken yet.
struct Left(TokenCount);

impl Left {
    fn take(&mut self, told: Option<TokenCount>) -> TokenCount {
        let taken = told.unwrap_or(0).clamp(0, self.0.max(0));
        self.0 -= taken;
        taken
    }
}

/// The parts' cost in 10⁻¹⁸; nothing if one that is there has no price.
fn sum(rates: &Rates, parts: &[(Class, TokenCount)]) -> Option<i128> {
    parts.iter().filter(|(_, count)| *count != 0).try_fold(0_i128, |sum, (class, count)| {
        let Amount(price) = rates.of(*class)?;
        sum.checked_add(price.checked_mul(i128::from(*count))?)
    })
}

/// 10⁻¹⁸ of the row's currency to dollars.
fn dollars(row: &PriceRow, sum: i128) -> Option<Usd> {
    let amount = rounded(sum, A_MILLION)?;
    let picos = match row.rate {
        None => amount,
        Some(rate) => rounded(amount.checked_mul(rate.as_picos())?, ONE)?,
    };
    Usd::from_picos(picos)
}

/// A division that rounds half up.
fn rounded(number: i128, by: i128) -> Option<i128> {
    Some(number.checked_add(by / 2)?.div_euclid(by))
}
