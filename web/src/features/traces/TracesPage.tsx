import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { ListQuery, View } from "@/api/types";
import { Segmented } from "@/components/core/Segmented";
import { FilterChips } from "@/components/list/FilterChips";
import { SearchBox } from "@/components/list/SearchBox";
import { useAsked } from "@/lib/asked";
import { parseFilters } from "@/lib/filters";
import { count } from "@/lib/format";
import { readPref, writePref } from "@/lib/prefs";
import type { TimeSearch } from "@/lib/time";
import { ColumnPicker } from "./components/ColumnPicker";
import { FacetBar } from "./components/FacetBar";
import { HistogramBar } from "./components/HistogramBar";
import { RowTable } from "./components/RowTable";
import { type ColumnId, totalOf, visibility } from "./model";
import { facetsQuery, histogramQuery, rowsQuery } from "./queries";
import type { TracesSearch } from "./url";

/** The list of calls, traces or spans: facets left, histogram on top, rows below. */
export function TracesPage() {
  const { t } = useTranslation();
  const search = useSearch({ strict: false }) as TimeSearch & TracesSearch;
  const navigate = useNavigate();
  const view = search.view ?? "calls";
  const query: ListQuery = { view, ...useAsked(search) };
  const rows = useInfiniteQuery(rowsQuery(query));
  const histogram = useQuery(histogramQuery(query));
  const facets = useQuery(facetsQuery(query));
  const [columns, setColumns] = useColumns(view);
  const total = totalOf(histogram.data);

  const set = (change: TracesSearch & TimeSearch) => {
    void navigate({ to: "/traces", search: (old) => ({ ...old, ...change }) });
  };
  const filters = parseFilters(search);

  return (
    <div className="flex h-full min-h-0">
      <FacetBar query={facets} filters={filters} onChange={set} />
      <div className="flex min-w-0 flex-1 flex-col">
        <div className="flex flex-wrap items-center gap-2 px-3 pt-3 pb-2">
          <Segmented
            label={t("traces.view")}
            value={view}
            options={(["calls", "traces", "spans"] as const).map((value) => ({
              value,
              label: t(`traces.views.${value}`),
            }))}
            onChange={(value) => set({ view: value === "calls" ? undefined : value })}
          />
          <SearchBox value={search.q ?? ""} error={rows.error} onChange={(q) => set({ q: q || undefined })} />
          <span className="whitespace-nowrap text-muted" title={total?.toLocaleString("en-US")}>
            {total !== undefined && t("traces.rows", { count: total, rows: count(total) })}
          </span>
          <ColumnPicker shown={columns} onChange={setColumns} />
        </div>
        <FilterChips filters={filters} onChange={set} />
        <HistogramBar query={histogram} onZoom={(window) => set({ ...window, range: undefined })} />
        <RowTable
          key={view}
          query={rows}
          columns={columns}
          onOpen={(row) =>
            void navigate({
              to: "/traces/$traceId",
              params: { traceId: row.trace_id },
              search: { q: search.q, ...(view === "traces" ? {} : { span: row.span_id ?? undefined }) },
            })
          }
        />
      </div>
    </div>
  );
}

/** Which columns are shown: a preference of this browser, one a view. */
function useColumns(view: View) {
  const [changes, setChanges] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `changes` says that what is kept has changed
  const shown = useMemo(() => visibility(view, readPref(`columns.${view}`)), [view, changes]);
  const set = (next: Record<ColumnId, boolean>) => {
    writePref(
      `columns.${view}`,
      Object.keys(next)
        .filter((id) => next[id as ColumnId])
        .join(","),
    );
    setChanges(changes + 1);
  };
  return [shown, set] as const;
}
