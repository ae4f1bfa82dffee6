import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { SessionRow } from "@/api/types";
import { CostCell, ErrorsCell } from "@/components/core/Cells";
import { Copy } from "@/components/core/Copy";
import { Fact } from "@/components/core/Fact";
import { Marks } from "@/components/core/Marks";
import { Num } from "@/components/core/Num";
import { fullMoment, moments, nanosSince } from "@/lib/time";

/** What the whole conversation amounts to; every sum is one over its model calls. */
export function SessionHeader({ session }: { session: SessionRow }) {
  const { t } = useTranslation();
  return (
    <header className="shrink-0 border-b bg-surface px-4 py-2">
      <div className="flex min-w-0 items-center gap-2">
        <h1 className="truncate font-semibold text-base" title={session.session_id}>
          {session.session_id}
        </h1>
        <Copy small text={() => session.session_id} />
        <Marks truncated={session.truncated} redacted={session.redacted} />
        <Link
          to="/traces"
          search={{ view: "traces", session: [session.session_id] }}
          className="ml-auto whitespace-nowrap text-accent hover:underline"
        >
          {t("common.showInTraces")}
        </Link>
      </div>
      <dl className="mt-1 flex flex-wrap gap-x-6 gap-y-1">
        <Fact label={t("sessions.turns")}>
          <Num value={session.trace_count} unit="count" />
        </Fact>
        <Fact label={t("field.calls")}>
          <Num value={session.call_count} unit="count" />
        </Fact>
        <Fact label={t("field.errors")}>
          <ErrorsCell count={session.error_count} />
        </Fact>
        <Fact label={`Σ ${t("field.tokens")}`} title={t("common.sigma")}>
          <Num value={session.total_tokens} unit="tokens" estimated={session.estimated_calls > 0} />
        </Fact>
        <Fact label={`Σ ${t("field.cost")}`} title={t("common.sigma")}>
          <CostCell of={session} />
        </Fact>
        <Fact label={t("trace.started")} title={fullMoment(session.start_time)}>
          {moments(session.start_time)}
        </Fact>
        <Fact label={t("sessions.length")}>
          <Num value={nanosSince(session.end_time, session.start_time)} unit="ns" />
        </Fact>
        {session.app && <Fact label={t("field.app")}>{session.app}</Fact>}
        {session.models && session.models.length > 0 && (
          <Fact label={t("trace.models")}>{session.models.join(", ")}</Fact>
        )}
        {session.user_id && (
          <Fact label={t("field.user")}>
            <Link to="/sessions" search={{ user: [session.user_id] }} className="text-accent hover:underline">
              {session.user_id}
            </Link>
          </Fact>
        )}
      </dl>
    </header>
  );
}
