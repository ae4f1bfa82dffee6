import { useState } from "react";
import { full, percent, short, type Unit } from "@/lib/format";
import type { Bar } from "./BarList";

type Props = { title: string; slices: Bar[]; unit: Unit; onPick?: (key: string | null) => void };

const RADIUS = 40;
const LENGTH = 2 * Math.PI * RADIUS;

/** Shares of a whole: a ring, and a legend that carries the numbers (and the keyboard). */
export function Donut({ title, slices, unit, onPick }: Props) {
  const [over, setOver] = useState<string | null>(null);
  const total = slices.reduce((sum, slice) => sum + (slice.value ?? 0), 0);
  const shown = slices.find((slice) => slice.label === over);
  let offset = 0;
  return (
    <div className="flex h-full items-center gap-4">
      <div className="relative size-32 shrink-0">
        <svg viewBox="0 0 100 100" role="img" aria-label={title} className="size-full -rotate-90">
          {slices.map((slice) => {
            const length = total > 0 ? ((slice.value ?? 0) / total) * LENGTH : 0;
            const start = offset;
            offset += length;
            return (
              // biome-ignore lint/a11y/noStaticElementInteractions: the legend beside it does the same by keyboard
              <circle
                key={slice.label}
                cx="50"
                cy="50"
                r={RADIUS}
                fill="none"
                stroke={slice.color}
                strokeWidth={over === slice.label ? 15 : 12}
                strokeDasharray={`${Math.max(0.1, length - (slices.length > 1 ? 0.8 : 0))} ${LENGTH}`}
                strokeDashoffset={-start}
                className={onPick && slice.key !== null ? "cursor-pointer" : ""}
                onMouseEnter={() => setOver(slice.label)}
                onMouseLeave={() => setOver(null)}
                onClick={() => slice.key !== null && onPick?.(slice.key)}
              />
            );
          })}
        </svg>
        <div className="pointer-events-none absolute inset-0 flex flex-col items-center justify-center">
          <span className="font-medium text-lg leading-5">{short(shown ? shown.value : total, unit)}</span>
          {shown && <span className="text-faint text-xs">{percent((shown.value ?? 0) / total)}</span>}
        </div>
      </div>
      <ul className="thin-scroll max-h-full min-w-0 flex-1 overflow-y-auto">
        {slices.map((slice) => (
          <li key={slice.label}>
            <button
              type="button"
              disabled={!onPick || slice.key === null}
              onClick={() => onPick?.(slice.key)}
              onMouseEnter={() => setOver(slice.label)}
              onMouseLeave={() => setOver(null)}
              title={`${slice.label} · ${full(slice.value, unit)}`}
              className="flex w-full items-center gap-2 rounded px-1 py-0.5 text-left enabled:hover:bg-hover"
            >
              <span className="size-2 shrink-0 rounded-sm" style={{ background: slice.color }} />
              <span className="min-w-0 truncate">{slice.label}</span>
              <span className="ml-auto pl-2">{short(slice.value, unit)}</span>
              <span className="w-12 whitespace-nowrap text-right text-faint">
                {percent(total > 0 ? (slice.value ?? 0) / total : 0)}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
