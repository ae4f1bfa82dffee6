/** Every page, one line each. Pages are fetched when they are first opened. */
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  retainSearchParams,
} from "@tanstack/react-router";
import { parseCosts } from "@/features/costs/url";
import { parseExplore } from "@/features/explore/url";
import { parseOverview } from "@/features/overview/url";
import { parseSessions } from "@/features/sessions/url";
import { parseTrace } from "@/features/trace/url";
import { parseTraces } from "@/features/traces/url";
import { parseUsers } from "@/features/users/url";
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

const sessions = createRoute({
  getParentRoute: () => root,
  path: "/sessions",
  validateSearch: parseSessions,
  component: lazyRouteComponent(() => import("@/features/sessions/SessionsPage"), "SessionsPage"),
});

const session = createRoute({
  getParentRoute: () => root,
  path: "/sessions/$sessionId",
  component: lazyRouteComponent(() => import("@/features/sessions/SessionPage"), "SessionPage"),
});

const users = createRoute({
  getParentRoute: () => root,
  path: "/users",
  validateSearch: parseUsers,
  component: lazyRouteComponent(() => import("@/features/users/UsersPage"), "UsersPage"),
});

const costs = createRoute({
  getParentRoute: () => root,
  path: "/costs",
  validateSearch: parseCosts,
  component: lazyRouteComponent(() => import("@/features/costs/CostsPage"), "CostsPage"),
});

const explore = createRoute({
  getParentRoute: () => root,
  path: "/explore",
  validateSearch: parseExplore,
  component: lazyRouteComponent(() => import("@/features/explore/ExplorePage"), "ExplorePage"),
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
  routeTree: root.addChildren([overview, traces, trace, sessions, session, users, costs, explore, connect, status]),
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
