import type { EChartsType } from "echarts/core";
import { useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { short } from "@/lib/format";
import { chartOption, cssResolver } from "./option";
import type { ChartKind, TimeSeries } from "./series";
import { useTheme } from "./useTheme";

type Props = {
  title: string;
  chart: TimeSeries;
  kind: ChartKind;
  /** A click on a bar or point: the series' key and the bucket. */
  onPick?: (key: string | null, from: number, to: number) => void;
};

/** Series over time with a legend that switches them. The drawing code is fetched on first use. */
export function TimeChart({ title, chart, kind, onPick }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const [instance, setInstance] = useState<EChartsType | null>(null);
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const theme = useTheme();
  const shown = useMemo(
    () => ({ ...chart, series: chart.series.filter((series) => !hidden.has(series.label)) }),
    [chart, hidden],
  );
  const pick = useRef({ onPick, shown });
  pick.current = { onPick, shown };

  useEffect(() => {
    const node = box.current;
    if (!node) return;
    let made: EChartsType | null = null;
    let gone = false;
    const observer = new ResizeObserver(() => made?.resize());
    void import("./echarts").then(({ init }) => {
      if (gone) return;
      made = init(node);
      made.on("click", ({ seriesIndex, dataIndex }) => {
        const { onPick, shown } = pick.current;
        const at = shown.times[dataIndex];
        if (at !== undefined) onPick?.(shown.series[seriesIndex ?? 0]?.key ?? null, at, at + shown.step_ms);
      });
      observer.observe(node);
      setInstance(made);
    });
    return () => {
      gone = true;
      observer.disconnect();
      made?.dispose();
    };
  }, []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new theme means new colours for the same data
  useEffect(() => {
    instance?.setOption(chartOption(shown, kind, cssResolver()), { notMerge: true });
  }, [instance, shown, kind, theme]);

  const toggle = (label: string) => {
    const next = new Set(hidden);
    if (!next.delete(label)) next.add(label);
    setHidden(next.size === chart.series.length ? new Set() : next);
  };

  return (
    <div className="flex h-full flex-col">
      <div ref={box} role="img" aria-label={`${title}: ${summary(chart)}`} className="min-h-0 flex-1" />
      {chart.series.length > 0 && <Legend chart={chart} hidden={hidden} onToggle={toggle} />}
    </div>
  );
}

function summary(chart: TimeSeries): string {
  return chart.series
    .map((series) => {
      const known = series.values.filter((value) => value !== null);
      return `${series.label} max ${short(known.length ? Math.max(...known) : null, chart.unit)}`;
    })
    .join(", ");
}

type LegendProps = { chart: TimeSeries; hidden: ReadonlySet<string>; onToggle: (label: string) => void };

function Legend({ chart, hidden, onToggle }: LegendProps) {
  const { t } = useTranslation();
  return (
    <ul
      aria-label={t("field.name")}
      className="thin-scroll flex max-h-11 shrink-0 flex-wrap gap-x-3 overflow-y-auto pt-1"
    >
      {chart.series.map((series) => (
        <li key={series.label} className="min-w-0">
          <button
            type="button"
            aria-pressed={!hidden.has(series.label)}
            onClick={() => onToggle(series.label)}
            title={series.label}
            className={`inline-flex max-w-48 items-center gap-1.5 text-xs leading-5 ${hidden.has(series.label) ? "text-faint line-through opacity-60" : "text-muted hover:text-fg"}`}
          >
            <span className="size-2 shrink-0 rounded-sm" style={{ background: series.color }} />
            <span className="truncate">{series.label}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}
