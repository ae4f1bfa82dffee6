import { queryOptions } from "@tanstack/react-query";
import { getUnmapped } from "@/api/client";
import type { Window } from "@/lib/time";

/** The report reads many rows: it is asked anew only when somebody refreshes. */
export const unmappedQuery = (window: Window) =>
  queryOptions({
    queryKey: ["unmapped", window],
    queryFn: ({ signal }) => getUnmapped(window, { signal }),
    staleTime: 60_000,
    placeholderData: (before) => before,
  });
