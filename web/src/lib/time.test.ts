import { describe, expect, it } from "vitest";
import { before, nanosSince, parseTime, stepOf, windowOf } from "./time";

const NOW = Date.UTC(2025, 10, 24, 12, 0, 0, 500);

describe("time in the address", () => {
  it("reads ranges and leaves the default out", () => {
    expect(parseTime({ range: "1h" })).toEqual({ range: "1h" });
    expect(parseTime({ range: "24h" })).toEqual({});
    expect(parseTime({ range: "2 years" })).toEqual({});
  });

  it("reads fixed windows as ms or RFC 3339 and drops the range", () => {
    expect(parseTime({ from: "1000", to: "2000", range: "1h" })).toEqual({ from: 1000, to: 2000 });
    expect(parseTime({ from: "2025-11-24T00:00:00Z", to: "2025-11-25T00:00:00Z" })).toEqual({
      from: Date.UTC(2025, 10, 24),
      to: Date.UTC(2025, 10, 25),
    });
    expect(parseTime({ from: "2000", to: "1000" })).toEqual({});
  });

  it("keeps a known refresh only", () => {
    expect(parseTime({ refresh: "15" })).toEqual({ refresh: 15 });
    expect(parseTime({ refresh: "7" })).toEqual({});
    expect(parseTime({ refresh: "0" })).toEqual({});
  });

  it("moves with the clock, in whole seconds, and holds this very second", () => {
    const window = windowOf({ range: "1h" }, NOW);
    expect(window.to).toBeGreaterThan(NOW);
    expect(window.to % 1000).toBe(0);
    expect(window.to - window.from).toBe(3_600_000);
    expect(windowOf({ from: 5, to: 9 }, NOW)).toEqual({ from: 5, to: 9 });
  });

  it("knows the window before", () => expect(before({ from: 100, to: 160 })).toEqual({ from: 40, to: 100 }));

  it("chooses round steps", () => {
    expect(stepOf({ from: 0, to: 3_600_000 })).toBe(60);
    expect(stepOf({ from: 0, to: 86_400_000 })).toBe(1_800);
    expect(stepOf({ from: 0, to: 1_000 })).toBe(1);
  });

  it("subtracts times without losing nanoseconds", () => {
    expect(nanosSince("2025-11-24T00:00:01.000000001Z", "2025-11-24T00:00:00.999999999Z")).toBe(2);
    expect(nanosSince("2025-11-24T00:00:01Z", "2025-11-24T00:00:00.5Z")).toBe(500_000_000);
  });
});
