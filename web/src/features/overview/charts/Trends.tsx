import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { MetricFrame } from "@/api/types";
import { isBlank, type Line, lines, pivot, withOther } from "@/components/chart/frame";
import { type Loading, Panel } from "@/components/chart/Panel";
import { TimeChart } from "@/components/chart/TimeChart";
import { type Scope, type Split, trendBy } from "../queries";
import { useOpenList } from "../useScope";

type ByProps = { scope: Scope; totals: MetricFrame | undefined };

const noRows = (frame: MetricFrame) => frame.rows.length === 0;

export function RequestsBy({ scope, split, totals }: ByProps & { split: Split }) {
  const { t } = useTranslation();
  const title = t(`overview.requestsBy.${split}`);
  return <SplitTrend scope={scope} split={split} totals={totals} metric="requests" title={title} />;
}

export function CostByModel({ scope, totals }: ByProps) {
  const { t } = useTranslation();
  return <SplitTrend scope={scope} split="model" totals={totals} metric="cost" title={t("overview.costByModel")} />;
}

type SplitProps = ByProps & { split: Split; metric: "requests" | "cost"; title: string };

function SplitTrend({ scope, split, totals, metric, title }: SplitProps) {
  const { t } = useTranslation();
  const query = useQuery(trendBy(scope, split, metric));
  const open = useOpenList();
  const label = (value: string | null) => value ?? t("common.unknown");
  const draw = (frame: MetricFrame) => pivot(frame, split, metric, label);
  return (
    <Panel title={title} query={query} isEmpty={(frame) => noRows(frame) || isBlank(draw(frame))} height={212}>
      {(frame) => {
        const rest = frame.truncated && !query.isPlaceholderData ? totals : undefined;
        return (
          <TimeChart
            title={title}
            chart={withOther(draw(frame), rest, metric, t("common.other"))}
            kind="bars"
            onPick={(key, from, to) => open(key === null ? {} : { [split]: [key] }, { from, to })}
          />
        );
      }}
    </Panel>
  );
}

type LinesProps = {
  query: Loading<MetricFrame>;
  title: string;
  wanted: Line[];
  kind: "bars" | "lines";
  empty?: string;
};

function Lines({ query, title, wanted, kind, empty }: LinesProps) {
  const open = useOpenList();
  return (
    <Panel title={title} query={query} isEmpty={(frame) => isBlank(lines(frame, wanted))} empty={empty} height={212}>
      {(frame) => (
        <TimeChart
          title={title}
          chart={lines(frame, wanted)}
          kind={kind}
          onPick={(_, from, to) => open({}, { from, to })}
        />
      )}
    </Panel>
  );
}

export function TokenTrend({ query }: { query: Loading<MetricFrame> }) {
  const { t } = useTranslation();
  const wanted = [
    { metric: "input_tokens", label: t("overview.series.input"), color: "var(--color-series-2)" },
    { metric: "output_tokens", label: t("overview.series.output"), color: "var(--color-series-1)" },
  ];
  return <Lines query={query} title={t("overview.tokens")} wanted={wanted} kind="bars" />;
}

export function Latency({ query }: { query: Loading<MetricFrame> }) {
  const { t } = useTranslation();
  return <Lines query={query} title={t("overview.latency")} wanted={percentiles(t, "latency", true)} kind="lines" />;
}

export function Ttft({ query }: { query: Loading<MetricFrame> }) {
  const { t } = useTranslation();
  const wanted = percentiles(t, "ttft", false);
  return <Lines query={query} title={t("overview.ttft")} wanted={wanted} kind="lines" empty={t("overview.ttftNone")} />;
}

type Translate = ReturnType<typeof useTranslation>["t"];

/** The same percentile has the same colour in every chart. */
function percentiles(t: Translate, metric: "latency" | "ttft", p99: boolean): Line[] {
  const all = [
    { metric: `${metric}_avg`, label: t("overview.series.avg"), color: "var(--color-series-2)" },
    { metric: `${metric}_p50`, label: t("overview.series.p50"), color: "var(--color-series-1)" },
    { metric: `${metric}_p95`, label: t("overview.series.p95"), color: "var(--color-series-3)" },
    { metric: `${metric}_p99`, label: t("overview.series.p99"), color: "var(--color-series-5)" },
  ];
  return p99 ? all : all.slice(0, 3);
}
