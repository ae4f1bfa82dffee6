//! Messages, parts or tool definitions on their way to a column: as values while somebody may change them, or as the
//! text that the column will show.

use std::borrow::Cow;

use pellucid_model::Document;
use serde_json::Value as Json;

use super::ready::Ready;
use super::say_something;

/// A list of messages, parts or tool definitions.
#[derive(Debug, Clone)]
pub(crate) enum List {
    /// As values.
    Open(Vec<Json>),
    /// As text; equal to the same list as values.
    Ready(Ready),
}

impl List {
    /// The items.
    pub(crate) fn items(&self) -> Cow<'_, [Json]> {
        match self {
            Self::Open(items) => Cow::Borrowed(items),
            Self::Ready(ready) => Cow::Owned(ready.open()),
        }
    }

    /// The items.
    pub(crate) fn into_items(self) -> Vec<Json> {
        match self {
            Self::Open(items) => items,
            Self::Ready(ready) => ready.open(),
        }
    }

    /// Changes the items.
    pub(crate) fn change(&mut self, change: impl FnOnce(&mut Vec<Json>)) {
        let mut items = std::mem::take(self).into_items();
        change(&mut items);
        *self = Self::Open(items);
    }

    /// Without any item.
    pub(crate) fn is_empty(&self) -> bool {
        match self {
            Self::Open(items) => items.is_empty(),
            Self::Ready(ready) => ready.text == "[]",
        }
    }

    /// The column's text; nothing of an empty list.
    pub(crate) fn into_document(self) -> Option<Document> {
        match self {
            empty if empty.is_empty() => None,
            Self::Open(items) => Some(Document::from(Json::Array(items))),
            Self::Ready(ready) => Some(Document::from_text(ready.text)),
        }
    }

    /// Why the messages ended.
    pub(crate) fn finish_reasons(&self) -> Vec<String> {
        match self {
            Self::Open(items) => {
                items.iter().filter_map(|answer| answer["finish_reason"].as_str()).map(str::to_owned).collect()
            }
            Self::Ready(ready) => ready.finish_reasons.clone(),
        }
    }

    /// Whether somebody says something: a text, a tool call or anything else.
    pub(crate) fn says_something(&self) -> bool {
        match self {
            Self::Open(items) => say_something(items),
            Self::Ready(ready) => ready.says_something,
        }
    }

    /// Takes the system messages off its head.
    pub(crate) fn take_system(&mut self) -> Vec<Json> {
        match self {
            Self::Open(items) => {
                let head = items.iter().take_while(|message| message["role"] == "system").count();
                items.drain(..head).collect()
            }
            Self::Ready(ready) => ready.take_system(),
        }
    }
}

impl Default for List {
    fn default() -> Self {
        Self::Open(Vec::new())
    }
}

impl From<Vec<Json>> for List {
    fn from(items: Vec<Json>) -> Self {
        Self::Open(items)
    }
}

impl PartialEq for List {
    fn eq(&self, other: &Self) -> bool {
        self.items() == other.items()
    }
}
