import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { UserRow } from "@/api/types";
import { CostCell, ErrorsCell, TextCell, TimeCell } from "@/components/core/Cells";
import { type GridColumn, GridTable } from "@/components/core/GridTable";
import { Num } from "@/components/core/Num";
import { OrderPicker } from "@/components/core/OrderPicker";
import { FilterChips } from "@/components/list/FilterChips";
import { useAsked } from "@/lib/asked";
import { parseFilters } from "@/lib/filters";
import type { TimeSearch } from "@/lib/time";
import { usersQuery } from "./queries";
import type { UsersSearch } from "./url";

/** End users: what each of them did and cost in this time. A row leads to the user's sessions. */
export function UsersPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const search = useSearch({ strict: false }) as TimeSearch & UsersSearch;
  const query = useInfiniteQuery(usersQuery(useAsked(search)));
  const columns = useColumns();
  const set = (change: UsersSearch) => {
    void navigate({ to: "/users", search: (old) => ({ ...old, ...change }) });
  };
  return (
    <div className="flex h-full min-h-0 flex-col">
      <div className="flex flex-wrap items-center gap-2 px-3 pt-3 pb-2">
        <h1 className="mr-2 font-semibold text-base">{t("nav.users")}</h1>
        <OrderPicker value={search.order} onChange={(order) => set({ order })} />
      </div>
      <FilterChips filters={parseFilters(search)} onChange={set} />
      <GridTable
        label={t("nav.users")}
        query={query}
        columns={columns}
        keyOf={(row) => row.user_id}
        onOpen={(row) => void navigate({ to: "/sessions", search: (old) => ({ ...old, user: [row.user_id] }) })}
        empty={{ title: t("users.none"), hint: t("users.noneHint") }}
      />
    </div>
  );
}

function useColumns(): GridColumn<UserRow>[] {
  const { t } = useTranslation();
  return useMemo(() => {
    const number = (id: string, label: string, read: (row: UserRow) => number): GridColumn<UserRow> => ({
      id,
      label,
      width: "80px",
      right: true,
      cell: (row) => <Num value={read(row)} unit="count" />,
    });
    return [
      {
        id: "user",
        label: t("field.user"),
        width: "minmax(160px, 1.4fr)",
        cell: (row) => <TextCell value={row.user_id} />,
      },
      {
        id: "models",
        label: t("trace.models"),
        width: "minmax(160px, 1.6fr)",
        cell: (row) => <TextCell value={row.models?.join(", ")} tone="text-muted" />,
      },
      number("sessions", t("nav.sessions"), (row) => row.session_count),
      number("traces", t("nav.traces"), (row) => row.trace_count),
      number("calls", t("field.calls"), (row) => row.call_count),
      {
        id: "tokens",
        label: t("field.tokens"),
        width: "92px",
        right: true,
        cell: (row) => <Num value={row.total_tokens} unit="tokens" estimated={row.estimated_calls > 0} />,
      },
      { id: "cost", label: t("field.cost"), width: "100px", right: true, cell: (row) => <CostCell of={row} /> },
      {
        id: "errors",
        label: t("field.errors"),
        width: "64px",
        right: true,
        cell: (row) => <ErrorsCell count={row.error_count} />,
      },
      { id: "first", label: t("users.first"), width: "116px", cell: (row) => <TimeCell value={row.first_seen} /> },
      { id: "last", label: t("users.last"), width: "116px", cell: (row) => <TimeCell value={row.last_seen} /> },
    ];
  }, [t]);
}
