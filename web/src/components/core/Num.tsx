import { useTranslation } from "react-i18next";
import { full, short, UNKNOWN, type Unit } from "@/lib/format";

type Props = {
  value: number | null | undefined;
  unit: Unit;
  /** The decimal as sent, for the tooltip. */
  raw?: string | null;
  /** Said where the value is unknown. */
  unknown?: string;
  estimated?: boolean;
  className?: string;
};

/** A number: short on the page, whole on hover, "—" with a reason where it is unknown. */
export function Num({ value, unit, raw, unknown, estimated = false, className = "" }: Props) {
  const { t } = useTranslation();
  if (value === null || value === undefined) {
    const tip = unknown ?? (unit === "usd" ? t("common.unpricedTip") : t("common.unknownTip"));
    return (
      <span className={`text-faint ${className}`} title={tip}>
        {UNKNOWN}
        <span className="sr-only">{tip}</span>
      </span>
    );
  }
  const tip = full(value, unit, raw);
  return (
    <span className={`whitespace-nowrap ${className}`} title={estimated ? `${tip} · ${t("common.estimatedTip")}` : tip}>
      {estimated && (
        <span className="text-warn" aria-hidden="true">
          ≈
        </span>
      )}
      {short(value, unit)}
      {estimated && <span className="sr-only"> {t("common.estimated")}</span>}
    </span>
  );
}
