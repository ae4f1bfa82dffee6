//! Runs the rows of a span's dialects: the first place that holds a fact gives it.

use pellucid_model::Value;

use crate::convert::{Converted, Found, Shape, convert};
use crate::dialects::{Dialect, Filler, Row, Source};
use crate::field::{Fact, Facts, Field};
use crate::messages;
use crate::view::View;

/// The facts of a span by the dialects in `order`. Fillers of any of them are no facts.
pub(crate) fn lift(view: &View<'_>, order: &[&Dialect]) -> Facts {
    let fillers: Vec<Filler> =
        order.iter().flat_map(|dialect| dialect.fillers).filter_map(|one| here(view, one)).collect();
    let mut facts = Facts::new();
    for row in order.iter().flat_map(|dialect| dialect.rows) {
        if !facts.has(row.field) && row.applies(view) {
            fill(&mut facts, view, row, &fillers);
        }
    }
    let streamed = facts.truth(Field::Stream) == Some(true);
    for filler in fillers {
        match filler {
            Filler::UnlessStreamed(field) if !streamed => facts.clear(field),
            _ => {}
        }
    }
    facts
}

/// The filler, if it is one on this span.
fn here(view: &View<'_>, filler: &Filler) -> Option<Filler> {
    match filler {
        Filler::Of(scope, inner) => (view.scope == *scope).then_some(**inner),
        other => Some(*other),
    }
}

fn fill(facts: &mut Facts, view: &View<'_>, row: &Row, fillers: &[Filler]) {
    for source in row.from {
        let Some(Converted { fact, cut, masked }) = read(view, *source, row) else { continue };
        facts.redacted |= masked;
        let Some(fact) = fact else { continue };
        if fillers.iter().any(|filler| is_filler(*filler, row.field, &fact)) {
            continue;
        }
        facts.truncated |= cut;
        facts.set(row.field, fact);
        return;
    }
}

fn read(view: &View<'_>, source: Source, row: &Row) -> Option<Converted> {
    let value = |value: &Value| convert(row.shape, &Found::Value(value));
    match source {
        Source::Attr(key) => view.attribute(key).map(value),
        Source::In(key, pointer) => {
            let data = view.data(key)?;
            let found = data.value.pointer(pointer)?;
            // An object where a name is looked for is something else of that name.
            let other = row.shape == Shape::Text && (found.is_object() || found.is_array());
            let mut converted = (!other).then(|| value(&messages::value_of(found)))?;
            converted.cut |= data.cut;
            Some(converted)
        }
        Source::Flat(prefix) => messages::nested(&view.below(prefix)).as_ref().map(value),
        Source::EventTime(name) => {
            let event = view.events_named(name).next()?;
            let after = event.time.as_nanos().checked_sub(view.start.as_nanos())?;
            Some(value(&Value::Int(after)))
        }
        Source::Resource(key) => view.resource(key).map(value),
        Source::Event(name, key) => view.events_named(name).find_map(|event| event.attributes.get(key)).map(value),
        Source::EachEvent(name, key) => {
            let values = view.events_named(name).filter_map(|event| event.attributes.get(key));
            values.map(value).reduce(joined)
        }
        Source::Events => Some(convert(row.shape, &Found::Events(view.events.iter().collect()))),
        Source::EventsNamed(name) => Some(convert(row.shape, &Found::Events(view.events_named(name).collect()))),
        Source::StatusMessage => Some(convert(row.shape, &Found::Text(view.status_message))),
    }
}

/// Several events of one name are one list.
fn joined(one: Converted, other: Converted) -> Converted {
    let fact = match (one.fact, other.fact) {
        (Some(Fact::List(mut list)), Some(Fact::List(more))) => {
            list.extend(more);
            Some(Fact::List(list))
        }
        (first, second) => first.or(second),
    };
    Converted { fact, cut: one.cut || other.cut, masked: one.masked || other.masked }
}

fn is_filler(filler: Filler, field: Field, fact: &Fact) -> bool {
    match (filler, fact) {
        (Filler::Number(of, value), Fact::Number(number)) => of == field && *number == value,
        (Filler::Number(of, value), Fact::Int(number)) => of == field && *number as f64 == value,
        (Filler::Number(of, value), Fact::Money(amount)) => of == field && value == 0.0 && amount.as_picos() == 0,
        (Filler::Text(of, value), Fact::Text(text)) => of == field && text == value,
        _ => false,
    }
}
