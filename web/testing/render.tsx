import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  RouterProvider,
} from "@tanstack/react-router";
import { render } from "@testing-library/react";
import type { ReactNode } from "react";
import { vi } from "vitest";
import { parseSearch, stringifySearch } from "@/app/search";
import { parseCosts } from "@/features/costs/url";
import { parseExplore } from "@/features/explore/url";
import { ClockProvider } from "@/lib/clock";
import { parseFilters } from "@/lib/filters";
import { parseOrder } from "@/lib/order";
import { parseTime } from "@/lib/time";

/** The moment at which every page test happens. */
export const NOW = Date.UTC(2025, 10, 24, 12, 0, 0);

/** What the made-up server answers, by path below /api/v1; a function sees the body or the parameters. */
export type Answers = Record<string, unknown | ((input: Record<string, unknown>) => unknown)>;

/** An answer that is no success. */
export class Refusal {
  readonly status: number;
  readonly body: unknown;
  constructor(status: number, message: string) {
    this.status = status;
    this.body = { error: { code: "invalid", message, hint: null } };
  }
}

export function serve(answers: Answers) {
  const asked: { path: string; input: Record<string, unknown> }[] = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    const url = new URL(request.url);
    const path = url.pathname.replace("/api/v1/", "");
    const input = request.method === "POST" ? await request.json() : parseSearch(url.search);
    asked.push({ path, input });
    const answer = answers[path];
    const body = typeof answer === "function" ? answer(input) : answer;
    if (body instanceof Refusal) return Response.json(body.body, { status: body.status });
    return body === undefined ? Response.json({}, { status: 404 }) : Response.json(body);
  });
  return asked;
}

const PATHS = ["/", "/traces", "/traces/$traceId", "/sessions", "/sessions/$sessionId", "/users", "/costs", "/explore"];

const validate = (raw: Record<string, unknown>) => ({
  ...parseTime(raw),
  ...parseOrder(raw),
  ...parseExplore(raw),
  ...parseCosts(raw),
  ...parseFilters(raw),
});

/** Draws a page at an address, with the other addresses there to go to. */
export async function open(address: string, page: ReactNode) {
  const root = createRootRoute();
  const at = (path: string) =>
    createRoute({ getParentRoute: () => root, path, validateSearch: validate, component: () => page });
  const router = createRouter({
    routeTree: root.addChildren(PATHS.map(at)),
    history: createMemoryHistory({ initialEntries: [address] }),
    parseSearch,
    stringifySearch,
  });
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  await router.load();
  render(
    <QueryClientProvider client={queries}>
      <ClockProvider start={NOW}>
        <RouterProvider router={router as never} />
      </ClockProvider>
    </QueryClientProvider>,
  );
  return { location: () => router.state.location.href };
}
