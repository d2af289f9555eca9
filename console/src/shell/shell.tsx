/** The frame: rail at the side (bar at the bottom on a phone), the screen, palette, help, live line. */
import { useQuery } from "@tanstack/react-query";
import { Link, Outlet, useLocation, useNavigate, useSearch } from "@tanstack/react-router";
import clsx from "clsx";
import { Command as CommandIcon, LogOut, Moon, MoreHorizontal, Sun, SunMoon } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import type { View } from "~/api/contract";
import { queries } from "~/api/queries";
import { viewOf } from "~/inbox/filters";
import { useCommands, useKeyboard } from "~/keyboard/use-commands";
import { compact } from "~/lib/numbers";
import { setPreferences, usePreferences } from "~/lib/preferences";
import { viewName } from "~/lib/words";
import { Avatar } from "~/ui/badges";
import { Menu } from "~/ui/menu";
import { LineBanner } from "./line-banner";
import { PLACES } from "./places";
import { signOut } from "./sign-out";
import { useLiveUpdates } from "./use-live-updates";
import { useMe } from "./use-me";

const Palette = lazy(() => import("./palette"));
const KeyHelpDialog = lazy(() => import("./key-help"));

const VIEWS: View[] = ["waiting", "mine", "unassigned", "needs_approval", "escalated", "snoozed", "all", "closed", "spam"];

const railLink = "group flex h-9 items-center gap-3 rounded-lg px-2.5 text-sm font-medium text-frame-muted hover:bg-frame-hover hover:text-frame-text";

function Mark() {
  return (
    <svg width="26" height="26" viewBox="0 0 26 26" aria-hidden="true" className="flex-none">
      <rect width="26" height="26" rx="7" fill="currentColor" className="text-frame-text" />
      <path d="M6 18.5h14M8 18.5c0-3.6 2.2-6 5-6s5 2.4 5 6M13 12.5V10M10.6 8.4h4.8" fill="none" stroke="var(--c-frame)" strokeWidth="1.9" strokeLinecap="round" />
    </svg>
  );
}

function Views() {
  const { data: counts } = useQuery(queries.counts());
  const search = useSearch({ strict: false });
  const { pathname } = useLocation();
  const current = pathname.startsWith("/inbox") ? viewOf(search) : null;
  return (
    <ul className="mt-1 mb-2 ms-[1.1875rem] hidden border-s border-frame-line ps-2.5 xl:block">
      {VIEWS.map((view) => (
        <li key={view}>
          <Link
            to="/inbox"
            search={view === "waiting" ? {} : { view }}
            aria-current={current === view ? "page" : undefined}
            className={clsx("flex h-7 items-center justify-between rounded-md px-2 text-sm hover:bg-frame-hover", current === view ? "bg-frame-active font-medium text-frame-text" : "text-frame-muted")}
          >
            {viewName[view]}
            <span className="text-xs tabular-nums">{counts === undefined ? "" : compact(counts[view])}</span>
          </Link>
        </li>
      ))}
    </ul>
  );
}

function Rail({ onPalette }: { onPalette: () => void }) {
  const { me } = useMe();
  const { theme } = usePreferences();
  const { data: counts } = useQuery(queries.counts());
  const nextTheme = theme === "system" ? "light" : theme === "light" ? "dark" : "system";
  const ThemeIcon = theme === "system" ? SunMoon : theme === "light" ? Sun : Moon;
  return (
    <nav aria-label="Console" className="frame hidden w-14 flex-none flex-col bg-frame px-2 py-3 text-frame-text md:flex xl:w-56">
      <div className="mb-3 flex items-center gap-2.5 px-1.5">
        <Mark />
        <span className="hidden text-base font-semibold tracking-tight xl:block">Frontdesk</span>
      </div>
      <button type="button" onClick={onPalette} className="mb-3 flex h-8 items-center gap-2 rounded-lg border border-frame-line px-2 text-sm text-frame-muted hover:bg-frame-hover" title="Commands (Ctrl K)">
        <CommandIcon size={15} aria-hidden />
        <span className="sr-only flex-1 text-start xl:not-sr-only xl:flex-1">Go to…</span>
        <kbd className="hidden font-sans text-2xs xl:block">Ctrl K</kbd>
      </button>
      <ul className="min-h-0 flex-1 space-y-0.5 overflow-y-auto">
        {PLACES.map(({ to, label, icon: Icon, badge }) => (
          <li key={to}>
              <Link to={to} {...(to === "/inbox" ? { search: {} } : {})} title={label} className={railLink} activeProps={{ className: "bg-frame-active text-frame-text!" }} activeOptions={{ includeSearch: false }}>
                <span className="relative">
                  <Icon size={18} aria-hidden />
                  {badge !== null && (counts?.[badge] ?? 0) > 0 && <span aria-hidden="true" className="absolute -end-1 -top-1 size-2 rounded-full bg-frame-text ring-2 ring-frame xl:hidden" />}
                </span>
                <span className="sr-only xl:not-sr-only xl:flex-1">{label}</span>
                {badge !== null && badge !== "waiting" && counts !== undefined && counts[badge] > 0 && <span className="sr-only text-xs xl:not-sr-only">{compact(counts[badge])}</span>}
              </Link>
            {to === "/inbox" && <Views />}
          </li>
        ))}
      </ul>
      <div className="mt-2 flex flex-col gap-1 border-t border-frame-line pt-2 xl:flex-row xl:items-center">
        <Link to="/settings/$section" params={{ section: "account" }} className="flex min-w-0 flex-1 items-center gap-2 rounded-lg p-1 hover:bg-frame-hover">
          <Avatar name={me.name} />
          <span className="sr-only truncate text-sm xl:not-sr-only xl:truncate">{me.name}<span className="sr-only">, your account</span></span>
        </Link>
        <button type="button" className="grid size-9 flex-none place-items-center rounded-lg text-frame-muted hover:bg-frame-hover hover:text-frame-text" onClick={() => setPreferences({ theme: nextTheme })} aria-label={`Theme: ${theme}. Change to ${nextTheme}`} title={`Theme: ${theme}`}>
          <ThemeIcon size={16} aria-hidden />
        </button>
        <button type="button" className="grid size-9 flex-none place-items-center rounded-lg text-frame-muted hover:bg-frame-hover hover:text-frame-text" onClick={() => void signOut()} aria-label="Sign out" title="Sign out">
          <LogOut size={16} aria-hidden />
        </button>
      </div>
    </nav>
  );
}

function BottomBar() {
  const navigate = useNavigate();
  const shown = PLACES.slice(0, 4);
  return (
    <nav aria-label="Console" className="frame flex flex-none bg-frame pb-[env(safe-area-inset-bottom)] text-frame-muted md:hidden">
      {shown.map(({ to, label, icon: Icon }) => (
        <Link key={to} to={to} {...(to === "/inbox" ? { search: {} } : {})} className="flex h-13 flex-1 flex-col items-center justify-center gap-0.5 text-2xs font-medium" activeProps={{ className: "text-frame-text bg-frame-active" }} activeOptions={{ includeSearch: false }}>
          <Icon size={19} aria-hidden /> {label}
        </Link>
      ))}
      <Menu
        label="More screens"
        trigger={
          <button type="button" className="flex h-13 flex-1 flex-col items-center justify-center gap-0.5 text-2xs font-medium">
            <MoreHorizontal size={19} aria-hidden /> More
          </button>
        }
        entries={[
          ...PLACES.slice(4).map(({ to, label, icon: Icon }) => ({ label, icon: <Icon size={15} aria-hidden />, run: () => void navigate({ to }) })),
          "line" as const,
          { label: "Sign out", icon: <LogOut size={15} aria-hidden />, run: () => void signOut() },
        ]}
      />
    </nav>
  );
}

export function Shell() {
  const navigate = useNavigate();
  const [isPaletteOpen, setPaletteOpen] = useState(false);
  const [isHelpOpen, setHelpOpen] = useState(false);
  useKeyboard();
  useLiveUpdates();
  useCommands({
    palette: () => setPaletteOpen((isOpen) => !isOpen),
    help: () => setHelpOpen(true),
    search: () => void navigate({ to: "/search", search: {} }),
  });
  return (
    <div className="flex h-full flex-col md:flex-row">
      <a href="#main" className="sr-only z-50 rounded-md bg-raised p-2 focus:not-sr-only focus:absolute focus:start-2 focus:top-2">
        Skip to the content
      </a>
      <Rail onPalette={() => setPaletteOpen(true)} />
      <div className="flex min-h-0 min-w-0 flex-1 flex-col">
        <LineBanner />
        <main id="main" tabIndex={-1} className="min-h-0 flex-1">
          <Outlet />
        </main>
      </div>
      <BottomBar />
      <Suspense fallback={null}>
        {isPaletteOpen && <Palette onClose={() => setPaletteOpen(false)} onHelp={() => setHelpOpen(true)} />}
        {isHelpOpen && <KeyHelpDialog onClose={() => setHelpOpen(false)} />}
      </Suspense>
    </div>
  );
}
