//! Shapes of messages, one test a shape.

use serde_json::json;

use super::*;

fn read(text: &str) -> Option<Read> {
    from_value(&Value::Str(text.to_owned()), "user")
}

fn list(text: &str) -> Option<Vec<Json>> {
    read(text).filter(|read| !read.cut).map(|read| read.list)
}

fn text(role: &str, content: &str) -> Json {
    json!({"role": role, "parts": [{"type": "text", "content": content}]})
}

#[test]
fn semantic_conventions_lose_only_their_nulls() {
    let sent = r#"[{"role":"user","parts":[{"content":"\u4f60\u597d","type":"text"}],"name":null},
        {"role":"assistant","parts":[{"arguments":"{\"city\": \"Paris\"}","name":"w","id":"1","type":"tool_call"}],"finish_reason":"tool_calls"},
        {"role":"tool","parts":[{"type":"tool_call_response","id":"1","result":"18"}]}]"#;
    let want = vec![
        text("user", "你好"),
        json!({"role": "assistant", "parts": [{"type": "tool_call", "id": "1", "name": "w", "arguments": {"city": "Paris"}}], "finish_reason": "tool_call"}),
        json!({"role": "tool", "parts": [{"type": "tool_call_response", "id": "1", "response": "18"}]}),
    ];
    assert_eq!(list(sent), Some(want));
}

#[test]
fn openai_chat_messages_with_pictures_and_tools() {
    let sent = r#"[{"role":"developer","content":"Be brief."},
        {"role":"user","content":[{"type":"text","text":"What?"},{"type":"image_url","image_url":{"url":"u"}}]},
        {"role":"assistant","content":null,"tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]},
        {"role":"tool","tool_call_id":"c","content":"ok"}]"#;
    let want = vec![
        text("system", "Be brief."),
        json!({"role": "user", "parts": [{"type": "text", "content": "What?"}, {"type": "image_url", "image_url": {"url": "u"}}]}),
        json!({"role": "assistant", "parts": [{"type": "tool_call", "id": "c", "name": "f", "arguments": {}}]}),
        json!({"role": "tool", "parts": [{"type": "tool_call_response", "id": "c", "response": "ok"}]}),
    ];
    assert_eq!(list(sent), Some(want));
}

#[test]
fn anthropic_and_gemini_blocks() {
    let sent = r#"[{"role":"assistant","content":[{"type":"thinking","thinking":"hm"},{"type":"tool_use","id":"t","name":"f","input":{"a":1}}]},
        {"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":"42"}]},
        {"role":"model","parts":[{"text":"Hi"},{"functionCall":{"name":"g","args":{"b":2}}}]}]"#;
    let want = vec![
        json!({"role": "assistant", "parts": [{"type": "reasoning", "content": "hm"}, {"type": "tool_call", "id": "t", "name": "f", "arguments": {"a": 1}}]}),
        json!({"role": "user", "parts": [{"type": "tool_call_response", "id": "t", "response": "42"}]}),
        json!({"role": "assistant", "parts": [{"type": "text", "content": "Hi"}, {"type": "tool_call", "name": "g", "arguments": {"b": 2}}]}),
    ];
    assert_eq!(list(sent), Some(want));
}

#[test]
fn one_bad_part_does_not_cost_the_list() {
    let sent = r#"[{"role":"user","parts":[null,7,{"odd":1},{"type":"text","content":"ok"}]},"plain",null,[1]]"#;
    let want = vec![
        json!({"role": "user", "parts": [{"type": "text", "content": "7"}, {"type": "text", "content": "{\"odd\":1}"}, {"type": "text", "content": "ok"}]}),
        text("user", "plain"),
        text("user", "1"),
    ];
    assert_eq!(list(sent), Some(want));
}

#[test]
fn text_repr_and_cut_lists() {
    assert_eq!(list("hello [x"), Some(vec![text("user", "hello [x")]));
    assert_eq!(list("['a', 'b']"), Some(vec![text("user", "a"), text("user", "b")]));
    assert_eq!(list("[]"), None);
    let cut = read(r#"[{"role":"system","parts":[{"content":"You are"#);
    assert_eq!(cut, Some(Read { list: vec![text("system", "You are")], cut: true }));
}

#[test]
fn bytes_in_structured_values_are_base64() {
    let part: pellucid_model::Attributes =
        [("type".to_owned(), Value::Str("blob".into())), ("content".to_owned(), Value::Bytes(vec![1, 2, 3]))]
            .into_iter()
            .collect();
    assert_eq!(json_of(&Value::Map(part)), json!({"type": "blob", "content": "AQID"}));
}

#[test]
fn the_head_of_the_list_is_the_system_and_nothing_is_said_twice() {
    let part = |text: &str| json!({"type": "text", "content": text});
    let all =
        vec![text("system", "Be brief."), text("system", "Be kind."), text("user", "Hi"), text("system", "Later.")];
    let ready = ready::messages(&Json::from(all.clone()).to_string()).map(List::Ready);
    for mut input in [List::from(all), ready.unwrap()] {
        let mut system = List::from(vec![part("Be  brief.")]);
        lift_system(&mut system, &mut input);
        assert_eq!(system, vec![part("Be  brief."), part("Be kind.")].into());
        assert_eq!(input, vec![text("user", "Hi"), text("system", "Later.")].into());
    }
}

#[test]
fn role_lines_of_old_openlit() {
    let got = from_lines("system: You are\nkind.\nuser: What's: up?\nassistant: None\ntool: {\"r\": 1}");
    let want = vec![
        text("system", "You are\nkind."),
        text("user", "What's: up?"),
        json!({"role": "tool", "parts": [{"type": "tool_call_response", "response": "{\"r\": 1}"}]}),
    ];
    assert_eq!(got, want);
    assert_eq!(from_lines("just text"), vec![text("user", "just text")]);
}

#[test]
fn message_events_as_bodies_and_as_flat_attributes() {
    let body = |json: Json| json.as_object().cloned().unwrap_or_default();
    let events = [
        (Role::System, body(json!({"content": "Be brief."}))),
        (
            Role::Assistant,
            body(json!({"tool_calls": "[{\"id\":\"c\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]"})),
        ),
        (Role::Tool, body(json!({"content": "{\"r\": 1}", "id": "c"}))),
        (Role::Choice, body(json!({"index": 0, "finish_reason": "stop", "message": "{\"content\":\"Hi\"}"}))),
    ];
    let input = from_events(events.iter().cloned(), false).map(|read| read.list);
    let want = vec![
        text("system", "Be brief."),
        json!({"role": "assistant", "parts": [{"type": "tool_call", "id": "c", "name": "f", "arguments": {}}]}),
        json!({"role": "tool", "parts": [{"type": "tool_call_response", "id": "c", "response": "{\"r\": 1}"}]}),
    ];
    assert_eq!(input, Some(want));
    let output = from_events(events.into_iter(), true).map(|read| read.list);
    let want =
        vec![json!({"role": "assistant", "parts": [{"type": "text", "content": "Hi"}], "finish_reason": "stop"})];
    assert_eq!(output, Some(want));
}

#[test]
fn a_definition_loses_nothing_by_being_read_again() {
    let flat = json!([{"type": "function", "name": "w", "function": "main.w", "data": 1, "toolSpec": null}]);
    let again = tool_definitions(&Value::Str(flat.to_string())).map(|read| Json::Array(read.list));
    assert_eq!(again, Some(flat));
}

#[test]
fn tool_definitions_are_flat_and_typed() {
    let sent = Value::Str(
        r#"[{"type":"function","function":{"name":"a"}},{"name":"b","input_schema":{}},"{\"name\":\"c\"}"]"#.into(),
    );
    let want = vec![
        json!({"type": "function", "name": "a"}),
        json!({"type": "function", "name": "b", "input_schema": {}}),
        json!({"type": "function", "name": "c"}),
    ];
    assert_eq!(tool_definitions(&sent).map(|read| read.list), Some(want));
}
