//! One span as its dialects look at it: attributes by key, events, resource, scope and name.

use std::collections::HashMap;

use pellucid_model::{Attributes, RawEvent, Span, Value};

/// Read access to what was sent, indexed once so that hundreds of rows cost one hash lookup each.
pub(crate) struct View<'a> {
    attributes: HashMap<&'a str, &'a Value>,
    resource: &'a Attributes,
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

    pub(crate) fn resource(&self, key: &str) -> Option<&'a Value> {
        self.resource.get(key)
    }

    pub(crate) fn has_prefix(&self, prefix: &str) -> bool {
        self.attributes.keys().any(|key| key.starts_with(prefix))
    }

    /// The attributes that begin with `prefix`, which is cut off.
    pub(crate) fn below(&self, prefix: &str) -> impl Iterator<Item = (&'a str, &'a Value)> {
        self.attributes.iter().filter_map(move |(key, value)| Some((key.strip_prefix(prefix)?, *value)))
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
