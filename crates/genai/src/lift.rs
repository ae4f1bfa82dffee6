//! Runs the rows of a span's dialects: the first place that holds a fact gives it.

use pellucid_model::{Kind, Value};

use crate::bodies;
use crate::convert::{Converted, Found, Shape, convert};
use crate::dialects::{Dialect, Filler, Row, Source};
use crate::field::{Fact, Facts, Field};
use crate::messages;
use crate::sieve::Sieve;
use crate::trail::{Outcome, Recorder, Sight};
use crate::view::View;

/// The facts of a span by the dialects in `order`. Fillers of any of them are no facts. A recorder that listens is told of
/// every place of every row; the facts are the same.
pub(crate) fn lift<R: Recorder>(view: &View<'_>, order: &[&Dialect], recorder: &mut R) -> Facts {
    let fillers = fillers(view, order);
    let mut facts = Facts::new();
    let mut whole = Vec::new();
    let sieve = Sieve::get();
    let rows = order.iter().flat_map(|dialect| {
        let offset = sieve.offset(dialect);
        // A dialect that stands in no list is looked at whole.
        let may_find = move |index: usize| offset.is_none_or(|offset| view.told.row(offset + index));
        let rows = dialect.rows.iter().enumerate().filter(move |(index, _)| may_find(*index));
        rows.map(|(_, row)| (dialect.id, row))
    });
    for (dialect, row) in rows {
        if (R::LISTENS || !facts.has(row.field)) && row.applies(view) {
            let reader = Reader { view, dialect, row, fillers: &fillers };
            reader.fill(&mut facts, &mut whole, recorder);
        }
    }
    for field in fillers.iter().filter_map(|filler| taken_back(view, &facts, *filler)).collect::<Vec<Field>>() {
        facts.clear(field);
        recorder.took_back(field);
    }
    facts
}

/// The field whose fact turns out to be a filler once the others are known.
fn taken_back(view: &View<'_>, facts: &Facts, filler: Filler) -> Option<Field> {
    let (field, is_filler) = match filler {
        Filler::UnlessStreamed(field) => (field, facts.truth(Field::Stream) != Some(true)),
        Filler::Echo(field, of) => (field, facts.get(field) == facts.get(of)),
        Filler::Repeats(field, key) => {
            (field, view.attribute(key).is_some_and(|sent| sent.as_str() == facts.peek_text(field)))
        }
        _ => return None,
    };
    (is_filler && facts.has(field)).then_some(field)
}

/// Opens the whole bodies among the facts of a span of this kind: what they tell fills the gaps that the rows left.
pub(crate) fn open<R: Recorder>(view: &View<'_>, order: &[&Dialect], kind: Kind, facts: &mut Facts, recorder: &mut R) {
    let fillers = fillers(view, order);
    let is_filler = |field, fact: &Fact| fillers.iter().any(|filler| is_filler(*filler, field, fact));
    bodies::open(facts, kind, is_filler, recorder);
}

/// The fillers of this span.
fn fillers(view: &View<'_>, order: &[&Dialect]) -> Vec<Filler> {
    let here = |filler: &Filler| match filler {
        Filler::When(sign, inner) => sign.is_in(view).then_some(**inner),
        other => Some(*other),
    };
    order.iter().flat_map(|dialect| dialect.fillers).filter_map(here).collect()
}

/// One row at work on one span.
struct Reader<'a, 'v> {
    view: &'a View<'v>,
    dialect: &'static str,
    row: &'a Row,
    fillers: &'a [Filler],
}

impl Reader<'_, '_> {
    /// Fills the row's field. What a better dialect takes for a whole body is not read as something else by a worse one.
    fn fill<R: Recorder>(&self, facts: &mut Facts, whole: &mut Vec<Source>, recorder: &mut R) {
        let field = self.row.field;
        for source in self.row.from {
            if whole.contains(source) {
                continue;
            }
            let open = !facts.has(field);
            if !open && !R::LISTENS {
                return;
            }
            let Some(found) = read(self.view, *source, self.row) else { continue };
            let outcome = self.outcome(&found, open);
            recorder.saw(|| self.sight(*source, &found, outcome));
            facts.redacted |= open && found.masked;
            facts.impossible |= open && found.impossible;
            if let (Outcome::Taken, Some(fact)) = (outcome, found.fact) {
                facts.truncated |= found.cut;
                facts.set(field, fact);
                if matches!(field, Field::Request | Field::Answer) {
                    whole.push(*source);
                }
            }
        }
    }

    fn outcome(&self, found: &Converted, open: bool) -> Outcome {
        match &found.fact {
            None if found.masked => Outcome::Masked,
            None if found.impossible => Outcome::Impossible,
            None => Outcome::Unreadable,
            Some(fact) if self.fillers.iter().any(|filler| is_filler(*filler, self.row.field, fact)) => Outcome::Filler,
            Some(_) if open => Outcome::Taken,
            Some(_) => Outcome::Behind,
        }
    }

    /// What is told of a place; nothing of an empty one, nor of events of which none is meant.
    fn sight(&self, source: Source, found: &Converted, outcome: Outcome) -> Option<Sight> {
        if source == Source::Events && found.fact.is_none() {
            return None;
        }
        let sent = as_sent(self.view, source).filter(|sent| !sent.trim().is_empty())?;
        let (field, dialect, spec) = (self.row.field, self.dialect, self.row.spec);
        Some(Sight { field, source, dialect, spec, sent, fact: found.fact.clone(), outcome })
    }
}

/// What stands in a place as text; of several values each on a line.
fn as_sent(view: &View<'_>, source: Source) -> Option<String> {
    let text = |value: &Value| value.to_text().into_owned();
    let lines = |lines: Vec<String>| (!lines.is_empty()).then(|| lines.join("\n"));
    match source {
        Source::Attr(key) => view.attribute(key).map(text),
        Source::In(key, pointer) => {
            view.data(key)?.value.pointer(pointer).map(|found| text(&messages::value_of(found)))
        }
        Source::Flat(prefix) => lines(
            view.below(prefix).into_iter().map(|(key, value)| format!("{prefix}.{key}: {}", text(value))).collect(),
        ),
        Source::EventTime(name) => view.events_named(name).next().map(|event| event.name.clone()),
        Source::TimeIn(key) => view.attribute(key).map(text),
        Source::Name => Some(view.name.to_owned()),
        Source::Resource(key) => view.resource(key).map(text),
        Source::Event(name, key) => view.events_named(name).find_map(|event| event.attributes.get(key)).map(text),
        Source::EachEvent(name, key) => {
            lines(view.events_named(name).filter_map(|event| event.attributes.get(key)).map(text).collect())
        }
        Source::Events => lines(view.events.iter().map(|event| event.name.clone()).collect()),
        Source::EventsNamed(name) => lines(view.events_named(name).map(|event| event.name.clone()).collect()),
        Source::StatusMessage => Some(view.status_message.to_owned()),
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
        Source::TimeIn(key) => {
            let told = convert(Shape::Time, &Found::Value(view.attribute(key)?));
            let Some(Fact::Int(at)) = told.fact else { return None };
            Some(value(&Value::Int(at.checked_sub(view.start.as_nanos())?)))
        }
        Source::Resource(key) => view.resource(key).map(value),
        Source::Event(name, key) => view.events_named(name).find_map(|event| event.attributes.get(key)).map(value),
        Source::EachEvent(name, key) => {
            let values = view.events_named(name).filter_map(|event| event.attributes.get(key));
            values.map(value).reduce(joined)
        }
        Source::Events => Some(convert(row.shape, &Found::Events(view.events.iter().collect()))),
        Source::EventsNamed(name) => Some(convert(row.shape, &Found::Events(view.events_named(name).collect()))),
        Source::Name => Some(convert(row.shape, &Found::Text(view.name))),
        Source::StatusMessage => Some(convert(row.shape, &Found::Text(view.status_message))),
    }
}

/// Several events of one name are one list.
fn joined(one: Converted, other: Converted) -> Converted {
    let fact = match (one.fact, other.fact) {
        (Some(Fact::List(mut list)), Some(Fact::List(more))) => {
            list.change(|list| list.extend(more.into_items()));
            Some(Fact::List(list))
        }
        (first, second) => first.or(second),
    };
    Converted {
        fact,
        cut: one.cut || other.cut,
        masked: one.masked || other.masked,
        impossible: one.impossible || other.impossible,
    }
}

fn is_filler(filler: Filler, field: Field, fact: &Fact) -> bool {
    match (filler, fact) {
        (Filler::Number(of, value), Fact::Number(number)) => of == field && *number == value,
        (Filler::Number(of, value), Fact::Int(number)) => of == field && *number as f64 == value,
        (Filler::Number(of, value), Fact::Money(amount)) => of == field && value == 0.0 && amount.as_picos() == 0,
        (Filler::Text(of, value), Fact::Text(text)) => of == field && text == value,
        (Filler::TextPrefix(of, start), Fact::Text(text)) => of == field && text.starts_with(start),
        (Filler::MadeUp(of, start), Fact::Text(text)) => of == field && text.strip_prefix(start).is_some_and(is_uuid),
        _ => false,
    }
}

/// `chatcmpl-` and a UUID with its dashes is no id of any provider.
fn is_uuid(text: &str) -> bool {
    const GROUPS: [usize; 5] = [8, 4, 4, 4, 12];
    let is_hex = |group: &str| group.bytes().all(|byte| byte.is_ascii_hexdigit());
    text.split('-').map(str::len).eq(GROUPS) && text.split('-').all(is_hex)
}
