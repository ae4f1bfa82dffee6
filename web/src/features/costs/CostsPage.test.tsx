import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { MetricRequest } from "@/api/types";
import { open, Refusal, serve } from "../../../testing/render";
import { CostsPage } from "./CostsPage";

// A canvas is the browser tests' business.
vi.mock("@/components/chart/TimeChart", () => ({
  TimeChart: ({ title }: { title: string }) => <p>{`chart of ${title}`}</p>,
}));

beforeEach(() => {
  // jsdom knows no dialogs.
  HTMLDialogElement.prototype.showModal = function show(this: HTMLDialogElement) {
    this.setAttribute("open", "");
  };
  HTMLDialogElement.prototype.close = function close(this: HTMLDialogElement) {
    this.removeAttribute("open");
    this.dispatchEvent(new Event("close"));
  };
});

const VALUES: Record<string, unknown> = {
  cost: "4.000000000000",
  input_cost: "1.000000000000",
  output_cost: "3.000000000000",
  requests: 10,
  unpriced_calls: 2,
  input_tokens: 1000,
  cache_read_tokens: 250,
};

function answer({ metrics, splits = [], step_s, from, to }: MetricRequest) {
  const names = [...(step_s ? ["time"] : []), ...splits, ...metrics];
  const cell = (name: string) =>
    name === "time"
      ? new Date(Number(from)).toISOString()
      : splits.includes(name)
        ? `some ${name}`
        : (VALUES[name] ?? 7);
  return {
    columns: names.map((name) => ({ name, unit: null, type: "Utf8" })),
    rows: [names.map(cell)],
    window: { from: new Date(Number(from)).toISOString(), to: new Date(Number(to)).toISOString() },
    step_s: step_s ?? null,
    truncated: false,
  };
}

const UNPRICED = {
  model: "mystery-1",
  provider: "acme",
  reason: "no_price",
  calls: 2,
  input_tokens: 1,
  output_tokens: 1,
  first_seen: "2025-11-24T11:00:00Z",
  last_seen: "2025-11-24T11:00:00Z",
};

const progress = (state: string, dry_run: boolean) => ({
  state,
  from: "2025-11-23T12:00:00Z",
  to: "2025-11-24T12:00:00Z",
  dry_run,
  rows_total: 10,
  rows_seen: 10,
  matched: 10,
  changed: 2,
  kept: 0,
  calls_changed: 2,
  before: { cost_usd: "4", priced_calls: 8, unpriced_calls: 2 },
  after: { cost_usd: "5.5", priced_calls: 10, unpriced_calls: 0 },
  difference_usd: "1.5",
});

function server(more: Record<string, unknown> = {}) {
  return serve({
    query: answer,
    prices: { items: [], choice: "reported", books: ["overlay", "genai-prices-0.2.1"] },
    "prices/unpriced": { items: [UNPRICED], calls: 2 },
    ...more,
  });
}

describe("Costs", () => {
  it("shows sums, what they leave out, and splits them as asked", async () => {
    const asked = server();
    const { location } = await open("/costs", <CostsPage />);
    const row = within(await screen.findByRole("row", { name: /some model/ }));
    expect(row.getByText("+ 2 unpriced")).toBeInTheDocument();
    expect(row.getByText("100 %")).toBeInTheDocument();
    expect(screen.getByText("Input from cache").nextSibling).toHaveTextContent("25 %");
    await userEvent.click(screen.getByRole("button", { name: "App" }));
    expect(await screen.findByRole("row", { name: /some app/ })).toBeInTheDocument();
    expect(location()).toContain("by=app");
    expect(asked.some(({ input }) => (input.splits as string[] | undefined)?.includes("app"))).toBe(true);
  });

  it("gives a price to a model that has none", async () => {
    const asked = server({ "prices/mystery-1": { id: "mystery-1", scope: "project", source: "api", price: {} } });
    await open("/costs", <CostsPage />);
    await userEvent.click(await screen.findByRole("button", { name: "Set a price" }));
    const dialog = within(screen.getByRole("dialog", { name: "Set a price" }));
    expect(dialog.getByLabelText(/^Model/)).toHaveValue("mystery-1");
    expect(dialog.getByRole("button", { name: "Save" })).toBeDisabled();
    await userEvent.type(dialog.getByLabelText("Input"), "1.5");
    await userEvent.click(dialog.getByRole("button", { name: "Save" }));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(asked.some(({ path }) => path === "prices/mystery-1")).toBe(true);
  });

  it("keeps the form open and says why a price was refused", async () => {
    server({ "prices/mystery-1": new Refusal(403, "this key may not set prices") });
    await open("/costs", <CostsPage />);
    await userEvent.click(await screen.findByRole("button", { name: "Set a price" }));
    await userEvent.type(screen.getByLabelText("Input"), "1");
    await userEvent.click(screen.getByRole("button", { name: "Save" }));
    expect(await screen.findByText("this key may not set prices")).toBeInTheDocument();
  });

  it("says what re-pricing would change before it does", async () => {
    server({
      "prices/reprice": { id: 3, rewrite: progress("running", true) },
      "audit/3": { id: 3, rewrite: progress("done", true) },
    });
    await open("/costs", <CostsPage />);
    await userEvent.click(await screen.findByRole("button", { name: "What would change?" }));
    expect(await screen.findByText(/2 calls would change: \$4\.00 → \$5\.50/)).toBeInTheDocument();
  });
});
