import { describe, expect, it } from "vitest";
import { bytes, change, count, duration, full, money, percent, short, signed, unitOf } from "./format";

describe("numbers as people read them", () => {
  it.each([
    [0, "0"],
    [1234, "1,234"],
    [9999, "9,999"],
    [12_345, "12.3 k"],
    [99_960, "100 k"],
    [999_960, "1 M"],
    [4_560_000, "4.56 M"],
    [-12_345, "-12.3 k"],
    [0.3333333, "0.33"],
  ])("count %d → %s", (value, text) => expect(count(value)).toBe(text));

  it.each([
    [0, "$0"],
    [0.0042, "$0.0042"],
    [0.000123, "$0.00012"],
    [0.0009999, "$0.0010"],
    [0.0000072, "$0.0000072"],
    [0.00000001, "<$0.0000001"],
    [0.5, "$0.50"],
    [0.999, "$1.00"],
    [12.345, "$12.35"],
    [1234.5, "$1,235"],
    [-0.0042, "-$0.0042"],
  ])("money %d → %s", (value, text) => expect(money(value)).toBe(text));

  it.each([
    [0, "0 ms"],
    [350e6, "350 ms"],
    [1.2e9, "1.2 s"],
    [999.7e6, "1 s"],
    [59.96e9, "1 m 00 s"],
    [125e9, "2 m 05 s"],
    [3_725e9, "1 h 02 m"],
    [1.5e6, "1.5 ms"],
    [900, "900 ns"],
    [12_500, "13 µs"],
  ])("duration %d → %s", (value, text) => expect(duration(value)).toBe(text));

  it.each([
    [0, "0 %"],
    [0.0523, "5.2 %"],
    [1, "100 %"],
    [0.00001, "<0.1 %"],
  ])("percent %d → %s", (value, text) => expect(percent(value)).toBe(text));

  it("writes bytes", () => expect([bytes(999), bytes(12_345_678), bytes(0)]).toEqual(["999 B", "12.3 MB", "0 B"]));

  it("never shows the unknown as zero", () => {
    for (const unit of ["count", "tokens", "usd", "ns", "ratio", "per_second", "bytes"] as const) {
      expect(short(null, unit)).toBe("—");
      expect(full(undefined, unit)).toBe("—");
    }
  });

  it("has the whole value for the tooltip, money as the server wrote it", () => {
    expect(full(0.004200000001, "usd", "0.004200000001")).toBe("$0.004200000001");
    expect(full(0.5, "usd", "0.500000000000")).toBe("$0.5");
    expect(full(2, "usd", "2.000000000000")).toBe("$2");
    expect(full(1_234_567, "tokens")).toBe("1,234,567 tokens");
    expect(full(1_234_567, "ns")).toBe("1.234567 ms");
  });

  it("compares with the period before", () => {
    expect(change(110, 100)).toBeCloseTo(0.1);
    expect(change(1, 0)).toBeNull();
    expect(change(null, 1)).toBeNull();
    expect([signed(0.123), signed(-0.034), signed(0), signed(11)]).toEqual(["+12 %", "−3.4 %", "0 %", "×12"]);
  });

  it("knows the server's units", () =>
    expect([unitOf("usd"), unitOf("1"), unitOf(null), unitOf("1/s")]).toEqual(["usd", "count", "count", "per_second"]));
});
