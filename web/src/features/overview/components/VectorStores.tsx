import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { pivot } from "@/components/chart/frame";
import { Panel } from "@/components/chart/Panel";
import { TimeChart } from "@/components/chart/TimeChart";
import { Num } from "@/components/core/Num";
import { seriesColor } from "@/lib/palette";
import { vectorRows } from "../model";
import { type Scope, vectorTable, vectorTrend } from "../queries";

/** Requests to vector stores over time, and how fast each answers. */
export function VectorStores({ scope }: { scope: Scope }) {
  const { t } = useTranslation();
  const trend = useQuery(vectorTrend(scope));
  const table = useQuery(vectorTable(scope));
  const label = (value: string | null) => value ?? t("common.unknown");
  const title = t("overview.vectorTime");
  return (
    <>
      <Panel
        title={title}
        query={trend}
        isEmpty={(frame) => frame.rows.length === 0}
        empty={t("overview.vectorNone")}
        height={212}
      >
        {(frame) => <TimeChart title={title} chart={pivot(frame, "db_system", "db_requests", label)} kind="bars" />}
      </Panel>
      <Panel
        title={t("overview.vectorTable")}
        query={table}
        isEmpty={(frame) => frame.rows.length === 0}
        empty={t("overview.vectorNone")}
        height={212}
        className="xl:col-span-2"
      >
        {(frame) => (
          <div className="thin-scroll h-full overflow-y-auto">
            <table className="w-full">
              <thead className="sticky top-0 bg-surface text-left text-muted text-xs">
                <tr>
                  <th className="font-normal">{t("overview.system")}</th>
                  <th className="font-normal">{t("field.operation")}</th>
                  <th className="text-right font-normal">{t("overview.tiles.requests")}</th>
                  <th className="text-right font-normal">{t("overview.series.avg")}</th>
                  <th className="text-right font-normal">{t("overview.series.p95")}</th>
                </tr>
              </thead>
              <tbody>
                {vectorRows(frame).map((row) => (
                  <tr key={`${row.system} ${row.operation}`} className="border-t">
                    <td className="py-1">
                      <span className="inline-flex items-center gap-2">
                        <span
                          className="size-2 rounded-sm"
                          style={{ background: seriesColor("db_system", row.system) }}
                        />
                        {label(row.system)}
                      </span>
                    </td>
                    <td>{label(row.operation)}</td>
                    <td className="text-right">
                      <Num value={row.requests} unit="count" />
                    </td>
                    <td className="text-right">
                      <Num value={row.avg} unit="ns" />
                    </td>
                    <td className="text-right">
                      <Num value={row.p95} unit="ns" />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </Panel>
    </>
  );
}
