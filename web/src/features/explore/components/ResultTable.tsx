import { Link } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import type { Cell, SqlAnswer } from "@/api/types";
import { Empty } from "@/components/core/States";
import { isNumeric } from "../model";

const ROW_PX = 26;
/** Longer values are cut in the table; the whole of it is on hover and in the export. */
const SHOWN_CHARS = 300;

/** The rows as they came; only those on the screen exist. */
export function ResultTable({ answer }: { answer: SqlAnswer }) {
  const { t } = useTranslation();
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: answer.rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 20,
  });
  if (answer.rows.length === 0) return <Empty title={t("explore.noRows")} />;
  const widths = answer.columns.map(({ type }) => (isNumeric(type) ? "minmax(96px, 0.7fr)" : "minmax(150px, 1fr)"));
  const grid = { gridTemplateColumns: widths.join(" "), minWidth: answer.columns.length * 130 };
  const line = "grid items-center gap-x-3 px-3";
  return (
    // The keyboard scrolls it too.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable
    <div ref={scroller} tabIndex={0} className="thin-scroll h-full overflow-auto">
      <div
        role="table"
        aria-rowcount={answer.rows.length}
        aria-label={t("explore.result")}
        style={{ minWidth: grid.minWidth }}
      >
        <div role="row" className={`${line} sticky top-0 z-10 h-7 border-b bg-surface text-muted text-xs`} style={grid}>
          {answer.columns.map(({ name, type }, index) => (
            <span
              key={index}
              role="columnheader"
              title={`${name}: ${type}`}
              className={`truncate ${isNumeric(type) ? "text-right" : ""}`}
            >
              {name}
            </span>
          ))}
        </div>
        <div role="rowgroup" className="relative" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((item) => (
            <div
              key={item.key}
              role="row"
              aria-rowindex={item.index + 1}
              className={`${line} absolute inset-x-0 top-0 border-b font-mono text-xs hover:bg-hover`}
              style={{ ...grid, height: ROW_PX, transform: `translateY(${item.start}px)` }}
            >
              {answer.columns.map(({ name, type }, index) => (
                <span key={index} role="cell" className={`truncate ${isNumeric(type) ? "text-right" : ""}`}>
                  <Value name={name} value={answer.rows[item.index]?.[index] ?? null} />
                </span>
              ))}
            </div>
          ))}
        </div>
      </div>
    </div>
  );
}

/** A value as text; ids lead to what they name. */
function Value({ name, value }: { name: string; value: Cell }) {
  if (value === null) return <span className="text-faint">null</span>;
  const text = typeof value === "object" ? JSON.stringify(value) : String(value);
  if (name === "trace_id" && /^[0-9a-f]{32}$/.test(text)) {
    return (
      <Link to="/traces/$traceId" params={{ traceId: text }} className="text-accent hover:underline">
        {text}
      </Link>
    );
  }
  if (name === "session_id") {
    return (
      <Link to="/sessions/$sessionId" params={{ sessionId: text }} className="text-accent hover:underline">
        {text}
      </Link>
    );
  }
  return <span title={text}>{text.length > SHOWN_CHARS ? `${text.slice(0, SHOWN_CHARS)}…` : text}</span>;
}
