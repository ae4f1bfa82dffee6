/** What each column shows; widths in pixels, `grow` shares what is left. */
import { columnVisibilityFeature, createColumnHelper, tableFeatures } from "@tanstack/react-table";
import { Trans, useTranslation } from "react-i18next";
import type { TraceRow } from "@/api/types";
import { Marks } from "@/components/core/Marks";
import { Num } from "@/components/core/Num";
import { KindTag, StatusMark } from "@/components/core/Status";
import { UNKNOWN, type Unit } from "@/lib/format";
import { seriesColor } from "@/lib/palette";
import { isFree } from "@/lib/priced";
import { fullMoment, moments } from "@/lib/time";
import { usd } from "@/lib/units";
import { type ColumnId, isOfOutput } from "../model";
import { Hits } from "./Hits";

export const features = tableFeatures({ columnVisibilityFeature });

const helper = createColumnHelper<typeof features, TraceRow>();

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

const text = (id: ColumnId, read: (row: TraceRow) => string | null | undefined, tone = "") =>
  helper.display({
    id,
    cell: ({ row }) => {
      const value = read(row.original);
      return value ? (
        <span className={tone} title={value}>
          {value}
        </span>
      ) : (
        <span className="text-faint">{UNKNOWN}</span>
      );
    },
  });

const number = (id: ColumnId, unit: Unit, read: (row: TraceRow) => number | null | undefined) =>
  helper.display({ id, cell: ({ row }) => <Num value={read(row.original)} unit={unit} /> });

/** A sum with a guess in it is a guess. */
const isEstimated = (row: TraceRow) => row.usage_source === "estimated" || (row.estimated_calls ?? 0) > 0;

const tokens = (id: ColumnId, read: (row: TraceRow) => number | null) =>
  helper.display({
    id,
    cell: ({ row }) => <Num value={read(row.original)} unit="tokens" estimated={isEstimated(row.original)} />,
  });

export const columns = helper.columns([
  helper.display({
    id: "status",
    cell: ({ row }) => <StatusMark status={row.original.status} detail={row.original.error_type} />,
  }),
  helper.display({
    id: "time",
    cell: ({ row }) => (
      <span className="text-muted" title={fullMoment(row.original.time)}>
        {moments(row.original.time)}
      </span>
    ),
  }),
  helper.display({ id: "kind", cell: ({ row }) => <KindTag kind={row.original.kind} /> }),
  text("name", (row) => row.name),
  text("app", (row) => row.app),
  helper.display({ id: "model", cell: ({ row }) => <Model model={row.original.model} /> }),
  helper.display({ id: "input", cell: ({ row }) => <Input row={row.original} /> }),
  helper.display({ id: "output", cell: ({ row }) => <Output row={row.original} /> }),
  tokens("input_tokens", (row) => row.input_tokens),
  tokens("output_tokens", (row) => row.output_tokens),
  tokens("total_tokens", (row) => row.total_tokens),
  helper.display({ id: "cost", cell: ({ row }) => <Cost row={row.original} /> }),
  number("ttft", "ns", (row) => row.ttft_ns),
  number("duration", "ns", (row) => row.duration_ns),
  helper.display({ id: "spans", cell: ({ row }) => <Spans row={row.original} /> }),
  text("user", (row) => row.user_id),
  text("session", (row) => row.session_id),
]);

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
  if (!row.input_preview) return <span className="text-faint">{UNKNOWN}</span>;
  return <span title={row.input_preview}>{row.input_preview}</span>;
}

function Answer({ row }: { row: TraceRow }) {
  if (row.snippet && isOfOutput(row.snippet)) return <Hits snippet={row.snippet} />;
  if (row.output_preview) {
    return (
      <span className="text-muted" title={row.output_preview}>
        {row.output_preview}
      </span>
    );
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
