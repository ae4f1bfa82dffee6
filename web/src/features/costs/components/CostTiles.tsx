import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { MetricFrame } from "@/api/types";
import { single } from "@/components/chart/frame";
import { Failed } from "@/components/core/States";
import { change, full, short, signed, UNKNOWN, type Unit } from "@/lib/format";
import { type Scope, totals, totalsBefore } from "../queries";

type Tile = { id: "cost" | "inputCost" | "outputCost" | "perCall" | "cached" | "unpriced"; unit: Unit; bad: boolean };

const TILES: Tile[] = [
  { id: "cost", unit: "usd", bad: true },
  { id: "inputCost", unit: "usd", bad: true },
  { id: "outputCost", unit: "usd", bad: true },
  { id: "perCall", unit: "usd", bad: true },
  { id: "cached", unit: "ratio", bad: false },
  { id: "unpriced", unit: "count", bad: true },
];

function amountOf(id: Tile["id"], frame: MetricFrame | undefined): { value: number | null; raw: string | null } {
  const of = (name: string) => single(frame, name);
  const priced = (of("requests").value ?? 0) - (of("unpriced_calls").value ?? 0);
  const known = <T,>(found: T) => (priced > 0 ? found : { value: null, raw: null });
  switch (id) {
    case "cost":
      return known(of("cost"));
    case "inputCost":
      return known(of("input_cost"));
    case "outputCost":
      return known(of("output_cost"));
    case "perCall":
      return known({ value: (of("cost").value ?? 0) / priced, raw: null });
    case "cached": {
      const input = of("input_tokens").value ?? 0;
      return { value: input > 0 ? (of("cache_read_tokens").value ?? 0) / input : null, raw: null };
    }
    case "unpriced":
      return of("unpriced_calls");
  }
}

/** The sums of the window, each against the window before it. */
export function CostTiles({ scope }: { scope: Scope }) {
  const { t } = useTranslation();
  const now = useQuery(totals(scope));
  const past = useQuery(totalsBefore(scope));
  if (now.error && !now.data) return <Failed error={now.error} onRetry={() => void now.refetch()} />;
  return (
    <dl className="grid grid-cols-2 gap-px overflow-hidden rounded-lg border bg-line sm:grid-cols-3 lg:grid-cols-6">
      {TILES.map(({ id, unit, bad }) => {
        const { value, raw } = amountOf(id, now.data);
        const before = amountOf(id, past.data).value;
        const ratio = change(value, before);
        const worse = ratio !== null && ratio > 0.0005 && bad;
        return (
          <div key={id} className="min-h-[66px] bg-surface px-3 py-2">
            <dt className="text-muted text-xs">{t(`costs.tile.${id}`)}</dt>
            <dd className="flex items-baseline gap-2">
              {now.data ? (
                <span className="font-semibold text-xl leading-7" title={full(value, unit, raw)}>
                  {value === null ? UNKNOWN : short(value, unit)}
                </span>
              ) : (
                <span className="skeleton my-1.5 h-4 w-20" />
              )}
              {ratio !== null && (
                <span
                  className={`whitespace-nowrap text-xs ${worse ? "text-error" : "text-muted"}`}
                  title={t("common.previous", { value: short(before, unit) })}
                >
                  {signed(ratio)}
                </span>
              )}
            </dd>
          </div>
        );
      })}
    </dl>
  );
}
