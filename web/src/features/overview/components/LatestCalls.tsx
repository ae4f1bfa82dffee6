import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { TraceRow } from "@/api/types";
import { Panel } from "@/components/chart/Panel";
import { Marks } from "@/components/core/Marks";
import { Num } from "@/components/core/Num";
import { StatusMark } from "@/components/core/Status";
import { seriesColor } from "@/lib/palette";
import { isFree } from "@/lib/priced";
import { fullMoment, moments } from "@/lib/time";
import { usd } from "@/lib/units";
import { latest, type Scope } from "../queries";

/** The newest model calls; each leads to its trace. */
export function LatestCalls({ scope }: { scope: Scope }) {
  const { t } = useTranslation();
  const query = useQuery(latest(scope));
  const all = (
    <Link to="/traces" search={scope.search} className="text-accent hover:underline">
      {t("overview.allCalls")}
    </Link>
  );
  return (
    <Panel
      title={t("overview.latest")}
      aside={all}
      query={query}
      isEmpty={(page) => page.items.length === 0}
      height={420}
    >
      {(page) => (
        <div className="thin-scroll h-full overflow-auto">
          <table className="w-full min-w-[900px] table-fixed">
            <Head />
            <tbody>
              {page.items.map((row) => (
                <Call key={`${row.trace_id} ${row.span_id}`} row={row} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}

function Head() {
  const { t } = useTranslation();
  return (
    <thead className="sticky top-0 z-10 bg-surface text-left text-muted text-xs">
      <tr className="[&>th]:py-1 [&>th]:font-normal">
        <th className="w-6">
          <span className="sr-only">{t("field.status")}</span>
        </th>
        <th className="w-28">{t("field.time")}</th>
        <th className="w-32">{t("field.app")}</th>
        <th className="w-40">{t("field.model")}</th>
        <th>{t("field.input")}</th>
        <th>{t("field.output")}</th>
        <th className="w-20 text-right">{t("field.tokens")}</th>
        <th className="w-28 text-right">{t("field.cost")}</th>
        <th className="w-20 text-right">{t("field.duration")}</th>
      </tr>
    </thead>
  );
}

function Call({ row }: { row: TraceRow }) {
  const { t } = useTranslation();
  return (
    <tr className="relative h-7 border-t hover:bg-hover [&>td]:truncate [&>td]:pr-3">
      <td>
        <StatusMark status={row.status} detail={row.error_type} />
      </td>
      <td title={fullMoment(row.time)}>
        <Link
          to="/traces/$traceId"
          params={{ traceId: row.trace_id }}
          search={{ span: row.span_id ?? undefined }}
          className="text-muted after:absolute after:inset-0 hover:text-fg"
        >
          {moments(row.time)}
        </Link>
      </td>
      <td title={row.app ?? undefined}>{row.app ?? "—"}</td>
      <td title={row.model ?? undefined}>
        <span
          className="mr-1.5 inline-block size-2 rounded-sm"
          style={{ background: seriesColor("model", row.model) }}
        />
        {row.model ?? "—"}
      </td>
      <td title={row.input_preview ?? undefined}>{row.input_preview ?? <span className="text-faint">—</span>}</td>
      <td title={row.output_preview ?? undefined} className="text-muted">
        <Marks truncated={row.truncated} redacted={row.redacted} />
        {row.output_preview ??
          (row.error_type ? (
            <span className="text-error">{row.error_type}</span>
          ) : (
            <span className="text-faint">—</span>
          ))}
      </td>
      <td className="text-right">
        <Num value={row.total_tokens} unit="tokens" estimated={row.usage_source === "estimated"} />
      </td>
      <td className="text-right">
        <Num
          value={usd(row.cost_usd)}
          raw={row.cost_usd}
          unit="usd"
          unknown={isFree(row) ? t("common.freeTip") : undefined}
        />
      </td>
      <td className="!pr-0 text-right">
        <Num value={row.duration_ns} unit="ns" />
      </td>
    </tr>
  );
}
