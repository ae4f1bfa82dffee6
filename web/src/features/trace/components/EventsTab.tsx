import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { SpanDetail } from "@/api/types";
import { Code } from "@/components/core/Code";
import { Empty } from "@/components/core/States";
import { fullMoment } from "@/lib/time";
import { pretty } from "../chat";
import { attributes, eventsOf, listOf } from "../details";
import { RowList } from "./RowList";

type SpanLink = { trace_id: string; span_id: string; attributes?: Record<string, unknown> };

/** What happened during the span, what was logged in it, and what it points to. */
export function EventsTab({ span }: { span: SpanDetail }) {
  const { t } = useTranslation();
  const events = eventsOf(span);
  const links = listOf<SpanLink>(span, "links");
  if (events.length + links.length + span.logs.length === 0) return <Empty title={t("trace.noEvents")} />;
  return (
    <div className="space-y-4">
      <Group title={t("trace.events")} count={events.length}>
        {events.map((event, at) => (
          <Entry key={`${event.time} ${at}`} time={event.time} name={event.name}>
            <RowList rows={attributes(event.attributes, "")} />
          </Entry>
        ))}
      </Group>
      <Group title={t("trace.logs")} count={span.logs.length}>
        {span.logs.map((log, at) => (
          <Entry key={`${log.time} ${at}`} time={log.time} name={log.event_name ?? log.severity ?? "log"}>
            {log.body !== null && log.body !== undefined && <Code bounded {...pretty(log.body)} />}
            <RowList rows={attributes(log.attributes ?? {}, "")} />
          </Entry>
        ))}
      </Group>
      <Group title={t("trace.links")} count={links.length}>
        {links.map((link) => (
          <p key={`${link.trace_id} ${link.span_id}`}>
            <Link
              to="/traces/$traceId"
              params={{ traceId: link.trace_id }}
              search={{ span: link.span_id }}
              className="break-all font-mono text-accent text-xs hover:underline"
            >
              {link.trace_id} / {link.span_id}
            </Link>
          </p>
        ))}
      </Group>
    </div>
  );
}

function Group({ title, count, children }: { title: string; count: number; children: ReactNode }) {
  if (count === 0) return null;
  return (
    <section aria-label={title}>
      <h3 className="mb-1 font-medium">
        {title} <span className="text-faint">{count}</span>
      </h3>
      <div className="space-y-2">{children}</div>
    </section>
  );
}

function Entry({ time, name, children }: { time: string | null; name: string; children: ReactNode }) {
  return (
    <details open className="rounded-md border">
      <summary className="flex items-baseline gap-3 px-2 py-1">
        <span className="font-medium">{name}</span>
        <span className="ml-auto text-faint text-xs">{time && fullMoment(time)}</span>
      </summary>
      <div className="px-2 pb-2">{children}</div>
    </details>
  );
}
