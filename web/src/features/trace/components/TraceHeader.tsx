import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Trace } from "@/api/types";
import { Copy } from "@/components/core/Copy";
import { Fact } from "@/components/core/Fact";
import { Icon } from "@/components/core/Icon";
import { Marks } from "@/components/core/Marks";
import { Num } from "@/components/core/Num";
import { StatusMark } from "@/components/core/Status";
import { fullMoment, moments } from "@/lib/time";
import { usd } from "@/lib/units";

type Props = { trace: Trace; loaded: number; loading: boolean };

/** What the whole trace amounts to. Σ marks what is a sum over its calls. */
export function TraceHeader({ trace, loaded, loading }: Props) {
  const { t } = useTranslation();
  const name = trace.spans[0]?.name ?? trace.trace_id;
  return (
    <header className="shrink-0 border-b bg-surface px-4 pt-2 pb-2">
      <div className="flex min-w-0 items-center gap-2">
        <StatusMark status={trace.status} />
        <h1 className="truncate font-semibold text-base" title={name}>
          {name}
        </h1>
        <code className="truncate text-faint text-xs">{trace.trace_id}</code>
        <Copy small text={() => trace.trace_id} />
        <Marks truncated={trace.truncated} redacted={trace.redacted} />
        {!trace.complete && (
          <span
            className="inline-flex items-center gap-1 rounded bg-warn-soft px-1.5 text-warn text-xs"
            title={t("trace.incomplete")}
          >
            <Icon name="warning" className="!size-3" />
            {t("trace.incomplete")}
          </span>
        )}
        {loading && (
          <span className="text-faint text-xs">{t("trace.loadingRest", { loaded, total: trace.span_count })}</span>
        )}
      </div>
      <dl className="mt-1 flex flex-wrap gap-x-6 gap-y-1">
        <Fact label={t("field.status")}>
          <StatusMark status={trace.status} word />
        </Fact>
        <Fact label={t("trace.started")} title={fullMoment(trace.start_time)}>
          {moments(trace.start_time)}
        </Fact>
        <Fact label={t("field.duration")}>
          <Num value={trace.duration_ns} unit="ns" />
        </Fact>
        <Fact
          label={t("field.spans")}
          title={t("traces.spansCalls", { spans: trace.span_count, calls: trace.call_count })}
        >
          <Num value={trace.span_count} unit="count" />
          {trace.error_count > 0 && (
            <span className="ml-1.5 text-error">{t("trace.errorCount", { count: trace.error_count })}</span>
          )}
        </Fact>
        <Fact label={`Σ ${t("field.tokens")}`} title={t("common.sigma")}>
          <Num value={trace.total_tokens} unit="tokens" estimated={trace.estimated_calls > 0} />
          {trace.total_tokens !== null && (
            <span className="ml-1.5 text-muted text-xs">
              <Num value={trace.input_tokens} unit="tokens" /> → <Num value={trace.output_tokens} unit="tokens" />
            </span>
          )}
        </Fact>
        <Fact label={`Σ ${t("field.cost")}`} title={t("common.sigma")}>
          <Num
            value={usd(trace.cost_usd)}
            raw={trace.cost_usd}
            unit="usd"
            unknown={trace.call_count === 0 ? "—" : undefined}
          />
          {trace.unpriced_calls > 0 && (
            <span className="ml-1.5 text-warn text-xs" title={t("common.unpricedTip")}>
              {t("trace.unpricedCalls", { count: trace.unpriced_calls })}
            </span>
          )}
        </Fact>
        {trace.app && (
          <Fact label={t("field.app")}>
            <Filter field="app" value={trace.app} />
          </Fact>
        )}
        {trace.models.length > 0 && <Fact label={t("trace.models")}>{trace.models.join(", ")}</Fact>}
        {trace.session_id && (
          <Fact label={t("field.session")}>
            <Link
              to="/sessions/$sessionId"
              params={{ sessionId: trace.session_id }}
              title={trace.session_id}
              className="text-accent hover:underline"
            >
              {trace.session_id}
            </Link>
          </Fact>
        )}
        {trace.user_id && (
          <Fact label={t("field.user")}>
            <Filter field="user" value={trace.user_id} />
          </Fact>
        )}
      </dl>
    </header>
  );
}

/** A value that leads to everything else that has it. */
function Filter({ field, value }: { field: "app" | "user"; value: string }) {
  const { t } = useTranslation();
  return (
    <Link
      to="/traces"
      search={{ view: "traces", [field]: [value] }}
      title={`${value} · ${t("common.showInTraces")}`}
      className="text-accent hover:underline"
    >
      {value}
    </Link>
  );
}
