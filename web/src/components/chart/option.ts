/** A chart's data → what ECharts is told. Labels come from users: tooltips are built as nodes, never as HTML. */
import type { EChartsCoreOption } from "echarts/core";
import { full, short } from "@/lib/format";
import { fullMoment, tick } from "@/lib/time";
import { type ChartKind, niceMax, peak, type TimeSeries } from "./series";

/** CSS colour → the concrete one of the theme in force; a canvas knows no variables. */
export type Resolve = (color: string) => string;

export function cssResolver(): Resolve {
  const style = getComputedStyle(document.documentElement);
  return (color) => {
    const name = /^var\((--[\w-]+)\)$/.exec(color)?.[1];
    return name ? style.getPropertyValue(name).trim() : color;
  };
}

/** Lines that no reader could follow are left out of the tooltip; the largest stay. */
const TOOLTIP_ROWS = 10;

export function chartOption(chart: TimeSeries, kind: ChartKind, resolve: Resolve): EChartsCoreOption {
  const stacked = kind !== "lines";
  const span = chart.times.length * chart.step_ms;
  const max = niceMax(peak(chart, stacked), chart.unit);
  const text = { color: resolve("var(--color-faint)"), fontSize: 11, fontFamily: "inherit" };
  return {
    animation: false,
    grid: {
      left: 4,
      right: 8,
      top: 8,
      bottom: 0,
      containLabel: false,
      outerBoundsMode: "same",
      outerBoundsContain: "axisLabel",
    },
    xAxis: {
      type: "category",
      data: chart.times,
      boundaryGap: kind === "bars",
      axisTick: { show: false },
      axisLine: { lineStyle: { color: resolve("var(--color-line-strong)") } },
      axisLabel: {
        ...text,
        hideOverlap: true,
        alignMaxLabel: "right",
        formatter: (value: string) => tick(Number(value), span),
      },
    },
    yAxis: {
      type: "value",
      min: 0,
      max,
      interval: max / 4,
      axisLabel: { ...text, formatter: (value: number) => short(round(value), chart.unit) },
      splitLine: { lineStyle: { color: resolve("var(--color-grid)") } },
    },
    tooltip: {
      trigger: "axis",
      appendTo: "body",
      transitionDuration: 0,
      padding: 0,
      borderWidth: 0,
      backgroundColor: "transparent",
      extraCssText: "box-shadow:none;z-index:50",
      axisPointer: {
        type: kind === "bars" ? "shadow" : "line",
        lineStyle: { color: resolve("var(--color-line-strong)") },
        shadowStyle: { color: resolve("var(--color-hover)"), opacity: 0.6 },
      },
      formatter: (items: { dataIndex: number }[]) => tooltip(chart, items[0]?.dataIndex ?? 0),
    },
    series: chart.series.map((series) => drawn(series, kind, resolve)),
  };
}

const round = (value: number) => Number(value.toPrecision(6));

function drawn(series: TimeSeries["series"][number], kind: ChartKind, resolve: Resolve) {
  const color = resolve(series.color);
  const common = { name: series.label, data: series.values, itemStyle: { color }, color };
  if (kind === "bars") return { ...common, type: "bar", stack: "all", barCategoryGap: "18%" };
  return {
    ...common,
    type: "line",
    symbol: "circle",
    symbolSize: 5,
    // A lone point between gaps would draw no line: then the dot is all there is to see.
    showSymbol: lonely(series.values),
    showAllSymbol: true,
    lineStyle: { width: 1.6, color },
    ...(kind === "area" ? { stack: "all", areaStyle: { color, opacity: 0.22 } } : {}),
  };
}

function lonely(values: (number | null)[]): boolean {
  return values.some(
    (value, at) => value !== null && (values[at - 1] ?? null) === null && (values[at + 1] ?? null) === null,
  );
}

function tooltip(chart: TimeSeries, at: number): HTMLElement {
  const box = element(
    "div",
    "rounded-md border border-line-strong bg-raised px-2.5 py-1.5 font-sans text-fg text-xs shadow-lg shadow-shade",
  );
  box.append(element("div", "mb-1 text-muted", fullMoment(chart.times[at] ?? 0).replace(/\.\d{3}/, "")));
  const rows = chart.series
    .map((series) => ({ series, value: series.values[at] ?? null }))
    .filter(({ value }) => value !== null && (value !== 0 || chart.series.length <= 4));
  if (chart.series.length > 4) rows.sort((a, b) => (b.value ?? 0) - (a.value ?? 0));
  for (const { series, value } of rows.slice(0, TOOLTIP_ROWS)) {
    const line = element("div", "flex items-center gap-2");
    const dot = element("span", "size-2 shrink-0 rounded-sm");
    dot.style.background = series.color;
    const number = element("span", "ml-auto pl-4 font-medium", short(value, chart.unit));
    number.title = full(value, chart.unit);
    line.append(dot, element("span", "max-w-64 truncate", series.label), number);
    box.append(line);
  }
  if (rows.length === 0) box.append(element("div", "text-faint", "—"));
  return box;
}

function element(tag: string, className: string, text?: string): HTMLElement {
  const node = document.createElement(tag);
  node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}
