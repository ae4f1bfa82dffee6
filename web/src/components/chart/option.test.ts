import { expect, it } from "vitest";
import { chartOption } from "./option";
import { niceMax, peak, type TimeSeries } from "./series";

const chart: TimeSeries = {
  times: [0, 60_000],
  step_ms: 60_000,
  unit: "count",
  series: [
    { key: "a", label: "<img src=x onerror=alert(1)>", color: "var(--color-series-1)", values: [3, null] },
    { key: "b", label: "b", color: "#123456", values: [4, 1] },
  ],
};

it("stacks bars but not lines", () => {
  expect(peak(chart, true)).toBe(7);
  expect(peak(chart, false)).toBe(4);
});

it("has round maxima, for times in the unit people read", () => {
  expect([1, 7, 0, 83].map((max) => niceMax(max, "count"))).toEqual([4, 8, 4, 84]);
  expect([niceMax(1_234, "tokens"), niceMax(0, "usd"), niceMax(0.0042, "usd")]).toEqual([1_600, 1, 0.005]);
  expect(niceMax(4.2e9, "ns")).toBe(5e9);
  expect(niceMax(90e9, "ns")).toBe(96e9);
});

it("builds tooltips from nodes, so that names cannot be markup", () => {
  const option = chartOption(chart, "bars", (color) => color) as {
    tooltip: { formatter: (items: { dataIndex: number }[]) => HTMLElement };
  };
  const box = option.tooltip.formatter([{ dataIndex: 0 }]);
  expect(box.querySelector("img")).toBeNull();
  expect(box.textContent).toContain("<img src=x onerror=alert(1)>");
});
