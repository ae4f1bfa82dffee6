import { infiniteQueryOptions, keepPreviousData } from "@tanstack/react-query";
import { listUsers } from "@/api/client";
import type { GroupQuery } from "@/api/types";

const PAGE = 100;

export const usersQuery = (query: GroupQuery) =>
  infiniteQueryOptions({
    queryKey: ["users", query],
    queryFn: ({ pageParam, signal }) => listUsers({ ...query, cursor: pageParam, limit: PAGE }, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
  });
