import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { getFacets, getHistogram, listTraces } from "@/api/client";
import type { ListQuery } from "@/api/types";

/** Rows a page: about two screens. */
const PAGE = 100;
const BARS = 80;

export const rowsQuery = (query: ListQuery) =>
  infiniteQueryOptions({
    queryKey: ["traces", query],
    queryFn: ({ pageParam, signal }) => listTraces({ ...query, cursor: pageParam, limit: PAGE }, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
  });

export const facetsQuery = (query: ListQuery) =>
  queryOptions({
    queryKey: ["facets", query],
    queryFn: ({ signal }) => getFacets(query, { signal }),
    placeholderData: keepPreviousData,
  });

export const histogramQuery = (query: ListQuery) =>
  queryOptions({
    queryKey: ["histogram", query],
    queryFn: ({ signal }) => getHistogram({ ...query, buckets: BARS }, { signal }),
    placeholderData: keepPreviousData,
  });
