import { type PointerEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Histogram } from "@/api/types";
import type { Loading } from "@/components/chart/Panel";
import { Failed, Skeleton } from "@/components/core/States";
import { count } from "@/lib/format";
import { fullMoment, tick, type Window } from "@/lib/time";
import { dragged } from "../model";

const TICKS = 6;

type Props = { query: Loading<Histogram>; onZoom: (window: Window) => void };

/** Rows over time, errors on top of them in red. A drag chooses a window; so does Enter on a bar. */
export function HistogramBar({ query, onZoom }: Props) {
  return (
    <div className="mx-3 mb-2 h-24 shrink-0 rounded-lg border bg-surface px-2 pt-2 pb-1">
      {query.data ? (
        <Bars histogram={query.data} onZoom={onZoom} />
      ) : query.error ? (
        <Failed error={query.error} />
      ) : (
        <Skeleton rows={3} />
      )}
    </div>
  );
}

function Bars({ histogram, onZoom }: { histogram: Histogram; onZoom: (window: Window) => void }) {
  const { t } = useTranslation();
  const [drag, setDrag] = useState<{ start: number; end: number } | null>(null);
  const [over, setOver] = useState<number | null>(null);
  const { buckets, step_s } = histogram;
  const max = Math.max(1, ...buckets.map((bucket) => bucket.count));
  const at = (event: PointerEvent<HTMLElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    const place = Math.floor(((event.clientX - box.left) / box.width) * buckets.length);
    return Math.max(0, Math.min(buckets.length - 1, place));
  };
  const zoom = (a: number, b: number) => {
    const window = dragged(histogram, a, b);
    if (window) onZoom(window);
  };
  const shown = over === null ? undefined : buckets[over];
  const chosen = (place: number) =>
    drag && place >= Math.min(drag.start, drag.end) && place <= Math.max(drag.start, drag.end);

  return (
    <div className="relative flex h-full flex-col">
      <div
        role="group"
        aria-label={t("traces.histogram")}
        title={t("traces.histogram")}
        className="flex min-h-0 flex-1 cursor-crosshair touch-none select-none items-end"
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture?.(event.pointerId);
          setDrag({ start: at(event), end: at(event) });
        }}
        onPointerMove={(event) => {
          setOver(at(event));
          if (drag) setDrag({ ...drag, end: at(event) });
        }}
        onPointerLeave={() => setOver(null)}
        onPointerUp={() => {
          if (drag) zoom(drag.start, drag.end);
          setDrag(null);
        }}
        onPointerCancel={() => setDrag(null)}
      >
        {buckets.map((bucket, place) => (
          <button
            key={bucket.time}
            type="button"
            tabIndex={bucket.count > 0 ? 0 : -1}
            aria-label={t("traces.histogramBar", {
              time: fullMoment(bucket.time),
              count: bucket.count,
              errors: bucket.errors,
            })}
            onKeyDown={(event) => event.key === "Enter" && zoom(place, place)}
            className={`flex h-full min-w-0 flex-1 flex-col justify-end px-px ${chosen(place) ? "bg-selected" : over === place ? "bg-hover" : ""}`}
          >
            <span className="block w-full rounded-t-[1px] bg-error" style={{ height: height(bucket.errors, max) }} />
            <span
              className="block w-full bg-accent opacity-75"
              style={{ height: height(bucket.count - bucket.errors, max) }}
            />
          </button>
        ))}
      </div>
      <Ticks histogram={histogram} />
      {shown && (
        <div className="pointer-events-none absolute top-0 right-0 rounded bg-raised px-1.5 text-muted text-xs">
          {fullMoment(shown.time).replace(/\.\d{3} .*/, "")} · {count(shown.count)}
          {shown.errors > 0 && <span className="text-error"> · {count(shown.errors)}</span>}
          <span className="text-faint"> / {step_s >= 60 ? `${step_s / 60} min` : `${step_s} s`}</span>
        </div>
      )}
    </div>
  );
}

/** A bar that is there can be seen. */
const height = (value: number, max: number) => (value > 0 ? `max(2px, ${(value / max) * 100}%)` : "0");

function Ticks({ histogram: { buckets, step_s } }: { histogram: Histogram }) {
  const span = buckets.length * step_s * 1_000;
  const every = Math.max(1, Math.ceil(buckets.length / TICKS));
  return (
    <div aria-hidden="true" className="flex border-t pt-0.5 text-2xs text-faint leading-4">
      {buckets
        .filter((_, place) => place % every === 0)
        .map((bucket) => (
          <span key={bucket.time} className="min-w-0 flex-1 truncate">
            {tick(Date.parse(bucket.time), span)}
          </span>
        ))}
    </div>
  );
}
