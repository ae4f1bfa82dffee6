import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { explainSpan, getSpan, getTrace } from "@/api/client";

/** Spans a part: the first one is on the page before the rest of a huge trace has come. */
const PART = 2_000;

export const traceQuery = (traceId: string) =>
  infiniteQueryOptions({
    queryKey: ["trace", traceId],
    queryFn: ({ pageParam, signal }) => getTrace(traceId, { limit: PART, after: pageParam }, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    staleTime: 30_000,
  });

export const spanQuery = (traceId: string, spanId: string) =>
  queryOptions({
    queryKey: ["span", traceId, spanId],
    queryFn: ({ signal }) => getSpan(traceId, spanId, { signal }),
    staleTime: 30_000,
  });

export const originsQuery = (traceId: string, spanId: string) =>
  queryOptions({
    queryKey: ["origins", traceId, spanId],
    queryFn: ({ signal }) => explainSpan(traceId, spanId, { signal }),
    staleTime: 30_000,
  });
