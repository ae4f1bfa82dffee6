import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Status } from "@/api/types";
import { Num } from "@/components/core/Num";
import { short } from "@/lib/format";

const NS_A_SECOND = 1e9;

/** What runs here and how much it holds. */
export function ServerPanel({ status }: { status: Status }) {
  const { t } = useTranslation();
  const { rows, disk_bytes, memory_bytes, wal_bytes } = status.store;
  const count = (value: number) => short(value, "count");
  return (
    <section aria-label={t("status_page.server")} className="rounded-lg border bg-surface px-4 py-3">
      <h2 className="mb-2 font-medium text-base">{t("status_page.server")}</h2>
      <dl className="flex flex-wrap gap-x-8 gap-y-2">
        <Fact name={t("status_page.version")}>{status.version}</Fact>
        <Fact name={t("status_page.uptime")}>
          <Num value={status.uptime_s * NS_A_SECOND} unit="ns" />
        </Fact>
        <Fact name={t("status_page.project")}>{status.project}</Fact>
        <Fact name={t("status_page.stored")}>
          {t("status_page.rows", { spans: count(rows.spans), logs: count(rows.logs), metrics: count(rows.metrics) })}
        </Fact>
        <Fact name={t("status_page.disk")}>
          <Num value={disk_bytes} unit="bytes" />
        </Fact>
        <Fact name={t("status_page.memory")}>
          <Num value={memory_bytes} unit="bytes" />
        </Fact>
        <Fact name={t("status_page.log")}>
          <Num value={wal_bytes} unit="bytes" />
        </Fact>
      </dl>
    </section>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt className="text-2xs text-faint leading-4">{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
