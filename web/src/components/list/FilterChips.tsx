import { useTranslation } from "react-i18next";
import { Button } from "@/components/core/Button";
import { Icon } from "@/components/core/Icon";
import { countFilters, FILTER_FIELDS, type Filters, toggleFilter } from "@/lib/filters";

type Props = { filters: Filters; onChange: (filters: Filters) => void };

/** What is filtered by, each with its way out. */
export function FilterChips({ filters, onChange }: Props) {
  const { t } = useTranslation();
  if (countFilters(filters) === 0) return null;
  const none = Object.fromEntries(FILTER_FIELDS.map((field) => [field, undefined])) as Filters;
  return (
    <ul aria-label={t("traces.filters")} className="flex flex-wrap items-center gap-1.5 px-3 pb-2">
      {FILTER_FIELDS.flatMap((field) =>
        (filters[field] ?? []).map((value) => (
          <li key={`${field} ${value}`}>
            <button
              type="button"
              onClick={() => onChange(toggleFilter(filters, field, value))}
              title={`${t("common.clear")}: ${t(`field.${field}`)} ${value}`}
              className="inline-flex h-6 max-w-80 items-center gap-1 rounded-full border border-accent bg-accent-soft pr-1.5 pl-2 text-xs hover:bg-hover"
            >
              <span className="text-muted">{t(`field.${field}`)}</span>
              <span className="truncate">{value}</span>
              <Icon name="close" className="!size-3" />
            </button>
          </li>
        )),
      )}
      <li>
        <Button tone="quiet" className="!h-6 text-xs" onClick={() => onChange(none)}>
          {t("common.clearAll")}
        </Button>
      </li>
    </ul>
  );
}
