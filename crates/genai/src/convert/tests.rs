//! Values as they come, and the facts they are.

use super::*;

fn fact(shape: Shape, value: Value) -> Option<Fact> {
    convert(shape, &Found::Value(&value)).fact
}

fn sent(text: &str) -> Value {
    Value::Str(text.to_owned())
}

#[test]
fn what_stands_for_nothing_is_absent() {
    for text in ["", "  ", "N/A", "None"] {
        assert_eq!(fact(Shape::Text, sent(text)), None, "{text:?}");
    }
    assert_eq!(fact(Shape::Count, Value::Int(-1)), None);
    assert_eq!(fact(Shape::Count, Value::Int(2_000_000_000)), None);
    assert_eq!(fact(Shape::Count, Value::Double(8.0)), Some(Fact::Int(8)));
    assert_eq!(fact(SECONDS, Value::Double(0.0)), None);
    assert_eq!(fact(Shape::Money, sent("-1")), None);
}

#[test]
fn masks_are_told() {
    let masked = convert(Shape::Messages("user"), &Found::Value(&sent("<REDACTED>")));
    assert_eq!(masked, Converted { masked: true, ..Converted::of(None) });
}

#[test]
fn lists_of_texts_in_every_clothing() {
    let want = Some(Fact::Texts(vec!["a".into(), "b".into()]));
    for value in [Value::Array(vec![sent("a"), sent("b")]), sent("[\"a\",\"b\"]"), sent("['a', 'b']"), sent("a, b")] {
        assert_eq!(fact(Shape::Texts, value.clone()), want, "{value:?}");
    }
    assert_eq!(fact(Shape::Texts, Value::Array(vec![])), None);
}

#[test]
fn units_become_nanoseconds_and_money_stays_decimal() {
    assert_eq!(fact(SECONDS, Value::Double(0.25)), Some(Fact::Int(250_000_000)));
    assert_eq!(fact(Shape::Duration(1_000_000), Value::Int(250)), Some(Fact::Int(250_000_000)));
    assert_eq!(fact(Shape::Money, Value::Double(0.1)), Usd::from_picos(100_000_000_000).map(Fact::Money));
}

#[test]
fn moments_in_every_clothing() {
    let want = Some(Fact::Int(1_795_485_736_127_000_000));
    for told in
        [sent("\"2026-11-24T02:02:16.127Z\""), sent("2026-11-24T03:02:16.127+01:00"), Value::Int(1_795_485_736_127)]
    {
        assert_eq!(fact(Shape::Time, told.clone()), want, "{told:?}");
    }
    assert_eq!(fact(Shape::Time, Value::Double(1_795_485_736.0)), Some(Fact::Int(1_795_485_736_000_000_000)));
    assert_eq!(fact(Shape::Time, Value::Int(7_000_000_000_000_000_000)), Some(Fact::Int(7_000_000_000_000_000_000)));
    assert_eq!((fact(Shape::Time, sent("soon")), fact(Shape::Time, Value::Int(0))), (None, None));
}

#[test]
fn costs_are_a_total_or_a_sum() {
    let cents = |cents: i64| Usd::from_picos(i128::from(cents) * 10_000_000_000).map(Fact::Money);
    assert_eq!(fact(Shape::Costs, sent(r#"{"input": 0.01, "output": 0.02, "total": 0.04}"#)), cents(4));
    assert_eq!(fact(Shape::Costs, sent(r#"{"input": 0.01, "output": "0.02"}"#)), cents(3));
    assert_eq!(fact(Shape::Costs, sent("0.03")), cents(3));
    assert_eq!(fact(Shape::Costs, sent("{}")), None);
}

#[test]
fn a_model_behind_its_plugin() {
    let text = |text: &str| Some(Fact::Text(text.to_owned()));
    assert_eq!(fact(Shape::BeforeSlash, sent("googleai/gemini-2.5-flash")), text("googleai"));
    assert_eq!(fact(Shape::AfterSlash, sent("openai/org/gpt-oss")), text("org/gpt-oss"));
    assert_eq!((fact(Shape::BeforeSlash, sent("echo")), fact(Shape::AfterSlash, sent("echo"))), (None, text("echo")));
}

#[test]
fn called_tools_by_name() {
    let calls = ["a", "b"].map(|name| json!({"type": "tool_call", "name": name, "arguments": null}));
    assert_eq!(fact(Shape::ToolNames, sent("a, b")), Some(Fact::List(calls.to_vec().into())));
}

#[test]
fn hosts_from_urls() {
    assert_eq!(host("https://api.Moonshot.cn/v1").as_deref(), Some("api.moonshot.cn"));
    assert_eq!(host("127.0.0.1:8000").as_deref(), Some("127.0.0.1:8000"));
}

#[test]
fn what_was_said_may_look_like_data() {
    let text = |content: &str| serde_json::json!({"role": "user", "parts": [{"type": "text", "content": content}]});
    assert_eq!(fact(Shape::Said("user"), sent("[1]")), Some(Fact::List(vec![text("[1]")].into())));
    assert_eq!(fact(Shape::Said("user"), sent("")), None);
    let list = Value::Array(vec![sent("\"a\""), sent("b")]);
    assert_eq!(fact(Shape::Quoted("user"), list), Some(Fact::List(vec![text("a"), text("b")].into())));
    assert_eq!(fact(Shape::Quoted("user"), sent("\"a\"")), Some(Fact::List(vec![text("a")].into())));
}
