//! What an explanation must say, on small rows.

use std::collections::BTreeSet;
use std::sync::Arc;

use pellucid_model::{Attributes, RawStatus, Value};
use serde_json::json;

use super::*;
use crate::testing::{log, priced_scope, texts};
use crate::{PriceBook, dialects};

fn with(numbers: &[(&str, i64)], words: &[(&str, &str)]) -> Attributes {
    let numbers = numbers.iter().map(|(key, number)| ((*key).to_owned(), Value::Int(*number)));
    numbers.chain(texts(words).iter().map(|(key, value)| (key.to_owned(), value.clone()))).collect()
}

fn column<'a>(explanation: &'a Explanation, name: &str) -> &'a Explained {
    explanation.columns.iter().find(|column| column.column == name).unwrap_or_else(|| panic!("{name} is not explained"))
}

#[test]
fn a_number_names_its_place_its_dialect_and_what_was_done() {
    let row = priced_scope(
        "openlit.instrumentation.anthropic",
        &with(
            &[
                ("gen_ai.usage.input_tokens", 10),
                ("gen_ai.usage.output_tokens", 5),
                ("gen_ai.usage.cache_read.input_tokens", 100),
                ("gen_ai.request.seed", 0),
            ],
            &[("gen_ai.provider.name", "anthropic"), ("gen_ai.request.model", "claude-sonnet-4-5")],
        ),
    );
    let explanation = explain(&row, &[]);
    let input = column(&explanation, "input_tokens");
    let origin = input.origin.as_ref().expect("it was read");
    assert_eq!((input.value.as_i64(), origin.sent.as_deref()), (Some(110), Some("10")));
    assert_eq!((origin.kind, origin.name.as_str()), ("attribute", "gen_ai.usage.input_tokens"));
    assert!(origin.dialect.is_some() && origin.spec.is_some_and(|spec| !spec.is_empty()));
    assert_eq!(input.notes, ["input+=cache"]);
    let seed = column(&explanation, "seed");
    let why: Vec<_> = seed.refused.iter().map(|(place, why)| (place.name.as_str(), *why)).collect();
    assert_eq!((seed.value.is_null(), why), (true, vec![("gen_ai.request.seed", "filler")]));
    let cost = column(&explanation, "cost_usd");
    assert_eq!((cost.rule, cost.price_id.is_some(), cost.origin.is_none()), (Some("price_book"), true, true));
    assert!(explanation.columns.iter().all(|column| column.today.is_none()), "normalising again changes nothing");
}

#[test]
fn two_dialects_that_disagree_are_a_conflict_and_spelling_is_none() {
    let row = priced_scope(
        "x",
        &with(
            &[("gen_ai.usage.input_tokens", 10), ("llm.token_count.prompt", 12), ("llm.token_count.completion", 3)],
            &[
                ("openinference.span.kind", "LLM"),
                ("gen_ai.system", "OpenAI"),
                ("llm.provider", "openai"),
                ("gen_ai.request.model", "openai/gpt-4o"),
                ("llm.model_name", "gpt-4o"),
                ("gen_ai.operation.name", "chat"),
            ],
        ),
    );
    let explanation = explain(&row, &[]);
    let input = column(&explanation, "input_tokens");
    let told = |place: &Place| (place.name.clone(), place.sent.clone().unwrap_or_default());
    let mut both: Vec<_> = input.conflicts.iter().chain(&input.origin).map(told).collect();
    both.sort();
    let want = [("gen_ai.usage.input_tokens", "10"), ("llm.token_count.prompt", "12")];
    assert_eq!(both, want.map(|(key, sent)| (key.to_owned(), sent.to_owned())));
    assert!(column(&explanation, "output_tokens").conflicts.is_empty());
    assert!(column(&explanation, "provider_raw").conflicts.is_empty());
    assert!(column(&explanation, "request_model").conflicts.is_empty());
}

#[test]
fn messages_contradict_by_what_was_said_and_a_cut_copy_is_a_copy() {
    let list =
        |text: &str| Fact::List(vec![json!({"role": "user", "parts": [{"type": "text", "content": text}]})].into());
    let framed =
        Fact::List(vec![json!({"role": "human", "parts": [{"type": "text", "content": "hello"}], "id": 1})].into());
    assert!(agree(Field::InputMessages, &list("hello"), &framed));
    assert!(agree(Field::InputMessages, &list("hello"), &list("hel")));
    assert!(!agree(Field::InputMessages, &list("hello"), &list("bye")));
    let text = |text: &str| Fact::Text(text.to_owned());
    assert!(agree(Field::ErrorType, &text("openai.RateLimitError"), &text("RateLimitError")));
    assert!(!agree(Field::SessionId, &text("a.b"), &text("b")));
}

#[test]
fn rules_tell_what_decided() {
    let attributes = texts(&[
        ("gen_ai.system", "openai"),
        ("server.address", "api.moonshot.cn"),
        ("gen_ai.request.model", "kimi-k2"),
        ("gen_ai.operation.name", "chat"),
        ("error.type", "Timeout"),
    ]);
    let explanation = explain(&priced_scope("x", &attributes), &[]);
    let decided = |name: &str| {
        let column = column(&explanation, name);
        (column.rule, column.origin.as_ref().map(|place| place.name.as_str()))
    };
    assert_eq!(decided("provider"), (Some("host"), Some("server.address")));
    assert_eq!(decided("provider_raw"), (None, Some("gen_ai.system")));
    assert_eq!(decided("kind"), (Some("operation"), Some("gen_ai.operation.name")));
    assert_eq!(decided("status"), (Some("error_type"), None));
    assert_eq!(decided("counts"), (Some("a_call_of_its_own"), None));
}

#[test]
fn what_a_record_added_names_the_record() {
    let row = priced_scope("x", &texts(&[("gen_ai.provider.name", "openai"), ("gen_ai.operation.name", "chat")]));
    let said = with(
        &[("gen_ai.usage.input_tokens", 7), ("gen_ai.usage.output_tokens", 2)],
        &[("gen_ai.input.messages", r#"[{"role":"user","parts":[{"type":"text","content":"hi"}]}]"#)],
    );
    let details = Arc::new(log("gen_ai.client.inference.operation.details", said));
    let joined = crate::enrich(PriceBook::bundled(), &row, &[Arc::clone(&details)]).expect("it adds something");
    let explanation = explain(&joined, &[details]);
    for (name, key) in [("input_tokens", "gen_ai.usage.input_tokens"), ("input_messages", "gen_ai.input.messages")] {
        let origin = column(&explanation, name).origin.as_ref().expect("the record told it");
        assert_eq!(
            (origin.name.as_str(), origin.logs.as_slice()),
            (key, &["gen_ai.client.inference.operation.details".to_owned()][..])
        );
    }
    assert!(column(&explanation, "provider_raw").origin.as_ref().is_some_and(|place| place.logs.is_empty()));
}

#[test]
fn a_row_of_older_tables_says_so() {
    let mut row = priced_scope("x", &with(&[("gen_ai.usage.input_tokens", 7)], &[("gen_ai.system", "openai")]));
    row.span.usage.input = Some(9);
    row.span.status_raw = RawStatus::Unset;
    let explanation = explain(&row, &[]);
    let input = column(&explanation, "input_tokens");
    assert_eq!((input.value.as_i64(), input.today.as_ref().and_then(Json::as_i64)), (Some(9), Some(7)));
}

#[test]
fn every_field_of_every_dialect_belongs_to_a_column_that_exists() {
    let known: Vec<Field> = COLUMNS.iter().flat_map(|(_, fields)| *fields).copied().collect();
    for dialect in dialects::ALL.iter().copied().chain([dialects::LAST]) {
        for row in dialect.rows {
            assert!(known.contains(&row.field), "{}: {:?} belongs to no column", dialect.id, row.field);
        }
    }
    let row = priced_scope("x", &Attributes::default());
    let columns: BTreeSet<String> = json::columns(&row.span, &row.cost).into_iter().map(|(name, _)| name).collect();
    for (column, _) in COLUMNS {
        assert!(columns.contains(*column), "{column} is no column");
    }
}

#[test]
fn long_texts_are_shown_by_their_beginning() {
    assert_eq!(cut("中".repeat(MAX_SHOWN_CHARS).as_str()).chars().count(), MAX_SHOWN_CHARS);
    let shown = cut("中".repeat(MAX_SHOWN_CHARS + 1).as_str());
    assert_eq!((shown.chars().count(), shown.ends_with('…')), (MAX_SHOWN_CHARS + 1, true));
}
