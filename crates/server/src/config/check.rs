//! Checks the text of a configuration file: unknown keys with file, line and the nearest valid key.

use pellucid_model::{Error, ErrorKind, Result};
use toml::de::{DeTable, DeValue};
use toml::{Table, Value};

use super::{Config, default_table};

/// Lists of tables with the keys of their own, since an empty default cannot show them.
const LISTS: &[(&str, &[&str])] = &[
    ("auth.keys", &["name", "sha256", "project", "can"]),
    ("cost.projects", &["project", "choice"]),
    (
        PRICES,
        &[
            "model",
            "provider",
            "project",
            "tier",
            "valid_from",
            "currency",
            "rate",
            "input",
            "output",
            "cache_read",
            "cache_write",
            "cache_write_1h",
            "reasoning",
            "input_audio",
            "output_audio",
            "search",
            "call",
            "above",
        ],
    ),
    ("prices.above", &["input_tokens", "input", "output", "cache_read", "cache_write"]),
];
const PRICES: &str = "prices";
/// Tables whose keys are names, with the keys that stand under each name.
const MAPS: &[(&str, &[&str])] = &[("retention.projects", &["spans", "logs", "metrics"])];
/// Stands for any name.
const NAME: &str = "NAME";
/// Above this many edits a suggestion would only confuse.
const FAR: usize = 8;

/// Fails with the first thing that is wrong, as `file:line: what`.
pub(crate) fn check_text(file: &str, text: &str) -> Result<()> {
    let at = |offset: usize, what: &str| {
        let line = 1 + text.bytes().take(offset).filter(|byte| *byte == b'\n').count();
        Error::new(ErrorKind::Invalid, format!("{file}:{line}: {what}"))
    };
    let parsed =
        DeTable::parse(text).map_err(|cause| at(cause.span().map_or(0, |span| span.start), cause.message()))?;
    let valid = all_keys(&default_table()?);
    let mut found = Vec::new();
    collect(parsed.get_ref(), "", &mut found);
    if let Some((offset, key)) = found.iter().find(|(_, key)| !valid.contains(key)) {
        let mut error = unknown_key(key, &valid);
        error.message = at(*offset, &error.message).message;
        return Err(error);
    }
    let config: Config =
        toml::from_str(text).map_err(|cause| at(cause.span().map_or(0, |span| span.start), cause.message()))?;
    let cny_usd = config.cost.cny_usd().unwrap_or_default();
    for (price, offset) in config.prices.iter().zip(tables_of(parsed.get_ref(), PRICES)) {
        price.to_row("file", cny_usd).map_err(|mut error| {
            error.message = at(offset, &error.message).message;
            error
        })?;
    }
    config.validate().map_err(|mut error| {
        error.message = format!("{file}: {}", error.message);
        error
    })
}

/// Where the tables of a list begin.
fn tables_of(root: &DeTable<'_>, list: &str) -> Vec<usize> {
    let found = root.iter().find(|(name, _)| name.get_ref() == list);
    match found.map(|(_, value)| value.get_ref()) {
        Some(DeValue::Array(items)) => items.iter().map(|item| item.span().start).collect(),
        _ => Vec::new(),
    }
}

/// The error for a key that is none of `valid`.
pub(super) fn unknown_key(key: &str, valid: &[String]) -> Error {
    let error = Error::new(ErrorKind::Invalid, format!("unknown key {key}"));
    let nearest = valid.iter().map(|name| (distance(key, name), name)).min();
    match nearest {
        Some((edits, name)) if edits <= FAR.min(key.len()) => {
            error.with_hint(format!("the nearest valid key is {name}"))
        }
        _ => error.with_hint("`pellucid serve --print-config` shows every key"),
    }
}

/// Dotted names of everything that holds a value.
pub(super) fn scalar_keys(table: &Table) -> Vec<String> {
    let mut keys = all_keys(table);
    let is_of_list = |key: &String| LISTS.iter().chain(MAPS).any(|(list, _)| key.starts_with(list));
    keys.retain(|key| !is_of_list(key) && !matches!(lookup(table, key), Some(Value::Table(_))));
    keys
}

fn lookup<'a>(table: &'a Table, key: &str) -> Option<&'a Value> {
    match key.split_once('.') {
        Some((head, rest)) => lookup(table.get(head)?.as_table()?, rest),
        None => table.get(key),
    }
}

fn all_keys(table: &Table) -> Vec<String> {
    let mut keys = Vec::new();
    walk(table, "", &mut keys);
    keys.extend(LISTS.iter().flat_map(|(list, fields)| fields.iter().map(move |field| format!("{list}.{field}"))));
    for (map, fields) in MAPS {
        keys.push(join(map, NAME));
        keys.extend(fields.iter().map(|field| format!("{map}.{NAME}.{field}")));
    }
    keys
}

fn walk(table: &Table, prefix: &str, keys: &mut Vec<String>) {
    for (name, value) in table {
        let key = join(prefix, name);
        if let Value::Table(inner) = value {
            walk(inner, &key, keys);
        }
        keys.push(key);
    }
}

fn collect(table: &DeTable<'_>, prefix: &str, found: &mut Vec<(usize, String)>) {
    for (name, value) in table {
        let is_name = MAPS.iter().any(|(map, _)| *map == prefix);
        let key = join(prefix, if is_name { NAME } else { name.get_ref() });
        found.push((name.span().start, key.clone()));
        descend(value.get_ref(), &key, found);
    }
}

fn descend(value: &DeValue<'_>, key: &str, found: &mut Vec<(usize, String)>) {
    match value {
        DeValue::Table(inner) => collect(inner, key, found),
        DeValue::Array(items) => items.iter().for_each(|item| descend(item.get_ref(), key, found)),
        _ => {}
    }
}

fn join(prefix: &str, name: &str) -> String {
    if prefix.is_empty() { name.to_owned() } else { format!("{prefix}.{name}") }
}

/// Levenshtein's distance: insertions, deletions and substitutions.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in right.iter().enumerate() {
            let substituted = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_key_is_told_with_its_line_and_neighbour() {
        let error = check_text("p.toml", "listen = \"127.0.0.1:1\"\n\n[otlp]\ncustom_tags = []\n").unwrap_err();
        assert_eq!(error.message, "p.toml:4: unknown key otlp.custom_tags");
        assert_eq!(error.hint.as_deref(), Some("the nearest valid key is otlp.customer_tags"));
    }

    #[test]
    fn wrong_types_and_broken_syntax_have_a_line_too() {
        let error = check_text("p.toml", "\n[limits]\nquery_rows = \"x\"\n").unwrap_err();
        assert!(error.message.starts_with("p.toml:3: "), "{error}");
        let error = check_text("p.toml", "a = 1\nlisten = \n").unwrap_err();
        assert!(error.message.starts_with("p.toml:2: "), "{error}");
    }

    #[test]
    fn keys_of_a_key_are_checked() {
        let row = "[auth]\nkeys = [{ name = \"a\", sha265 = \"\", can = [\"read\"] }]\n";
        assert_eq!(check_text("p", row).unwrap_err().message, "p:2: unknown key auth.keys.sha265");
        let row = "[[auth.keys]]\nname = \"a\"\nsha256 = \"x\"\ncan = [\"raed\"]\n";
        assert!(check_text("p", row).unwrap_err().message.starts_with("p:4: "));
    }
}
