import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { MetricFrame } from "@/api/types";
import { isBlank, lines, pivot, single, withOther } from "@/components/chart/frame";
import { Panel } from "@/components/chart/Panel";
import { TimeChart } from "@/components/chart/TimeChart";
import { Segmented } from "@/components/core/Segmented";
import { FilterChips } from "@/components/list/FilterChips";
import { useClock } from "@/lib/clock";
import { type Filters, parseFilters } from "@/lib/filters";
import { type TimeSearch, windowOf } from "@/lib/time";
import { CostTable } from "./components/CostTable";
import { CostTiles } from "./components/CostTiles";
import { PriceBook } from "./components/PriceBook";
import { PriceDialog } from "./components/PriceDialog";
import { Reprice } from "./components/Reprice";
import { Unpriced } from "./components/Unpriced";
import type { PriceForm } from "./model";
import { costOverTime, fieldOf, rows, rowsBefore, type Scope, totals, wholeOverTime } from "./queries";
import { type CostsSearch, SPLITS, type Split } from "./url";

/** Where the money goes, what it was before, and by which prices it is counted. */
export function CostsPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const search = useSearch({ strict: false }) as TimeSearch & CostsSearch;
  const scope = useScope(search);
  const by = search.by ?? "model";
  const [form, setForm] = useState<PriceForm | null>(null);
  const set = (change: CostsSearch & TimeSearch) => {
    void navigate({ to: "/costs", search: (old) => ({ ...old, ...change }) });
  };
  const open = (key: string, window?: { from: number; to: number }) => {
    void navigate({
      to: "/traces",
      search: {
        ...scope.filters,
        [by]: [key],
        ...(window ?? { range: search.range, from: search.from, to: search.to }),
      },
    });
  };
  return (
    <div className="mx-auto max-w-[1600px] space-y-3 p-3">
      <div className="flex flex-wrap items-center gap-3">
        <h1 className="font-semibold text-base">{t("costs.title")}</h1>
        <Segmented
          label={t("costs.by")}
          value={by}
          options={SPLITS.map((value) => ({ value, label: t(`field.${value}`) }))}
          onChange={(value) => set({ by: value === "model" ? undefined : value })}
        />
      </div>
      <FilterChips filters={scope.filters} onChange={set} />
      <CostTiles scope={scope} />
      <div className="grid gap-3 lg:grid-cols-2">
        <Trend scope={scope} by={by} onPick={open} />
        <Tokens scope={scope} />
      </div>
      <Table scope={scope} by={by} onPick={open} />
      <div className="grid items-start gap-3 lg:grid-cols-2">
        <Unpriced window={scope.window} onPrice={setForm} />
        <div className="space-y-3">
          <PriceBook onEdit={setForm} />
          <Reprice window={scope.window} />
        </div>
      </div>
      {form && <PriceDialog start={form} onClose={() => setForm(null)} />}
    </div>
  );
}

function useScope(search: TimeSearch & CostsSearch): Scope {
  const { now } = useClock();
  const filters = JSON.stringify(parseFilters(search));
  const { range, from, to } = search;
  return useMemo(
    () => ({ window: windowOf({ range, from, to }, now), filters: JSON.parse(filters) as Filters }),
    [range, from, to, now, filters],
  );
}

type Part = { scope: Scope; by: Split; onPick: (key: string, window?: { from: number; to: number }) => void };

function Trend({ scope, by, onPick }: Part) {
  const { t } = useTranslation();
  const query = useQuery(costOverTime(scope, by));
  const whole = useQuery(wholeOverTime(scope));
  const title = t("costs.overTime");
  const label = (value: string | null) => value ?? t("common.unknown");
  const draw = (frame: MetricFrame) => pivot(frame, fieldOf[by], "cost", label);
  return (
    <Panel title={title} query={query} isEmpty={(frame) => isBlank(draw(frame))} empty={t("costs.noCost")} height={240}>
      {(frame) => {
        const rest = frame.truncated && !query.isPlaceholderData ? whole.data : undefined;
        return (
          <TimeChart
            title={title}
            chart={withOther(draw(frame), rest, "cost", t("common.other"))}
            kind="bars"
            onPick={(key, from, to) => key !== null && onPick(key, { from, to })}
          />
        );
      }}
    </Panel>
  );
}

function Tokens({ scope }: { scope: Scope }) {
  const { t } = useTranslation();
  const query = useQuery(wholeOverTime(scope));
  const title = t("costs.tokensByType");
  const wanted = [
    { metric: "input_tokens", label: t("costs.tokens.input"), color: "var(--color-series-2)" },
    { metric: "cache_read_tokens", label: t("costs.tokens.cached"), color: "var(--color-series-4)" },
    { metric: "output_tokens", label: t("costs.tokens.output"), color: "var(--color-series-1)" },
    { metric: "reasoning_tokens", label: t("costs.tokens.reasoning"), color: "var(--color-series-5)" },
  ];
  return (
    <Panel title={title} query={query} isEmpty={(frame) => isBlank(lines(frame, wanted))} height={240}>
      {(frame) => <TimeChart title={title} chart={lines(frame, wanted)} kind="lines" />}
    </Panel>
  );
}

function Table({ scope, by, onPick }: Part) {
  const { t } = useTranslation();
  const now = useQuery(rows(scope, by));
  const past = useQuery(rowsBefore(scope, by));
  const total = useQuery(totals(scope));
  return (
    <CostTable
      title={t("costs.table", { by: t(`field.${by}`).toLowerCase() })}
      by={by}
      query={now}
      before={past.data}
      total={single(total.data, "cost").value}
      onPick={onPick}
    />
  );
}
