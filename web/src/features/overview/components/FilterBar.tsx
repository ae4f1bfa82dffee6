import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/core/Button";
import { Icon } from "@/components/core/Icon";
import { Popover, PopoverItem } from "@/components/core/Popover";
import { countFilters, toggleFilter } from "@/lib/filters";
import { count } from "@/lib/format";
import { facets, type Scope } from "../queries";
import { OVERVIEW_FIELDS, type OverviewField, type OverviewSearch } from "../url";

/** Which apps, models, providers the whole page is about. */
export function FilterBar({ scope }: { scope: Scope }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { data } = useQuery(facets(scope));
  const set = (search: OverviewSearch) => {
    void navigate({
      to: "/",
      search: (old) => ({ ...old, app: undefined, model: undefined, provider: undefined, ...search }),
    });
  };
  return (
    <fieldset aria-label={t("overview.filters")} className="flex flex-wrap items-center gap-1.5">
      {OVERVIEW_FIELDS.map((field) => (
        <FieldFilter
          key={field}
          field={field}
          chosen={scope.search[field] ?? []}
          values={data?.items.find((item) => item.field === field)?.values ?? []}
          onToggle={(value) => set(toggleFilter(scope.search, field, value))}
        />
      ))}
      {countFilters(scope.search) > 0 && (
        <Button tone="quiet" icon="close" onClick={() => set({})}>
          {t("common.clearAll")}
        </Button>
      )}
    </fieldset>
  );
}

type FieldProps = {
  field: OverviewField;
  chosen: string[];
  values: { value: string | null; count: number }[];
  onToggle: (value: string) => void;
};

function FieldFilter({ field, chosen, values, onToggle }: FieldProps) {
  const { t } = useTranslation();
  const missing = chosen.filter((value) => !values.some((known) => known.value === value));
  const all = [...missing.map((value) => ({ value, count: 0 })), ...values];
  const name = chosen.length === 0 ? t("common.all") : chosen.length === 1 ? chosen[0] : `${chosen.length}`;
  return (
    <Popover
      label={`${t(`field.${field}`)}: ${chosen.join(", ") || t("common.all")}`}
      className={chosen.length > 0 ? "border-accent" : ""}
      button={
        <>
          <span className="text-muted">{t(`field.${field}`)}</span>
          <span className="max-w-40 truncate">{name}</span>
          <Icon name="down" className="text-faint" />
        </>
      }
    >
      {() => (
        <div className="thin-scroll max-h-80 min-w-56 overflow-y-auto">
          {all.length === 0 && <p className="px-2 py-1 text-faint">{t("state.empty")}</p>}
          {all.map(({ value, count: rows }) =>
            value === null ? null : (
              <PopoverItem key={value} chosen={chosen.includes(value)} onClick={() => onToggle(value)}>
                <span className="max-w-72 truncate">{value}</span>
                <span className="ml-auto pl-3 text-faint">{count(rows)}</span>
              </PopoverItem>
            ),
          )}
        </div>
      )}
    </Popover>
  );
}
