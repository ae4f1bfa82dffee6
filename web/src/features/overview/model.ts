/** What only this page draws from frames. Pure. */
import type { MetricFrame } from "@/api/types";
import type { Bar } from "@/components/chart/BarList";
import { bars, columnOf, keyOf, type Label, numberOf } from "@/components/chart/frame";

export type VectorRow = {
  system: string | null;
  operation: string | null;
  requests: number | null;
  avg: number | null;
  p95: number | null;
};

export function vectorRows(frame: MetricFrame): VectorRow[] {
  const at = (name: string) => columnOf(frame, name);
  return frame.rows.map((row) => ({
    system: keyOf(row[at("db_system")]),
    operation: keyOf(row[at("db_operation")]),
    requests: numberOf(row[at("db_requests")]),
    avg: numberOf(row[at("db_latency_avg")]),
    p95: numberOf(row[at("db_latency_p95")]),
  }));
}

/** Temperatures in order; "not sent" last. Bars, not a top list: neighbours matter. */
export function temperatures(frame: MetricFrame, label: Label): Bar[] {
  const rows = bars(frame, "temperature", "requests", label);
  return rows
    .map((bar) => ({ ...bar, color: bar.key === null ? "var(--color-line-strong)" : "var(--color-series-3)" }))
    .sort((a, b) => (a.key === null ? 1 : b.key === null ? -1 : Number(a.key) - Number(b.key)));
}
