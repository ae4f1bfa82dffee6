import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { chooseCost, removePrice } from "@/api/client";
import type { PriceItem } from "@/api/types";
import { Panel } from "@/components/chart/Panel";
import { Button } from "@/components/core/Button";
import { Segmented } from "@/components/core/Segmented";
import { EMPTY_FORM, formOf, type PriceForm } from "../model";
import { pricesQuery } from "../queries";

const SIGN = { USD: "$", CNY: "¥" } as const;

/** Your prices, in the order in which they are asked, and whose number counts where there are two. */
export function PriceBook({ onEdit }: { onEdit: (form: PriceForm) => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const query = useQuery(pricesQuery);
  const choose = useMutation({
    mutationFn: chooseCost,
    onSettled: () => void client.invalidateQueries({ queryKey: ["prices"] }),
  });
  return (
    <Panel
      title={t("costs.book")}
      query={query}
      isEmpty={() => false}
      height={300}
      aside={<Button onClick={() => onEdit(EMPTY_FORM)}>{t("costs.addPrice")}</Button>}
    >
      {(list) => (
        <div className="thin-scroll h-full space-y-2 overflow-auto">
          <div className="flex flex-wrap items-center gap-2 text-xs">
            <span className="text-muted" title={t("costs.choiceHint")}>
              {t("costs.choice")}
            </span>
            <Segmented
              size="small"
              label={t("costs.choice")}
              value={list.choice}
              options={["reported", "computed"].map((value) => ({
                value,
                label: t(`costs.choices.${value as "reported" | "computed"}`),
              }))}
              onChange={(choice) => choose.mutate(choice)}
            />
            {choose.error && (
              <span role="alert" className="text-error">
                {choose.error.message}
              </span>
            )}
          </div>
          {list.items.length === 0 && <p className="text-faint text-xs">{t("costs.bookEmpty")}</p>}
          <ul className="divide-y">
            {list.items.map((item) => (
              <Price key={`${item.scope} ${item.id} ${item.source}`} item={item} onEdit={onEdit} />
            ))}
          </ul>
          <p className="text-faint text-xs">{t("costs.books", { books: list.books.join(", ") })}</p>
        </div>
      )}
    </Panel>
  );
}

function Price({ item, onEdit }: { item: PriceItem; onEdit: (form: PriceForm) => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [sure, setSure] = useState(false);
  const remove = useMutation({
    mutationFn: () => removePrice(item.id, item.scope),
    onSuccess: () => void client.invalidateQueries({ queryKey: ["prices"] }),
  });
  const { price } = item;
  const sign = SIGN[price.currency === "CNY" ? "CNY" : "USD"];
  const parts = (["input", "output", "cache_read", "cache_write"] as const).flatMap((part) =>
    price[part] ? [`${t(`costs.part.${part}`)} ${sign}${price[part]}`] : [],
  );
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-1 py-1.5">
      <span className="min-w-0 flex-1">
        <span className="block truncate" title={price.model}>
          {price.model}
          {price.provider && <span className="text-faint"> · {price.provider}</span>}
          {price.valid_from && <span className="text-faint"> · {t("costs.since", { day: price.valid_from })}</span>}
        </span>
        <span className="block truncate text-muted text-xs">
          {parts.join(" · ")} {t("costs.perMillion")}
        </span>
        {remove.error && (
          <span role="alert" className="text-error text-xs">
            {remove.error.message}
          </span>
        )}
      </span>
      {item.source === "file" ? (
        <span className="text-faint text-xs">{t("costs.inFile")}</span>
      ) : (
        <>
          <Button tone="quiet" onClick={() => onEdit(formOf(item.id, price))}>
            {t("costs.edit")}
          </Button>
          <Button tone="quiet" disabled={remove.isPending} onClick={() => (sure ? remove.mutate() : setSure(true))}>
            {sure ? t("costs.sure") : t("costs.remove")}
          </Button>
        </>
      )}
    </li>
  );
}
