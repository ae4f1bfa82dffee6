/** What each column of the list shows, and how wide it is. */
import type { ReactNode } from "react";
import { Trans, useTranslation } from "react-i18next";
import type { TraceRow } from "@/api/types";
import { TextCell, TimeCell } from "@/components/core/Cells";
import { Marks } from "@/components/core/Marks";
import { Num } from "@/components/core/Num";
import { KindTag, StatusMark } from "@/components/core/Status";
import { UNKNOWN } from "@/lib/format";
import { seriesColor } from "@/lib/palette";
import { isFree } from "@/lib/priced";
import { usd } from "@/lib/units";
import { type ColumnId, isOfOutput } from "../model";
import { Hits } from "./Hits";

/** Grid track of each column. */
export const WIDTHS: Record<ColumnId, string> = {
  status: "20px",
  time: "104px",
  kind: "84px",
  name: "minmax(120px, 1.2fr)",
  app: "minmax(132px, 0.8fr)",
  model: "minmax(152px, 1fr)",
  input: "minmax(100px, 1.7fr)",
  output: "minmax(100px, 1.7fr)",
  input_tokens: "72px",
  output_tokens: "72px",
  total_tokens: "80px",
  cost: "88px",
  ttft: "72px",
  duration: "80px",
  spans: "56px",
  user: "110px",
  session: "120px",
};

export const RIGHT: ReadonlySet<string> = new Set([
  "input_tokens",
  "output_tokens",
  "total_tokens",
  "cost",
  "ttft",
  "duration",
  "spans",
]);

/** A sum with a guess in it is a guess. */
const isEstimated = (row: TraceRow) => row.usage_source === "estimated" || (row.estimated_calls ?? 0) > 0;

const tokens = (row: TraceRow, value: number | null) => (
  <Num value={value} unit="tokens" estimated={isEstimated(row)} />
);

/** What stands in each column of a row. */
export const CELLS: Record<ColumnId, (row: TraceRow) => ReactNode> = {
  status: (row) => <StatusMark status={row.status} detail={row.error_type} />,
  time: (row) => <TimeCell value={row.time} />,
  kind: (row) => <KindTag kind={row.kind} />,
  name: (row) => <TextCell value={row.name} />,
  app: (row) => <TextCell value={row.app} />,
  model: (row) => <Model model={row.model} />,
  input: (row) => <Input row={row} />,
  output: (row) => <Output row={row} />,
  input_tokens: (row) => tokens(row, row.input_tokens),
  output_tokens: (row) => tokens(row, row.output_tokens),
  total_tokens: (row) => tokens(row, row.total_tokens),
  cost: (row) => <Cost row={row} />,
  ttft: (row) => <Num value={row.ttft_ns} unit="ns" />,
  duration: (row) => <Num value={row.duration_ns} unit="ns" />,
  spans: (row) => <Spans row={row} />,
  user: (row) => <TextCell value={row.user_id} />,
  session: (row) => <TextCell value={row.session_id} />,
};

function Model({ model }: { model: string | null }) {
  if (!model) return <span className="text-faint">{UNKNOWN}</span>;
  return (
    <span title={model}>
      <span className="mr-1.5 inline-block size-2 rounded-sm" style={{ background: seriesColor("model", model) }} />
      {model}
    </span>
  );
}

/** Where there is no answer, the reason; where it is not whole, that. */
function Output({ row }: { row: TraceRow }) {
  return (
    <>
      <Marks truncated={row.truncated} redacted={row.redacted} />
      <Answer row={row} />
    </>
  );
}

/** Why the row answers the question; what is not said in the answer stands with the input. */
function Input({ row }: { row: TraceRow }) {
  if (row.snippet && !isOfOutput(row.snippet)) return <Hits snippet={row.snippet} />;
  return <TextCell value={row.input_preview} />;
}

function Answer({ row }: { row: TraceRow }) {
  if (row.snippet && isOfOutput(row.snippet)) return <Hits snippet={row.snippet} />;
  if (row.output_preview) {
    return <TextCell value={row.output_preview} tone="text-muted" />;
  }
  if (row.error_type) return <span className="text-error">{row.error_type}</span>;
  return <span className="text-faint">{UNKNOWN}</span>;
}

/** Only a model call can be unpriced; other spans cost nothing of their own, and neither do calls that failed at once. */
function Cost({ row }: { row: TraceRow }) {
  const { t } = useTranslation();
  const call = row.total_tokens !== null || row.model !== null;
  const unpriced = row.unpriced_calls ?? 0;
  const why = isFree(row) && (row.call_count ?? null) === null ? t("common.freeTip") : call ? undefined : UNKNOWN;
  return (
    <>
      <Num value={usd(row.cost_usd)} raw={row.cost_usd} unit="usd" unknown={why} />
      {unpriced > 0 && row.cost_usd !== null && (
        <span className="text-warn" title={t("overview.unpriced", { count: unpriced })}>
          +?
          <span className="sr-only">{t("overview.unpriced", { count: unpriced })}</span>
        </span>
      )}
    </>
  );
}

function Spans({ row }: { row: TraceRow }) {
  const { span_count: spans, call_count: calls } = row;
  if (spans === null || spans === undefined) return <span className="text-faint">{UNKNOWN}</span>;
  return (
    <span>
      {spans}
      <span className="sr-only">
        <Trans i18nKey="traces.spansCalls" values={{ spans, calls: calls ?? 0 }} />
      </span>
    </span>
  );
}
