//! Canonical spans to priced spans.

use pellucid_model::{Cost, PricedSpan, Span};

/// The price book.
#[derive(Debug)]
pub struct PriceBook(());

static BUNDLED: PriceBook = PriceBook(());

impl PriceBook {
    /// The book that comes with this build.
    pub fn bundled() -> &'static Self {
        &BUNDLED
    }

    /// Adds what the span cost, if that can be known.
    pub fn price(&self, span: Span) -> PricedSpan {
        PricedSpan { span, cost: Cost::default() }
    }
}
