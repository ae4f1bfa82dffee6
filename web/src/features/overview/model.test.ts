import { describe, expect, it } from "vitest";
import type { Cell, MetricFrame } from "@/api/types";
import { bars, isBlank, lines, metricFilters, pivot, single, timesOf, withOther } from "@/components/chart/frame";
import { temperatures, vectorRows } from "./model";

function frame(columns: [string, string | null][], rows: Cell[][], step_s: number | null = null): MetricFrame {
  return {
    columns: columns.map(([name, unit]) => ({ name, unit, type: "Utf8" })),
    rows,
    window: { from: "2025-11-24T00:00:30Z", to: "2025-11-24T00:03:00Z" },
    step_s,
    truncated: false,
  };
}

const label = (value: string | null) => value ?? "unknown";
const MINUTE = ["2025-11-24T00:00:00Z", "2025-11-24T00:01:00Z", "2025-11-24T00:02:00Z"] as const;

describe("frames", () => {
  it("gives single values, money with its decimal", () => {
    const totals = frame(
      [
        ["requests", "1"],
        ["cost", "usd"],
        ["ttft_p95", "ns"],
      ],
      [[7, "0.004200000000", null]],
    );
    expect(single(totals, "requests")).toEqual({ value: 7, raw: null });
    expect(single(totals, "cost")).toEqual({ value: 0.0042, raw: "0.004200000000" });
    expect(single(totals, "ttft_p95").value).toBeNull();
    expect(single(totals, "nothing").value).toBeNull();
    expect(single(undefined, "requests").value).toBeNull();
  });

  it("has a bucket for each step, counted from 1970", () => {
    expect(timesOf(frame([], [], 60)).map((time) => new Date(time).toISOString())).toEqual([
      "2025-11-24T00:00:00.000Z",
      "2025-11-24T00:01:00.000Z",
      "2025-11-24T00:02:00.000Z",
    ]);
  });

  it("pivots by a split, the largest first, gaps as zero", () => {
    const chart = pivot(
      frame(
        [
          ["time", null],
          ["model", null],
          ["requests", "1"],
        ],
        [
          [MINUTE[0], "a", 1],
          [MINUTE[2], "b", 5],
          [MINUTE[2], null, 2],
        ],
        60,
      ),
      "model",
      "requests",
      label,
    );
    expect(chart.series.map(({ key, label: name, values }) => [key, name, values])).toEqual([
      ["b", "b", [0, 0, 5]],
      [null, "unknown", [0, 0, 2]],
      ["a", "a", [1, 0, 0]],
    ]);
    expect(chart.step_ms).toBe(60_000);
  });

  it("adds what the kept series leave of the whole", () => {
    const chart = pivot(
      frame(
        [
          ["time", null],
          ["model", null],
          ["cost", "usd"],
        ],
        [[MINUTE[1], "a", "0.1"]],
        60,
      ),
      "model",
      "cost",
      label,
    );
    const totals = frame(
      [
        ["time", null],
        ["cost", "usd"],
      ],
      [
        [MINUTE[0], "0"],
        [MINUTE[1], "0.3"],
        [MINUTE[2], "0.2"],
      ],
      60,
    );
    const other = withOther(chart, totals, "cost", "Other").series[1];
    expect(other?.label).toBe("Other");
    expect(other?.values.map((value) => value?.toFixed(3))).toEqual(["0.000", "0.200", "0.200"]);
    const whole = frame(
      [
        ["time", null],
        ["cost", "usd"],
      ],
      [[MINUTE[1], "0.1"]],
      60,
    );
    expect(withOther(chart, whole, "cost", "Other").series).toHaveLength(1);
    expect(withOther(chart, undefined, "cost", "Other")).toBe(chart);
  });

  it("keeps gaps in lines: unknown is not zero", () => {
    const chart = lines(
      frame(
        [
          ["time", null],
          ["ttft_p95", "ns"],
        ],
        [
          [MINUTE[0], 5],
          [MINUTE[1], null],
        ],
        60,
      ),
      [{ metric: "ttft_p95", label: "P95", color: "x" }],
    );
    expect(chart.series[0]?.values).toEqual([5, null]);
    expect(chart.unit).toBe("ns");
    expect(isBlank(chart)).toBe(false);
    expect(isBlank({ ...chart, series: [{ key: null, label: "", color: "", values: [0, null] }] })).toBe(true);
  });

  it("makes bars with keys to filter by", () => {
    const list = bars(
      frame(
        [
          ["app", null],
          ["cost", "usd"],
        ],
        [
          ["kimi", "0.5"],
          [null, null],
        ],
      ),
      "app",
      "cost",
      label,
    );
    expect(list.map(({ key, label: name, value, raw }) => [key, name, value, raw])).toEqual([
      ["kimi", "kimi", 0.5, "0.5"],
      [null, "unknown", null, null],
    ]);
  });

  it("orders temperatures by heat, those not sent last", () => {
    const list = temperatures(
      frame(
        [
          ["temperature", null],
          ["requests", "1"],
        ],
        [
          [0.7, 9],
          [null, 8],
          [0.3, 2],
        ],
      ),
      label,
    );
    expect(list.map(({ key }) => key)).toEqual(["0.3", "0.7", null]);
  });

  it("reads vector stores", () => {
    const columns: [string, string | null][] = [
      ["db_system", null],
      ["db_operation", null],
      ["db_requests", "1"],
      ["db_latency_avg", "ns"],
      ["db_latency_p95", "ns"],
    ];
    expect(vectorRows(frame(columns, [["milvus", "search", 3, 1.5, null]]))).toEqual([
      { system: "milvus", operation: "search", requests: 3, avg: 1.5, p95: null },
    ]);
  });

  it("asks with the page's filters", () => {
    expect(metricFilters({ app: ["a", "b"], model: undefined })).toEqual([
      { field: "app", op: "in", value: ["a", "b"] },
    ]);
  });
});
