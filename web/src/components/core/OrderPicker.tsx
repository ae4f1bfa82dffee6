import { useTranslation } from "react-i18next";
import { ORDERS, type Order } from "@/lib/order";
import { Segmented } from "./Segmented";

type Props = { value: Order | undefined; onChange: (order: Order | undefined) => void };

/** What comes first. */
export function OrderPicker({ value, onChange }: Props) {
  const { t } = useTranslation();
  return (
    <Segmented
      label={t("order.label")}
      value={value ?? "time"}
      options={ORDERS.map((order) => ({ value: order, label: t(`order.${order}`) }))}
      onChange={(order) => onChange(order === "time" ? undefined : order)}
    />
  );
}
