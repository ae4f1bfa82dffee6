import { useInfiniteQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { isMissing } from "@/api/error";
import { Button } from "@/components/core/Button";
import { Empty, Failed, Skeleton } from "@/components/core/States";
import { SessionHeader } from "./components/SessionHeader";
import { TurnCard } from "./components/TurnCard";
import { turnsQuery } from "./queries";

/** One conversation: what it amounts to, then a card a turn, the oldest first. */
export function SessionPage() {
  const { t } = useTranslation();
  const { sessionId } = useParams({ strict: false }) as { sessionId: string };
  const query = useInfiniteQuery(turnsQuery(sessionId));
  const first = query.data?.pages[0];
  if (isMissing(query.error)) return <Empty title={t("sessions.missing")} hint={t("sessions.missingHint")} />;
  if (query.error && !first) return <Failed error={query.error} onRetry={() => void query.refetch()} />;
  if (!first) return <Skeleton rows={12} className="p-4" />;
  const turns = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <div className="flex h-full min-h-0 flex-col">
      <SessionHeader session={first.session} />
      <div className="thin-scroll min-h-0 flex-1 overflow-auto">
        <ol className="mx-auto max-w-4xl space-y-3 p-4" aria-label={t("sessions.turns")}>
          {turns.map((turn, index) => (
            <li key={turn.trace_id}>
              <TurnCard turn={turn} number={index + 1} />
            </li>
          ))}
        </ol>
        <div className="pb-6 text-center text-faint text-xs">
          {query.hasNextPage ? (
            <Button onClick={() => void query.fetchNextPage()} disabled={query.isFetchingNextPage}>
              {query.isFetchingNextPage
                ? t("list.loadingMore")
                : t("sessions.more", { shown: turns.length, total: first.session.trace_count })}
            </Button>
          ) : (
            t("sessions.end")
          )}
        </div>
      </div>
    </div>
  );
}
