/** What is read from the server, under which key; one place, so that live events know what to read again. */
import { QueryClient, queryOptions } from "@tanstack/react-query";
import { ApiError, api } from "./client";
import type {
  Autonomy, Backups, BusinessHours, Colleague, Company, Conflict, Connection, ConversationDetail, Counts, CustomerHit, Document, DocumentText,
  Escalation, Gap, Macro, Me, Page, Policy, Rating, Report, Retrieved, SearchHit, Session, Setup, System, Team, Token, User,
} from "./contract";

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      refetchOnWindowFocus: false,
      // A refusal stays a refusal; only what may pass is tried again.
      retry: (failures, error) => failures < 2 && !(error instanceof ApiError && error.status < 500),
      retryDelay: (attempt) => Math.min(4_000, 500 * 2 ** attempt),
      networkMode: "always",
    },
    mutations: { networkMode: "always" },
  },
});

type Items<T> = { items: T[] };

const read = <T>(key: readonly unknown[], path: string, query: Record<string, string | number | boolean> = {}) =>
  queryOptions({ queryKey: key, queryFn: ({ signal }) => api<T>(path, { query, signal }) });

const list = <T>(key: readonly unknown[], path: string, query: Record<string, string | number | boolean> = {}) =>
  queryOptions({ queryKey: key, queryFn: async ({ signal }) => (await api<Items<T>>(path, { query, signal })).items });

export const queries = {
  me: () => queryOptions({ ...read<Me>(["me"], "/session"), staleTime: Infinity, retry: false }),
  setup: () => queryOptions({ ...read<Setup>(["setup"], "/setup"), staleTime: Infinity }),
  company: () => read<Company>(["company"], "/company"),
  counts: () => read<Counts>(["counts"], "/conversations/counts"),
  operators: () => queryOptions({ ...list<Colleague>(["operators"], "/operators"), staleTime: 300_000 }),
  labels: () => list<{ name: string; count: number }>(["labels"], "/labels"),
  teams: () => queryOptions({ ...list<Team>(["teams"], "/teams"), staleTime: 300_000 }),
  conversation: (reference: string) => read<ConversationDetail>(["conversation", reference], `/conversations/${encodeURIComponent(reference)}`),
  search: (q: string) => list<SearchHit>(["search", q], "/search", { q, limit: 60 }),
  customers: (q: string) => list<CustomerHit>(["customers", q], "/customers", { q, limit: 50 }),
  escalations: (state: "open" | "resolved", team: string) => read<Page<Escalation>>(["escalations", state, team], "/escalations", { state, team, limit: 100 }),
  documents: () => list<Document>(["documents"], "/knowledge/documents"),
  document: (id: string) => read<DocumentText>(["document", id], `/knowledge/documents/${encodeURIComponent(id)}`),
  retrieval: (q: string) => list<Retrieved>(["retrieval", q], "/knowledge/search", { q, limit: 8 }),
  conflicts: (accepted: boolean) => list<Conflict>(["conflicts", accepted], "/knowledge/conflicts", { accepted }),
  gaps: (days: number) => list<Gap>(["gaps", days], "/knowledge/gaps", { days }),
  report: (name: string, from: string, to: string, channel: string) => read<Report>(["report", name, from, to, channel], `/analytics/${name}`, { from, to, channel }),
  users: () => list<User>(["users"], "/users"),
  tokens: () => list<Token>(["tokens"], "/tokens"),
  sessions: () => list<Session>(["sessions"], "/sessions"),
  macros: () => queryOptions({ ...list<Macro>(["macros"], "/macros"), staleTime: 120_000 }),
  policy: () => read<Policy>(["policy"], "/policy"),
  autonomy: () => read<{ entries: Autonomy[] }>(["autonomy"], "/autonomy"),
  businessHours: () => read<BusinessHours>(["business-hours"], "/business-hours"),
  system: () => queryOptions({ ...read<System>(["system"], "/system"), refetchInterval: 15_000 }),
  backups: () => read<Backups>(["backups"], "/backups"),
  connections: () => queryOptions({ ...list<Connection>(["connections"], "/channels"), refetchInterval: 30_000 }),
  ratings: () => read<Page<Rating>>(["ratings"], "/ratings", { limit: 50 }),
};
