//! What every table promises.

use super::*;

#[test]
fn no_key_is_claimed_twice_by_one_dialect() {
    for dialect in ALL.iter().copied().chain([LAST]) {
        let mut claims: Vec<(Source, &Row)> = Vec::new();
        for row in dialect.rows {
            for source in row.from {
                let shared = matches!(source, Source::Events | Source::EventsNamed(_) | Source::Flat(_) | Source::Name);
                let same = |(known, other): &&(Source, &Row)| {
                    known == source && (other.when, other.unless) == (row.when, row.unless)
                };
                let twice = claims.iter().find(same).filter(|_| !shared);
                assert!(twice.is_none(), "{}: {source:?} in {:?} and {twice:?}", dialect.id, row.field);
                claims.push((*source, row));
            }
        }
    }
}

#[test]
fn every_field_has_one_row_a_dialect_and_every_row_its_source() {
    for dialect in ALL.iter().copied().chain([LAST]) {
        for (index, row) in dialect.rows.iter().enumerate() {
            assert!(!row.spec.is_empty() && !row.from.is_empty(), "{}: {:?}", dialect.id, row.field);
            let again = dialect
                .rows
                .iter()
                .skip(index + 1)
                .find(|other| other.field == row.field && other.shape == row.shape)
                .filter(|other| (other.when, other.unless) == (row.when, row.unless));
            assert!(again.is_none(), "{}: two rows for {:?}", dialect.id, row.field);
        }
    }
}

#[test]
fn ids_are_unique() {
    let mut ids: Vec<&str> = ALL.iter().map(|dialect| dialect.id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), ALL.len());
}
