import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { SpanDetail } from "@/api/types";
import { Code } from "@/components/core/Code";
import { Copy } from "@/components/core/Copy";
import { Marks } from "@/components/core/Marks";
import { Num } from "@/components/core/Num";
import { Failed, Skeleton } from "@/components/core/States";
import { KindTag, StatusMark } from "@/components/core/Status";
import { Tabs } from "@/components/core/Tabs";
import { useFlagWord } from "@/i18n/useFlagWord";
import { eventsOf, exceptions, hasError, listOf, numberOf, textOf } from "../details";
import { spanQuery } from "../queries";
import { TABS, type TabId } from "../url";
import { useMarks } from "../useMarks";
import { AttributesTab } from "./AttributesTab";
import { ErrorsTab } from "./ErrorsTab";
import { EventsTab } from "./EventsTab";
import { MessagesTab } from "./MessagesTab";
import { OriginsTab } from "./OriginsTab";
import { ParametersTab } from "./ParametersTab";
import { UsageTab } from "./UsageTab";

type Props = {
  traceId: string;
  spanId: string;
  tab: TabId;
  /** What is marked in the texts. */
  question: string;
  onTab: (tab: TabId) => void;
};

/** Everything known of one span, fetched when it is chosen. */
export function SpanPane({ traceId, spanId, tab, question, onTab }: Props) {
  const { t } = useTranslation();
  const content = useRef<HTMLElement>(null);
  const query = useQuery(spanQuery(traceId, spanId));
  const span = query.data;
  // Only once there is something to mark.
  useMarks(content, span ? question : "");
  if (!span) {
    return query.error ? (
      <Failed error={query.error} onRetry={() => void query.refetch()} />
    ) : (
      <Skeleton rows={10} className="p-4" />
    );
  }
  const tabs = TABS.map((id) => ({ id, label: t(`trace.tabs.${id}`), badge: badge(id, span) }));
  return (
    <section ref={content} aria-label={t("trace.detail")} className="flex h-full min-h-0 flex-col bg-surface">
      <Head span={span} />
      <div className="min-h-0 flex-1">
        <Tabs label={t("trace.detail")} tabs={tabs} value={tab} onChange={onTab}>
          <div key={`${spanId} ${tab}`} className="p-3">
            {tab === "origins" ? <OriginsTab traceId={traceId} spanId={spanId} /> : CONTENT[tab](span)}
            {tab === "usage" && <OriginsLink onOpen={() => onTab("origins")} />}
          </div>
        </Tabs>
      </div>
    </section>
  );
}

/** A number without its source is only half a number. */
function OriginsLink({ onOpen }: { onOpen: () => void }) {
  const { t } = useTranslation();
  return (
    <button type="button" onClick={onOpen} className="mt-4 text-accent hover:underline">
      {t("trace.origins.link")}
    </button>
  );
}

const CONTENT: Record<Exclude<TabId, "origins">, (span: SpanDetail) => ReactNode> = {
  messages: (span) => <MessagesTab span={span} />,
  parameters: (span) => <ParametersTab span={span} />,
  usage: (span) => <UsageTab span={span} />,
  errors: (span) => <ErrorsTab span={span} />,
  attributes: (span) => <AttributesTab span={span} />,
  events: (span) => <EventsTab span={span} />,
  raw: (span) => <Code json text={JSON.stringify(span, null, 2)} />,
};

/** What waits behind a tab. */
function badge(id: TabId, span: SpanDetail): ReactNode {
  if (id === "errors" && hasError(span)) {
    return <Count tone="bg-error-soft text-error">{Math.max(1, exceptions(span).length)}</Count>;
  }
  const events = eventsOf(span).length + span.logs.length + listOf(span, "links").length;
  return id === "events" && events > 0 ? <Count tone="bg-sunken text-muted">{events}</Count> : null;
}

function Count({ tone, children }: { tone: string; children: ReactNode }) {
  return <span className={`rounded-full px-1.5 text-2xs leading-4 ${tone}`}>{children}</span>;
}

function Head({ span }: { span: SpanDetail }) {
  const flagWord = useFlagWord();
  const model = textOf(span, "response_model") ?? textOf(span, "request_model");
  return (
    <header className="shrink-0 px-3 pt-2 pb-1">
      <div className="flex min-w-0 items-center gap-2">
        <StatusMark status={textOf(span, "status")} />
        <h2 className="truncate font-medium" title={textOf(span, "name") ?? undefined}>
          {textOf(span, "name")}
        </h2>
        <code className="text-faint text-xs">{span.span_id}</code>
        <Copy small text={() => span.span_id} />
        <Marks truncated={span.truncated === true} redacted={span.redacted === true} />
        {listOf<string>(span, "flags").map((flag) => (
          <span key={flag} className="rounded bg-warn-soft px-1 text-2xs text-warn">
            {flagWord(flag)}
          </span>
        ))}
      </div>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-0.5 text-muted text-xs">
        <KindTag kind={textOf(span, "kind")} />
        {model && <span>{model}</span>}
        <span>{textOf(span, "service_name")}</span>
        <Num value={numberOf(span, "duration_ns")} unit="ns" />
        {numberOf(span, "ttft_ns") !== null && (
          <span>
            TTFT <Num value={numberOf(span, "ttft_ns")} unit="ns" />
          </span>
        )}
      </div>
    </header>
  );
}
