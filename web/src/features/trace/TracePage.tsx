import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useEffect, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "@/api/error";
import { SplitPane } from "@/components/core/SplitPane";
import { Empty, Failed, Skeleton } from "@/components/core/States";
import { SpanPane } from "./components/SpanPane";
import { TraceHeader } from "./components/TraceHeader";
import { TreePane } from "./components/TreePane";
import { buildTree, firstChoice } from "./model";
import { traceQuery } from "./queries";
import type { TraceSearch } from "./url";

/** One trace: header, tree with waterfall, and the chosen span. */
export function TracePage() {
  const { t } = useTranslation();
  const { traceId } = useParams({ from: "/traces/$traceId" });
  const search = useSearch({ from: "/traces/$traceId" }) as TraceSearch;
  const navigate = useNavigate();
  const query = useInfiniteQuery(traceQuery(traceId));
  const { data, hasNextPage, isFetchingNextPage, fetchNextPage } = query;

  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);

  const trace = data?.pages[0];
  const nodes = useMemo(
    () => (trace ? buildTree(data?.pages.flatMap((page) => page.spans) ?? [], trace.start_time) : []),
    [data, trace],
  );

  const set = (change: TraceSearch) => {
    void navigate({
      to: "/traces/$traceId",
      params: { traceId },
      search: (old) => ({ ...old, ...change }),
      replace: true,
      resetScroll: false,
    });
  };

  if (query.error && !trace) {
    const gone = query.error instanceof ApiError && query.error.status === 404;
    return gone ? (
      <Empty title={t("trace.notFound")} />
    ) : (
      <Failed error={query.error} onRetry={() => void query.refetch()} />
    );
  }
  if (!trace) return <Skeleton rows={14} className="p-4" />;

  const chosen = search.span ?? firstChoice(nodes);
  return (
    <div className="flex h-full min-h-0 flex-col">
      <TraceHeader trace={trace} loaded={nodes.length} loading={hasNextPage} />
      <SplitPane
        name="trace"
        label={t("trace.resize")}
        left={<TreePane trace={trace} nodes={nodes} chosen={chosen} onChoose={(span) => set({ span })} />}
        right={
          chosen ? (
            <SpanPane
              traceId={traceId}
              spanId={chosen}
              tab={search.tab ?? "messages"}
              question={search.q ?? ""}
              onTab={(tab) => set({ tab: tab === "messages" ? undefined : tab })}
            />
          ) : null
        }
      />
    </div>
  );
}
