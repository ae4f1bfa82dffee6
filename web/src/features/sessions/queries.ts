import { infiniteQueryOptions, keepPreviousData } from "@tanstack/react-query";
import { getSession, listSessions } from "@/api/client";
import type { GroupQuery } from "@/api/types";

/** Rows and turns a page. */
const PAGE = 100;
const TURNS = 50;

export const sessionsQuery = (query: GroupQuery) =>
  infiniteQueryOptions({
    queryKey: ["sessions", query],
    queryFn: ({ pageParam, signal }) => listSessions({ ...query, cursor: pageParam, limit: PAGE }, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
  });

/** A session and its turns, as many as were asked for: one of five thousand turns is never loaded whole. */
export const turnsQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: ["session", id],
    queryFn: ({ pageParam, signal }) => getSession(id, { cursor: pageParam, limit: TURNS }, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
