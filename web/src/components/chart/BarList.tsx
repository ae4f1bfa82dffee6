import { full, short, type Unit } from "@/lib/format";

export type Bar = {
  key: string | null;
  label: string;
  value: number | null;
  color: string;
  raw?: string | null;
  note?: string;
};

type Props = { bars: Bar[]; unit: Unit; onPick?: (key: string | null) => void; unknown?: string };

/** A top list: one thin bar a row, the number at its end. */
export function BarList({ bars, unit, onPick, unknown }: Props) {
  const max = Math.max(0, ...bars.map((bar) => bar.value ?? 0));
  return (
    <ol className="thin-scroll flex h-full flex-col gap-px overflow-y-auto">
      {bars.map((bar) => (
        <li key={bar.label}>
          <button
            type="button"
            disabled={!onPick || bar.key === null}
            onClick={() => onPick?.(bar.key)}
            title={`${bar.label} · ${bar.value === null ? (unknown ?? "—") : full(bar.value, unit, bar.raw)}`}
            className="group grid w-full grid-cols-[1fr_auto] items-baseline gap-x-3 rounded px-1 text-left leading-[19px] enabled:hover:bg-hover"
          >
            <span className="truncate">{bar.label}</span>
            <span className="text-right">
              {bar.note && <span className="mr-1.5 text-faint text-xs">{bar.note}</span>}
              {short(bar.value, unit)}
            </span>
            <span className="col-span-2 h-[3px] overflow-hidden rounded-full bg-sunken">
              <span
                className="block h-full rounded-full"
                style={{
                  width: `${max > 0 ? Math.max(1, ((bar.value ?? 0) / max) * 100) : 0}%`,
                  background: bar.color,
                }}
              />
            </span>
          </button>
        </li>
      ))}
    </ol>
  );
}
