/** Numbers as people read them. Unknown is "—", never 0. Each short form has a full one for the tooltip. */

export const UNKNOWN = "—";

/** How a value is to be written. */
export type Unit = "count" | "number" | "tokens" | "usd" | "ns" | "ratio" | "per_second" | "bytes";

/** The server's unit words. */
export function unitOf(word: string | null | undefined): Unit {
  const known: Record<string, Unit> = { tokens: "tokens", usd: "usd", ns: "ns", ratio: "ratio", "1/s": "per_second" };
  return known[word ?? ""] ?? "count";
}

type Value = number | null | undefined;

const absent = (value: Value): value is null | undefined =>
  value === null || value === undefined || Number.isNaN(value);

const grouped = new Intl.NumberFormat("en-US", { maximumFractionDigits: 2 });
const fixed = (value: number, digits: number) => value.toFixed(digits);
/** Drops "12.0" to "12" but keeps "12.3". */
const trim = (text: string) => text.replace(/\.0+$/, "");

const SCALES: [number, string][] = [
  [1e12, "T"],
  [1e9, "G"],
  [1e6, "M"],
  [1e3, "k"],
];

/** 1,234 · 12.3 k · 4.56 M */
export function count(value: Value): string {
  if (absent(value)) return UNKNOWN;
  const size = Math.abs(value);
  if (size < 10_000) return grouped.format(Number.isInteger(value) ? value : Number(value.toPrecision(4)));
  // 999,960 would read "1000 k": the next scale takes over where rounding reaches it.
  const [scale, suffix] = SCALES.find(([from]) => size >= from * 0.99995) ?? [1e3, "k"];
  const scaled = value / scale;
  return `${trim(fixed(scaled, Math.abs(scaled) < 9.995 ? 2 : Math.abs(scaled) < 99.95 ? 1 : 0))} ${suffix}`;
}

/** $0.0042 · $1.23 · $1,234 */
export function money(value: Value): string {
  if (absent(value)) return UNKNOWN;
  const sign = value < 0 ? "-" : "";
  const size = Math.abs(value);
  if (size === 0) return "$0";
  // A call of a few tokens costs millionths: they are shown, since zero it is not.
  if (size < 1e-7) return `${sign}<$0.0000001`;
  if (size < 0.995) {
    const two = Number(size.toPrecision(2));
    return `${sign}$${two.toFixed(Math.max(2, 1 - Math.floor(Math.log10(two))))}`;
  }
  if (size < 1_000) return `${sign}$${fixed(size, 2)}`;
  if (size < 100_000) return `${sign}$${grouped.format(Math.round(size))}`;
  return `${sign}$${count(size)}`;
}

/** 350 ms · 1.2 s · 2 m 05 s */
export function duration(ns: Value): string {
  if (absent(ns)) return UNKNOWN;
  const ms = ns / 1e6;
  if (ns === 0) return "0 ms";
  if (ms < 1) return ns < 1_000 ? `${Math.round(ns)} ns` : `${trim(fixed(ns / 1e3, ns < 9_950 ? 1 : 0))} µs`;
  if (ms < 9.95) return `${trim(fixed(ms, 1))} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  const s = ms / 1e3;
  if (s < 9.995) return `${trim(fixed(s, s < 9.95 ? 1 : 0))} s`;
  if (s < 59.95) return `${trim(fixed(s, 1))} s`;
  const whole = Math.round(s);
  const pad = (value: number) => String(value).padStart(2, "0");
  if (whole < 3_600) return `${Math.floor(whole / 60)} m ${pad(whole % 60)} s`;
  return `${Math.floor(whole / 3_600)} h ${pad(Math.floor((whole % 3_600) / 60))} m`;
}

/** 12.3 % */
export function percent(value: Value): string {
  if (absent(value)) return UNKNOWN;
  const size = Math.abs(value) * 100;
  if (size === 0) return "0 %";
  if (size < 0.1) return "<0.1 %";
  return `${trim(fixed(value * 100, size < 9.95 ? 1 : size < 99.95 ? 1 : 0))} %`;
}

/** 12.3 MB */
export function bytes(value: Value): string {
  if (absent(value)) return UNKNOWN;
  const scales = ["B", "kB", "MB", "GB", "TB"];
  const step = Math.min(scales.length - 1, value < 1 ? 0 : Math.floor(Math.log10(value) / 3));
  const scaled = value / 1000 ** step;
  return `${trim(fixed(scaled, step === 0 || scaled >= 100 ? 0 : 1))} ${scales[step]}`;
}

const SHORT: Record<Unit, (value: Value) => string> = {
  count,
  number: count,
  tokens: count,
  usd: money,
  ns: duration,
  ratio: percent,
  per_second: (value) => (absent(value) ? UNKNOWN : `${count(Number(value.toPrecision(3)))}/s`),
  bytes,
};

export const short = (value: Value, unit: Unit) => SHORT[unit](value);

const exact = new Intl.NumberFormat("en-US", { maximumFractionDigits: 12 });

/** The whole value, for tooltips. `raw` is the decimal as the server sent it, if there is one. */
export function full(value: Value, unit: Unit, raw?: string | null): string {
  if (absent(value)) return UNKNOWN;
  if (unit === "usd") return `$${raw ? raw.replace(/(\.\d*?)0+$/, "$1").replace(/\.$/, "") : exact.format(value)}`;
  if (unit === "ns") return `${exact.format(value / 1e6)} ms`;
  if (unit === "ratio") return `${exact.format(value * 100)} %`;
  if (unit === "tokens") return `${exact.format(value)} tokens`;
  if (unit === "bytes") return `${exact.format(value)} B`;
  return exact.format(value);
}

/** The change from `before` to `now` as a ratio; null where there is nothing to compare with. */
export function change(now: Value, before: Value): number | null {
  if (absent(now) || absent(before) || before === 0) return null;
  return (now - before) / Math.abs(before);
}

/** +12 % · −3.4 % · ×12 */
export function signed(ratio: number): string {
  if (Math.abs(ratio) < 0.0005) return "0 %";
  if (ratio >= 9.995) return `×${count(Math.round(ratio + 1))}`;
  const size = Math.abs(ratio) * 100;
  return `${ratio > 0 ? "+" : "−"}${trim(fixed(size, size < 9.95 ? 1 : 0))} %`;
}
