import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { lazy, Suspense, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "@/api/error";
import type { SqlAnswer } from "@/api/types";
import { TimeChart } from "@/components/chart/TimeChart";
import { Button } from "@/components/core/Button";
import { Segmented } from "@/components/core/Segmented";
import { Empty, Failed, Skeleton } from "@/components/core/States";
import { count } from "@/lib/format";
import { Exports } from "./components/Exports";
import { ResultTable } from "./components/ResultTable";
import type { Fault } from "./components/SqlEditor";
import { EXAMPLES } from "./examples";
import { chartOf } from "./model";
import { answerQuery, tablesQuery } from "./queries";
import type { ExploreSearch } from "./url";

// The editor is large: it comes after the page.
const SqlEditor = lazy(() => import("./components/SqlEditor").then(({ SqlEditor }) => ({ default: SqlEditor })));

/** Any question in SQL, its answer as a table or a chart. */
export function ExplorePage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { sql: asked } = useSearch({ strict: false }) as ExploreSearch;
  const [text, setText] = useState<string>(asked ?? EXAMPLES[0].sql);
  // A question in an address is asked at once: whoever shared it wants its answer to be seen.
  const [run, setRun] = useState(asked ? 1 : 0);
  const tables = useQuery(tablesQuery);
  const answer = useQuery(answerQuery(asked ?? "", run));
  const fault = useMemo(() => faultOf(answer.error, text === asked), [answer.error, text, asked]);

  const ask = (sql: string) => {
    if (sql.trim() === "") return;
    setRun(run + 1);
    void navigate({ to: "/explore", search: { sql } });
  };
  const take = (sql: string) => {
    setText(sql);
    ask(sql);
  };

  return (
    <div className="flex h-full min-h-0 flex-col">
      <div className="flex flex-wrap items-center gap-2 px-3 pt-3 pb-2">
        <h1 className="mr-2 font-semibold text-base">{t("nav.explore")}</h1>
        <Button tone="accent" onClick={() => ask(text)} disabled={answer.isFetching}>
          {answer.isFetching ? t("explore.running") : t("explore.run")}
        </Button>
        <span className="text-faint text-xs">{t("explore.runHint")}</span>
        <span className="ml-auto flex flex-wrap items-center gap-1">
          <span className="text-muted text-xs">{t("explore.examples")}</span>
          {EXAMPLES.map(({ name, sql }) => (
            <Button key={name} tone="quiet" onClick={() => take(sql)}>
              {t(`explore.example.${name}`)}
            </Button>
          ))}
        </span>
      </div>
      <div className="h-52 shrink-0 resize-y overflow-hidden border-y">
        <Suspense fallback={<Skeleton rows={5} className="p-3" />}>
          <SqlEditor value={text} tables={tables.data ?? {}} fault={fault} onChange={setText} onRun={() => ask(text)} />
        </Suspense>
      </div>
      <div className="min-h-0 flex-1 bg-surface">
        {answer.error ? (
          <Failed error={answer.error} onRetry={() => ask(text)} />
        ) : answer.data ? (
          <Result answer={answer.data} sql={asked ?? ""} />
        ) : answer.isFetching ? (
          <Skeleton rows={10} className="p-3" />
        ) : (
          <Empty title={t("explore.none")} hint={t("explore.noneHint")} />
        )}
      </div>
    </div>
  );
}

/** The place of the fault, as long as what stands in the editor is what was asked. */
function faultOf(error: unknown, same: boolean): Fault | null {
  if (!same || !(error instanceof ApiError) || !error.position) return null;
  return { ...error.position, message: error.hint ? `${error.message} (${error.hint})` : error.message };
}

function Result({ answer, sql }: { answer: SqlAnswer; sql: string }) {
  const { t } = useTranslation();
  const chart = useMemo(() => chartOf(answer), [answer]);
  const [drawn, setDrawn] = useState(false);
  return (
    <div className="flex h-full min-h-0 flex-col">
      <div className="flex flex-wrap items-center gap-3 border-b px-3 py-1.5 text-muted text-xs">
        <span>
          {t("explore.rows", { count: answer.row_count, rows: count(answer.row_count), ms: answer.elapsed_ms })}
        </span>
        {answer.truncated && <span className="text-warn">{t("explore.truncated")}</span>}
        {chart && (
          <Segmented
            size="small"
            label={t("explore.shownAs")}
            value={drawn ? "chart" : "table"}
            options={[
              { value: "table", label: t("explore.table") },
              { value: "chart", label: t("explore.chart") },
            ]}
            onChange={(value) => setDrawn(value === "chart")}
          />
        )}
        <span className="ml-auto">
          <Exports sql={sql} disabled={answer.row_count === 0} />
        </span>
      </div>
      <div className="min-h-0 flex-1">
        {chart && drawn ? (
          <div className="h-full p-3">
            <TimeChart title={t("explore.result")} chart={chart} kind="lines" />
          </div>
        ) : (
          <ResultTable answer={answer} />
        )}
      </div>
    </div>
  );
}
