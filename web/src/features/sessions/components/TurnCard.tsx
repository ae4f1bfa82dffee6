import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Turn } from "@/api/types";
import { CostCell } from "@/components/core/Cells";
import { Markdown } from "@/components/core/Markdown";
import { Marks } from "@/components/core/Marks";
import { Num } from "@/components/core/Num";
import { StatusMark } from "@/components/core/Status";
import { fullMoment, moments } from "@/lib/time";

/** One turn: what was asked, what was answered, what it took; its number leads to the trace. */
export function TurnCard({ turn, number }: { turn: Turn; number: number }) {
  const { t } = useTranslation();
  return (
    <article className="rounded-lg border bg-surface" aria-label={t("sessions.turn", { number })}>
      <header className="flex flex-wrap items-center gap-x-4 gap-y-1 border-b px-3 py-1.5 text-muted text-xs">
        <StatusMark status={turn.status} />
        <Link
          to="/traces/$traceId"
          params={{ traceId: turn.trace_id }}
          className="font-medium text-accent hover:underline"
          title={`${turn.name ?? ""} ${turn.trace_id}`}
        >
          {t("sessions.turn", { number })}
        </Link>
        <time dateTime={turn.start_time} title={fullMoment(turn.start_time)}>
          {moments(turn.start_time)}
        </time>
        <Marks truncated={turn.truncated} redacted={turn.redacted} />
        <span className="ml-auto flex flex-wrap items-center gap-x-4">
          {turn.models && turn.models.length > 0 && <span className="max-w-60 truncate">{turn.models.join(", ")}</span>}
          {turn.tool_count > 0 && <span>{t("sessions.tools", { count: turn.tool_count })}</span>}
          {turn.error_count > 0 && (
            <span className="text-error">{t("trace.errorCount", { count: turn.error_count })}</span>
          )}
          <Num value={turn.duration_ns} unit="ns" />
          <span title={t("field.tokens")}>
            <Num value={turn.total_tokens} unit="tokens" estimated={turn.estimated_calls > 0} />
          </span>
          <CostCell of={turn} />
        </span>
      </header>
      <Said role={t("trace.roles.user")} text={turn.input_text} />
      <Said role={t("trace.roles.assistant")} text={turn.output_text} answer />
    </article>
  );
}

function Said({ role, text, answer = false }: { role: string; text: string | null; answer?: boolean }) {
  const { t } = useTranslation();
  return (
    <section className={`px-3 py-2 ${answer ? "border-t bg-sunken" : ""}`}>
      <h2 className="mb-0.5 text-2xs text-faint">{role}</h2>
      {text === null ? (
        <p className="text-faint">{t("sessions.silent")}</p>
      ) : answer ? (
        <Markdown text={text} />
      ) : (
        <p className="whitespace-pre-wrap break-words">{text}</p>
      )}
    </section>
  );
}
