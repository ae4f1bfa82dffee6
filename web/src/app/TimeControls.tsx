import { useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { type FormEvent, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button, IconButton } from "@/components/core/Button";
import { Icon } from "@/components/core/Icon";
import { Popover, PopoverItem } from "@/components/core/Popover";
import { useClock } from "@/lib/clock";
import { DEFAULT_RANGE, moments, RANGES, REFRESHES, type TimeSearch, windowOf } from "@/lib/time";

/** Time range, refresh now and auto refresh. All of it is in the address. */
export function TimeControls() {
  const { t } = useTranslation();
  const search = useSearch({ strict: false }) as TimeSearch;
  const navigate = useNavigate();
  const { now, tick } = useClock();
  const queries = useQueryClient();
  const fixed = search.from !== undefined;
  const refresh = search.refresh ?? 0;

  useEffect(() => {
    if (refresh === 0 || fixed) return;
    const timer = setInterval(() => document.visibilityState === "visible" && tick(), refresh * 1_000);
    return () => clearInterval(timer);
  }, [refresh, fixed, tick]);

  const set = (change: TimeSearch) => {
    tick();
    void navigate({ to: ".", search: (old: TimeSearch) => ({ ...old, ...change }) as never });
  };
  const now_ = () => {
    tick();
    if (fixed) void queries.invalidateQueries();
  };
  const name = fixed
    ? `${moments(search.from ?? 0)} – ${moments(search.to ?? 0)}`
    : t(`time.last.${search.range ?? DEFAULT_RANGE}`);
  const window = windowOf(search, now);
  const zoomOut = () => {
    const half = (window.to - window.from) / 2;
    set({ range: undefined, from: window.from - half, to: Math.min(window.to + half, Date.now()) });
  };

  return (
    <div className="flex items-center gap-1">
      {fixed && <IconButton icon="zoomOut" label={t("time.zoomOut")} onClick={zoomOut} />}
      <Popover
        align="right"
        label={`${t("time.range")}: ${name}`}
        button={
          <>
            <Icon name="clock" className="text-muted" />
            {name}
            <Icon name="down" className="text-faint" />
          </>
        }
      >
        {(close) => (
          <div className="flex">
            <div className="flex flex-col">
              {RANGES.map((range) => (
                <PopoverItem
                  key={range}
                  chosen={!fixed && range === (search.range ?? DEFAULT_RANGE)}
                  onClick={() => {
                    set({ range: range === DEFAULT_RANGE ? undefined : range, from: undefined, to: undefined });
                    close();
                  }}
                >
                  {t(`time.last.${range}`)}
                </PopoverItem>
              ))}
            </div>
            <Custom
              window={window}
              onApply={(from, to) => {
                set({ range: undefined, from, to });
                close();
              }}
            />
          </div>
        )}
      </Popover>
      <IconButton icon="refresh" label={t("time.refresh")} onClick={now_} className="border-line-strong bg-surface" />
      <select
        aria-label={t("time.auto")}
        title={t("time.auto")}
        value={refresh}
        disabled={fixed}
        onChange={(event) => set({ refresh: Number(event.target.value) || undefined })}
        className="h-7 rounded-md border border-line-strong bg-surface px-1 hover:bg-hover disabled:opacity-50"
      >
        {REFRESHES.map((seconds) => (
          <option key={seconds} value={seconds}>
            {seconds === 0 ? t("time.off") : t("time.every", { seconds })}
          </option>
        ))}
      </select>
    </div>
  );
}

/** ms → what `datetime-local` wants: local time without a zone. */
function local(ms: number): string {
  return new Date(ms - new Date(ms).getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}

type CustomProps = { window: { from: number; to: number }; onApply: (from: number, to: number) => void };

function Custom({ window, onApply }: CustomProps) {
  const { t } = useTranslation();
  const [from, setFrom] = useState(() => local(window.from));
  const [to, setTo] = useState(() => local(window.to));
  const valid = Date.parse(from) < Date.parse(to);
  const apply = (event: FormEvent) => {
    event.preventDefault();
    if (valid) onApply(Date.parse(from), Date.parse(to));
  };
  const field = "mt-0.5 h-7 rounded-md border border-line-strong bg-sunken px-1.5";
  return (
    <form onSubmit={apply} className="ml-1 flex flex-col gap-2 border-l p-2">
      <label className="flex flex-col text-muted text-xs">
        {t("time.from")}
        <input
          type="datetime-local"
          step="1"
          value={from}
          onChange={(event) => setFrom(event.target.value)}
          className={field}
        />
      </label>
      <label className="flex flex-col text-muted text-xs">
        {t("time.to")}
        <input
          type="datetime-local"
          step="1"
          value={to}
          onChange={(event) => setTo(event.target.value)}
          className={field}
        />
      </label>
      {!valid && <p className="text-error text-xs">{t("time.invalid")}</p>}
      <Button type="submit" tone="accent" disabled={!valid} className="justify-center">
        {t("time.apply")}
      </Button>
    </form>
  );
}
