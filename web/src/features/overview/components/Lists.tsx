import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { MetricFrame } from "@/api/types";
import { BarList } from "@/components/chart/BarList";
import { Donut } from "@/components/chart/Donut";
import { bars } from "@/components/chart/frame";
import { Panel } from "@/components/chart/Panel";
import { Segmented } from "@/components/core/Segmented";
import type { FilterField } from "@/lib/filters";
import { unitOf } from "@/lib/format";
import { temperatures } from "../model";
import { errorTypes, type Measure, type Scope, share, temperature, top } from "../queries";
import { useOpenList } from "../useScope";

const HEIGHT = 232;
const noRows = (frame: MetricFrame) => frame.rows.length === 0;

export function TopLists({ scope }: { scope: Scope }) {
  return (
    <>
      <Top scope={scope} split="model" field="model" title="topModels" />
      <Top scope={scope} split="app" field="app" title="topApps" />
      <Top scope={scope} split="user_id" field="user" title="topUsers" />
    </>
  );
}

type TopProps = {
  scope: Scope;
  split: "model" | "app" | "user_id";
  field: FilterField;
  title: "topModels" | "topApps" | "topUsers";
};

function Top({ scope, split, field, title }: TopProps) {
  const { t } = useTranslation();
  const [measure, setMeasure] = useState<Measure>("requests");
  const query = useQuery(top(scope, split, measure));
  const open = useOpenList();
  const label = (value: string | null) => value ?? t("common.unknown");
  const options = [
    { value: "requests" as const, label: t("field.calls") },
    { value: "total_tokens" as const, label: t("field.tokens") },
    { value: "cost" as const, label: t("field.cost") },
  ];
  return (
    <Panel
      title={t(`overview.${title}`)}
      query={query}
      isEmpty={noRows}
      height={HEIGHT}
      truncated={(frame) => frame.truncated}
      aside={
        <Segmented size="small" label={t("overview.measure")} value={measure} options={options} onChange={setMeasure} />
      }
    >
      {(frame) => (
        <BarList
          bars={bars(frame, split, measure, label).sort((a, b) => (b.value ?? 0) - (a.value ?? 0))}
          unit={unitOf(frame.columns.find((column) => column.name === measure)?.unit)}
          onPick={(key) => key !== null && open({ [field]: [key] })}
        />
      )}
    </Panel>
  );
}

export function Shares({ scope }: { scope: Scope }) {
  return (
    <>
      <Share scope={scope} split="provider" title="providers" />
      <Share scope={scope} split="operation" title="operations" />
      <Share scope={scope} split="status" title="statuses" />
    </>
  );
}

type ShareProps = {
  scope: Scope;
  split: "provider" | "operation" | "status";
  title: "providers" | "operations" | "statuses";
};

function Share({ scope, split, title }: ShareProps) {
  const { t } = useTranslation();
  const query = useQuery(share(scope, split));
  const open = useOpenList();
  const label = (value: string | null) => {
    if (value === null) return t("common.unknown");
    return split === "status" && (value === "ok" || value === "error" || value === "unset")
      ? t(`status.${value}`)
      : value;
  };
  return (
    <Panel title={t(`overview.${title}`)} query={query} isEmpty={noRows} height={HEIGHT}>
      {(frame) => (
        <Donut
          title={t(`overview.${title}`)}
          slices={bars(frame, split, "requests", label)}
          unit="count"
          onPick={(key) => key !== null && open({ [split]: [key] })}
        />
      )}
    </Panel>
  );
}

export function ErrorTypes({ scope }: { scope: Scope }) {
  const { t } = useTranslation();
  const query = useQuery(errorTypes(scope));
  const open = useOpenList();
  return (
    <Panel
      title={t("overview.errorTypes")}
      query={query}
      isEmpty={noRows}
      empty={t("overview.noErrors")}
      height={HEIGHT}
    >
      {(frame) => (
        <BarList
          bars={bars(frame, "error_type", "errors", (value) => value ?? t("common.unknown")).map((bar) => ({
            ...bar,
            key: bar.key ?? "",
            color: "var(--color-error)",
          }))}
          unit="count"
          onPick={() => open({ status: ["error"] })}
        />
      )}
    </Panel>
  );
}

export function Temperatures({ scope }: { scope: Scope }) {
  const { t } = useTranslation();
  const query = useQuery(temperature(scope));
  const label = (value: string | null) => value ?? t("overview.temperatureNone");
  return (
    <Panel title={t("overview.temperature")} query={query} isEmpty={noRows} height={HEIGHT}>
      {(frame) => <BarList bars={temperatures(frame, label)} unit="count" />}
    </Panel>
  );
}
