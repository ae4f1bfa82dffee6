import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { reprice } from "@/api/client";
import type { RewriteProgress } from "@/api/types";
import { Button } from "@/components/core/Button";
import { count, money, percent } from "@/lib/format";
import { fullMoment, type Window } from "@/lib/time";
import { usd } from "@/lib/units";
import { walkQuery } from "../queries";

/** Prices the stored calls of the page's window again: first what would change, then the change. */
export function Reprice({ window }: { window: Window }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [walk, setWalk] = useState<number | null>(null);
  const order = useMutation({
    mutationFn: (dry_run: boolean) => reprice({ from: String(window.from), to: String(window.to), dry_run }),
    onSuccess: (line) => setWalk(line.id),
  });
  const line = useQuery({ ...walkQuery(walk ?? 0), enabled: walk !== null });
  const progress = walk === null ? null : (line.data?.rewrite ?? null);
  const busy = order.isPending || progress?.state === "running";
  const changed = progress?.state === "done" && !progress.dry_run;
  useEffect(() => {
    // What was computed by old prices is asked anew.
    if (changed) void client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== "audit" });
  }, [changed, client]);
  return (
    <section aria-label={t("costs.reprice")} className="rounded-lg border bg-surface px-3 py-2">
      <h2 className="font-medium text-sm">{t("costs.reprice")}</h2>
      <p className="text-muted text-xs">
        {t("costs.repriceHint", { from: fullMoment(window.from), to: fullMoment(window.to) })}
      </p>
      <div className="mt-2 flex flex-wrap items-center gap-2">
        <Button disabled={busy} onClick={() => order.mutate(true)}>
          {t("costs.preview")}
        </Button>
        <Button tone="accent" disabled={busy} onClick={() => order.mutate(false)}>
          {t("costs.repriceNow")}
        </Button>
        {order.error && (
          <span role="alert" className="text-error text-xs">
            {order.error.message}
          </span>
        )}
      </div>
      {progress && <Outcome progress={progress} />}
    </section>
  );
}

function Outcome({ progress }: { progress: RewriteProgress }) {
  const { t } = useTranslation();
  if (progress.state === "running") {
    const done = progress.rows_total > 0 ? progress.rows_seen / progress.rows_total : 0;
    return (
      <p role="status" className="mt-2 text-muted text-xs">
        {t("costs.repricing", { done: percent(done), rows: count(progress.rows_seen) })}
      </p>
    );
  }
  if (progress.state !== "done") {
    return (
      <p role="alert" className="mt-2 text-error text-xs">
        {progress.error ?? t("costs.interrupted")}
      </p>
    );
  }
  const words = {
    count: progress.calls_changed,
    calls: count(progress.calls_changed),
    before: money(usd(progress.before.cost_usd)),
    after: money(usd(progress.after.cost_usd)),
    unpriced: count(progress.after.unpriced_calls),
  };
  return (
    <p role="status" className="mt-2 text-xs">
      {progress.dry_run ? t("costs.wouldChange", words) : t("costs.didChange", words)}
    </p>
  );
}
