import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useKeys } from "./keyboard";
import { Empty, Failed, Skeleton } from "./States";

const ROW_PX = 28;
/** Rows from the end at which the next page is asked for. */
const AHEAD = 40;

/** A column: its heading, its grid track, and what stands in a row. */
export type GridColumn<Row> = {
  id: string;
  label: string;
  width: string;
  right?: boolean;
  /** Too narrow for its heading, which is only read aloud. */
  bare?: boolean;
  cell: (row: Row) => ReactNode;
};

/** What a list that comes page by page gives. */
export type PagedQuery<Row> = {
  data: { pages: { items: Row[] }[] } | undefined;
  error: unknown;
  isPending: boolean;
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  fetchNextPage: () => unknown;
  refetch: () => unknown;
};

type Props<Row> = {
  label: string;
  query: PagedQuery<Row>;
  columns: GridColumn<Row>[];
  keyOf: (row: Row) => string;
  onOpen: (row: Row) => void;
  empty: { title: string; hint: string };
};

/** A dense list of which only the rows on the screen exist. j/k move, Enter opens; the next page comes by itself. */
export function GridTable<Row>({ query, empty, ...rest }: Props<Row>) {
  if (query.error && !query.data) return <Failed error={query.error} onRetry={() => void query.refetch()} />;
  if (query.isPending) return <Skeleton rows={14} className="p-3" />;
  const rows = query.data?.pages.flatMap((page) => page.items) ?? [];
  if (rows.length === 0) return <Empty {...empty} />;
  return <Rows rows={rows} query={query} {...rest} />;
}

type RowsProps<Row> = Omit<Props<Row>, "empty"> & { rows: Row[] };

function Rows<Row>({ label, rows, query, columns, keyOf, onOpen }: RowsProps<Row>) {
  const { t } = useTranslation();
  const scroller = useRef<HTMLDivElement>(null);
  const [cursor, setCursor] = useState(-1);
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

  const grid = { gridTemplateColumns: columns.map(({ width }) => width).join(" "), minWidth: columns.length * 88 };
  const line = "grid items-center gap-x-3 px-3";
  return (
    <div ref={scroller} className="thin-scroll min-h-0 flex-1 overflow-auto border-t bg-surface">
      <div role="table" aria-rowcount={rows.length} aria-label={label}>
        <div role="rowgroup" className="sticky top-0 z-10 border-b bg-surface" style={{ minWidth: grid.minWidth }}>
          <div role="row" className={`${line} h-7 text-muted text-xs`} style={grid}>
            {columns.map(({ id, label, right, bare }) => (
              <span key={id} role="columnheader" className={`truncate ${right ? "text-right" : ""}`}>
                {bare ? <span className="sr-only">{label}</span> : label}
              </span>
            ))}
          </div>
        </div>
        <div role="rowgroup" className="relative" style={{ height: virtual.getTotalSize(), minWidth: grid.minWidth }}>
          {items.map((item) => {
            const row = rows[item.index];
            if (row === undefined) return null;
            const chosen = item.index === cursor;
            return (
              // biome-ignore lint/a11y/useKeyWithClickEvents: Enter is handled for the whole page
              <div
                key={keyOf(row)}
                role="row"
                aria-rowindex={item.index + 1}
                aria-selected={chosen}
                tabIndex={-1}
                onClick={() => onOpen(row)}
                className={`${line} absolute inset-x-0 top-0 cursor-pointer border-b ${chosen ? "bg-selected" : "hover:bg-hover"}`}
                style={{ ...grid, height: ROW_PX, transform: `translateY(${item.start}px)` }}
              >
                {columns.map(({ id, right, cell }) => (
                  <span key={id} role="cell" className={`truncate ${right ? "text-right" : ""}`}>
                    {cell(row)}
                  </span>
                ))}
              </div>
            );
          })}
        </div>
      </div>
      <p className="sticky left-0 p-2 text-center text-faint text-xs">
        {hasNextPage ? t("list.loadingMore") : t("list.end")}
      </p>
    </div>
  );
}
