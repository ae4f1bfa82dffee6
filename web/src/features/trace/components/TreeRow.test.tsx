import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import type { TreeSpan } from "@/api/types";
import { treeSpan } from "../../../../testing/spans";
import { buildTree } from "../model";
import { TreeRow } from "./TreeRow";

function show(spans: TreeSpan[], onFold = vi.fn()) {
  const nodes = buildTree(spans, "2025-11-24T00:00:00Z");
  render(
    <div role="tree">
      {nodes.map((node) => (
        <TreeRow
          key={node.span.span_id}
          node={node}
          total={2e9}
          top={0}
          height={28}
          chosen={false}
          folded={false}
          hit={false}
          onChoose={vi.fn()}
          onFold={onFold}
        />
      ))}
    </div>,
  );
  return screen.getAllByRole("treeitem");
}

it("marks what is a sum and what is its own", () => {
  const [parent, call] = show([
    treeSpan("agent", 0, { kind: "agent" }),
    treeSpan("chat", 1, { kind: "llm", counts: true, input_tokens: 10, output_tokens: 5, cost_usd: "0.0042" }),
  ]);
  expect(parent).toHaveTextContent("Σ 15");
  expect(parent).toHaveTextContent("Σ $0.0042");
  expect(call).toHaveTextContent("15");
  expect(call).not.toHaveTextContent("Σ");
});

it("shows an unpriced call as unknown, never as zero", () => {
  const [call] = show([treeSpan("chat", 0, { kind: "llm", counts: true, input_tokens: 10, output_tokens: 5 })]);
  expect(call).toHaveTextContent("—");
  expect(call).not.toHaveTextContent("$0");
});

it("says that a parent is missing and that a span runs", () => {
  const [row] = show([treeSpan("lost", 0, { parent_missing: true, running: true, kind: "llm" })]);
  expect(row).toHaveTextContent("Its parent has not arrived");
  expect(row).toHaveTextContent("running");
});

it("marks the first token inside the bar", () => {
  const [row] = show([treeSpan("chat", 0, { kind: "llm", ttft_ns: 250e6, duration_ns: 1e9 })]);
  expect(row?.querySelector("[data-ttft]")).toHaveStyle({ left: "calc(25% - 1px)" });
});

it("folds", async () => {
  const onFold = vi.fn();
  show([treeSpan("agent", 0), treeSpan("chat", 1)], onFold);
  await userEvent.click(screen.getByRole("button", { name: "Fold all" }));
  expect(onFold).toHaveBeenCalledWith(true);
});

it("marks content that is not whole", () => {
  const [cut, whole] = show([treeSpan("a", 0, { truncated: true, redacted: true }), treeSpan("b", 0)]);
  expect(cut).toHaveTextContent("Content was cut before it reached this server");
  expect(cut).toHaveTextContent("Content was masked before it reached this server");
  expect(whole).not.toHaveTextContent("Content was");
});

it("says what is odd about a span", () => {
  const [odd, plain] = show([treeSpan("a", 0, { flags: ["end_before_start", "of_a_newer_server"] }), treeSpan("b", 0)]);
  expect(odd).toHaveTextContent("end before start, of_a_newer_server");
  expect(plain).not.toHaveTextContent("end before start");
});

it("does not say that a price is missing where there was nothing to pay", () => {
  const failed = { kind: "llm", counts: true, status: "error" };
  const [free, unpriced] = show([
    treeSpan("a", 0, failed),
    treeSpan("b", 0, { ...failed, usage_source: "reported", input_tokens: 3 }),
  ]);
  expect(free).toHaveTextContent("there is nothing to pay");
  expect(unpriced).toHaveTextContent("No price is known");
});
