/** Time ranges in the address, windows for the server, and times as people read them. */

export const RANGES = ["15m", "1h", "6h", "24h", "7d", "30d"] as const;
export type Range = (typeof RANGES)[number];
export const DEFAULT_RANGE: Range = "24h";

/** Seconds between two refreshes; 0 is off. */
export const REFRESHES = [0, 5, 15, 60] as const;

const MINUTE_MS = 60_000;
const LENGTH_MS: Record<Range, number> = {
  "15m": 15 * MINUTE_MS,
  "1h": 60 * MINUTE_MS,
  "6h": 360 * MINUTE_MS,
  "24h": 1_440 * MINUTE_MS,
  "7d": 7 * 1_440 * MINUTE_MS,
  "30d": 30 * 1_440 * MINUTE_MS,
};

/** What the address says about time: a range that moves with the clock, or two fixed moments in ms. */
export type TimeSearch = { range?: Range; from?: number; to?: number; refresh?: number };

/** A window in ms: first moment, and the first one after it. */
export type Window = { from: number; to: number };

type Raw = Record<string, unknown>;

const one = (value: unknown) => (Array.isArray(value) ? value[0] : value);

function moment(value: unknown): number | undefined {
  const text = one(value);
  if (typeof text === "number") return Number.isFinite(text) ? text : undefined;
  if (typeof text !== "string" || text === "") return undefined;
  const ms = /^\d+$/.test(text) ? Number(text) : Date.parse(text);
  return Number.isFinite(ms) ? ms : undefined;
}

/** Reads the time part of an address; nonsense falls back to the default rather than to an error. */
export function parseTime(raw: Raw): TimeSearch {
  const from = moment(raw.from);
  const to = moment(raw.to);
  const refresh = Number(one(raw.refresh));
  const keep = REFRESHES.find((seconds) => seconds === refresh && seconds > 0);
  const rest = keep ? { refresh: keep } : {};
  if (from !== undefined && to !== undefined && from < to) return { from, to, ...rest };
  const range = RANGES.find((known) => known === one(raw.range));
  return range && range !== DEFAULT_RANGE ? { range, ...rest } : rest;
}

/** The window of an address at the moment `now`. Whole seconds, so that equal questions are asked once. */
export function windowOf(search: TimeSearch, now: number): Window {
  if (search.from !== undefined && search.to !== undefined) return { from: search.from, to: search.to };
  // One second of slack: what was sent in this very second is in.
  const to = Math.ceil(now / 1_000) * 1_000 + 1_000;
  return { from: to - LENGTH_MS[search.range ?? DEFAULT_RANGE], to };
}

/** The window of the same length just before. */
export const before = ({ from, to }: Window): Window => ({ from: from - (to - from), to: from });

const STEPS_S = [
  1, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400, 604_800,
];

/** A round bucket length that gives at most about `buckets` of them. */
export function stepOf({ from, to }: Window, buckets = 60): number {
  const least = (to - from) / 1_000 / buckets;
  return STEPS_S.find((step) => step >= least) ?? 604_800;
}

/** RFC 3339 with nanoseconds → ns since `origin` (ms part by Date, the rest by hand: doubles cannot hold both). */
export function nanosSince(time: string, origin: string): number {
  const [a, b] = [split(time), split(origin)];
  return (a.seconds - b.seconds) * 1e9 + (a.nanos - b.nanos);
}

function split(time: string): { seconds: number; nanos: number } {
  const fraction = /\.(\d+)/.exec(time)?.[1] ?? "";
  const whole = Date.parse(time.replace(/\.\d+/, ""));
  return { seconds: Math.round(whole / 1_000), nanos: Number(fraction.padEnd(9, "0").slice(0, 9)) };
}

const clock = new Map<string, Intl.DateTimeFormat>();

function formatter(key: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  let known = clock.get(key);
  if (!known) {
    known = new Intl.DateTimeFormat("en-GB", { hourCycle: "h23", ...options });
    clock.set(key, known);
  }
  return known;
}

const pad = (value: number) => String(value).padStart(2, "0");

function date(ms: number): string {
  const day = new Date(ms);
  return `${pad(day.getMonth() + 1)}-${pad(day.getDate())}`;
}

/** 14:05:09 today, 11-23 14:05:09 otherwise; local time. */
export function moments(time: string | number, now = Date.now()): string {
  const ms = typeof time === "number" ? time : Date.parse(time);
  if (!Number.isFinite(ms)) return "—";
  const text = formatter("hms", { hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(ms);
  return new Date(ms).toDateString() === new Date(now).toDateString() ? text : `${date(ms)} ${text}`;
}

/** The whole moment with milliseconds and zone, for tooltips. */
export function fullMoment(time: string | number): string {
  const ms = typeof time === "number" ? time : Date.parse(time);
  if (!Number.isFinite(ms)) return "—";
  const day = new Date(ms);
  const text = formatter("full", {
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    fractionalSecondDigits: 3,
    timeZoneName: "shortOffset",
  }).format(ms);
  return `${day.getFullYear()}-${date(ms)} ${text}`;
}

/** A label for a time axis: the shorter the step, the finer. */
export function tick(ms: number, spanMs: number): string {
  const hm = formatter("hm", { hour: "2-digit", minute: "2-digit" }).format(ms);
  if (spanMs <= 10 * MINUTE_MS) return moments(ms, ms);
  if (spanMs <= 26 * 60 * MINUTE_MS) return hm;
  if (spanMs <= 8 * 1_440 * MINUTE_MS) return hm === "00:00" ? date(ms) : `${date(ms)} ${hm}`;
  return date(ms);
}
