import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { statusQuery } from "@/api/status";
import type { Status } from "@/api/types";
import { Copy } from "@/components/core/Copy";
import { Num } from "@/components/core/Num";
import { fullMoment, moments } from "@/lib/time";
import { curl, environment, openlit, randomIds } from "./snippets";

/** How to send spans here. On an empty server this is the first page. */
export function ConnectPage() {
  const { t } = useTranslation();
  const { data: status } = useQuery(statusQuery);
  const [ids] = useState(randomIds);
  const context = { origin: window.location.origin, needsKey: status?.auth ?? false, ids };
  return (
    <div className="mx-auto max-w-4xl space-y-4 p-6">
      <h1 className="font-semibold text-xl">{t("connect.title")}</h1>
      <Arrival status={status} />
      {context.needsKey && <p className="rounded-md bg-warn-soft px-3 py-2 text-warn">{t("connect.keyNote")}</p>}
      <Snippet title={t("connect.openlit")} hint={t("connect.openlitHint")} text={openlit(context)} />
      <Snippet title={t("connect.otel")} hint={t("connect.otelHint")} text={environment(context)} />
      <Snippet title={t("connect.curl")} hint={t("connect.curlHint")} text={curl(context)} />
      {status && status.senders.length > 0 && <Senders senders={status.senders} />}
    </div>
  );
}

function Arrival({ status }: { status: Status | undefined }) {
  const { t } = useTranslation();
  if (!status) return null;
  return (
    <div role="status" className="flex items-center gap-3 rounded-lg border bg-surface px-4 py-3">
      <span className="relative flex size-2.5">
        <span
          className={`absolute size-full animate-ping rounded-full opacity-60 ${status.empty ? "bg-warn" : "bg-ok"}`}
        />
        <span className={`size-2.5 rounded-full ${status.empty ? "bg-warn" : "bg-ok"}`} />
      </span>
      <span className="font-medium">{status.empty ? t("connect.waiting") : t("connect.connected")}</span>
      {status.empty && <span className="text-muted">{t("connect.waitingHint")}</span>}
    </div>
  );
}

function Snippet({ title, hint, text }: { title: string; hint: string; text: string }) {
  return (
    <section aria-label={title} className="rounded-lg border bg-surface">
      <header className="flex items-center gap-3 px-4 py-2">
        <div>
          <h2 className="font-medium text-base">{title}</h2>
          <p className="text-muted">{hint}</p>
        </div>
        <div className="ml-auto">
          <Copy text={() => text} />
        </div>
      </header>
      <pre className="thin-scroll max-h-56 overflow-auto whitespace-pre-wrap break-all rounded-b-lg border-t bg-sunken px-4 py-3 font-mono text-xs leading-5">
        {text}
      </pre>
    </section>
  );
}

function Senders({ senders }: { senders: Status["senders"] }) {
  const { t } = useTranslation();
  return (
    <section aria-label={t("connect.senders")} className="rounded-lg border bg-surface px-4 py-3">
      <h2 className="mb-2 font-medium text-base">{t("connect.senders")}</h2>
      <table className="w-full">
        <thead className="text-left text-muted text-xs">
          <tr>
            <th className="py-1 font-normal">{t("field.service")}</th>
            <th className="font-normal">{t("connect.sdk")}</th>
            <th className="text-right font-normal">{t("connect.spans")}</th>
            <th className="text-right font-normal">{t("connect.lastSeen")}</th>
          </tr>
        </thead>
        <tbody>
          {senders.map((sender) => (
            <tr key={`${sender.service_name} ${sender.sdk}`} className="border-t">
              <td className="py-1">{sender.service_name ?? "—"}</td>
              <td>{sender.sdk ?? "—"}</td>
              <td className="text-right">
                <Num value={sender.spans} unit="count" />
              </td>
              <td className="text-right" title={fullMoment(sender.last_seen)}>
                {moments(sender.last_seen)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
