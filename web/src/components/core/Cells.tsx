import { useTranslation } from "react-i18next";
import { UNKNOWN } from "@/lib/format";
import { fullMoment, moments } from "@/lib/time";
import { usd } from "@/lib/units";
import { Num } from "./Num";

/** A text on one line; the whole of it on hover. */
export function TextCell({ value, tone = "" }: { value: string | null | undefined; tone?: string }) {
  if (!value) return <span className="text-faint">{UNKNOWN}</span>;
  return (
    <span className={tone} title={value}>
      {value}
    </span>
  );
}

/** A moment: short on the page, whole on hover. */
export function TimeCell({ value }: { value: string }) {
  return (
    <span className="text-muted" title={fullMoment(value)}>
      {moments(value)}
    </span>
  );
}

type Sum = { cost_usd: string | null; unpriced_calls: number; call_count: number };

/** A sum of money, and beside it what it leaves out. */
export function CostCell({ of }: { of: Sum }) {
  const { t } = useTranslation();
  return (
    <>
      <Num value={usd(of.cost_usd)} raw={of.cost_usd} unit="usd" unknown={of.call_count === 0 ? UNKNOWN : undefined} />
      {of.unpriced_calls > 0 && of.cost_usd !== null && (
        <span className="text-warn" title={t("overview.unpriced", { count: of.unpriced_calls })}>
          +?
          <span className="sr-only">{t("overview.unpriced", { count: of.unpriced_calls })}</span>
        </span>
      )}
    </>
  );
}

/** How many went wrong; nothing to see where none did. */
export function ErrorsCell({ count }: { count: number }) {
  return <Num value={count} unit="count" className={count > 0 ? "text-error" : "text-faint"} />;
}
