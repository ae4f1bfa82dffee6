/** Frames of the metric catalogue → what tiles, charts and lists draw. Pure. */
import type { Cell, MetricFilter, MetricFrame } from "@/api/types";
import type { Filters } from "@/lib/filters";
import { unitOf } from "@/lib/format";
import { OTHER, seriesColor } from "@/lib/palette";
import type { Bar } from "./BarList";
import type { Series, TimeSeries } from "./series";

/** Money comes as a decimal string; everything else as a number. */
export function numberOf(cell: Cell | undefined): number | null {
  if (cell === null || cell === undefined || cell === "") return null;
  const value = Number(cell);
  return Number.isFinite(value) ? value : null;
}

export const columnOf = (frame: MetricFrame, name: string) => frame.columns.findIndex((column) => column.name === name);

/** One value out of a frame without splits. */
export function single(frame: MetricFrame | undefined, metric: string): { value: number | null; raw: string | null } {
  const cell = frame?.rows[0]?.[columnOf(frame, metric)];
  return { value: numberOf(cell), raw: typeof cell === "string" ? cell : null };
}

/** What a split's value is called; `labels` knows the words of fixed vocabularies. */
export type Label = (value: string | null) => string;

export const keyOf = (cell: Cell | undefined): string | null =>
  cell === null || cell === undefined ? null : String(cell);

/** The rows of a split as bars, in the server's order. */
export function bars(frame: MetricFrame, split: string, metric: string, label: Label): Bar[] {
  const [key, value] = [columnOf(frame, split), columnOf(frame, metric)];
  return frame.rows.map((row) => {
    const name = keyOf(row[key]);
    const cell = row[value];
    return {
      key: name,
      label: label(name),
      value: numberOf(cell),
      raw: typeof cell === "string" ? cell : null,
      color: seriesColor(split, name),
    };
  });
}

/** The buckets of a frame's window: the server counts them from 1970. */
export function timesOf(frame: MetricFrame): number[] {
  const step = (frame.step_s ?? 60) * 1_000;
  const to = Date.parse(frame.window.to);
  const times: number[] = [];
  for (let time = Math.floor(Date.parse(frame.window.from) / step) * step; time < to; time += step) times.push(time);
  return times;
}

/** A frame by time and one split → one series a value, the largest first. Missing buckets are zero if `fill`. */
export function pivot(frame: MetricFrame, split: string, metric: string, label: Label, fill = true): TimeSeries {
  const times = timesOf(frame);
  const places = new Map(times.map((time, at) => [time, at]));
  const [time, key, value] = [columnOf(frame, "time"), columnOf(frame, split), columnOf(frame, metric)];
  const found = new Map<string | null, (number | null)[]>();
  for (const row of frame.rows) {
    const at = places.get(Date.parse(String(row[time])));
    if (at === undefined) continue;
    const name = keyOf(row[key]);
    let values = found.get(name);
    if (!values) {
      values = new Array<number | null>(times.length).fill(fill ? 0 : null);
      found.set(name, values);
    }
    values[at] = numberOf(row[value]);
  }
  const series: Series[] = [...found].map(([name, values]) => ({
    key: name,
    label: label(name),
    color: seriesColor(split, name),
    values,
  }));
  series.sort((a, b) => sum(b.values) - sum(a.values));
  return { times, step_ms: (frame.step_s ?? 60) * 1_000, unit: unitOf(frame.columns[value]?.unit), series };
}

/** Adds what the kept series leave of the whole, so that a stack is as high as the total. */
export function withOther(
  chart: TimeSeries,
  totals: MetricFrame | undefined,
  metric: string,
  label: string,
): TimeSeries {
  if (!totals) return chart;
  const whole = lines(totals, [{ metric, label: "", color: "" }]);
  const values = chart.times.map((time, at) => {
    const place = whole.times.indexOf(time);
    const all = place < 0 ? 0 : (whole.series[0]?.values[place] ?? 0);
    const kept = chart.series.reduce((total, series) => total + (series.values[at] ?? 0), 0);
    // Sums of decimals read as doubles differ in the last digits.
    return all - kept > Math.abs(all) * 1e-9 ? all - kept : 0;
  });
  if (values.every((value) => value === 0)) return chart;
  return { ...chart, series: [...chart.series, { key: null, label, color: seriesColor("", OTHER), values }] };
}

export type Line = { metric: string; label: string; color: string };

/** A frame by time without splits → one series a metric. */
export function lines(frame: MetricFrame, wanted: Line[]): TimeSeries {
  const time = columnOf(frame, "time");
  const times = frame.rows.map((row) => Date.parse(String(row[time])));
  const first = columnOf(frame, wanted[0]?.metric ?? "");
  return {
    times,
    step_ms: (frame.step_s ?? 60) * 1_000,
    unit: unitOf(frame.columns[first]?.unit),
    series: wanted.map(({ metric, label, color }) => {
      const at = columnOf(frame, metric);
      return { key: metric, label, color, values: frame.rows.map((row) => numberOf(row[at])) };
    }),
  };
}

const sum = (values: (number | null)[]) => values.reduce<number>((total, value) => total + (value ?? 0), 0);

/** Nothing to draw: no series, or nothing but gaps and zeros. */
export const isBlank = (chart: TimeSeries) => chart.series.every((series) => series.values.every((value) => !value));

/** Words of the address whose field is called otherwise. */
const FIELD_NAMES: Record<string, string> = { user: "user_id", session: "session_id" };

/** The page's filters as the catalogue wants them. */
export function metricFilters(search: Filters): MetricFilter[] {
  return Object.entries(search)
    .filter(([, values]) => values && values.length > 0)
    .map(([field, values]) => ({ field: FIELD_NAMES[field] ?? field, op: "in" as const, value: values }));
}
