//! One row of a price list: what the units of a call cost, for which models, from when on.
//!
//! Amounts are whole numbers of 10⁻¹² of the row's currency, so a price is exactly what was written.

use std::str::FromStr;

use pellucid_model::{Currency, Timestamp, TokenCount, Usd, UsdError};

/// What is billed. Tokens are priced by the million, searches and calls by the thousand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Class {
    /// Prompt tokens that no other class takes.
    Input,
    /// Answer tokens that no other class takes.
    Output,
    /// Prompt tokens read from a cache; without a price they cost what input costs.
    CacheRead,
    /// Prompt tokens written to a cache; without a price they cost what input costs.
    CacheWrite,
    /// Those kept for an hour; without a price they cost what other writes cost.
    CacheWrite1h,
    /// Thinking; without a price it costs what output costs.
    Reasoning,
    /// Audio in the prompt; without a price it costs what input costs.
    InputAudio,
    /// Audio in the answer; without a price it costs what output costs.
    OutputAudio,
    /// Searches of a reranker.
    Search,
    /// The call itself.
    Call,
}

impl Class {
    /// Every class with its name in price lists.
    pub const ALL: [(Self, &'static str); 10] = [
        (Self::Input, "input"),
        (Self::Output, "output"),
        (Self::CacheRead, "cache_read"),
        (Self::CacheWrite, "cache_write"),
        (Self::CacheWrite1h, "cache_write_1h"),
        (Self::Reasoning, "reasoning"),
        (Self::InputAudio, "input_audio"),
        (Self::OutputAudio, "output_audio"),
        (Self::Search, "search"),
        (Self::Call, "call"),
    ];

    /// The class of a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(class, _)| *class)
    }

    /// Whose price holds where this class has none.
    fn stands_in(self) -> Option<Self> {
        match self {
            Self::CacheRead | Self::CacheWrite | Self::InputAudio => Some(Self::Input),
            Self::CacheWrite1h => Some(Self::CacheWrite),
            Self::Reasoning | Self::OutputAudio => Some(Self::Output),
            _ => None,
        }
    }
}

/// An amount of some currency, in its 10⁻¹².
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Amount(pub(super) i128);

impl FromStr for Amount {
    type Err = UsdError;

    /// Reads `2.5`, `1e-6` or `.5`; nothing below zero is a price.
    fn from_str(text: &str) -> Result<Self, UsdError> {
        let picos = text.parse::<Usd>()?.as_picos();
        if picos < 0 { Err(UsdError(text.to_owned())) } else { Ok(Self(picos)) }
    }
}

/// Prices by class. What is absent is not known, which is not the same as free.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rates([Option<Amount>; Class::ALL.len()]);

impl Rates {
    /// Sets the price of a class.
    pub fn set(&mut self, class: Class, amount: Amount) {
        self.0[class as usize] = Some(amount);
    }

    /// The price written for a class.
    pub fn get(&self, class: Class) -> Option<Amount> {
        self.0[class as usize]
    }

    /// True if there is no price at all.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(Option::is_none)
    }

    /// The price that holds for a class, its own or the one of the class it falls back to.
    pub(super) fn of(&self, class: Class) -> Option<Amount> {
        self.get(class).or_else(|| self.of(class.stands_in()?))
    }

    /// These prices where there are some, the others elsewhere.
    fn over(&self, others: &Self) -> Self {
        let mut merged = others.clone();
        for (class, _) in Class::ALL {
            merged.0[class as usize] = self.get(class).or(others.get(class));
        }
        merged
    }
}

/// Prices for calls with a larger input: all of the call is priced by them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Above {
    /// Input tokens, cached ones included, beyond which they hold.
    pub input_tokens: TokenCount,
    /// The prices; a class without one keeps the price below.
    pub rates: Rates,
}

/// One row of a price list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceRow {
    /// What `price_id` begins with: names the row for good.
    pub id: String,
    /// Our id of who bills; without one, whoever does.
    pub provider: Option<String>,
    /// A model's name, in which `*` stands for anything. Case does not matter.
    pub model: String,
    /// The service tier it is for; without one, every tier that has no row of its own.
    pub tier: Option<String>,
    /// First moment it holds for; 1970 is always.
    pub valid_from: Timestamp,
    /// Of its prices.
    pub currency: Currency,
    /// Dollars for one unit of the currency; not known, no price. Dollars are dollars.
    pub rate: Option<Usd>,
    /// The prices.
    pub rates: Rates,
    /// Prices for larger calls, by rising input.
    pub above: Vec<Above>,
}

impl PriceRow {
    /// The prices for a call with this input, and the size they begin at.
    pub(super) fn rates_for(&self, input: Option<TokenCount>) -> (Rates, Option<TokenCount>) {
        let reached = self.above.iter().filter(|above| input.is_some_and(|input| input > above.input_tokens));
        reached
            .fold((self.rates.clone(), None), |(rates, _), above| (above.rates.over(&rates), Some(above.input_tokens)))
    }
}

/// Whether a pattern with `*` means a name; both in lower case.
pub(super) fn matches(pattern: &str, name: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else { return pattern == name };
    let Some(mut left) = name.strip_prefix(head) else { return false };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let tail = parts.pop().unwrap_or_default();
    for part in parts {
        match left.split_once(part) {
            Some((_, after)) => left = after,
            None => return false,
        }
    }
    left.ends_with(tail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_anything() {
        for (pattern, name, wanted) in [
            ("gpt-4o", "gpt-4o", true),
            ("gpt-4o", "gpt-4o-mini", false),
            ("gpt-4o*", "gpt-4o-mini", true),
            ("*-4o*", "gpt-4o-mini", true),
            ("g*4*mini", "gpt-4o-mini", true),
            ("*mini*mini", "gpt-4o-mini", false),
            ("*", "anything", true),
            ("qwen*", "gwen", false),
        ] {
            assert_eq!(matches(pattern, name), wanted, "{pattern} {name}");
        }
    }

    #[test]
    fn a_class_without_a_price_costs_what_it_is_part_of() {
        let mut rates = Rates::default();
        rates.set(Class::Input, Amount(3));
        assert_eq!(rates.of(Class::CacheWrite1h), Some(Amount(3)));
        rates.set(Class::CacheWrite, Amount(4));
        assert_eq!((rates.of(Class::CacheWrite1h), rates.of(Class::CacheRead)), (Some(Amount(4)), Some(Amount(3))));
        assert_eq!((rates.of(Class::Output), rates.of(Class::Search)), (None, None));
        assert!("-1".parse::<Amount>().is_err() && "x".parse::<Amount>().is_err());
    }
}
