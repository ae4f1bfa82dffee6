import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import { open, Refusal, serve } from "../../../testing/render";
import { SessionPage } from "./SessionPage";
import { SessionsPage } from "./SessionsPage";

// jsdom has no layout: every row is on the screen.
vi.mock("@tanstack/react-virtual", () => ({
  useVirtualizer: ({ count }: { count: number }) => ({
    getVirtualItems: () => Array.from({ length: count }, (_, index) => ({ index, key: index, start: index * 32 })),
    getTotalSize: () => count * 32,
    scrollToIndex: () => undefined,
  }),
}));

const SESSION = {
  session_id: "s-1",
  user_id: "ann",
  app: "shop",
  start_time: "2025-11-24T11:00:00Z",
  end_time: "2025-11-24T11:02:00Z",
  trace_count: 3,
  span_count: 9,
  call_count: 4,
  error_count: 1,
  input_tokens: 1000,
  output_tokens: 200,
  total_tokens: 1200,
  cost_usd: "0.004200000000",
  unpriced_calls: 1,
  estimated_calls: 0,
  truncated: false,
  redacted: true,
  models: ["kimi"],
  first_input_preview: "我要退款",
};

const turn = (number: number, more: object = {}) => ({
  trace_id: String(number).repeat(32),
  root_span_id: "b".repeat(16),
  name: "chat",
  kind: "llm",
  status: "ok",
  start_time: `2025-11-24T11:0${number}:00Z`,
  end_time: `2025-11-24T11:0${number}:01Z`,
  duration_ns: 1e9,
  span_count: 3,
  call_count: 1,
  tool_count: 2,
  error_count: 0,
  input_tokens: 10,
  output_tokens: 5,
  total_tokens: 15,
  cost_usd: null,
  unpriced_calls: 1,
  estimated_calls: 0,
  truncated: false,
  redacted: false,
  models: ["kimi"],
  user_id: "ann",
  input_text: `question ${number}`,
  output_text: `**answer** ${number}`,
  ...more,
});

describe("Sessions", () => {
  it("lists sessions, orders them, and opens one", async () => {
    const asked = serve({ sessions: { items: [SESSION] } });
    const { location } = await open("/sessions", <SessionsPage />);
    const row = within(await screen.findByRole("row", { name: /我要退款/ }));
    expect(row.getByText("$0.0042")).toBeInTheDocument();
    expect(row.getByText("2 m 00 s")).toBeInTheDocument();
    expect(row.getByText("+?")).toBeInTheDocument();
    await userEvent.click(screen.getByRole("button", { name: "Cost" }));
    await waitFor(() => expect(asked.at(-1)?.input.order).toBe("cost"));
    expect(location()).toBe("/sessions?order=cost");
    await userEvent.click(await screen.findByRole("row", { name: /我要退款/ }));
    await waitFor(() => expect(location()).toContain("/sessions/s-1"));
  });

  it("says so when there is none, and when the question fails", async () => {
    serve({ sessions: { items: [] } });
    await open("/sessions", <SessionsPage />);
    expect(await screen.findByText("No session in this time range")).toBeInTheDocument();
  });

  it("shows the server's words when the question fails", async () => {
    serve({ sessions: new Refusal(400, "no order named price") });
    await open("/sessions", <SessionsPage />);
    expect(await screen.findByText("no order named price")).toBeInTheDocument();
  });
});

describe("Session", () => {
  it("reads turn by turn and loads more only when asked", async () => {
    const asked = serve({
      "sessions/s-1": ({ cursor }: Record<string, unknown>) =>
        cursor
          ? { session: SESSION, items: [turn(3, { output_text: null, status: "error", error_count: 1 })] }
          : { session: SESSION, items: [turn(1), turn(2)], next_cursor: "c" },
    });
    await open("/sessions/s-1", <SessionPage />);
    const first = within(await screen.findByRole("article", { name: "Turn 1" }));
    expect(first.getByText("question 1")).toBeInTheDocument();
    expect(first.getByText("answer").tagName).toBe("STRONG");
    expect(first.getByText("2 tool calls")).toBeInTheDocument();
    expect(asked).toHaveLength(1);
    await userEvent.click(screen.getByRole("button", { name: "Show more: 2 of 3 turns" }));
    const third = within(await screen.findByRole("article", { name: "Turn 3" }));
    expect(third.getByText("no text was sent")).toBeInTheDocument();
    expect(third.getByText("1 error")).toBeInTheDocument();
    expect(screen.getByText("End of the session")).toBeInTheDocument();
  });

  it("never takes text for markup", async () => {
    const text = "<img src=x onerror=alert(1)> [x](javascript:alert(1))";
    serve({ "sessions/s-1": { session: SESSION, items: [turn(1, { input_text: text, output_text: text })] } });
    const { container } = { container: document.body };
    await open("/sessions/s-1", <SessionPage />);
    await screen.findByRole("article", { name: "Turn 1" });
    expect(container.querySelector("img")).toBeNull();
    expect(container.querySelector('a[href^="javascript"]')).toBeNull();
  });

  it("says plainly that a session is gone", async () => {
    serve({ "sessions/s-1": new Refusal(404, "no session s-1") });
    await open("/sessions/s-1", <SessionPage />);
    expect(await screen.findByText("This session is not here (any more).")).toBeInTheDocument();
  });
});
