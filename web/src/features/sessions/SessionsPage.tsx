import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { SessionRow } from "@/api/types";
import { CostCell, ErrorsCell, TextCell, TimeCell } from "@/components/core/Cells";
import { type GridColumn, GridTable } from "@/components/core/GridTable";
import { Marks } from "@/components/core/Marks";
import { Num } from "@/components/core/Num";
import { OrderPicker } from "@/components/core/OrderPicker";
import { FilterChips } from "@/components/list/FilterChips";
import { SearchBox } from "@/components/list/SearchBox";
import { useAsked } from "@/lib/asked";
import { parseFilters } from "@/lib/filters";
import { nanosSince, type TimeSearch } from "@/lib/time";
import { sessionsQuery } from "./queries";
import type { SessionsSearch } from "./url";

/** Conversations: who asked what, how long it went, what it took. */
export function SessionsPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const search = useSearch({ strict: false }) as TimeSearch & SessionsSearch;
  const query = useInfiniteQuery(sessionsQuery(useAsked(search)));
  const columns = useColumns();
  const set = (change: SessionsSearch) => {
    void navigate({ to: "/sessions", search: (old) => ({ ...old, ...change }) });
  };
  return (
    <div className="flex h-full min-h-0 flex-col">
      <div className="flex flex-wrap items-center gap-2 px-3 pt-3 pb-2">
        <h1 className="mr-2 font-semibold text-base">{t("nav.sessions")}</h1>
        <OrderPicker value={search.order} onChange={(order) => set({ order })} />
        <SearchBox value={search.q ?? ""} error={query.error} onChange={(q) => set({ q: q || undefined })} />
      </div>
      <FilterChips filters={parseFilters(search)} onChange={set} />
      <GridTable
        label={t("nav.sessions")}
        query={query}
        columns={columns}
        keyOf={(row) => row.session_id}
        onOpen={(row) => void navigate({ to: "/sessions/$sessionId", params: { sessionId: row.session_id } })}
        empty={{ title: t("sessions.none"), hint: t("sessions.noneHint") }}
      />
    </div>
  );
}

function useColumns(): GridColumn<SessionRow>[] {
  const { t } = useTranslation();
  return useMemo(
    () => [
      {
        id: "first",
        label: t("sessions.first"),
        width: "minmax(200px, 2fr)",
        cell: (row) => (
          <>
            <Marks truncated={row.truncated} redacted={row.redacted} />
            <TextCell value={row.first_input_preview} />
          </>
        ),
      },
      {
        id: "session",
        label: t("field.session"),
        width: "minmax(110px, 1fr)",
        cell: (row) => <TextCell value={row.session_id} tone="font-mono text-xs" />,
      },
      {
        id: "user",
        label: t("field.user"),
        width: "minmax(90px, 0.8fr)",
        cell: (row) => <TextCell value={row.user_id} />,
      },
      { id: "app", label: t("field.app"), width: "minmax(90px, 0.8fr)", cell: (row) => <TextCell value={row.app} /> },
      {
        id: "models",
        label: t("trace.models"),
        width: "minmax(110px, 1fr)",
        cell: (row) => <TextCell value={row.models?.join(", ")} tone="text-muted" />,
      },
      {
        id: "turns",
        label: t("sessions.turns"),
        width: "60px",
        right: true,
        cell: (row) => <Num value={row.trace_count} unit="count" />,
      },
      {
        id: "calls",
        label: t("field.calls"),
        width: "60px",
        right: true,
        cell: (row) => <Num value={row.call_count} unit="count" />,
      },
      {
        id: "tokens",
        label: t("field.tokens"),
        width: "76px",
        right: true,
        cell: (row) => <Num value={row.total_tokens} unit="tokens" estimated={row.estimated_calls > 0} />,
      },
      { id: "cost", label: t("field.cost"), width: "92px", right: true, cell: (row) => <CostCell of={row} /> },
      {
        id: "errors",
        label: t("field.errors"),
        width: "56px",
        right: true,
        cell: (row) => <ErrorsCell count={row.error_count} />,
      },
      {
        id: "length",
        label: t("sessions.length"),
        width: "84px",
        right: true,
        cell: (row) => <Num value={nanosSince(row.end_time, row.start_time)} unit="ns" />,
      },
      { id: "last", label: t("sessions.last"), width: "112px", cell: (row) => <TimeCell value={row.end_time} /> },
    ],
    [t],
  );
}
