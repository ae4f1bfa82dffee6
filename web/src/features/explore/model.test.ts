import { describe, expect, it } from "vitest";
import type { SqlAnswer } from "@/api/types";
import { chartOf } from "./model";

const answer = (columns: [string, string][], rows: SqlAnswer["rows"]): SqlAnswer => ({
  columns: columns.map(([name, type]) => ({ name, type })),
  rows,
  row_count: rows.length,
  truncated: false,
  elapsed_ms: 1,
});
const TIME = 'Timestamp(ns, "UTC")';
const at = (hour: number) => `2025-11-24T${String(hour).padStart(2, "0")}:00:00.000000000Z`;

describe("an answer as a chart", () => {
  it("has a series a number, with gaps where nothing was said", () => {
    const chart = chartOf(
      answer(
        [
          ["hour", TIME],
          ["input_tokens", "Int64"],
          ["output_tokens", "Int64"],
        ],
        [
          [at(2), 5, 6],
          [at(1), 3, null],
        ],
      ),
    );
    expect(chart?.times).toHaveLength(2);
    expect(chart?.step_ms).toBe(3_600_000);
    expect(chart?.unit).toBe("tokens");
    expect(chart?.series.map(({ label, values }) => [label, values])).toEqual([
      ["input_tokens", [3, 5]],
      ["output_tokens", [null, 6]],
    ]);
  });

  it("has a series a word, the largest first, money as money", () => {
    const rows: SqlAnswer["rows"] = [
      [at(1), "kimi", "0.5"],
      [at(1), "gpt", "2.5"],
      [at(2), "kimi", "0.25"],
    ];
    const chart = chartOf(
      answer(
        [
          ["hour", TIME],
          ["model", "Utf8"],
          ["cost_usd", "Decimal128(24, 12)"],
        ],
        rows,
      ),
    );
    expect(chart?.series.map(({ label }) => label)).toEqual(["gpt", "kimi"]);
    expect(chart?.unit).toBe("usd");
  });

  it("is none without times, without numbers, or with one moment", () => {
    expect(chartOf(answer([["a", "Int64"]], [[1], [2]]))).toBeNull();
    expect(
      chartOf(
        answer(
          [
            ["t", TIME],
            ["a", "Utf8"],
          ],
          [[at(1), "x"]],
        ),
      ),
    ).toBeNull();
    expect(
      chartOf(
        answer(
          [
            ["t", TIME],
            ["a", "Int64"],
          ],
          [[at(1), 1]],
        ),
      ),
    ).toBeNull();
  });
});
