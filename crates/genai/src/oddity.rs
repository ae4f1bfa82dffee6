//! What is odd about a row: its flags. Nothing odd is dropped, and nothing is mended without saying so.

use pellucid_model::{Flag, Flags, Span, Timestamp};

/// 2000-01-01: clocks that were never set show earlier times, and no model was called before.
const EARLIEST: Timestamp = Timestamp::from_nanos(946_684_800_000_000_000);

/// Clocks differ by minutes; a start a day after its receipt is no matter of clocks.
const MAX_AHEAD_NS: i64 = 24 * 3600 * 1_000_000_000;

/// Flags that only the arrival can tell: what the row keeps no longer shows them.
const ARRIVAL: [Flag; 3] = [Flag::TimeUnit, Flag::OwnParent, Flag::SecretsMasked];

/// Those of a row's flags that a row normalised anew must inherit.
pub(crate) fn from_arrival(flags: Flags) -> Flags {
    flags.and(ARRIVAL.into_iter().collect())
}

/// A span that names itself as its parent is a root, and says so.
pub(crate) fn own_parent(span: &mut Span) {
    if span.parent_span_id == Some(span.span_id) {
        span.parent_span_id = None;
        span.flags.insert(Flag::OwnParent);
    }
}

/// Sets the flags that follow from the row's times.
pub(crate) fn times(span: &mut Span) {
    let (start, end) = (span.start_time, span.end_time);
    // Where no clock was asked, or one that was never set, nothing is later than it.
    let received = Some(span.received_at).filter(|time| *time >= EARLIEST);
    let ahead = received.is_some_and(|received| start.since(received) > MAX_AHEAD_NS);
    span.flags.set(Flag::StartImplausible, start < EARLIEST || ahead);
    span.flags.set(Flag::EndBeforeStart, end != Timestamp::ZERO && end < start);
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use pellucid_model::{Attributes, PricedSpan, ProjectId, RawSpan, Value};

    use super::*;
    use crate::testing::{raw, span_id};
    use crate::{PriceBook, enrich, merge, normalise};

    const NOON: i64 = 1_769_860_800_000_000_000;
    const SECOND: i64 = 1_000_000_000;

    fn row(change: impl FnOnce(&mut RawSpan)) -> PricedSpan {
        let mut sent = raw(1, None, &Attributes::default());
        (sent.start, sent.end) = (Timestamp::from_nanos(NOON), Timestamp::from_nanos(NOON + SECOND));
        change(&mut sent);
        let received = Timestamp::from_nanos(NOON + 2 * SECOND);
        PriceBook::bundled().price(normalise(&ProjectId::default(), received, sent))
    }

    fn flags(row: &PricedSpan) -> Vec<&'static str> {
        row.span.flags.iter().map(Flag::as_str).collect()
    }

    #[test]
    fn times_that_cannot_be_are_kept_and_told() {
        let at = |start: i64, end: i64| {
            let row = row(|sent| (sent.start, sent.end) = (Timestamp::from_nanos(start), Timestamp::from_nanos(end)));
            assert_eq!((row.span.start_time.as_nanos(), row.span.end_time.as_nanos()), (start, end), "as sent");
            (flags(&row), row.span.duration_ns())
        };
        let year_2099 = 4_070_908_800 * SECOND;
        assert_eq!(at(NOON, NOON + SECOND), (vec![], SECOND));
        assert_eq!(at(NOON, NOON - 1), (vec!["end_before_start"], 0));
        assert_eq!(at(NOON, 0), (vec![], 0), "a span that runs is nothing odd");
        assert_eq!(at(0, 0), (vec!["start_implausible"], 0));
        assert_eq!(at(5 * SECOND, NOON).0, ["start_implausible"]);
        assert_eq!(at(year_2099, year_2099 + SECOND), (vec!["start_implausible"], SECOND));
        assert_eq!(at(i64::MAX, 5).0, ["end_before_start", "start_implausible"]);
        assert_eq!(at(NOON + 600 * SECOND, NOON + 601 * SECOND).0, Vec::<&str>::new(), "clocks differ by minutes");
    }

    #[test]
    fn an_implausible_start_is_priced_at_the_receipt() {
        let row = row(|sent| sent.start = Timestamp::from_nanos(7));
        assert_eq!(row.span.plausible_time(), row.span.received_at);
    }

    #[test]
    fn a_span_that_is_its_own_parent_is_a_root() {
        let row = row(|sent| sent.parent_span_id = Some(span_id(1)));
        assert_eq!((row.span.parent_span_id, flags(&row)), (None, vec!["own_parent"]));
    }

    #[test]
    fn numbers_that_cannot_be_are_unknown_and_told() {
        for (key, value) in [
            ("gen_ai.usage.input_tokens", Value::Int(-1)),
            ("gen_ai.usage.input_tokens", Value::Int(5_000_000_000)),
            ("gen_ai.usage.input_tokens", Value::Double(f64::NAN)),
            ("gen_ai.usage.input_tokens", Value::Str("NaN".to_owned())),
            ("gen_ai.usage.output_tokens", Value::Double(f64::INFINITY)),
            ("gen_ai.usage.cost", Value::Double(-0.5)),
            ("gen_ai.usage.cost", Value::Str("-Infinity".to_owned())),
        ] {
            let row = row(|sent| {
                sent.attributes.push("gen_ai.system", Value::Str("openai".to_owned()));
                sent.attributes.push("gen_ai.request.is_stream", Value::Bool(false));
                sent.attributes.push(key, value.clone());
            });
            assert_eq!(flags(&row), ["impossible_number"], "{key} {value:?}");
            assert_eq!((row.span.usage.input, row.span.usage.output, row.span.reported_cost), (None, None, None));
        }
        for nothing in [Value::Null, Value::Str("N/A".to_owned()), Value::Str(String::new()), Value::Int(0)] {
            let row = row(|sent| sent.attributes.push("gen_ai.usage.input_tokens", nothing.clone()));
            assert_eq!(flags(&row), Vec::<&str>::new(), "{nothing:?}");
        }
    }

    #[test]
    fn flags_of_the_arrival_survive_joins_and_copies() {
        let sent = |flags: &[Flag]| row(|sent| sent.flags = flags.iter().copied().collect());
        let odd = sent(&[Flag::TimeUnit, Flag::SecretsMasked]);
        let details = crate::testing::log(
            "gen_ai.client.inference.operation.details",
            [("gen_ai.request.model".to_owned(), Value::Str("gpt-4o".to_owned()))].into_iter().collect(),
        );
        let joined = enrich(PriceBook::bundled(), &odd, &[Arc::new(details)]).expect("it adds a model");
        assert_eq!(joined.span.flags, odd.span.flags);
        let early = row(|sent| sent.start = Timestamp::from_nanos(7));
        let late = row(|sent| sent.end = Timestamp::from_nanos(NOON + 9 * SECOND));
        assert_eq!(
            flags(&merge(&early, late)),
            ["start_implausible"],
            "the earliest start stays, and so does its flag"
        );
    }
}
