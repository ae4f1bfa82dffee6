import { describe, expect, it } from "vitest";
import { treeSpan } from "../../../testing/spans";
import { ancestors, axis, buildTree, extent, firstChoice, search, visibleRows } from "./model";

const ORIGIN = "2025-11-24T00:00:00Z";

const SPANS = [
  treeSpan("root", 0, { kind: "agent", duration_ns: 10e9 }),
  treeSpan("call-1", 1, {
    kind: "llm",
    counts: true,
    input_tokens: 100,
    output_tokens: 20,
    cost_usd: "0.002",
    model: "kimi-k2",
  }),
  treeSpan("tool", 1, { kind: "tool", start_time: "2025-11-24T00:00:02.5Z" }),
  treeSpan("call-2", 2, { kind: "llm", counts: true, input_tokens: 5, output_tokens: null, usage_source: "estimated" }),
  treeSpan("copy", 2, { kind: "llm", counts: false, input_tokens: 5, cost_usd: "1" }),
  treeSpan("orphan", 0, { parent_missing: true, kind: "llm", status: "error", counts: true }),
];

describe("the tree", () => {
  const nodes = buildTree(SPANS, ORIGIN);
  const node = (id: string) => nodes.find((one) => one.span.span_id === id);

  it("adds up what lies below, each call once, and not what lies beside", () => {
    expect(node("root")?.below).toEqual({ input: 105, output: 20, cost: 0.002, unpriced: 1, estimated: true });
    expect(node("tool")?.below).toEqual({ input: 5, output: null, cost: null, unpriced: 1, estimated: true });
    expect(node("call-1")?.below.input).toBeNull();
  });

  it("knows where a subtree ends and when a span starts", () => {
    expect(nodes.map(({ end }) => end)).toEqual([5, 2, 5, 4, 5, 6]);
    expect(node("tool")?.start).toBe(2.5e9);
  });

  it("hides what is folded, and only that", () => {
    const ids = (folded: string[]) => visibleRows(nodes, new Set(folded)).map(({ span }) => span.span_id);
    expect(ids(["tool"])).toEqual(["root", "call-1", "tool", "orphan"]);
    expect(ids(["root"])).toEqual(["root", "orphan"]);
    expect(ids([])).toHaveLength(6);
  });

  it("finds the way up", () => {
    expect(ancestors(nodes, 3)).toEqual(["tool", "root"]);
    expect(ancestors(nodes, 5)).toEqual([]);
  });

  it("searches names, models and texts without case", () => {
    expect(search(nodes, "KIMI")).toEqual([1]);
    expect(search(nodes, " ")).toEqual([]);
    expect(search(nodes, "nowhere")).toEqual([]);
  });

  it("shows the failed call first, else the first chat, else the root", () => {
    expect(firstChoice(nodes)).toBe("orphan");
    expect(firstChoice(buildTree(SPANS.slice(0, 5), ORIGIN))).toBe("call-1");
    expect(firstChoice(buildTree(SPANS.slice(0, 1), ORIGIN))).toBe("root");
    expect(firstChoice([])).toBeUndefined();
  });

  it("stretches to the last bar and has a few round marks", () => {
    expect(extent(nodes, 1)).toBe(10e9);
    expect(axis(10e9)).toEqual([0, 2e9, 4e9, 6e9, 8e9, 10e9]);
    expect(axis(700).length).toBeLessThanOrEqual(6);
  });

  it("builds ten thousand deep spans in a moment", () => {
    const deep = Array.from({ length: 10_000 }, (_, depth) => treeSpan(`s${depth}`, depth));
    const started = performance.now();
    expect(buildTree(deep, ORIGIN)[0]?.end).toBe(10_000);
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});
