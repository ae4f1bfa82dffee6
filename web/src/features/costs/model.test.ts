import { describe, expect, it } from "vitest";
import type { Cell, MetricFrame } from "@/api/types";
import { costRows, EMPTY_FORM, formOf, idOf, shapeOf } from "./model";

const NAMES = ["model", "cost", "requests", "unpriced_calls", "input_tokens", "output_tokens", "cache_read_tokens"];

const frame = (rows: Cell[][]): MetricFrame => ({
  columns: NAMES.map((name) => ({ name, unit: null, type: "Utf8" })),
  rows,
  window: { from: "2025-11-24T00:00:00Z", to: "2025-11-25T00:00:00Z" },
  step_s: null,
  truncated: false,
});

describe("rows of the cost table", () => {
  it("tells share, change and what a priced call costs", () => {
    const now = frame([
      ["gpt", "7.500000000000", 4, 1, 1000, 100, 250],
      ["kimi", "2.500000000000", 1, 0, 10, 1, null],
    ]);
    const [gpt, kimi] = costRows(now, frame([["gpt", "5.000000000000", 2, 0, 1, 1, 0]]), "model", 10);
    expect(gpt).toMatchObject({ cost: 7.5, share: 0.75, before: 5, perCall: 2.5, cached: 0.25, unpriced: 1 });
    expect(kimi).toMatchObject({ before: null, isNew: true, cached: null });
    expect(gpt?.isNew).toBe(false);
    expect(costRows(now, frame([]), "model", 10)[0]?.isNew).toBe(false);
  });

  it("knows no cost where no call has a price", () => {
    const [row] = costRows(frame([["mystery", "0", 3, 3, null, null, null]]), undefined, "model", 0);
    expect(row).toMatchObject({ cost: null, raw: null, share: null, perCall: null });
  });
});

describe("the form of a price", () => {
  it("sends what was said and nothing else", () => {
    const form = { ...EMPTY_FORM, id: "x", model: " qwen* ", input: "2", rate: "0.14", currency: "USD" as const };
    expect(shapeOf(form)).toEqual({ model: "qwen*", input: "2", currency: "USD" });
    expect(shapeOf({ ...form, currency: "CNY" })).toEqual({
      model: "qwen*",
      input: "2",
      currency: "CNY",
      rate: "0.14",
    });
  });

  it("comes back as it was sent", () => {
    const shape = { model: "m", provider: "p", currency: "CNY" as const, rate: "0.14", input: "1", output: "2" };
    expect(shapeOf(formOf("id", shape))).toEqual(shape);
  });

  it("makes a name that an address can carry", () => {
    expect(idOf("openai/GPT-5 *")).toBe("openai-gpt-5");
    expect(idOf("通义 千问")).toBe("通义-千问");
  });
});
