import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import { open, Refusal, serve } from "../../../testing/render";
import type { Fault } from "./components/SqlEditor";
import { ExplorePage } from "./ExplorePage";

// The editor and the canvas are the browser tests' business; jsdom has no layout: every row is on the screen.
vi.mock("./components/SqlEditor", () => ({
  SqlEditor: ({ value, fault, onChange }: { value: string; fault: Fault | null; onChange: (text: string) => void }) => (
    <>
      <textarea aria-label="editor" value={value} onChange={(event) => onChange(event.target.value)} />
      {fault && <p>{`fault at ${fault.line}:${fault.column}`}</p>}
    </>
  ),
}));
vi.mock("@/components/chart/TimeChart", () => ({ TimeChart: () => <p>drawn</p> }));
vi.mock("@tanstack/react-virtual", () => ({
  useVirtualizer: ({ count }: { count: number }) => ({
    getVirtualItems: () => Array.from({ length: count }, (_, index) => ({ index, key: index, start: index * 26 })),
    getTotalSize: () => count * 26,
  }),
}));

const answer = (columns: [string, string][], rows: unknown[][]) => ({
  columns: columns.map(([name, type]) => ({ name, type })),
  rows,
  row_count: rows.length,
  truncated: false,
  elapsed_ms: 3,
});

const TRACE = "a".repeat(32);

describe("Explore", () => {
  it("asks only when told to, and shows rows with their links", async () => {
    const asked = serve({
      sql: ({ query }: Record<string, unknown>) =>
        String(query).includes("information_schema")
          ? answer([["table_name", "Utf8"]], [])
          : answer(
              [
                ["trace_id", "Utf8"],
                ["calls", "Int64"],
                ["note", "Utf8"],
              ],
              [[TRACE, 7, null]],
            ),
    });
    const { location } = await open("/explore", <ExplorePage />);
    const questions = () => asked.filter(({ input }) => !String(input.query).includes("information_schema"));
    const editor = await screen.findByLabelText("editor");
    expect(questions()).toHaveLength(0);
    await userEvent.clear(editor);
    await userEvent.type(editor, "SELECT 1");
    await userEvent.click(screen.getByRole("button", { name: "Run" }));
    expect(await screen.findByText("7")).toBeInTheDocument();
    expect(screen.getByRole("link", { name: TRACE })).toHaveAttribute("href", `/traces/${TRACE}`);
    expect(screen.getByText("null")).toBeInTheDocument();
    expect(questions().map(({ input }) => input.query)).toEqual(["SELECT 1"]);
    expect(location()).toContain("sql=SELECT");
  });

  it("asks a shared question at once and draws what has times", async () => {
    const hours = [
      ["2025-11-24T10:00:00Z", 1],
      ["2025-11-24T11:00:00Z", 2],
    ];
    serve({
      sql: answer(
        [
          ["hour", 'Timestamp(ns, "UTC")'],
          ["calls", "Int64"],
        ],
        hours,
      ),
    });
    await open("/explore?sql=SELECT+2", <ExplorePage />);
    await userEvent.click(await screen.findByRole("button", { name: "Chart" }));
    expect(screen.getByText("drawn")).toBeInTheDocument();
  });

  it("shows where a question is wrong, until it is changed", async () => {
    const refusal = new Refusal(400, "no column named modle");
    Object.assign((refusal.body as { error: object }).error, { position: { line: 1, column: 8 } });
    serve({ sql: refusal });
    await open("/explore?sql=SELECT+modle+FROM+spans", <ExplorePage />);
    expect(await screen.findByText("no column named modle")).toBeInTheDocument();
    expect(screen.getByText("fault at 1:8")).toBeInTheDocument();
    await userEvent.type(screen.getByLabelText("editor"), " ");
    await waitFor(() => expect(screen.queryByText("fault at 1:8")).toBeNull());
  });
});
