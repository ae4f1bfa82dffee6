//! By which attributes telemetry names its session and its user, in whatever dialect.

use std::collections::BTreeSet;

use crate::dialects::{ALL, LAST, Source};
use crate::field::Field;

/// Attributes that name a session or a conversation.
pub fn session_attributes() -> BTreeSet<&'static str> {
    attributes_of(Field::SessionId)
}

/// Attributes that name an end user.
pub fn user_attributes() -> BTreeSet<&'static str> {
    attributes_of(Field::UserId)
}

fn attributes_of(field: Field) -> BTreeSet<&'static str> {
    let rows = ALL.iter().copied().chain([LAST]).flat_map(|dialect| dialect.rows);
    let sources = rows.filter(|row| row.field == field).flat_map(|row| row.from);
    let key = |source: &Source| match source {
        Source::Attr(key) => Some(*key),
        _ => None,
    };
    sources.filter_map(key).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_name_them() {
        assert!(session_attributes().contains("session.id") && session_attributes().contains("gen_ai.conversation.id"));
        assert!(user_attributes().contains("user.id") && !user_attributes().contains("session.id"));
    }
}
