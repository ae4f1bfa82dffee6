//! Which attribute keys the dialects' tables know, and which look as if they should.
//!
//! Everything is derived from the rows: nobody has to list a key twice.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::{Arc, LazyLock};

use crate::dialects::{ALL, Dialect, LAST, Sign, Source, read_for};

/// Namespaces that everything uses, not only what calls models; the tables read keys of these too.
const GENERAL: &[&str] = &[
    "build",
    "client",
    "cloud",
    "code",
    "container",
    "db",
    "deployment",
    "enduser",
    "error",
    "event",
    "exception",
    "faas",
    "github",
    "host",
    "http",
    "k8s",
    "log",
    "messaging",
    "metadata",
    "net",
    "network",
    "os",
    "otel",
    "peer",
    "process",
    "rpc",
    "server",
    "service",
    "session",
    "span",
    "status",
    "telemetry",
    "thread",
    "trace",
    "url",
    "user",
];

/// The namespaces of keys that dialects read or are recognised by: `gen_ai`, `llm`, `langfuse` …
static NAMESPACES: LazyLock<BTreeSet<&'static str>> = LazyLock::new(|| {
    let all = ALL.iter().copied().chain([LAST]).flat_map(|dialect| keys_of(dialect).chain(signs_of(dialect)));
    all.filter_map(namespace).filter(|name| !GENERAL.contains(name)).collect()
});

/// Whether a key looks as if it told of a call of a model.
pub(super) fn looks_genai(key: &str) -> bool {
    namespace(key).is_some_and(|name| NAMESPACES.contains(name))
}

/// The first part of a dotted key.
fn namespace(key: &str) -> Option<&str> {
    key.split_once('.').map(|(name, _)| name).filter(|name| !name.is_empty())
}

fn keys_of(dialect: &Dialect) -> impl Iterator<Item = &'static str> {
    dialect.rows.iter().flat_map(|row| row.from).filter_map(|source| match source {
        Source::Attr(key) | Source::In(key, _) | Source::Flat(key) | Source::TimeIn(key) => Some(*key),
        _ => None,
    })
}

fn signs_of(dialect: &Dialect) -> impl Iterator<Item = &'static str> {
    dialect.signs.iter().flat_map(|sign| key_of_sign(*sign))
}

fn key_of_sign(sign: Sign) -> Vec<&'static str> {
    match sign {
        Sign::Marker(key) | Sign::MarkerIs(key, _) | Sign::Attr(key) | Sign::AttrPrefix(key) | Sign::In(key, _) => {
            vec![key]
        }
        Sign::AnyOf(signs) | Sign::AllOf(signs) => signs.iter().flat_map(|sign| key_of_sign(*sign)).collect(),
        _ => Vec::new(),
    }
}

/// The keys that the dialects of a span read.
#[derive(Debug, Default)]
pub(super) struct Claims {
    keys: HashSet<&'static str>,
    /// Lists whose items are keys of their own.
    lists: Vec<&'static str>,
}

impl Claims {
    fn of(dialects: &[&'static Dialect]) -> Self {
        let mut claims = Self::default();
        for source in dialects.iter().flat_map(|dialect| dialect.rows).flat_map(|row| row.from) {
            match source {
                Source::Attr(key) | Source::In(key, _) | Source::TimeIn(key) => drop(claims.keys.insert(key)),
                Source::Flat(list) => claims.lists.push(list),
                _ => {}
            }
        }
        let marks = dialects.iter().flat_map(|dialect| dialect.marks).map(|(sign, _)| sign);
        let signs = dialects.iter().flat_map(|dialect| dialect.signs).chain(marks);
        claims.keys.extend(signs.flat_map(|sign| key_of_sign(*sign)));
        claims
    }

    /// Whether some row of theirs reads this key.
    pub(super) fn hold(&self, key: &str) -> bool {
        let below = |list: &&str| key.strip_prefix(*list).is_some_and(|rest| rest.starts_with('.'));
        self.keys.contains(key) || self.lists.iter().any(below)
    }
}

/// The claims of each combination of dialects, made once.
#[derive(Debug, Default)]
pub(super) struct ClaimBook(HashMap<Vec<String>, Arc<Claims>>);

impl ClaimBook {
    /// Of a span that speaks these dialects, by the column of that name.
    pub(super) fn of(&mut self, spoken: &[String]) -> Arc<Claims> {
        if let Some(known) = self.0.get(spoken) {
            return Arc::clone(known);
        }
        let claims = Arc::new(Claims::of(&read_for(spoken)));
        self.0.insert(spoken.to_vec(), Arc::clone(&claims));
        claims
    }
}
