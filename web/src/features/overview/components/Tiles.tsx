import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { MetricFrame } from "@/api/types";
import { numberOf, single } from "@/components/chart/frame";
import { Failed } from "@/components/core/States";
import { change, full, short, signed, UNKNOWN, unitOf } from "@/lib/format";
import { type Scope, totals, totalsBefore } from "../queries";
import { Sparkline } from "./Sparkline";

const TILES = [
  "requests",
  "errors",
  "error_rate",
  "total_tokens",
  "input_tokens",
  "output_tokens",
  "cost",
  "avg_cost",
  "latency_avg",
  "latency_p95",
  "ttft_p95",
  "distinct_users",
] as const;
type TileId = (typeof TILES)[number];

/** Where more is worse, growth is red; elsewhere it is only growth. */
const UP_IS_BAD: ReadonlySet<TileId> = new Set(["errors", "error_rate", "latency_avg", "latency_p95", "ttft_p95"]);

/** The numbers of the window, each against the window before it. */
export function Tiles({ scope, trend }: { scope: Scope; trend: MetricFrame | undefined }) {
  const now = useQuery(totals(scope));
  const past = useQuery(totalsBefore(scope));
  if (now.error && !now.data) {
    return (
      <div className="rounded-lg border bg-surface">
        <Failed error={now.error} onRetry={() => void now.refetch()} />
      </div>
    );
  }
  return (
    <div className="grid grid-cols-2 gap-px overflow-hidden rounded-lg border bg-line sm:grid-cols-3 lg:grid-cols-6">
      {TILES.map((id) => (
        <Tile key={id} id={id} now={now.data} past={past.data} trend={trend} />
      ))}
    </div>
  );
}

type TileProps = {
  id: TileId;
  now: MetricFrame | undefined;
  past: MetricFrame | undefined;
  trend: MetricFrame | undefined;
};

function Tile({ id, now, past, trend }: TileProps) {
  const { t } = useTranslation();
  const unit = unitOf(now?.columns.find((column) => column.name === id)?.unit);
  const { value, raw } = single(now, id);
  const before = single(past, id);
  const at = trend?.columns.findIndex((column) => column.name === id) ?? -1;
  const note = useNote(id, now);
  // With nothing priced, the sum is not zero but unknown.
  const unknown = (id === "cost" || id === "avg_cost") && allUnpriced(now);
  return (
    <div className="relative flex min-h-[74px] flex-col bg-surface px-3 py-2">
      <span className="text-muted text-xs">{t(`overview.tiles.${id}`)}</span>
      {now ? (
        <span className="flex items-baseline gap-2">
          <span
            className={`font-semibold text-xl leading-7 ${id === "errors" && value ? "text-error" : ""}`}
            title={unknown ? t("common.unpricedTip") : full(value, unit, raw)}
          >
            {unknown ? UNKNOWN : short(value, unit)}
          </span>
          <Delta
            id={id}
            value={value}
            before={before.value}
            tip={t("common.previous", { value: short(before.value, unit) })}
          />
        </span>
      ) : (
        <span className="skeleton my-1.5 h-4 w-20" />
      )}
      {note ? (
        <span className="truncate text-warn text-xs" title={note}>
          {note}
        </span>
      ) : (
        at >= 0 && trend && <Sparkline values={trend.rows.map((row) => numberOf(row[at]))} />
      )}
    </div>
  );
}

function allUnpriced(frame: MetricFrame | undefined): boolean {
  const unpriced = single(frame, "unpriced_calls").value ?? 0;
  return unpriced > 0 && (single(frame, "cost").value ?? 0) === 0;
}

/** What a number leaves out stands beside it. */
function useNote(id: TileId, frame: MetricFrame | undefined): string | null {
  const { t } = useTranslation();
  const unpriced = single(frame, "unpriced_calls").value ?? 0;
  const estimated = single(frame, "estimated_calls").value ?? 0;
  const truncated = single(frame, "truncated_calls").value ?? 0;
  const redacted = single(frame, "redacted_calls").value ?? 0;
  if (id === "requests" && truncated > 0) return t("overview.truncatedCalls", { count: truncated });
  if (id === "requests" && redacted > 0) return t("overview.redactedCalls", { count: redacted });
  if (id === "cost" && unpriced > 0) return t("overview.unpriced", { count: unpriced });
  if (id === "total_tokens" && estimated > 0) return t("overview.estimatedCalls", { count: estimated });
  return null;
}

type DeltaProps = { id: TileId; value: number | null; before: number | null; tip: string };

function Delta({ id, value, before, tip }: DeltaProps) {
  const ratio = change(value, before);
  if (ratio === null) return null;
  const flat = Math.abs(ratio) < 0.0005;
  const tone = flat || !UP_IS_BAD.has(id) ? "text-muted" : ratio > 0 ? "text-error" : "text-ok";
  return (
    <span className={`whitespace-nowrap text-xs ${tone}`} title={tip}>
      {signed(ratio)}
    </span>
  );
}
