/** The map of screens. Each is a chunk of its own; the address holds what a screen shows. */
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet, redirect } from "@tanstack/react-router";
import { hasCode, onSignedOut } from "./api/client";
import { queries, queryClient } from "./api/queries";
import { live } from "./api/live";
import { readInboxSearch } from "./inbox/filters";
import { NotFound } from "./shell/not-found";
import { Shell } from "./shell/shell";
import { ErrorState, SkeletonRows } from "./ui/states";

const root = createRootRoute({ component: Outlet, notFoundComponent: NotFound, errorComponent: ({ error, reset }) => <ErrorState error={error} onRetry={reset} /> });

const text = (value: unknown): string => (typeof value === "string" ? value : typeof value === "number" ? String(value) : "");

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  validateSearch: (search: Record<string, unknown>) => ({ to: text(search.to) }),
  component: lazyRouteComponent(() => import("./sign-in/sign-in"), "SignInScreen"),
});
const setup = createRoute({ getParentRoute: () => root, path: "/setup", component: lazyRouteComponent(() => import("./setup/wizard"), "SetupWizard") });

const shell = createRoute({
  getParentRoute: () => root,
  id: "shell",
  beforeLoad: async ({ location }) => {
    try {
      await queryClient.query({ ...queries.me(), staleTime: "static" });
    } catch (error) {
      if (!hasCode(error, "unauthorised")) throw error;
      const state = await queryClient.query(queries.setup());
      if (state.needs_administrator) throw redirect({ to: "/setup" });
      throw redirect({ to: "/sign-in", search: { to: `${location.pathname}${location.searchStr}` } });
    }
  },
  component: Shell,
  pendingComponent: () => <SkeletonRows label="Loading the console" />,
});

const home = createRoute({ getParentRoute: () => shell, path: "/", beforeLoad: () => { throw redirect({ to: "/inbox", search: {} }); } });
const inbox = createRoute({ getParentRoute: () => shell, path: "/inbox", validateSearch: readInboxSearch, component: lazyRouteComponent(() => import("./inbox/inbox"), "InboxScreen") });
const conversation = createRoute({ getParentRoute: () => inbox, path: "$reference", component: lazyRouteComponent(() => import("./conversation/conversation-screen"), "ConversationScreen") });
const review = createRoute({ getParentRoute: () => shell, path: "/review", component: lazyRouteComponent(() => import("./review/review"), "ReviewScreen") });
const escalations = createRoute({
  getParentRoute: () => shell,
  path: "/escalations",
  validateSearch: (search: Record<string, unknown>): { state?: "resolved"; team?: string } => ({ ...(search.state === "resolved" ? { state: "resolved" as const } : {}), ...(text(search.team) === "" ? {} : { team: text(search.team) }) }),
  component: lazyRouteComponent(() => import("./escalations/escalations"), "EscalationsScreen"),
});
const search = createRoute({
  getParentRoute: () => shell,
  path: "/search",
  validateSearch: (from: Record<string, unknown>): { q?: string } => (text(from.q) === "" ? {} : { q: text(from.q) }),
  component: lazyRouteComponent(() => import("./search/search"), "SearchScreen"),
});
const customers = createRoute({
  getParentRoute: () => shell,
  path: "/customers",
  validateSearch: (from: Record<string, unknown>): { q?: string } => (text(from.q) === "" ? {} : { q: text(from.q) }),
  component: lazyRouteComponent(() => import("./customers/customers"), "CustomersScreen"),
});
const knowledge = createRoute({
  getParentRoute: () => shell,
  path: "/knowledge",
  validateSearch: (from: Record<string, unknown>): { tab?: string; document?: string } => ({ ...(text(from.tab) === "" ? {} : { tab: text(from.tab) }), ...(text(from.document) === "" ? {} : { document: text(from.document) }) }),
  component: lazyRouteComponent(() => import("./knowledge/knowledge"), "KnowledgeScreen"),
});
const analytics = createRoute({
  getParentRoute: () => shell,
  path: "/analytics",
  validateSearch: (from: Record<string, unknown>): { days?: number; channel?: string } => ({ ...(Number(from.days) > 0 ? { days: Number(from.days) } : {}), ...(text(from.channel) === "" ? {} : { channel: text(from.channel) }) }),
  component: lazyRouteComponent(() => import("./analytics/analytics"), "AnalyticsScreen"),
});
const settings = createRoute({ getParentRoute: () => shell, path: "/settings", beforeLoad: ({ location }) => { if (location.pathname.replace(/\/$/u, "").endsWith("/settings")) throw redirect({ to: "/settings/$section", params: { section: "account" } }); } });
const settingsSection = createRoute({ getParentRoute: () => settings, path: "$section", component: lazyRouteComponent(() => import("./settings/settings"), "SettingsScreen") });

export const router = createRouter({
  routeTree: root.addChildren([signIn, setup, shell.addChildren([home, inbox.addChildren([conversation]), review, escalations, search, customers, knowledge, analytics, settings.addChildren([settingsSection])])]),
  basepath: "/console",
  defaultPreload: "intent",
  defaultPendingComponent: () => <SkeletonRows label="Loading" />,
});

onSignedOut(() => {
  live.close();
  const { pathname } = router.state.location;
  if (queryClient.getQueryData(queries.me().queryKey) === undefined) return;
  queryClient.clear();
  void router.navigate({ to: "/sign-in", search: { to: pathname } });
});

declare module "@tanstack/react-router" {
  // eslint-disable-next-line @typescript-eslint/consistent-type-definitions -- only an interface can be extended
  interface Register {
    router: typeof router;
  }
}
