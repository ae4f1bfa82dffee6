import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { SpanDetail } from "@/api/types";
import { Num } from "@/components/core/Num";
import { Empty } from "@/components/core/States";
import { full } from "@/lib/format";
import { isFree } from "@/lib/priced";
import { usd } from "@/lib/units";
import { listOf, numberOf, textOf, usage } from "../details";
import { CALLS } from "../model";
import { useWords } from "./originWords";

/** How many tokens, what they cost, and how both are known. */
export function UsageTab({ span }: { span: SpanDetail }) {
  const { t } = useTranslation();
  const words = useWords();
  const rows = usage(span);
  const source = textOf(span, "usage_source");
  if (rows.every((row) => row.tokens === null && row.cost === null) && source === null) {
    return <Empty title={t("trace.usage.none")} />;
  }
  const call = CALLS.has(textOf(span, "kind") ?? "");
  const estimated = source === "estimated";
  return (
    <div className="space-y-4">
      <table className="w-full max-w-lg">
        <thead className="text-left text-muted text-xs">
          <tr className="[&>th]:py-1 [&>th]:font-normal">
            <th>{t("trace.usage.part")}</th>
            <th className="text-right">{t("trace.usage.tokens")}</th>
            <th className="text-right">{t("trace.usage.cost")}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ part, tokens, cost }) => {
            const inner = part === "cacheRead" || part === "cacheWrite" || part === "reasoning";
            return (
              <tr key={part} className={`border-t ${part === "total" ? "font-medium" : ""}`}>
                <td className={`py-1 ${inner ? "pl-4 text-muted" : ""}`}>{t(`trace.usage.${part}`)}</td>
                <td className="text-right">
                  {tokens === null ? (
                    <Num value={null} unit="tokens" />
                  ) : (
                    <Whole value={tokens} estimated={estimated} />
                  )}
                </td>
                <td className="text-right">{inner ? "" : <Num value={usd(cost)} raw={cost} unit="usd" />}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
      <dl className="grid max-w-lg grid-cols-[max-content_1fr] gap-x-4 gap-y-1">
        {source && <Fact name={t("trace.usage.usageSource")}>{sourceText(t, source)}</Fact>}
        {call && <Fact name={t("trace.usage.costSource")}>{sourceText(t, costSource(span))}</Fact>}
        {textOf(span, "price_id") && (
          <Fact name={t("trace.usage.priceId")}>
            <code className="break-all text-xs">{textOf(span, "price_id")}</code>
          </Fact>
        )}
        {textOf(span, "reported_cost_usd") && (
          <Fact name={t("trace.usage.reportedCost")}>
            {full(numberOf(span, "reported_cost_usd"), "usd", textOf(span, "reported_cost_usd"))}
          </Fact>
        )}
        {call && (
          <Fact name={t("trace.usage.counts")}>
            {span.counts === true ? t("trace.usage.yes") : t("trace.usage.no")}
          </Fact>
        )}
        {listOf<string>(span, "usage_notes").length > 0 && (
          <Fact name={t("trace.usage.notes")}>{listOf<string>(span, "usage_notes").map(words.note).join("; ")}</Fact>
        )}
      </dl>
    </div>
  );
}

/** Here is room for the whole number. */
function Whole({ value, estimated }: { value: number; estimated: boolean }) {
  const { t } = useTranslation();
  return (
    <span title={estimated ? t("common.estimatedTip") : undefined}>
      {estimated && <span className="text-warn">≈</span>}
      {value.toLocaleString("en-US")}
    </span>
  );
}

function costSource(span: SpanDetail): string {
  const call = {
    cost_usd: textOf(span, "cost_usd"),
    status: textOf(span, "status"),
    usage_source: textOf(span, "usage_source"),
  };
  return textOf(span, "cost_source") ?? (isFree(call) ? "free" : "unpriced");
}

type Translate = ReturnType<typeof useTranslation>["t"];

function sourceText(t: Translate, source: string): string {
  const known = ["reported", "estimated", "aggregate", "computed", "unpriced", "free"] as const;
  const name = known.find((one) => one === source);
  return name ? t(`trace.usage.sources.${name}`) : source;
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-muted">{name}</dt>
      <dd>{children}</dd>
    </>
  );
}
