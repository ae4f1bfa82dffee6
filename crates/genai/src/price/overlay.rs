//! Prices that the bundled book lacks, from LiteLLM's list: `overlay.jsonl`, written by `cargo xtask prices`.
//!
//! The first line names the source. Each further line is a row: provider, model, prices by class in dollars as text,
//! `above` for larger inputs, `tier` and `valid_from` where there are some, and where the price was read.

use std::collections::HashMap;
use std::sync::LazyLock;

use pellucid_model::{Currency, Timestamp};
use serde_json::{Map, Value as Json};

use super::row::{Above, Class, PriceRow, Rates};

const TEXT: &str = include_str!("overlay.jsonl");

static OVERLAY: LazyLock<Overlay> = LazyLock::new(|| read(TEXT));

/// Rows of one provider by model in lower case.
pub(super) type Models = HashMap<String, Vec<PriceRow>>;

/// Rows by provider.
#[derive(Debug, Default)]
pub(super) struct Overlay {
    source: String,
    providers: HashMap<String, Models>,
}

/// The overlay of this build.
pub(super) fn overlay() -> &'static Overlay {
    &OVERLAY
}

impl Overlay {
    /// The list it was made from.
    pub(super) fn source(&self) -> &str {
        &self.source
    }

    /// What is known of a provider.
    pub(super) fn of(&self, provider: &str) -> Option<&Models> {
        self.providers.get(provider)
    }

    #[cfg(test)]
    fn all(&self) -> impl Iterator<Item = &PriceRow> {
        self.providers.values().flat_map(HashMap::values).flatten()
    }
}

/// Lines that are no rows are left out; a test holds the file to have none.
fn read(text: &str) -> Overlay {
    let mut lines = text.lines().filter_map(|line| serde_json::from_str::<Map<String, Json>>(line).ok());
    let source = lines.next().and_then(|head| head.get("source")?.as_str().map(str::to_owned)).unwrap_or_default();
    let mut overlay = Overlay { source: source.clone(), ..Overlay::default() };
    for row in lines.filter_map(|line| row(&source, &line)) {
        let models = overlay.providers.entry(row.provider.clone().unwrap_or_default()).or_default();
        models.entry(row.model.to_lowercase()).or_default().push(row);
    }
    overlay
}

fn row(source: &str, line: &Map<String, Json>) -> Option<PriceRow> {
    let text = |name: &str| line.get(name).and_then(Json::as_str).map(str::to_owned);
    let (provider, model) = (text("provider")?, text("model")?);
    let above = |step: &Json| {
        let step = step.as_object()?;
        Some(Above { input_tokens: step.get("input_tokens")?.as_i64()?, rates: rates(step)? })
    };
    let steps = line.get("above").and_then(Json::as_array).into_iter().flatten();
    Some(PriceRow {
        id: format!("{source}/{provider}/{model}"),
        provider: Some(provider),
        model,
        tier: text("tier"),
        valid_from: match text("valid_from") {
            Some(date) => super::day(&date)?,
            None => Timestamp::ZERO,
        },
        currency: Currency::Usd,
        rate: None,
        rates: rates(line)?,
        above: steps.map(above).collect::<Option<_>>()?,
    })
}

fn rates(line: &Map<String, Json>) -> Option<Rates> {
    let mut rates = Rates::default();
    for (class, name) in Class::ALL {
        if let Some(price) = line.get(name) {
            rates.set(class, price.as_str()?.parse().ok()?);
        }
    }
    Some(rates)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_a_row_and_none_is_free() {
        let rows = overlay().all().count();
        assert_eq!(rows + 1, TEXT.lines().count(), "the head and the rows");
        assert!(rows > 100, "{rows}");
        for row in overlay().all() {
            let free = |rates: &Rates| Class::ALL.iter().any(|(class, _)| rates.get(*class).is_some_and(|a| a.0 == 0));
            assert!(!free(&row.rates) || row.rates.get(Class::Input).is_some_and(|a| a.0 > 0), "{row:?}");
            assert!(!row.rates.is_empty(), "{row:?}");
        }
    }

    #[test]
    fn the_overlay_holds_only_what_the_book_lacks() {
        let now = Timestamp::from_nanos(1_795_000_000_000_000_000);
        for row in overlay().all().filter(|row| row.rates.get(Class::Output).is_some()) {
            let provider = row.provider.as_deref().unwrap_or_default();
            assert!(!super::super::PriceBook::is_in_the_book(provider, &row.model, now), "{row:?}");
        }
    }
}
