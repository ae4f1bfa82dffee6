import { expect, it } from "vitest";
import type { SpanDetail } from "@/api/types";
import { attributes, exceptions, hasError, parameters, usage } from "./details";

const span = (more: Record<string, unknown>) => ({ trace_id: "t", span_id: "s", logs: [], ...more }) as SpanDetail;

it("shows the parameters that were sent, zero and false among them", () => {
  const rows = parameters(
    span({ temperature: 0, stream: false, top_p: null, stop_sequences: [], finish_reasons: ["stop", "length"] }),
  );
  expect(rows).toEqual([
    { name: "stream", value: "false" },
    { name: "temperature", value: "0" },
    { name: "finish_reasons", value: "stop, length" },
  ]);
});

it("filters attributes by name and value", () => {
  const map = { "gen_ai.system": "OpenAI", "http.method": "POST", tags: ["a", "b"] };
  expect(attributes(map, "openai").map(({ name }) => name)).toEqual(["gen_ai.system"]);
  expect(attributes(map, "HTTP").map(({ value }) => value)).toEqual(["POST"]);
  expect(attributes(map, "")).toHaveLength(3);
});

it("finds errors in status, type and exception events", () => {
  const events = [
    {
      time: null,
      name: "exception",
      attributes: { "exception.type": "E", "exception.message": "m", "exception.stacktrace": "at" },
    },
  ];
  expect(exceptions(span({ events }))).toEqual([{ type: "E", message: "m", stack: "at" }]);
  expect(hasError(span({ events }))).toBe(true);
  expect(hasError(span({ status: "error" }))).toBe(true);
  expect(hasError(span({ status: "ok", error_type: null }))).toBe(false);
});

it("lists parts of tokens only where they are known", () => {
  const rows = usage(
    span({
      input_tokens: 10,
      output_tokens: null,
      reasoning_tokens: 3,
      total_tokens: 10,
      cost_usd: null,
      input_cost_usd: "0.1",
    }),
  );
  expect(rows.map(({ part, tokens, cost }) => [part, tokens, cost])).toEqual([
    ["input", 10, "0.1"],
    ["output", null, null],
    ["reasoning", 3, null],
    ["total", 10, null],
  ]);
});
