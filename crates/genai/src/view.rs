//! One span as its dialects look at it: attributes by key, events, resource, scope and name.

use std::cell::RefCell;
use std::rc::Rc;

use pellucid_model::{Attributes, RawEvent, RawStatus, Span, Timestamp, Value};

use crate::loose::{self, Loose};
use crate::messages;
use crate::sieve::{Sieve, Tells};

/// The data of an attribute that was opened once; nothing if there is none.
type Opened<'a> = (&'a str, Option<Rc<Loose>>);

/// Read access to what was sent, sifted once so that only rows that may find something are looked at.
pub(crate) struct View<'a> {
    attributes: Vec<(&'a str, &'a Value)>,
    /// For the number of each key of the tables its place among the attributes and one; 0 if it is not there.
    places: Vec<u16>,
    /// What the keys, the scope and the events may tell.
    pub(crate) told: Tells,
    /// Attributes that hold data, read once however many rows look into them.
    opened: RefCell<Vec<Opened<'a>>>,
    resource: &'a Attributes,
    pub(crate) start: Timestamp,
    pub(crate) failed: bool,
    pub(crate) scope: &'a str,
    pub(crate) name: &'a str,
    pub(crate) status_message: &'a str,
    pub(crate) events: &'a [RawEvent],
}

impl<'a> View<'a> {
    /// The span's own attributes; of keys sent twice the last one.
    pub(crate) fn of(span: &'a Span) -> Self {
        let sieve = Sieve::get();
        let scope = span.scope_name.as_deref().unwrap_or_default();
        let mut told = sieve.begin(scope, !span.events.is_empty());
        let attributes: Vec<(&str, &Value)> = span.attributes.iter().collect();
        let mut places = vec![0; sieve.key_count()];
        for (place, (key, _)) in attributes.iter().enumerate() {
            // Attributes beyond what a place can count are found by looking through all.
            if let Some(number) = sieve.sift(key, &mut told)
                && let Some(slot) = places.get_mut(number)
            {
                *slot = u16::try_from(place + 1).unwrap_or(u16::MAX);
            }
        }
        Self {
            attributes,
            places,
            told,
            opened: RefCell::default(),
            start: span.start_time,
            failed: span.status_raw == RawStatus::Error,
            resource: &span.resource.attributes,
            scope,
            name: &span.name,
            status_message: span.status_message.as_deref().unwrap_or_default(),
            events: &span.events,
        }
    }

    pub(crate) fn attribute(&self, key: &str) -> Option<&'a Value> {
        self.entry(key).map(|(_, value)| value)
    }

    fn entry(&self, key: &str) -> Option<(&'a str, &'a Value)> {
        let through_all = || self.attributes.iter().rev().find(|(known, _)| *known == key).copied();
        match Sieve::get().key(key).and_then(|number| self.places.get(number)) {
            Some(0) => None,
            Some(&u16::MAX) | None => through_all(),
            Some(place) => self.attributes.get(usize::from(*place) - 1).copied(),
        }
    }

    /// The data an attribute holds: JSON text, a Python literal, a structured value.
    pub(crate) fn data(&self, key: &str) -> Option<Rc<Loose>> {
        let (key, value) = self.entry(key)?;
        if let Some((_, known)) = self.opened.borrow().iter().find(|(known, _)| *known == key) {
            return known.clone();
        }
        let data = match value {
            Value::Str(text) => loose::parse(text),
            Value::Array(_) | Value::Map(_) => Some(Loose { value: messages::json_of(value), cut: false }),
            _ => None,
        };
        let data = data.map(Rc::new);
        self.opened.borrow_mut().push((key, data.clone()));
        data
    }

    /// Keys below `prefix` without it, in order, with their values.
    pub(crate) fn below(&self, prefix: &str) -> Vec<(&'a str, &'a Value)> {
        let rest = |key: &'a str| key.strip_prefix(prefix)?.strip_prefix('.');
        // The last one first, so that of keys sent twice it is the one that stays.
        let mut found: Vec<(&'a str, &'a Value)> =
            self.attributes.iter().rev().filter_map(|(key, value)| Some((rest(key)?, *value))).collect();
        found.sort_by_key(|(rest, _)| *rest);
        found.dedup_by_key(|(rest, _)| *rest);
        found
    }

    pub(crate) fn resource(&self, key: &str) -> Option<&'a Value> {
        self.resource.get(key)
    }

    pub(crate) fn has_prefix(&self, prefix: &str) -> bool {
        self.attributes.iter().any(|(key, _)| key.starts_with(prefix))
    }

    /// Events called `name`, or `name` and a number (`gen_ai.content.completion.0`), in the order sent.
    pub(crate) fn events_named(&self, name: &str) -> impl Iterator<Item = &'a RawEvent> {
        self.events.iter().filter(move |event| match event.name.strip_prefix(name) {
            Some("") => true,
            Some(rest) => {
                rest.strip_prefix('.').is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
            }
            None => false,
        })
    }
}

#[cfg(test)]
mod tests {
    use pellucid_model::{Attributes, Value};

    use super::*;
    use crate::testing::priced;

    #[test]
    fn attributes_beyond_what_a_place_can_count_are_found() {
        const KEYS: [&str; 3] = ["gen_ai.system", "gen_ai.request.model", "gen_ai.response.model"];
        let many = usize::from(u16::MAX) + 3;
        for first in many - 6..many {
            let key = |at: usize| {
                at.checked_sub(first)
                    .and_then(|nth| KEYS.get(nth))
                    .map_or_else(|| format!("k{at}"), |key| (*key).to_owned())
            };
            let attributes: Attributes = (0..many + 3).map(|at| (key(at), Value::Int(at as i64))).collect();
            let mut span = priced(1, None, &Attributes::default()).span;
            span.attributes = attributes;
            let view = View::of(&span);
            for (nth, key) in KEYS.iter().enumerate() {
                assert_eq!(view.attribute(key), Some(&Value::Int((first + nth) as i64)), "{key} at {}", first + nth);
            }
        }
    }
}
