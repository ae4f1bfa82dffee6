//! One span as its dialects look at it: attributes by key, events, resource, scope and name.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use pellucid_model::{Attributes, RawEvent, RawStatus, Span, Timestamp, Value};

use crate::loose::{self, Loose};
use crate::messages;

/// Read access to what was sent, indexed once so that hundreds of rows cost one hash lookup each.
pub(crate) struct View<'a> {
    attributes: HashMap<&'a str, &'a Value>,
    /// Attributes that hold data, read once however many rows look into them.
    opened: RefCell<HashMap<&'a str, Option<Rc<Loose>>>>,
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
        Self {
            attributes: span.attributes.iter().collect(),
            opened: RefCell::default(),
            start: span.start_time,
            failed: span.status_raw == RawStatus::Error,
            resource: &span.resource_attributes,
            scope: span.scope_name.as_deref().unwrap_or_default(),
            name: &span.name,
            status_message: span.status_message.as_deref().unwrap_or_default(),
            events: &span.events,
        }
    }

    pub(crate) fn attribute(&self, key: &str) -> Option<&'a Value> {
        self.attributes.get(key).copied()
    }

    /// The data an attribute holds: JSON text, a Python literal, a structured value.
    pub(crate) fn data(&self, key: &str) -> Option<Rc<Loose>> {
        let (key, value) = self.attributes.get_key_value(key)?;
        if let Some(known) = self.opened.borrow().get(key) {
            return known.clone();
        }
        let data = match value {
            Value::Str(text) => loose::parse(text),
            Value::Array(_) | Value::Map(_) => Some(Loose { value: messages::json_of(value), cut: false }),
            _ => None,
        };
        let data = data.map(Rc::new);
        self.opened.borrow_mut().insert(key, data.clone());
        data
    }

    /// Keys below `prefix` without it, in order, with their values.
    pub(crate) fn below(&self, prefix: &str) -> Vec<(&'a str, &'a Value)> {
        let rest = |key: &'a str| key.strip_prefix(prefix)?.strip_prefix('.');
        let mut found: Vec<(&'a str, &'a Value)> =
            self.attributes.iter().filter_map(|(key, value)| Some((rest(key)?, *value))).collect();
        found.sort_unstable_by_key(|(rest, _)| *rest);
        found
    }

    pub(crate) fn resource(&self, key: &str) -> Option<&'a Value> {
        self.resource.get(key)
    }

    pub(crate) fn has_prefix(&self, prefix: &str) -> bool {
        self.attributes.keys().any(|key| key.starts_with(prefix))
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
