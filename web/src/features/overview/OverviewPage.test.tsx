import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import type { MetricRequest } from "@/api/types";
import { NOW, open, Refusal, serve } from "../../../testing/render";
import { OverviewPage } from "./OverviewPage";

// A canvas is the browser tests' business.
vi.mock("@/components/chart/TimeChart", () => ({
  TimeChart: ({ title }: { title: string }) => <p>{`chart of ${title}`}</p>,
}));

const UNITS: Record<string, string> = {
  cost: "usd",
  avg_cost: "usd",
  latency_avg: "ns",
  latency_p95: "ns",
  ttft_p95: "ns",
  total_tokens: "tokens",
  error_rate: "ratio",
};
const VALUES: Record<string, unknown> = {
  requests: 1234,
  errors: 5,
  error_rate: 0.004,
  total_tokens: 56_789,
  cost: "0.004200000000",
  unpriced_calls: 2,
  latency_p95: 1.2e9,
  ttft_p95: null,
};

function answer({ metrics, splits = [], step_s, from, to }: MetricRequest) {
  const names = [...(step_s ? ["time"] : []), ...splits, ...metrics];
  const cell = (name: string) =>
    name === "time"
      ? new Date(Number(from)).toISOString()
      : splits.includes(name)
        ? `some ${name}`
        : name in VALUES
          ? VALUES[name]
          : 7;
  return {
    columns: names.map((name) => ({ name, unit: UNITS[name] ?? null, type: "Utf8" })),
    rows: [names.map(cell)],
    window: { from: new Date(Number(from)).toISOString(), to: new Date(Number(to)).toISOString() },
    step_s: step_s ?? null,
    truncated: false,
  };
}

const CALL = {
  ...{
    trace_id: "a".repeat(32),
    span_id: "b".repeat(16),
    time: "2025-11-24T11:59:00Z",
    name: "chat",
    kind: "llm",
    operation: "chat",
  },
  ...{ app: "kimi_openlit_flask", provider: "moonshot_ai", model: "moonshot-v1-8k", status: "unset", error_type: null },
  ...{
    input_preview: "你好",
    output_preview: "您好！",
    input_tokens: 10,
    output_tokens: 5,
    total_tokens: 15,
    usage_source: "estimated",
  },
  ...{ cost_usd: null, duration_ns: 350e6, ttft_ns: null, session_id: null, user_id: null, stream: true },
};

const full = { query: answer, traces: { items: [CALL] }, facets: { items: [] } };

describe("the overview", () => {
  it("shows the numbers, with what is unpriced beside the cost", async () => {
    const asked = serve(full);
    await open("/", <OverviewPage />);
    const tile = async (name: string) =>
      (await screen.findByText(name, { selector: "span.text-muted" })).parentElement as HTMLElement;
    await waitFor(async () => expect(await tile("Requests")).toHaveTextContent("1,234"));
    expect(within(await tile("Cost")).getByText("$0.0042")).toHaveAttribute("title", "$0.0042");
    expect(await tile("Cost")).toHaveTextContent("2 calls unpriced");
    expect(within(await tile("Tokens")).getByText("56.8 k")).toHaveAttribute("title", "56,789 tokens");
    expect(await tile("TTFT, P95")).toHaveTextContent("—");
    const totals = asked
      .map(({ input }) => input as unknown as MetricRequest)
      .filter(({ metrics }) => metrics?.includes("avg_cost"));
    const [past, now] = totals.sort((a, b) => Number(a.from) - Number(b.from));
    expect(Number(now?.to)).toBeGreaterThan(NOW);
    expect(past?.to).toBe(now?.from);
  });

  it("shows the latest calls with unknown cost as unknown and guessed tokens as guessed", async () => {
    serve(full);
    await open("/", <OverviewPage />);
    const row = (await screen.findByText("您好！")).closest("tr") as HTMLElement;
    expect(within(row).getByText(/No price is known/)).toBeInTheDocument();
    expect(row).not.toHaveTextContent("$0");
    expect(within(row).getByText("≈")).toBeInTheDocument();
    expect(within(row).getByRole("link")).toHaveAttribute("href", `/traces/${"a".repeat(32)}?span=${"b".repeat(16)}`);
  });

  it("asks with the filters of the address, and leaves models out where there are none", async () => {
    const asked = serve(full);
    await open("/?app=kimi&model=m1", <OverviewPage />);
    await screen.findByText("2 calls unpriced");
    const queries = asked.filter((one) => one.path === "query").map(({ input }) => input as unknown as MetricRequest);
    const calls = queries.filter(({ metrics }) => metrics.includes("requests"));
    expect(
      calls.every(({ filters }) => filters?.some(({ field, value }) => field === "model" && String(value) === "m1")),
    ).toBe(true);
    const vectors = queries.filter(({ metrics }) => metrics.includes("db_requests"));
    expect(vectors.map(({ filters }) => filters)).toEqual([
      [{ field: "app", op: "in", value: ["kimi"] }],
      [{ field: "app", op: "in", value: ["kimi"] }],
    ]);
  });

  it("opens the filtered list from a bar", async () => {
    serve(full);
    const { location } = await open("/?app=kimi", <OverviewPage />);
    const panel = await screen.findByRole("region", { name: "Top users" });
    await userEvent.click(await within(panel).findByRole("button", { name: /some user_id/ }));
    await waitFor(() => expect(location()).toBe("/traces?app=kimi&user=some+user_id"));
  });

  it("fails panel by panel, with a way to try again", async () => {
    serve({
      ...full,
      query: (input: Record<string, unknown>) =>
        JSON.stringify(input).includes("db_") ? new Refusal(400, "no vectors today") : answer(input as MetricRequest),
    });
    await open("/", <OverviewPage />);
    const panel = await screen.findByRole("region", { name: "Vector stores: latency" });
    expect(await within(panel).findByRole("alert")).toHaveTextContent("no vectors today");
    expect(await screen.findByText("2 calls unpriced")).toBeInTheDocument();
  });

  it("says so when nothing is there", async () => {
    serve({
      query: (input: Record<string, unknown>) => ({ ...answer(input as MetricRequest), rows: [] }),
      traces: { items: [] },
      facets: { items: [] },
    });
    await open("/", <OverviewPage />);
    await waitFor(() => expect(screen.getAllByText("Nothing in this time range").length).toBeGreaterThan(5));
    expect(screen.getByText("No errors in this time range")).toBeInTheDocument();
    expect(screen.getAllByText("No vector store was used")).toHaveLength(2);
  });
});
