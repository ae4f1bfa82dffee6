/** What an answer can be drawn as, and its way into a chart. */
import type { Cell, SqlAnswer } from "@/api/types";
import type { TimeSeries } from "@/components/chart/series";
import type { Unit } from "@/lib/format";
import { seriesColor } from "@/lib/palette";

/** Lines more than these nobody can tell apart. */
const MAX_SERIES = 12;
/** Points more than these a screen cannot show. */
const MAX_POINTS = 2_000;

export const isNumeric = (type: string) => /^(U?Int|Float|Decimal)/.test(type);
const isTime = (type: string) => /^(Timestamp|Date)/.test(type);

export function numberOf(cell: Cell | undefined): number | null {
  if (cell === null || cell === undefined || typeof cell === "boolean" || cell === "") return null;
  const number = Number(cell);
  return Number.isFinite(number) ? number : null;
}

/**
 * The answer as series over time: the first column of times is the axis, every column of numbers a series, or one series a
 * value of a column of text. Nothing where the answer has no times, no numbers, or only one moment.
 */
export function chartOf(answer: SqlAnswer): TimeSeries | null {
  const at = answer.columns.findIndex(({ type }) => isTime(type));
  const numbers = answer.columns.flatMap(({ type }, index) => (isNumeric(type) ? [index] : []));
  const [split] = answer.columns.flatMap(({ type }, index) => (/^Utf8|^Dictionary/.test(type) ? [index] : []));
  if (at < 0 || numbers.length === 0) return null;
  const moments = answer.rows.map((row) => Date.parse(String(row[at])));
  const times = [...new Set(moments.filter(Number.isFinite))].sort((a, b) => a - b).slice(-MAX_POINTS);
  if (times.length < 2) return null;
  const places = new Map(times.map((time, place) => [time, place]));
  const series = new Map<string, (number | null)[]>();
  answer.rows.forEach((row, index) => {
    const place = places.get(moments[index] ?? Number.NaN);
    if (place === undefined) return;
    for (const column of numbers) {
      const name = answer.columns[column]?.name ?? "";
      const label = split === undefined ? name : numbers.length > 1 ? `${row[split]} · ${name}` : String(row[split]);
      const values = series.get(label) ?? new Array<number | null>(times.length).fill(null);
      values[place] = numberOf(row[column]);
      series.set(label, values);
    }
  });
  const sum = (values: (number | null)[]) => values.reduce<number>((all, value) => all + (value ?? 0), 0);
  const largest = [...series].sort(([, a], [, b]) => sum(b) - sum(a)).slice(0, MAX_SERIES);
  return {
    times,
    step_ms: stepOf(times),
    unit: unitOfColumns(answer, numbers),
    series: largest.map(([label, values]) => ({ key: label, label, color: seriesColor("column", label), values })),
  };
}

/** The unit that the names of all the columns tell; else whole numbers or any. */
function unitOfColumns(answer: SqlAnswer, columns: number[]): Unit {
  const names = columns.map((column) => answer.columns[column]?.name ?? "");
  const told = UNITS.find(([pattern]) => names.every((name) => pattern.test(name)));
  if (told) return told[1];
  const whole = columns.every((column) => /^U?Int/.test(answer.columns[column]?.type ?? ""));
  return whole ? "count" : "number";
}

const UNITS: [RegExp, Unit][] = [
  [/_ns$/, "ns"],
  [/usd/, "usd"],
  [/tokens/, "tokens"],
  [/bytes/, "bytes"],
];

/** The shortest distance between two moments. */
function stepOf(times: number[]): number {
  const steps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
  return Math.max(1, Math.min(...steps));
}
