/** Every page, one line each. Pages are fetched when they are first opened. */
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  retainSearchParams,
} from "@tanstack/react-router";
import { parseOverview } from "@/features/overview/url";
import { parseTrace } from "@/features/trace/url";
import { parseTraces } from "@/features/traces/url";
import { parseTime, type TimeSearch } from "@/lib/time";
import { Crashed, Missing } from "./Fallback";
import { Home } from "./Home";
import { Shell } from "./Shell";
import { parseSearch, stringifySearch } from "./search";

const root = createRootRoute({
  component: Shell,
  notFoundComponent: Missing,
  validateSearch: (raw: Record<string, unknown>): TimeSearch => parseTime(raw),
  search: { middlewares: [retainSearchParams(["range", "from", "to", "refresh"])] },
});

const overview = createRoute({ getParentRoute: () => root, path: "/", validateSearch: parseOverview, component: Home });

const traces = createRoute({
  getParentRoute: () => root,
  path: "/traces",
  validateSearch: parseTraces,
  component: lazyRouteComponent(() => import("@/features/traces/TracesPage"), "TracesPage"),
});

const trace = createRoute({
  getParentRoute: () => root,
  path: "/traces/$traceId",
  validateSearch: parseTrace,
  component: lazyRouteComponent(() => import("@/features/trace/TracePage"), "TracePage"),
});

const connect = createRoute({
  getParentRoute: () => root,
  path: "/connect",
  component: lazyRouteComponent(() => import("@/features/connect/ConnectPage"), "ConnectPage"),
});

const status = createRoute({
  getParentRoute: () => root,
  path: "/status",
  component: lazyRouteComponent(() => import("@/features/status/StatusPage"), "StatusPage"),
});

export const router = createRouter({
  routeTree: root.addChildren([overview, traces, trace, connect, status]),
  parseSearch,
  stringifySearch,
  defaultPreload: "intent",
  defaultErrorComponent: Crashed,
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
