import { useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { statusQuery } from "@/api/status";
import type { UnmappedReport } from "@/api/types";
import { Empty, Failed, Skeleton } from "@/components/core/States";
import { useClock } from "@/lib/clock";
import { type TimeSearch, windowOf } from "@/lib/time";
import { SenderCard } from "./components/SenderCard";
import { ServerPanel } from "./components/ServerPanel";
import { unmappedQuery } from "./queries";

/** How the server is doing, who sends to it, and what of that nobody understood. */
export function StatusPage() {
  const { t } = useTranslation();
  const { range, from, to } = useSearch({ strict: false }) as TimeSearch;
  const { now } = useClock();
  const status = useQuery(statusQuery);
  const report = useQuery(unmappedQuery(windowOf({ range, from, to }, now)));
  return (
    <div className="mx-auto max-w-5xl space-y-4 p-4">
      <h1 className="font-semibold text-xl">{t("status_page.title")}</h1>
      {status.data && <ServerPanel status={status.data} />}
      <section aria-label={t("status_page.unmapped")} className="rounded-lg border bg-surface">
        <header className="border-b px-4 py-2">
          <h2 className="font-medium text-base">{t("status_page.unmapped")}</h2>
          <p className="text-muted text-xs">
            {t("status_page.unmappedHint", { count: report.data?.rows_a_sender ?? 0 })}
          </p>
        </header>
        {report.data ? (
          <Report report={report.data} />
        ) : report.error ? (
          <Failed error={report.error} onRetry={() => void report.refetch()} />
        ) : (
          <Skeleton rows={6} className="h-48 p-4" />
        )}
      </section>
    </div>
  );
}

function Report({ report }: { report: UnmappedReport }) {
  const { t } = useTranslation();
  if (report.items.length === 0) return <Empty title={t("status_page.none")} hint={t("status_page.noneHint")} />;
  const quiet = report.items.every(({ keys }) => keys.length === 0);
  return (
    <div className="divide-y">
      {quiet && <Empty title={t("status_page.allMapped")} hint={t("status_page.allMappedHint")} />}
      {report.items.map((sender) => (
        <SenderCard
          key={`${sender.service_name} ${sender.scope_name} ${sender.scope_version} ${sender.sdk}`}
          sender={sender}
        />
      ))}
      {report.senders_left_out && <p className="px-4 py-2 text-faint">{t("status_page.sendersLeftOut")}</p>}
    </div>
  );
}
