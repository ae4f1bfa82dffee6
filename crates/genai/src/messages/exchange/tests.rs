//! Bodies of every provider, one test a family.

use serde_json::json;

use super::*;

fn text(role: &str, content: &str) -> Json {
    json!({"role": role, "parts": [{"type": "text", "content": content}]})
}

fn ended(content: &str, finish: &str) -> Json {
    json!({"role": "assistant", "parts": [{"type": "text", "content": content}], "finish_reason": finish})
}

fn call(id: &str, name: &str) -> Json {
    json!({"type": "tool_call", "id": id, "name": name, "arguments": {"city": "Paris"}})
}

fn asked(body: Json) -> Vec<Json> {
    request(&body).messages
}

fn answered(body: Json) -> Vec<Json> {
    answer(&body).messages
}

#[test]
fn openai_chat() {
    let body = json!({"model": "gpt-4o", "messages": [{"role": "system", "content": "Brief."}, {"role": "user", "content": "Hi"}],
        "tools": [{"type": "function", "function": {"name": "w", "parameters": {}}}]});
    let want = Exchange {
        system: vec![],
        messages: vec![text("system", "Brief."), text("user", "Hi")],
        tools: vec![json!({"type": "function", "name": "w", "parameters": {}})],
    };
    assert_eq!(request(&body), want);
    let body = json!({"id": "c", "object": "chat.completion", "choices": [
        {"index": 0, "message": {"role": "assistant", "content": "One"}, "finish_reason": "stop"},
        {"index": 1, "message": {"role": "assistant", "content": null, "tool_calls": [
            {"id": "t", "type": "function", "function": {"name": "w", "arguments": "{\"city\":\"Paris\"}"}}]}, "finish_reason": "tool_calls"}]});
    let want = vec![
        ended("One", "stop"),
        json!({"role": "assistant", "parts": [call("t", "w")], "finish_reason": "tool_call"}),
    ];
    assert_eq!(answered(body), want);
    let completion =
        json!({"object": "text_completion", "choices": [{"text": "One", "index": 0, "finish_reason": "length"}]});
    assert_eq!(answered(completion), vec![ended("One", "length")]);
    assert_eq!(asked(json!({"model": "m", "prompt": ["One", "Two"]})), vec![text("user", "One"), text("user", "Two")]);
}

#[test]
fn openai_responses() {
    let body = json!({"model": "gpt-5", "instructions": "Brief.", "input": "Hi"});
    let got = request(&body);
    assert_eq!(
        (got.system, got.messages),
        (vec![json!({"type": "text", "content": "Brief."})], vec![text("user", "Hi")])
    );
    let items = json!([{"type": "reasoning", "id": "rs", "summary": [{"type": "summary_text", "text": "Hm."}], "content": null},
        {"type": "message", "id": "m", "role": "assistant", "status": "completed", "content": [{"type": "output_text", "text": "One"}]},
        {"type": "function_call", "id": "fc", "call_id": "t", "name": "w", "arguments": "{\"city\":\"Paris\"}"}]);
    let parts = json!([{"type": "reasoning", "content": "Hm."}, {"type": "text", "content": "One"}, call("t", "w")]);
    assert_eq!(answered(items.clone()), vec![json!({"role": "assistant", "parts": parts})]);
    assert_eq!(answered(items[2].clone()), vec![json!({"role": "assistant", "parts": [call("t", "w")]})]);
    let whole =
        json!({"object": "response", "status": "completed", "output": items, "text": {"format": {"type": "text"}}});
    assert_eq!(answered(whole), vec![json!({"role": "assistant", "parts": parts, "finish_reason": "stop"})]);
    let cut = json!({"object": "response", "status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"},
        "output": [{"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "One"}]}]});
    assert_eq!(answered(cut), vec![ended("One", "length")]);
}

#[test]
fn embeddings_ask_with_texts_and_answer_with_nothing_to_read() {
    assert_eq!(asked(json!({"input": ["a", "b"], "model": "m"})), vec![text("user", "a"), text("user", "b")]);
    assert_eq!(asked(json!({"input": [1, 2, 3]})), Vec::<Json>::new());
    assert_eq!(asked(json!({"input": [[1, 2], [3]]})), Vec::<Json>::new());
    assert_eq!(answered(json!({"object": "list", "data": [{"embedding": [0.1]}]})), Vec::<Json>::new());
}

#[test]
fn anthropic_messages() {
    let body = json!({"system": [{"type": "text", "text": "Brief.", "cache_control": {"type": "ephemeral"}}],
        "messages": [{"role": "user", "content": "Hi"}], "tools": [{"name": "w", "input_schema": {}}]});
    let want = Exchange {
        system: vec![json!({"type": "text", "content": "Brief."})],
        messages: vec![text("user", "Hi")],
        tools: vec![json!({"type": "function", "name": "w", "input_schema": {}})],
    };
    assert_eq!(request(&body), want);
    let body = json!({"id": "msg", "type": "message", "role": "assistant", "stop_reason": "tool_use", "content": [
        {"type": "thinking", "thinking": "Hm."}, {"type": "tool_use", "id": "t", "name": "w", "input": {"city": "Paris"}}]});
    let parts = json!([{"type": "reasoning", "content": "Hm."}, call("t", "w")]);
    assert_eq!(answered(body), vec![json!({"role": "assistant", "parts": parts, "finish_reason": "tool_call"})]);
}

#[test]
fn gemini_bedrock_and_ollama() {
    let body = json!({"contents": [{"role": "user", "parts": [{"text": "Hi"}]}],
        "config": {"system_instruction": {"parts": [{"text": "Brief."}]}, "tools": [{"functionDeclarations": [{"name": "a"}, {"name": "b"}]}]}});
    let want = Exchange {
        system: vec![json!({"type": "text", "content": "Brief."})],
        messages: vec![text("user", "Hi")],
        tools: vec![json!({"type": "function", "name": "a"}), json!({"type": "function", "name": "b"})],
    };
    assert_eq!(request(&body), want);
    let body =
        json!({"candidates": [{"content": {"role": "model", "parts": [{"text": "One"}]}, "finishReason": "STOP"}]});
    assert_eq!(answered(body), vec![ended("One", "stop")]);
    let bedrock =
        json!({"output": {"message": {"role": "assistant", "content": [{"text": "One"}]}}, "stopReason": "end_turn"});
    assert_eq!(answered(bedrock), vec![ended("One", "stop")]);
    let ollama =
        json!({"model": "m", "message": {"role": "assistant", "content": "One"}, "done_reason": "stop", "done": true});
    assert_eq!(answered(ollama), vec![ended("One", "stop")]);
    assert_eq!(
        answered(json!({"model": "m", "response": "One", "done_reason": "length"})),
        vec![ended("One", "length")]
    );
}

#[test]
fn langchain_serialises_constructors_and_batches() {
    let human = json!({"lc": 1, "type": "constructor", "id": ["langchain", "schema", "messages", "HumanMessage"],
        "kwargs": {"content": "Hi", "type": "human"}});
    let ai = json!({"lc": 1, "type": "constructor", "id": ["langchain_core", "messages", "AIMessageChunk"],
        "kwargs": {"content": "", "tool_calls": [{"name": "w", "args": {"city": "Paris"}, "id": "t", "type": "tool_call"}],
            "response_metadata": {"finish_reason": "tool_calls"}}});
    let calls = json!({"role": "assistant", "parts": [call("t", "w")], "finish_reason": "tool_call"});
    assert_eq!(asked(json!({"messages": [[human, ai]]})), vec![text("user", "Hi"), calls.clone()]);
    let result = json!({"generations": [[{"text": "", "type": "ChatGeneration", "message": ai, "generation_info": {"finish_reason": "tool_calls"}}]],
        "llm_output": null});
    assert_eq!(answered(result), vec![calls]);
    assert_eq!(answered(json!({"generations": [[{"text": "One"}]]})), vec![text("assistant", "One")]);
    let dumped = json!([{"type": "human", "data": {"content": "Hi"}}, {"type": "ai", "content": "One"}]);
    assert_eq!(asked(dumped), vec![text("user", "Hi"), text("assistant", "One")]);
    assert_eq!(asked(json!({"prompts": ["Human: Hi"]})), vec![text("user", "Human: Hi")]);
}

#[test]
fn definitions_among_messages_are_no_messages() {
    let body = json!([{"role": "user", "content": "Hi"},
        {"role": "tool", "content": {"type": "function", "function": {"name": "w", "parameters": {}}}},
        {"role": "tool", "tool_call_id": "t", "content": "18"}]);
    let got = request(&body);
    let result = json!({"role": "tool", "parts": [{"type": "tool_call_response", "id": "t", "response": "18"}]});
    assert_eq!(got.messages, vec![text("user", "Hi"), result]);
    assert_eq!(got.tools, vec![json!({"type": "function", "name": "w", "parameters": {}})]);
}

#[test]
fn the_ai_sdk_and_mastra() {
    let got = request(&json!({"system": "Brief.", "prompt": "Hi"}));
    assert_eq!((got.system.len(), got.messages), (1, vec![text("user", "Hi")]));
    let tool = json!({"role": "tool", "content": [{"type": "tool-result", "toolCallId": "t", "toolName": "w",
        "output": {"type": "json", "value": {"temp": 21}}}]});
    let want = json!({"role": "tool", "parts": [{"type": "tool_call_response", "id": "t", "response": {"temp": 21}}]});
    assert_eq!(asked(json!({"messages": [tool]})), vec![want]);
    let step = json!({"text": "", "toolCalls": [{"toolCallId": "t", "toolName": "w", "args": {"city": "Paris"}}]});
    assert_eq!(answered(step), vec![json!({"role": "assistant", "parts": [call("t", "w")]})]);
    let generation = json!({"files": [], "reasoning": [], "reasoningText": "Hm.", "text": "One"});
    let want = json!({"role": "assistant", "parts": [{"type": "reasoning", "content": "Hm."}, {"type": "text", "content": "One"}]});
    assert_eq!(answered(generation), vec![want]);
}

#[test]
fn arguments_of_functions_and_plain_texts() {
    assert_eq!(asked(json!({"args": ["Hi"], "kwargs": {}})), vec![text("user", "Hi")]);
    assert_eq!(
        asked(json!({"args": [], "kwargs": {"messages": [{"role": "user", "content": "Hi"}]}})),
        vec![text("user", "Hi")]
    );
    assert_eq!(asked(json!("Hi")), vec![text("user", "Hi")]);
    assert_eq!(answered(json!("One")), vec![text("assistant", "One")]);
    assert_eq!(asked(json!({"messages": "[{\"role\":\"user\",\"content\":\"Hi\"}]"})), vec![text("user", "Hi")]);
    assert_eq!(
        answered(json!([{"role": "assistant", "content": "One"}, {"role": "assistant", "content": "Two"}])).len(),
        2
    );
}

#[test]
fn what_is_no_exchange_says_nothing() {
    for body in [json!({"city": "Paris"}), json!({}), json!([]), json!(null), json!({"error": "Error: boom"})] {
        assert_eq!((asked(body.clone()), answered(body.clone())), (vec![], vec![]), "{body}");
    }
}
