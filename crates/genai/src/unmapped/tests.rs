//! What the report must find, what it must not, and that it is bounded.

use proptest::prelude::*;

use super::claims::{Claims, looks_genai};
use super::*;
use crate::dialects::{ALL, Source};

fn row<'a>(service: &str, dialects: &[&str], time: i64, attributes: &[(&'a str, &'a str)]) -> SentRow<'a> {
    SentRow {
        sender: Sender { service: Some(service.to_owned()), ..Sender::default() },
        dialects: dialects.iter().map(|dialect| (*dialect).to_owned()).collect(),
        flags: Vec::new(),
        time: Timestamp::from_nanos(time),
        attributes: attributes.to_vec(),
    }
}

fn report(rows: &[SentRow<'_>]) -> Vec<(Sender, SenderReport)> {
    let mut unmapped = Unmapped::default();
    rows.iter().for_each(|row| unmapped.add(row));
    unmapped.finish().0
}

#[test]
fn what_the_tables_read_is_mapped_and_what_looks_like_it_is_told() {
    let known = [
        ("gen_ai.request.model", "gpt-4o"),
        ("gen_ai.system", "openai"),
        ("http.route", "/ask"),
        ("service.name", "shop"),
        ("my.own", "thing"),
        ("plain", "key"),
    ];
    let odd =
        [("gen_ai.brand.new", "1"), ("llm.odd.0.part", "x"), ("llm.odd.1.part", "y"), ("gen_ai.system", "openai")];
    let got = report(&[
        row("a", &["otel_genai_old"], 5, &known),
        row("a", &["otel_genai_old"], 3, &odd),
        row("a", &["otel_genai_old"], 9, &odd),
    ]);
    assert_eq!((got.len(), got[0].1.rows), (1, 3));
    let keys: Vec<(&str, u64, &str, i64, i64)> = got[0]
        .1
        .keys
        .iter()
        .map(|key| {
            (key.key.as_str(), key.count, key.sample.as_str(), key.first_seen.as_nanos(), key.last_seen.as_nanos())
        })
        .collect();
    assert_eq!(keys, [("gen_ai.brand.new", 2, "1", 3, 9), ("llm.odd.*.part", 2, "x", 3, 9)]);
}

#[test]
fn a_key_of_another_dialect_is_nobodys_on_this_span() {
    let attributes = [("gen_ai.system", "openai"), ("langfuse.unheard.of", "x"), ("traceloop.span.kind", "workflow")];
    let got = report(&[row("a", &["otel_genai_old"], 1, &attributes)]);
    assert!(got[0].1.keys.iter().any(|key| key.key == "traceloop.span.kind"));
    let got = report(&[row("a", &["traceloop"], 1, &attributes)]);
    assert!(!got[0].1.keys.iter().any(|key| key.key == "traceloop.span.kind"));
}

#[test]
fn senders_are_apart_and_unrecognised_rows_are_counted() {
    let attributes = [("llm.odd", "1")];
    let mut flagged = row("b", &[], 1, &[]);
    flagged.flags = vec!["time_unit".to_owned()];
    let got = report(&[row("a", &[], 1, &attributes), row("b", &["openlit"], 1, &attributes), flagged]);
    let told: Vec<_> =
        got.iter().map(|(sender, report)| (sender.service.as_deref(), report.unrecognised_rows)).collect();
    assert_eq!(told, [(Some("a"), 1), (Some("b"), 0)]);
    assert_eq!(got[1].1.flags, BTreeMap::from([("time_unit".to_owned(), 1)]));
    assert_eq!(got[1].1.dialects, BTreeSet::from(["openlit".to_owned()]));
}

#[test]
fn every_dialect_is_looked_for_and_nothing_general_is() {
    for key in
        ["gen_ai.x", "llm.x", "ai.x", "traceloop.x", "openinference.x", "litellm.x", "logfire.x", "mcp.x", "codex.x"]
    {
        assert!(looks_genai(key), "{key}");
    }
    for key in
        ["http.route", "db.system", "service.name", "url.full", "session.id", "user.id", "error.type", "name", ".x"]
    {
        assert!(!looks_genai(key), "{key}");
    }
}

#[test]
fn every_row_of_every_dialect_claims_its_keys() {
    for dialect in ALL {
        let claims = super::claims::ClaimBook::default().of(&[dialect.id.to_owned()]);
        for source in dialect.rows.iter().flat_map(|row| row.from) {
            match source {
                Source::Attr(key) | Source::In(key, _) => assert!(claims.hold(key), "{}: {key}", dialect.id),
                Source::Flat(list) => assert!(claims.hold(&format!("{list}.0.role")), "{}: {list}", dialect.id),
                _ => {}
            }
        }
        assert!(!Claims::default().hold("gen_ai.system"));
    }
}

#[test]
fn whatever_comes_the_report_is_bounded() {
    let keys: Vec<String> = (0..2 * MAX_KEYS).map(|n| format!("gen_ai.k{n}x{}", "y".repeat(300))).collect();
    let long = "中".repeat(1000);
    let attributes: Vec<(&str, &str)> = keys.iter().map(|key| (key.as_str(), long.as_str())).collect();
    let mut unmapped = Unmapped::default();
    for n in 0..2 * MAX_SENDERS {
        unmapped.add(&row(&format!("s{n}"), &[], 1, &attributes));
    }
    let (senders, left_out) = unmapped.finish();
    assert_eq!((senders.len(), left_out), (MAX_SENDERS, true));
    for (_, report) in senders {
        assert!(report.keys_left_out && report.keys.len() == MAX_KEYS);
        assert!(report.keys.iter().all(|key| key.key.chars().count() <= MAX_KEY_CHARS + 1));
        assert!(report.keys.iter().all(|key| key.sample.chars().count() == MAX_SAMPLE_CHARS + 1));
    }
}

proptest! {
    #[test]
    fn the_order_of_rows_makes_no_difference(rows in proptest::collection::vec((0_u8..3, 0_i64..9, "[ab]{1,2}", "[xy]{0,2}"), 0..12)) {
        let keys: Vec<String> = rows.iter().map(|(.., key, _)| format!("gen_ai.{key}")).collect();
        let made: Vec<SentRow<'_>> = rows.iter().zip(&keys)
            .map(|((service, time, _, value), key)| row(&service.to_string(), &[], *time, &[(key.as_str(), value.as_str())]))
            .collect();
        let forward = report(&made);
        let backward: Vec<SentRow<'_>> = rows.iter().zip(&keys).rev()
            .map(|((service, time, _, value), key)| row(&service.to_string(), &[], *time, &[(key.as_str(), value.as_str())]))
            .collect();
        prop_assert_eq!(forward, report(&backward));
    }
}
