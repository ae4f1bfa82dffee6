import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { TraceRow } from "@/api/types";
import { type GridColumn, GridTable, type PagedQuery } from "@/components/core/GridTable";
import { COLUMNS, type ColumnId } from "../model";
import { CELLS, RIGHT, WIDTHS } from "./columns";

type Props = { query: PagedQuery<TraceRow>; columns: Record<ColumnId, boolean>; onOpen: (row: TraceRow) => void };

/** Calls, traces or spans in the columns that were picked. */
export function RowTable({ query, columns: shown, onOpen }: Props) {
  const { t } = useTranslation();
  const columns = useMemo(
    () =>
      COLUMNS.filter((id) => shown[id]).map(
        (id): GridColumn<TraceRow> => ({
          id,
          label: t(`field.${id}`),
          bare: id === "status",
          width: WIDTHS[id],
          right: RIGHT.has(id),
          cell: CELLS[id],
        }),
      ),
    [shown, t],
  );
  return (
    <GridTable
      label={t("nav.traces")}
      query={query}
      columns={columns}
      keyOf={(row) => `${row.trace_id} ${row.span_id}`}
      onOpen={onOpen}
      empty={{ title: t("state.empty"), hint: t("state.emptyHint") }}
    />
  );
}
