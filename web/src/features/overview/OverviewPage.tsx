import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { CostByModel, Latency, RequestsBy, TokenTrend, Ttft } from "./charts/Trends";
import { FilterBar } from "./components/FilterBar";
import { LatestCalls } from "./components/LatestCalls";
import { ErrorTypes, Shares, Temperatures, TopLists } from "./components/Lists";
import { Tiles } from "./components/Tiles";
import { VectorStores } from "./components/VectorStores";
import { trend } from "./queries";
import { useScope } from "./useScope";

/** The whole view of what the applications' model calls do: numbers, trends, rankings, the latest calls. */
export function OverviewPage() {
  const { t } = useTranslation();
  const scope = useScope();
  const totals = useQuery(trend(scope));
  return (
    <div className="space-y-3 p-3">
      <div className="flex flex-wrap items-center gap-3">
        <h1 className="font-semibold text-base">{t("overview.title")}</h1>
        <FilterBar scope={scope} />
      </div>
      <Tiles scope={scope} trend={totals.data} />
      <div className="grid grid-cols-1 gap-3 md:grid-cols-2 xl:grid-cols-3">
        <RequestsBy scope={scope} split="model" totals={totals.data} />
        <RequestsBy scope={scope} split="provider" totals={totals.data} />
        <RequestsBy scope={scope} split="app" totals={totals.data} />
        <TokenTrend query={totals} />
        <CostByModel scope={scope} totals={totals.data} />
        <Latency query={totals} />
        <Ttft query={totals} />
        <TopLists scope={scope} />
        <Shares scope={scope} />
        <ErrorTypes scope={scope} />
        <Temperatures scope={scope} />
        <VectorStores scope={scope} />
      </div>
      <LatestCalls scope={scope} />
    </div>
  );
}
