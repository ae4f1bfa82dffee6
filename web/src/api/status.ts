import { queryOptions } from "@tanstack/react-query";
import { getStatus } from "./client";
import { isUnauthenticated } from "./error";

/** An empty server is asked often: the first span should change the page at once. */
const EMPTY_MS = 1_500;
const LIVE_MS = 30_000;

export const statusQuery = queryOptions({
  queryKey: ["status"],
  queryFn: ({ signal }) => getStatus({ signal }),
  refetchInterval: (query) =>
    isUnauthenticated(query.state.error) ? false : query.state.data?.empty === false ? LIVE_MS : EMPTY_MS,
});
