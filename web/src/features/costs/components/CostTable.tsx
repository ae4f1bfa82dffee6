import { useTranslation } from "react-i18next";
import type { MetricFrame } from "@/api/types";
import { type Loading, Panel } from "@/components/chart/Panel";
import { Num } from "@/components/core/Num";
import { change, short, signed } from "@/lib/format";
import { seriesColor } from "@/lib/palette";
import { type CostRow, costRows } from "../model";
import { fieldOf } from "../queries";
import type { Split } from "../url";

type Props = {
  title: string;
  by: Split;
  query: Loading<MetricFrame>;
  before: MetricFrame | undefined;
  total: number | null;
  onPick: (key: string) => void;
};

/** Who or what the money went to, against the period before; a row opens its calls. */
export function CostTable({ title, by, query, before, total, onPick }: Props) {
  const { t } = useTranslation();
  const heads = ["calls", "input", "output", "cached", "perCall", "cost", "share", "change"] as const;
  return (
    <Panel
      title={title}
      query={query}
      isEmpty={(frame) => frame.rows.length === 0}
      height={340}
      truncated={(frame) => frame.truncated}
    >
      {(frame) => (
        <div className="thin-scroll h-full overflow-auto">
          <table className="w-full border-collapse">
            <thead className="sticky top-0 bg-surface text-muted text-xs">
              <tr>
                <th scope="col" className="py-1 pr-3 text-left font-normal">
                  {t(`field.${by}`)}
                </th>
                {heads.map((head) => (
                  <th key={head} scope="col" className="whitespace-nowrap px-3 py-1 text-right font-normal">
                    {t(`costs.head.${head}`)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {costRows(frame, before, fieldOf[by], total).map((row) => (
                <Row key={row.key ?? ""} row={row} by={by} onPick={onPick} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}

function Row({ row, by, onPick }: { row: CostRow; by: Split; onPick: (key: string) => void }) {
  const { t } = useTranslation();
  const ratio = change(row.cost, row.before);
  const cell = "whitespace-nowrap border-t px-3 py-1 text-right";
  return (
    <tr className="hover:bg-hover">
      <th scope="row" className="max-w-96 truncate border-t py-1 pr-3 text-left font-normal">
        <span
          aria-hidden="true"
          className="mr-1.5 inline-block size-2 rounded-sm"
          style={{ background: seriesColor(fieldOf[by], row.key) }}
        />
        {row.key === null ? (
          <span className="text-faint">{t("common.unknown")}</span>
        ) : (
          <button
            type="button"
            className="text-accent hover:underline"
            title={row.key}
            onClick={() => row.key !== null && onPick(row.key)}
          >
            {row.key}
          </button>
        )}
      </th>
      <td className={cell}>
        <Num value={row.calls} unit="count" />
      </td>
      <td className={cell}>
        <Num value={row.input} unit="tokens" />
      </td>
      <td className={cell}>
        <Num value={row.output} unit="tokens" />
      </td>
      <td className={cell}>
        <Num value={row.cached} unit="ratio" />
      </td>
      <td className={cell}>
        <Num value={row.perCall} unit="usd" />
      </td>
      <td className={`${cell} font-medium`}>
        <Num value={row.cost} raw={row.raw} unit="usd" />
        {row.unpriced > 0 && (
          <span className="ml-1 text-warn text-xs" title={t("common.unpricedTip")}>
            {t("trace.unpricedCalls", { count: row.unpriced })}
          </span>
        )}
      </td>
      <td className={cell}>
        <Num value={row.share} unit="ratio" unknown={t("common.unknownTip")} />
      </td>
      <td
        className={`${cell} ${ratio !== null && ratio > 0.0005 ? "text-error" : "text-muted"}`}
        title={t("common.previous", { value: short(row.before, "usd") })}
      >
        {ratio === null ? (row.isNew && row.cost ? t("costs.new") : "—") : signed(ratio)}
      </td>
    </tr>
  );
}
