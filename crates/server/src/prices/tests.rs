//! One book of the file, the documents and the choices.

use pellucid_model::{CostSource, Kind, Span, Timestamp, Usage, UsageSource, Usd};
use pellucid_otlp::{Encoding, Signal, decode};

use super::*;

const FILE: &str = r#"
[cost]
choice = "computed"
cny_usd = "0.125"
[[cost.projects]]
project = "careful"
choice = "reported"
[[prices]]
model = "house-*"
input = 1
output = 1
[[prices]]
model = "house-*"
project = "shop"
input = 8
output = 8
currency = "CNY"
"#;

fn pricing() -> Pricing {
    let config: Config = toml::from_str(FILE).unwrap();
    Pricing::new(&config).unwrap()
}

fn call(project: &str) -> Span {
    let body = br#"{"resourceSpans": [{"scopeSpans": [{"spans": [{"traceId": "00000000000000000000000000000001",
        "spanId": "0000000000000001", "name": "chat", "startTimeUnixNano": "1769860800000000000",
        "endTimeUnixNano": "1769860801000000000"}]}]}]}"#;
    let raw = decode(Signal::Traces, Encoding::Json, body).unwrap().spans.remove(0);
    let mut span = pellucid_genai::normalise(&ProjectId::new(project), Timestamp::ZERO, raw);
    (span.kind, span.request_model) = (Kind::Llm, Some("house-1".to_owned()));
    span.usage =
        Usage { input: Some(1_000_000), output: Some(0), source: Some(UsageSource::Reported), ..Usage::default() };
    span.reported_cost = Usd::from_picos(7);
    span
}

fn priced(documents: &[Document], project: &str) -> (String, String) {
    let cost = pricing().book(documents).price(call(project)).cost;
    (cost.total.map(|usd| usd.to_string()).unwrap_or_default(), cost.price_id.unwrap_or_default())
}

fn set(project: Option<&str>, input: &str) -> Kept {
    let shape = PriceShape {
        model: "house-1".into(),
        input: input.parse().ok(),
        output: "0".parse().ok(),
        ..Default::default()
    };
    Kept::new("mine", project.map(ProjectId::new).as_ref()).next(Some(shape))
}

#[test]
fn the_file_prices_projects_and_everybody() {
    assert_eq!(priced(&[], "other").0, "1.000000000000");
    let (cost, id) = priced(&[], "shop");
    assert_eq!(cost, "1.000000000000", "eight yuan at an eighth of a dollar");
    assert!(id.starts_with("override:file-"), "{id}");
}

#[test]
fn what_was_set_comes_before_the_file_and_says_which_it_was() {
    let documents = [set(None, "3").to_document().unwrap(), set(Some("shop"), "4").to_document().unwrap()];
    assert_eq!(priced(&documents, "other"), ("3.000000000000".into(), "override:mine.1/standard".into()));
    assert_eq!(priced(&documents, "shop").0, "4.000000000000");
    let again = set(Some("shop"), "4").next(None);
    let gone = [again.to_document().unwrap()];
    assert!(priced(&gone, "shop").1.starts_with("override:file-"), "a removed price prices nothing");
    let back = again.next(set(None, "5").into_shape());
    assert_eq!(priced(&[back.to_document().unwrap()], "shop").1, "override:mine.3/standard");
}

#[test]
fn a_project_chooses_whom_it_trusts() {
    let source = |documents: &[Document], project| pricing().book(documents).price(call(project)).cost.source;
    assert_eq!(source(&[], "shop"), Some(CostSource::Computed));
    assert_eq!(source(&[], "careful"), Some(CostSource::Reported));
    let chosen = Document { kind: CHOICE.into(), id: "shop".into(), body: "reported".into() };
    assert_eq!(source(std::slice::from_ref(&chosen), "shop"), Some(CostSource::Reported));
    assert_eq!(pricing().choice(&ProjectId::new("shop"), &[chosen]), CostChoice::Reported);
}

#[test]
fn a_document_nobody_can_read_is_left_out() {
    let broken = Document { kind: PRICE.into(), id: "/x".into(), body: "{".into() };
    assert_eq!(priced(&[broken], "other").0, "1.000000000000");
}

#[test]
fn names_are_plain() {
    assert!(check_id("gpt-4o.batch:2026").is_ok());
    for id in ["", "a/b", "ü", "unpriced", &"x".repeat(65)] {
        assert!(check_id(id).is_err(), "{id}");
    }
}
