//! Secrets out of telemetry, before anything is made of it.
//!
//! In: what was decoded. Out: the same with every secret that stands in a known place masked by as many `*`, and the
//! secrets, so that the bytes they came in can be masked too. Masking a second time changes nothing and marks the same
//! rows, so a body that was masked gives the same rows as the one before. What people said to a model is searched only
//! for what has the form of a key or bears the name of one: see `places`.

mod places;
#[cfg(test)]
mod tests;
mod text;

use std::collections::BTreeSet;
use std::sync::Arc;

use pellucid_model::{Attributes, Flag, RawLog, RawPoint, RawSpan, Resource, Scope, Value};
use serde_json::Value as Json;

use self::places::{ADDRESSES, HEADER_GROUPS, is_secret_header, is_secret_name};
use self::text::{parameters, secrets_in};
use crate::loose;

/// Shorter values would be found in the middle of other words.
const MIN_HEADER_BYTES: usize = 4;
/// Deeper values are no headers.
const MAX_DEPTH: usize = 16;

/// Masks secrets and remembers them.
#[derive(Debug, Default)]
pub struct Scrubber {
    secrets: BTreeSet<String>,
    /// Whether the last thing looked at held a secret, or the mask of one.
    hit: bool,
    resources: Shared<Resource>,
    scopes: Shared<Scope>,
}

/// What many rows share is looked at once.
#[derive(Debug)]
struct Shared<T>(Option<(Arc<T>, Arc<T>, bool)>);

impl<T> Default for Shared<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl Scrubber {
    /// Masks a span, and marks it if there was something to mask in what is its own.
    pub fn span(&mut self, span: &mut RawSpan) {
        self.hit = false;
        self.share(&mut span.resource, &mut span.scope);
        self.attributes(&mut span.attributes);
        self.words(&mut span.name);
        self.words(&mut span.status_message);
        for event in &mut span.events {
            self.attributes(&mut event.attributes);
        }
        for link in &mut span.links {
            self.attributes(&mut link.attributes);
        }
        if self.hit {
            span.flags.insert(Flag::SecretsMasked);
        }
    }

    /// Masks a log record.
    pub fn log(&mut self, log: &mut RawLog) {
        self.share(&mut log.resource, &mut log.scope);
        self.attributes(&mut log.attributes);
        self.value(&mut log.body, false, 0);
    }

    /// Masks a metric point.
    pub fn point(&mut self, point: &mut RawPoint) {
        self.share(&mut point.resource, &mut point.scope);
        self.attributes(&mut point.attributes);
    }

    /// Everything that was masked and was not yet when it came.
    pub fn secrets(self) -> BTreeSet<String> {
        self.secrets
    }

    fn share(&mut self, resource: &mut Arc<Resource>, scope: &mut Arc<Scope>) {
        let mut resources = std::mem::take(&mut self.resources);
        resources.mask(self, resource, |scrubber, resource| scrubber.attributes(&mut resource.attributes));
        self.resources = resources;
        let mut scopes = std::mem::take(&mut self.scopes);
        scopes.mask(self, scope, |scrubber, scope| scrubber.attributes(&mut scope.attributes));
        self.scopes = scopes;
    }

    fn attributes(&mut self, attributes: &mut Attributes) {
        for (key, value) in attributes.iter_mut() {
            self.member(key, value, 0);
        }
    }

    /// A value by its name.
    fn member(&mut self, key: &str, value: &mut Value, depth: usize) {
        let name = key.rsplit('.').next().unwrap_or(key);
        match header_in(key) {
            Some("") => self.headers(value, depth),
            Some(header) => self.value(value, is_secret_header(header), depth),
            None if ADDRESSES.contains(&key) => self.address(value),
            None => self.value(value, is_secret_name(name), depth),
        }
    }

    /// A value; all of it if its name says so.
    fn value(&mut self, value: &mut Value, all: bool, depth: usize) {
        if depth > MAX_DEPTH {
            return;
        }
        match value {
            Value::Str(text) if all => self.whole(text),
            Value::Str(text) => self.words(text),
            Value::Array(items) => items.iter_mut().for_each(|item| self.value(item, all, depth + 1)),
            Value::Map(map) if all => map.iter_mut().for_each(|(_, value)| self.value(value, true, depth + 1)),
            Value::Map(map) => map.iter_mut().for_each(|(key, value)| self.member(key, value, depth + 1)),
            Value::Null | Value::Bool(_) | Value::Int(_) | Value::Double(_) | Value::Bytes(_) => {}
        }
    }

    /// All headers of a call in one value: a map, or the text of one.
    fn headers(&mut self, value: &mut Value, depth: usize) {
        match value {
            Value::Map(map) => {
                map.iter_mut().for_each(|(name, value)| self.value(value, is_secret_header(name), depth + 1));
            }
            Value::Str(text) => match loose::parse(text).map(|read| read.value) {
                Some(Json::Object(map)) => {
                    let secret = map.iter().filter(|(name, _)| is_secret_header(name));
                    let texts: Vec<String> = secret.flat_map(|(_, value)| texts_of(value)).collect();
                    texts.iter().for_each(|secret| self.inside(text, secret));
                    self.words(text);
                }
                _ => self.whole(text),
            },
            other => self.value(other, false, depth),
        }
    }

    fn address(&mut self, value: &mut Value) {
        if let Value::Str(text) = value {
            let found = parameters(text, 0..text.len());
            self.mask(text, &found);
            self.words(text);
        }
    }

    /// A text that is a secret as a whole.
    fn whole(&mut self, text: &mut String) {
        let start = text.len() - text.trim_start().len();
        let found = start..text.trim_end().len();
        if !found.is_empty() {
            self.mask(text, &[found]);
        }
    }

    /// Every place in a text where this secret stands; all of the text if it is written there in another way.
    fn inside(&mut self, text: &mut String, secret: &str) {
        let found: Vec<_> = text.match_indices(secret).map(|(at, secret)| at..at + secret.len()).collect();
        if found.is_empty() { self.whole(text) } else { self.mask(text, &found) }
    }

    /// Secrets among other words.
    fn words(&mut self, text: &mut String) {
        let found = secrets_in(text);
        self.mask(text, &found);
    }

    fn mask(&mut self, text: &mut String, found: &[std::ops::Range<usize>]) {
        for range in found {
            let Some(secret) = text.get(range.clone()) else { continue };
            self.hit = true;
            if secret.bytes().all(|byte| byte == b'*') {
                continue;
            }
            self.secrets.insert(secret.to_owned());
            text.replace_range(range.clone(), &"*".repeat(range.len()));
        }
    }
}

impl<T: Clone> Shared<T> {
    fn mask(&mut self, scrubber: &mut Scrubber, shared: &mut Arc<T>, mask: impl FnOnce(&mut Scrubber, &mut T)) {
        if let Some((seen, masked, hit)) = &self.0
            && Arc::ptr_eq(seen, shared)
        {
            *shared = Arc::clone(masked);
            scrubber.hit |= hit;
            return;
        }
        let before = std::mem::replace(&mut scrubber.hit, false);
        let known = scrubber.secrets.len();
        let mut own = T::clone(shared);
        mask(scrubber, &mut own);
        let changed = scrubber.secrets.len() > known;
        let seen = Arc::clone(shared);
        if changed || scrubber.hit {
            *shared = Arc::new(own);
        }
        self.0 = Some((seen, Arc::clone(shared), scrubber.hit));
        scrubber.hit |= before;
    }
}

/// The header that an attribute holds; an empty name if it holds all of them.
fn header_in(key: &str) -> Option<&str> {
    HEADER_GROUPS.iter().find_map(|(group, _)| {
        let rest = key.strip_prefix(group)?;
        if rest.is_empty() { Some("") } else { rest.strip_prefix('.') }
    })
}

fn texts_of(json: &Json) -> Vec<String> {
    match json {
        Json::String(text) if text.len() >= MIN_HEADER_BYTES => vec![text.clone()],
        Json::Array(items) => items.iter().flat_map(texts_of).collect(),
        _ => Vec::new(),
    }
}
