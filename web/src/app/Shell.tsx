import { useQuery } from "@tanstack/react-query";
import { Link, Outlet, useNavigate, useRouterState } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { isUnauthenticated } from "@/api/error";
import { statusQuery } from "@/api/status";
import { IconButton } from "@/components/core/Button";
import { Icon, type IconName } from "@/components/core/Icon";
import { useKeys } from "@/components/core/keyboard";
import { useClock } from "@/lib/clock";
import { KeyGate } from "./KeyGate";
import { Shortcuts } from "./Shortcuts";
import { LanguageSwitch, ThemeSwitch, useThemeSwitch } from "./Switches";
import { TimeControls } from "./TimeControls";

/** Pages whose data has a time range. */
const TIMED = new Set(["/", "/traces", "/sessions", "/users", "/costs", "/status"]);

/** Header, navigation and page-wide keys around every page. */
export function Shell() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { tick } = useClock();
  const [help, setHelp] = useState(false);
  const theme = useThemeSwitch();
  const path = useRouterState({ select: (state) => state.location.pathname });
  const status = useQuery(statusQuery);

  // Another page, or the first span: what it shows should reach up to this moment.
  const empty = status.data?.empty;
  const seen = useRef({ path, empty });
  useEffect(() => {
    const before = seen.current;
    seen.current = { path, empty };
    if (before.path !== path || (before.empty && !empty)) tick();
  }, [path, empty, tick]);

  useKeys({
    "g o": () => void navigate({ to: "/" }),
    "g t": () => void navigate({ to: "/traces" }),
    "g c": () => void navigate({ to: "/sessions" }),
    "g u": () => void navigate({ to: "/users" }),
    "g m": () => void navigate({ to: "/costs" }),
    "g e": () => void navigate({ to: "/explore" }),
    "g s": () => void navigate({ to: "/status" }),
    "/": () => document.querySelector<HTMLElement>("[data-search]")?.focus(),
    r: tick,
    T: theme.next,
    "?": () => setHelp(true),
  });

  if (isUnauthenticated(status.error)) return <KeyGate onDone={() => void status.refetch()} />;
  const waiting = path === "/" && empty;
  return (
    <div className="flex h-full min-w-80 flex-col">
      <a href="#page" className="sr-only focus:not-sr-only focus:absolute focus:z-50 focus:bg-raised focus:p-2">
        {t("app.skip")}
      </a>
      <header className="z-30 flex min-h-11 shrink-0 flex-wrap items-center gap-x-4 gap-y-1 border-b bg-surface px-3 py-1">
        <Link to="/" className="flex items-center gap-2 font-semibold text-base" title={t("app.tagline")}>
          <Mark />
          Pellucid
        </Link>
        <nav aria-label={t("app.navigation")} className="flex gap-1">
          <Item to="/" icon="overview" label={t("nav.overview")} />
          <Item to="/traces" icon="traces" label={t("nav.traces")} />
          <Item to="/sessions" icon="sessions" label={t("nav.sessions")} />
          <Item to="/users" icon="users" label={t("nav.users")} />
          <Item to="/costs" icon="costs" label={t("nav.costs")} />
          <Item to="/explore" icon="explore" label={t("nav.explore")} />
          <Item to="/connect" icon="connect" label={t("nav.connect")} />
          <Item to="/status" icon="status" label={t("nav.status")} />
        </nav>
        <div className="ml-auto flex flex-wrap items-center gap-1.5">
          {TIMED.has(path) && !waiting && <TimeControls />}
          <LanguageSwitch />
          <ThemeSwitch {...theme} />
          <IconButton icon="keyboard" label={t("app.shortcuts")} onClick={() => setHelp(true)} />
        </div>
      </header>
      <main id="page" tabIndex={-1} className="thin-scroll min-h-0 flex-1 overflow-auto outline-none">
        <Outlet />
      </main>
      {help && <Shortcuts onClose={() => setHelp(false)} />}
    </div>
  );
}

type Target = "/" | "/traces" | "/sessions" | "/users" | "/costs" | "/explore" | "/connect" | "/status";

function Item({ to, icon, label }: { to: Target; icon: IconName; label: string }) {
  return (
    <Link
      to={to}
      activeOptions={{ exact: to === "/", includeSearch: false }}
      className="inline-flex h-7 items-center gap-1.5 rounded-md px-2 text-muted hover:bg-hover hover:text-fg aria-[current=page]:bg-selected aria-[current=page]:text-fg"
    >
      <Icon name={icon} />
      {label}
    </Link>
  );
}

function Mark() {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true" className="size-5 text-accent">
      <rect width="32" height="32" rx="7" fill="currentColor" />
      <path
        d="M8 21.5 13 12l4.2 6.2L20 14l4 7.5"
        fill="none"
        className="stroke-on-accent"
        strokeWidth="2.6"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}
