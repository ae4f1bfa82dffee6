import { expect, it } from "vitest";
import { dragged, facetValues, totalOf, visibility } from "./model";

const histogram = {
  step_s: 60,
  buckets: [
    { time: "2025-11-24T00:00:00Z", count: 2, errors: 1 },
    { time: "2025-11-24T00:01:00Z", count: 0, errors: 0 },
    { time: "2025-11-24T00:02:00Z", count: 3, errors: 0 },
  ],
};

it("keeps chosen values in sight when nothing matches them", () => {
  expect(
    facetValues(
      [
        { value: "a", count: 2 },
        { value: null, count: 1 },
      ],
      ["b"],
    ),
  ).toEqual([
    { value: "b", count: 0, chosen: true },
    { value: "a", count: 2, chosen: false },
  ]);
});

it("turns a drag in either direction into a window that holds the last bar", () => {
  const window = { from: Date.parse("2025-11-24T00:00:00Z"), to: Date.parse("2025-11-24T00:02:00Z") };
  expect(dragged(histogram, 0, 1)).toEqual(window);
  expect(dragged(histogram, 1, 0)).toEqual(window);
  expect(dragged(histogram, 0, 9)).toBeNull();
});

it("counts rows", () => {
  expect(totalOf(histogram)).toBe(5);
  expect(totalOf(undefined)).toBeUndefined();
});

it("shows what was picked, else what the view needs", () => {
  expect(visibility("traces", null).spans).toBe(true);
  expect(visibility("calls", null).spans).toBe(false);
  expect(
    Object.entries(visibility("calls", "time,cost"))
      .filter(([, on]) => on)
      .map(([id]) => id),
  ).toEqual(["time", "cost"]);
});
