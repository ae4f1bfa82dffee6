import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Trace } from "@/api/types";
import { Button } from "@/components/core/Button";
import { Icon } from "@/components/core/Icon";
import { useKeys } from "@/components/core/keyboard";
import { duration } from "@/lib/format";
import { ancestors, axis, extent, hasChildren, type Node, search, visibleRows } from "../model";
import { TreeRow } from "./TreeRow";

const ROW_PX = 28;

type Props = { trace: Trace; nodes: Node[]; chosen: string | undefined; onChoose: (spanId: string) => void };

/** Tree and waterfall in one list. Only rows on the screen exist, so ten thousand scroll like ten. */
export function TreePane({ trace, nodes, chosen, onChoose }: Props) {
  const { t } = useTranslation();
  const scroller = useRef<HTMLDivElement>(null);
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const [text, setText] = useState("");
  const rows = useMemo(() => visibleRows(nodes, folded), [nodes, folded]);
  const hits = useMemo(() => search(nodes, text), [nodes, text]);
  const hitSet = useMemo(() => new Set(hits), [hits]);
  const total = useMemo(() => extent(nodes, trace.duration_ns), [nodes, trace.duration_ns]);
  const at = rows.findIndex((node) => node.span.span_id === chosen);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 16,
    scrollPaddingStart: ROW_PX,
  });

  // biome-ignore lint/correctness/useExhaustiveDependencies: only a new choice scrolls, not every fold
  useEffect(() => {
    if (at >= 0) virtual.scrollToIndex(at, { align: "auto" });
  }, [chosen, nodes.length > 0]);

  const fold = (id: string, on: boolean) => {
    const next = new Set(folded);
    if (on) next.add(id);
    else next.delete(id);
    setFolded(next);
  };
  const go = (index: number) => {
    const node = nodes[index];
    if (!node) return;
    const open = ancestors(nodes, index);
    if (open.some((id) => folded.has(id))) setFolded(new Set([...folded].filter((id) => !open.includes(id))));
    onChoose(node.span.span_id);
  };
  const move = (step: number) => {
    const next = rows[Math.max(0, Math.min(rows.length - 1, at + step))];
    if (next) onChoose(next.span.span_id);
  };
  const side = (out: boolean) => {
    const node = rows[at];
    if (!node) return;
    const open = hasChildren(node) && !folded.has(node.span.span_id);
    if (out && open) fold(node.span.span_id, true);
    else if (out) {
      const parent = nodes.find((one) => one.span.span_id === ancestors(nodes, node.index)[0]);
      if (parent) onChoose(parent.span.span_id);
    } else if (folded.has(node.span.span_id)) fold(node.span.span_id, false);
    else if (open) move(1);
  };
  useKeys({
    j: () => move(1),
    k: () => move(-1),
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    ArrowLeft: () => side(true),
    ArrowRight: () => side(false),
    h: () => side(true),
    l: () => side(false),
  });

  const current = hits.findIndex((index) => nodes[index]?.span.span_id === chosen);
  const parents = nodes.filter(hasChildren);
  return (
    <div className="flex h-full min-h-0 flex-col bg-surface">
      <div className="flex h-9 shrink-0 items-center gap-2 border-b px-2">
        <label className="relative flex min-w-32 max-w-72 flex-1 items-center">
          <span className="sr-only">{t("trace.search")}</span>
          <Icon name="search" className="pointer-events-none absolute left-2 text-faint" />
          <input
            data-search
            type="search"
            value={text}
            placeholder={t("trace.search")}
            onChange={(event) => setText(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === "Escape") event.currentTarget.blur();
              if (event.key !== "Enter" || hits.length === 0) return;
              const step = event.shiftKey ? -1 : 1;
              go(hits[(current + step + hits.length) % hits.length] ?? 0);
            }}
            className="h-6 w-full rounded border border-line-strong bg-sunken pr-1 pl-7"
          />
        </label>
        {text.trim() !== "" && (
          <span className="whitespace-nowrap text-faint text-xs" role="status">
            {hits.length === 0
              ? t("trace.noMatches")
              : t("trace.matches", { index: Math.max(0, current) + 1, count: hits.length })}
          </span>
        )}
        {parents.length > 0 && (
          <Button
            tone="quiet"
            className="ml-auto !h-6 text-xs"
            onClick={() => setFolded(folded.size > 0 ? new Set() : new Set(parents.map((node) => node.span.span_id)))}
          >
            {folded.size > 0 ? t("trace.expandAll") : t("trace.collapseAll")}
          </Button>
        )}
      </div>
      <div ref={scroller} className="thin-scroll min-h-0 flex-1 overflow-y-auto">
        <AxisRow total={total} />
        <div role="tree" aria-label={t("trace.tree")} className="relative" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((item) => {
            const node = rows[item.index];
            if (!node) return null;
            return (
              <TreeRow
                key={node.span.span_id}
                node={node}
                total={total}
                top={item.start}
                height={ROW_PX}
                chosen={node.span.span_id === chosen}
                folded={folded.has(node.span.span_id)}
                hit={hitSet.has(node.index)}
                onChoose={() => onChoose(node.span.span_id)}
                onFold={(on) => fold(node.span.span_id, on)}
              />
            );
          })}
        </div>
      </div>
    </div>
  );
}

function AxisRow({ total }: { total: number }) {
  const { t } = useTranslation();
  return (
    <div className="sticky top-0 z-10 grid h-7 grid-cols-[minmax(200px,42%)_1fr_64px_64px_92px] items-center border-b bg-surface pr-2 text-2xs text-faint">
      <span className="pl-3">{t("field.name")}</span>
      <div className="relative h-full" aria-hidden="true">
        {axis(total).map((mark) => (
          <span key={mark} className="absolute bottom-1 border-l pl-1" style={{ left: `${(mark / total) * 100}%` }}>
            {mark / total < 0.93 && (mark === 0 ? "0" : duration(mark))}
          </span>
        ))}
      </div>
      <span className="text-right">{t("field.duration")}</span>
      <span className="text-right">{t("field.tokens")}</span>
      <span className="text-right">{t("field.cost")}</span>
    </div>
  );
}
