import { useTable } from "@tanstack/react-table";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { TraceList, TraceRow } from "@/api/types";
import { useKeys } from "@/components/core/keyboard";
import { Empty, Failed, Skeleton } from "@/components/core/States";
import { COLUMNS, type ColumnId } from "../model";
import { columns, features, RIGHT, WIDTHS } from "./columns";

const ROW_PX = 28;
/** Rows from the end at which the next page is asked for. */
const AHEAD = 40;

type Query = {
  data: { pages: TraceList[] } | undefined;
  error: unknown;
  isPending: boolean;
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  fetchNextPage: () => unknown;
  refetch: () => unknown;
};

type Props = { query: Query; columns: Record<ColumnId, boolean>; onOpen: (row: TraceRow) => void };

/** Dense rows; only those on the screen exist. j/k move, Enter opens; the next page comes before the end is reached. */
export function RowTable({ query, columns: shown, onOpen }: Props) {
  const { t } = useTranslation();
  const rows = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data]);
  if (query.error && !query.data) return <Failed error={query.error} onRetry={() => void query.refetch()} />;
  if (query.isPending) return <Skeleton rows={16} className="p-3" />;
  if (rows.length === 0) return <Empty title={t("state.empty")} hint={t("state.emptyHint")} />;
  return <Rows rows={rows} query={query} shown={shown} onOpen={onOpen} />;
}

type RowsProps = { rows: TraceRow[]; query: Query; shown: Record<ColumnId, boolean>; onOpen: (row: TraceRow) => void };

function Rows({ rows, query, shown, onOpen }: RowsProps) {
  const { t } = useTranslation();
  const scroller = useRef<HTMLDivElement>(null);
  const [cursor, setCursor] = useState(-1);
  const table = useTable({ features, columns, data: rows, state: { columnVisibility: shown } });
  const model = table.getRowModel().rows;
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 20,
    scrollPaddingStart: ROW_PX,
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;

  useEffect(() => {
    if (last >= rows.length - AHEAD && hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [last, rows.length, hasNextPage, isFetchingNextPage, fetchNextPage]);

  const move = (step: number) => {
    const next = Math.max(0, Math.min(rows.length - 1, cursor + step));
    setCursor(next);
    virtual.scrollToIndex(next);
  };
  useKeys({
    j: () => move(1),
    k: () => move(-1),
    Enter: () => {
      const row = rows[cursor];
      if (row) onOpen(row);
    },
  });

  const visible = COLUMNS.filter((id) => shown[id]);
  const grid = { gridTemplateColumns: visible.map((id) => WIDTHS[id]).join(" "), minWidth: visible.length * 84 };
  const line = "grid items-center gap-x-3 px-3";
  return (
    <div ref={scroller} className="thin-scroll min-h-0 flex-1 overflow-auto border-t bg-surface">
      <div role="table" aria-rowcount={rows.length} aria-label={t("nav.traces")}>
        <div role="rowgroup" className="sticky top-0 z-10 border-b bg-surface" style={{ minWidth: grid.minWidth }}>
          <div role="row" className={`${line} h-7 text-muted text-xs`} style={grid}>
            {visible.map((id) => (
              <span key={id} role="columnheader" className={`truncate ${RIGHT.has(id) ? "text-right" : ""}`}>
                {id === "status" ? <span className="sr-only">{t("field.status")}</span> : t(`field.${id}`)}
              </span>
            ))}
          </div>
        </div>
        <div role="rowgroup" className="relative" style={{ height: virtual.getTotalSize(), minWidth: grid.minWidth }}>
          {items.map((item) => {
            const row = model[item.index];
            if (!row) return null;
            const chosen = item.index === cursor;
            return (
              // biome-ignore lint/a11y/useKeyWithClickEvents: Enter is handled for the whole page
              <div
                key={item.key}
                role="row"
                aria-rowindex={item.index + 1}
                aria-selected={chosen}
                tabIndex={-1}
                onClick={() => onOpen(row.original)}
                className={`${line} absolute inset-x-0 top-0 cursor-pointer border-b ${chosen ? "bg-selected" : "hover:bg-hover"}`}
                style={{ ...grid, height: ROW_PX, transform: `translateY(${item.start}px)` }}
              >
                {row.getVisibleCells().map((cell) => (
                  <span
                    key={cell.id}
                    role="cell"
                    className={`truncate ${RIGHT.has(cell.column.id) ? "text-right" : ""}`}
                  >
                    <table.FlexRender cell={cell} />
                  </span>
                ))}
              </div>
            );
          })}
        </div>
      </div>
      <p className="sticky left-0 p-2 text-center text-faint text-xs">
        {hasNextPage ? t("traces.loadingMore") : t("traces.end")}
      </p>
    </div>
  );
}
