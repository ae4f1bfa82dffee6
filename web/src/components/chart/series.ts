/** What a chart over time draws. Pure data; colours are CSS colours. */
import type { Unit } from "@/lib/format";

export type Series = {
  /** Identity, and what a click hands back. */
  key: string | null;
  label: string;
  color: string;
  /** One a time; null is a gap. */
  values: (number | null)[];
};

export type TimeSeries = { times: number[]; step_ms: number; unit: Unit; series: Series[] };

export type ChartKind = "bars" | "lines" | "area";

/** Round ticks for durations are powers of ten in ns only by luck: these are round in what people read. */
export function niceMax(max: number, unit: Unit): number {
  const whole = unit === "count" || unit === "tokens";
  // Four steps, and half a request is none.
  if (whole && max <= 100) return Math.max(4, Math.ceil(max / 4) * 4);
  if (max <= 0) return 1;
  if (unit !== "ns") return niceDecimal(max);
  const scale = NANO_SCALES.find((ns) => max >= ns) ?? 1;
  return niceDecimal(max / scale) * scale;
}

const NANO_SCALES = [3_600e9, 60e9, 1e9, 1e6, 1e3];

function niceDecimal(max: number): number {
  const power = 10 ** Math.floor(Math.log10(max));
  const steps = [1, 1.2, 1.6, 2, 3, 4, 5, 6, 8, 10];
  return (steps.find((step) => step * power >= max * 0.999) ?? 10) * power;
}

/** The highest point: of a stack the sum, of lines the largest. */
export function peak(chart: TimeSeries, stacked: boolean): number {
  let top = 0;
  for (let at = 0; at < chart.times.length; at++) {
    let here = 0;
    for (const series of chart.series) {
      const value = series.values[at] ?? 0;
      here = stacked ? here + value : Math.max(here, value);
    }
    top = Math.max(top, here);
  }
  return top;
}
