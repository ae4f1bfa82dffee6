import { describe, expect, it } from "vitest";
import { conversation, pretty } from "./chat";

const text = (content: string) => ({ type: "text", content });

describe("a conversation", () => {
  it("reads system, input and output in order", () => {
    const messages = conversation({
      system_instructions: [text("Be brief.")],
      input_messages: [{ role: "user", parts: [text("你好")] }],
      output_messages: [{ role: "assistant", parts: [text("您好")], finish_reason: "stop" }],
    });
    expect(messages.map(({ role, side, finish }) => [role, side, finish])).toEqual([
      ["system", "system", null],
      ["user", "input", null],
      ["assistant", "output", "stop"],
    ]);
  });

  it("puts a result into its call, and keeps a result without one", () => {
    const messages = conversation({
      input_messages: [
        { role: "assistant", parts: [{ type: "tool_call", id: "c1", name: "search", arguments: { q: "x" } }] },
        { role: "tool", parts: [{ type: "tool_call_response", id: "c1", response: "42" }] },
        { role: "tool", parts: [{ type: "tool_call_response", id: "lost", response: "?" }] },
      ],
    });
    expect(messages).toHaveLength(2);
    expect(messages[0]?.parts[0]).toMatchObject({ type: "tool", name: "search", result: { value: "42" } });
    expect(messages[1]?.parts[0]).toMatchObject({ type: "result", id: "lost" });
  });

  it("draws pictures from the message and names those elsewhere", () => {
    const parts = (part: unknown) => conversation({ input_messages: [{ role: "user", parts: [part] }] })[0]?.parts[0];
    expect(parts({ type: "blob", mime_type: "image/png", content: "AAAA" })).toEqual({
      type: "image",
      src: "data:image/png;base64,AAAA",
      uri: null,
    });
    expect(parts({ type: "image_url", image_url: { url: "https://elsewhere.example/a.png" } })).toEqual({
      type: "image",
      src: null,
      uri: "https://elsewhere.example/a.png",
    });
    expect(parts({ type: "image_url", image_url: { url: "data:text/html;base64,AAAA" } })).toMatchObject({ src: null });
    expect(parts({ type: "image", source: { type: "base64", media_type: "image/jpeg", data: "BBBB" } })).toMatchObject({
      src: "data:image/jpeg;base64,BBBB",
    });
  });

  it("survives what nobody foresaw", () => {
    const messages = conversation({
      input_messages: ["plain", { role: "user", content: "old style" }, { parts: [null, 7, { type: "odd", x: 1 }] }],
    });
    expect(messages.map(({ parts }) => parts.map(({ type }) => type))).toEqual([
      ["text"],
      ["text"],
      ["text", "text", "other"],
    ]);
    expect(conversation({})).toEqual([]);
    expect(conversation({ input_messages: "not a list" })[0]?.parts[0]).toEqual({ type: "text", text: "not a list" });
  });
});

it("lays JSON out and leaves text alone", () => {
  expect(pretty('{"a":1}')).toEqual({ text: '{\n  "a": 1\n}', json: true });
  expect(pretty("{not json")).toEqual({ text: "{not json", json: false });
  expect(pretty({ a: 1 }).json).toBe(true);
});
