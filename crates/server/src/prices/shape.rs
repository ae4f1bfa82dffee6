//! A price as people write it: in the configuration file, in a request, in a document of the store.
//!
//! In: TOML or JSON. Out: a row of the price book. Amounts are text or numbers, never arithmetic; what is wrong is said
//! while reading, so that a file's line can be named.

use std::fmt;

use pellucid_genai::{Above, Amount, Class, PriceRow, Rates, day};
use pellucid_model::{Currency, Error, ErrorKind, Result, Timestamp, Usd};
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

/// A price of nought or more, exact to the twelfth place behind the point.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(value_type = String, example = "2.5")]
#[serde(transparent)]
pub struct Price(String);

impl Price {
    fn amount(&self) -> Result<Amount> {
        self.0.parse().map_err(|_| invalid(format!("not a price: {:?}", self.0)))
    }
}

impl std::str::FromStr for Price {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let text = text.trim();
        text.parse::<Amount>().map(|_| Self(text.to_owned())).map_err(|_| format!("not a price: {text:?}"))
    }
}

impl<'de> Deserialize<'de> for Price {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Read;
        impl Visitor<'_> for Read {
            type Value = Price;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a price such as \"2.5\"")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> std::result::Result<Price, E> {
                text.parse().map_err(E::custom)
            }

            // A number means what it shows.
            fn visit_f64<E: de::Error>(self, number: f64) -> std::result::Result<Price, E> {
                self.visit_str(&number.to_string())
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> std::result::Result<Price, E> {
                self.visit_str(&number.to_string())
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> std::result::Result<Price, E> {
                self.visit_str(&number.to_string())
            }
        }
        deserializer.deserialize_any(Read)
    }
}

/// A day, UTC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(value_type = String, example = "2026-01-31")]
#[serde(try_from = "String", into = "String")]
pub struct Day(String);

impl TryFrom<String> for Day {
    type Error = String;

    fn try_from(text: String) -> std::result::Result<Self, String> {
        if day(&text).is_some() { Ok(Self(text)) } else { Err(format!("not a day such as 2026-01-31: {text:?}")) }
    }
}

impl From<Day> for String {
    fn from(Day(text): Day) -> Self {
        text
    }
}

/// A currency of prices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub enum Money {
    /// US dollars.
    #[default]
    #[serde(rename = "USD")]
    Usd,
    /// Chinese yuan.
    #[serde(rename = "CNY")]
    Cny,
}

/// Prices for calls whose input, cached tokens included, is larger.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PriceStep {
    /// Tokens beyond which these prices hold for the whole call.
    pub input_tokens: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input: Option<Price>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<Price>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache_read: Option<Price>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache_write: Option<Price>,
}

/// A price of yours: what calls of some models cost. Tokens are priced by the million, searches and calls by the
/// thousand. A part without a price of its own costs what it is part of.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PriceShape {
    /// The model's name, `*` stands for anything: `gpt-4o`, `qwen*`.
    pub model: String,
    /// Who bills; without one, whoever does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// The project it is for; without one, all (in a file) or the key's (in a request).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// The service tier it is for, such as `batch`, `flex`, `priority`; without one, every tier without a price of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tier: Option<String>,
    /// The first day (UTC) it holds for, such as `2026-01-31`; without one, always.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<Day>,
    /// Of the prices; without one, `USD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<Money>,
    /// Dollars for one yuan; without one, `cost.cny_usd` of the configuration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<Price>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input: Option<Price>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<Price>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache_read: Option<Price>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache_write: Option<Price>,
    /// Cache writes kept for an hour.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache_write_1h: Option<Price>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reasoning: Option<Price>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input_audio: Option<Price>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_audio: Option<Price>,
    /// A thousand searches of a reranker.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub search: Option<Price>,
    /// A thousand calls, on top of everything else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call: Option<Price>,
    /// Prices for larger calls, by rising input.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub above: Vec<PriceStep>,
}

impl PriceShape {
    /// The row of the price book. `cny_usd` is what a yuan costs where the row does not say.
    pub(crate) fn to_row(&self, id: &str, cny_usd: Option<Usd>) -> Result<PriceRow> {
        if self.model.trim().is_empty() {
            return Err(invalid("a price needs a model".to_owned()));
        }
        let (currency, rate) = match self.currency.unwrap_or_default() {
            Money::Usd if self.rate.is_some() => return Err(invalid("dollars have no rate".to_owned())),
            Money::Usd => (Currency::Usd, None),
            Money::Cny => (Currency::Cny, Some(self.rate()?.or(cny_usd).ok_or_else(no_rate)?)),
        };
        let rates = rates(&self.amounts())?;
        if rates.is_empty() {
            return Err(invalid("a price needs at least one of input, output, search and call".to_owned()));
        }
        let mut above = self.above.iter().map(PriceStep::to_above).collect::<Result<Vec<_>>>()?;
        above.sort_by_key(|step| step.input_tokens);
        Ok(PriceRow {
            id: format!("override:{id}"),
            provider: self.provider.clone(),
            model: self.model.trim().to_owned(),
            tier: self.tier.as_deref().map(str::to_lowercase),
            valid_from: self.valid_from.as_ref().and_then(|Day(text)| day(text)).unwrap_or(Timestamp::ZERO),
            currency,
            rate,
            rates,
            above,
        })
    }

    fn rate(&self) -> Result<Option<Usd>> {
        let Some(Price(text)) = &self.rate else { return Ok(None) };
        let rate: Usd = text.parse().map_err(|_| invalid(format!("not a rate: {text:?}")))?;
        if rate > Usd::ZERO { Ok(Some(rate)) } else { Err(invalid("a rate is more than nought".to_owned())) }
    }

    fn amounts(&self) -> [(Class, &Option<Price>); 10] {
        [
            (Class::Input, &self.input),
            (Class::Output, &self.output),
            (Class::CacheRead, &self.cache_read),
            (Class::CacheWrite, &self.cache_write),
            (Class::CacheWrite1h, &self.cache_write_1h),
            (Class::Reasoning, &self.reasoning),
            (Class::InputAudio, &self.input_audio),
            (Class::OutputAudio, &self.output_audio),
            (Class::Search, &self.search),
            (Class::Call, &self.call),
        ]
    }
}

impl PriceStep {
    fn to_above(&self) -> Result<Above> {
        if self.input_tokens <= 0 {
            return Err(invalid("above: input_tokens must be more than nought".to_owned()));
        }
        let rates = rates(&[
            (Class::Input, &self.input),
            (Class::Output, &self.output),
            (Class::CacheRead, &self.cache_read),
            (Class::CacheWrite, &self.cache_write),
        ])?;
        Ok(Above { input_tokens: self.input_tokens, rates })
    }
}

fn rates(amounts: &[(Class, &Option<Price>)]) -> Result<Rates> {
    let mut rates = Rates::default();
    for (class, price) in amounts {
        if let Some(price) = price {
            rates.set(*class, price.amount()?);
        }
    }
    Ok(rates)
}

fn no_rate() -> Error {
    invalid("a price in CNY needs a rate".to_owned())
        .with_hint("give the price a rate, or set cost.cny_usd: dollars for one yuan, such as \"0.14\"")
}

fn invalid(message: String) -> Error {
    Error::new(ErrorKind::Invalid, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> std::result::Result<PriceShape, toml::de::Error> {
        toml::from_str(text)
    }

    #[test]
    fn numbers_mean_what_they_show() {
        let shape = read("model = \"m\"\ninput = 0.1\noutput = \"3\"\ncache_read = 2").unwrap();
        let row = shape.to_row("x", None).unwrap();
        let amount = |text: &str| text.parse::<Amount>().ok();
        assert_eq!(row.rates.get(Class::Input), amount("0.1"));
        assert_eq!((row.rates.get(Class::Output), row.rates.get(Class::CacheRead)), (amount("3"), amount("2")));
        assert_eq!(row.id, "override:x");
    }

    #[test]
    fn what_is_wrong_is_said_while_reading() {
        for (text, word) in [
            ("model = \"m\"\ninput = -1", "not a price"),
            ("model = \"m\"\ninput = \"cheap\"", "not a price"),
            ("model = \"m\"\nvalid_from = \"31.1.2026\"", "not a day"),
            ("model = \"m\"\ncurrency = \"EUR\"", "EUR"),
            ("model = \"m\"\ninputs = 1", "inputs"),
        ] {
            assert!(read(text).unwrap_err().message().contains(word), "{text}");
        }
    }

    #[test]
    fn a_row_is_whole_or_refused() {
        let fault = |text: &str| read(text).unwrap().to_row("x", None).unwrap_err().message;
        assert!(fault("input = 1").contains("model"));
        assert!(fault("model = \"m\"").contains("at least one"));
        assert!(fault("model = \"m\"\ninput = 1\ncurrency = \"CNY\"").contains("rate"));
        assert!(fault("model = \"m\"\ninput = 1\nrate = 0.1").contains("dollars"));
        let yuan = read("model = \"m\"\ninput = 1\ncurrency = \"CNY\"").unwrap();
        assert_eq!(yuan.to_row("x", "0.14".parse().ok()).unwrap().rate, "0.14".parse().ok());
    }
}
