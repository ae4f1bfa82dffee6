import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Facets } from "@/api/types";
import type { Loading } from "@/components/chart/Panel";
import { Failed, Skeleton } from "@/components/core/States";
import { type FilterField, type Filters, toggleFilter } from "@/lib/filters";
import { count } from "@/lib/format";
import { seriesColor } from "@/lib/palette";
import { FACET_FIELDS, type Facet, facetValues } from "../model";

/** Values shown before "n more". */
const FEW = 8;

type Props = { query: Loading<Facets>; filters: Filters; onChange: (filters: Filters) => void };

/** Each field's values with how many rows each would leave; a click filters. */
export function FacetBar({ query, filters, onChange }: Props) {
  const { t } = useTranslation();
  return (
    <aside
      aria-label={t("traces.filters")}
      className="thin-scroll hidden w-56 shrink-0 overflow-y-auto border-r bg-surface p-3 md:block"
    >
      {query.error && !query.data ? <Failed error={query.error} onRetry={() => void query.refetch()} /> : null}
      {query.isPending && <Skeleton rows={14} />}
      {query.data &&
        FACET_FIELDS.map((field) => {
          const values = query.data?.items.find((item) => item.field === field)?.values ?? [];
          const shown = facetValues(values, filters[field] ?? []);
          if (shown.length === 0) return null;
          return (
            <Field
              key={field}
              field={field}
              values={shown}
              onToggle={(value) => onChange(toggleFilter(filters, field, value))}
            />
          );
        })}
    </aside>
  );
}

type FieldProps = { field: FilterField; values: Facet[]; onToggle: (value: string) => void };

function Field({ field, values, onToggle }: FieldProps) {
  const { t } = useTranslation();
  const [all, setAll] = useState(false);
  const max = Math.max(1, ...values.map((one) => one.count));
  const shown = all ? values : values.slice(0, FEW);
  const label = (value: string) =>
    field === "status" && (value === "ok" || value === "error" || value === "unset") ? t(`status.${value}`) : value;
  return (
    <fieldset className="mb-4 min-w-0">
      <legend className="mb-1 text-muted text-xs">{t(`field.${field}`)}</legend>
      {shown.map((one) => (
        <label
          key={one.value}
          title={`${one.value} · ${one.count.toLocaleString("en-US")}`}
          className={`flex cursor-pointer items-center gap-2 rounded px-1 py-0.5 hover:bg-hover ${one.chosen ? "bg-selected" : ""}`}
        >
          <input
            type="checkbox"
            checked={one.chosen}
            onChange={() => onToggle(one.value)}
            className="size-3.5 shrink-0 accent-accent"
          />
          <span className="min-w-0 flex-1">
            <span className="flex justify-between gap-2">
              <span className="truncate">{label(one.value)}</span>
              <span className="text-faint">{count(one.count)}</span>
            </span>
            <span className="block h-0.5 rounded-full bg-sunken">
              <span
                className="block h-full rounded-full"
                style={{ width: `${(one.count / max) * 100}%`, background: seriesColor(field, one.value) }}
              />
            </span>
          </span>
        </label>
      ))}
      {values.length > FEW && (
        <button type="button" onClick={() => setAll(!all)} className="px-1 text-accent text-xs hover:underline">
          {all ? t("common.less") : t("traces.showAll", { count: values.length - FEW })}
        </button>
      )}
    </fieldset>
  );
}
