import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { Unpriced as UnpricedModel } from "@/api/types";
import { Panel } from "@/components/chart/Panel";
import { Button } from "@/components/core/Button";
import { Num } from "@/components/core/Num";
import type { Window } from "@/lib/time";
import { EMPTY_FORM, idOf, type PriceForm } from "../model";
import { unpricedQuery } from "../queries";

/** Models whose calls have no cost, each with the way to give it one. */
export function Unpriced({ window, onPrice }: { window: Window; onPrice: (form: PriceForm) => void }) {
  const { t } = useTranslation();
  const query = useQuery(unpricedQuery(window));
  const start = ({ model, provider }: UnpricedModel): PriceForm => ({
    ...EMPTY_FORM,
    id: idOf(model ?? ""),
    model: model ?? "",
    provider: provider ?? "",
  });
  return (
    <Panel
      title={t("costs.unpriced")}
      query={query}
      isEmpty={(list) => list.items.length === 0}
      empty={t("costs.unpricedNone")}
      height={300}
    >
      {(list) => (
        <ul className="thin-scroll h-full divide-y overflow-auto">
          {list.items.map((item) => (
            <li key={`${item.model} ${item.provider} ${item.reason}`} className="flex items-center gap-3 py-1.5">
              <span className="min-w-0 flex-1">
                <span className="block truncate" title={item.model ?? undefined}>
                  {item.model ?? t("common.unknown")}
                </span>
                <span className="block truncate text-faint text-xs">
                  {item.provider ?? t("common.unknown")} ·{" "}
                  {item.reason === "no_tokens" ? t("costs.noTokens") : t("costs.noPrice")}
                </span>
              </span>
              <span className="text-right text-xs">
                <Num value={item.calls} unit="count" /> {t("field.calls")}
              </span>
              {item.reason === "no_price" && item.model && (
                <Button onClick={() => onPrice(start(item))}>{t("costs.setPrice")}</Button>
              )}
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
