import type { QueryClient } from "@tanstack/react-query";
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import { api } from "~/api/client";
import type { ConsoleEvent, Page, Row } from "~/api/contract";
import { live } from "~/api/live";
import type { InboxSearch } from "./filters";
import { viewOf } from "./filters";
import type { Pages } from "./merge-rows";
import { mergeFirstPage, replaceRow } from "./merge-rows";

const PAGE_ROWS = 100;
/** News come in bursts: wait this long for the burst to end. */
const SETTLE_MS = 400;

const rowsKey = (search: InboxSearch) => ["rows", { ...search, view: viewOf(search) }] as const;

function readPage(search: InboxSearch, cursor: string | null, signal?: AbortSignal): Promise<Page<Row>> {
  const { sort, ...filters } = search;
  return api<Page<Row>>("/conversations", { query: { ...filters, view: viewOf(search), sort: sort ?? "newest", limit: PAGE_ROWS, cursor }, signal });
}

const MOVES_ROWS: ReadonlySet<ConsoleEvent["event"]> = new Set(["conversation", "message", "draft", "escalation", "counts", "reset"]);

export function useRows(search: InboxSearch) {
  const client = useQueryClient();
  const key = JSON.stringify(rowsKey(search));
  const query = useInfiniteQuery({
    queryKey: rowsKey(search),
    queryFn: ({ pageParam, signal }) => readPage(search, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor,
    staleTime: Infinity,
    gcTime: 600_000,
  });

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | null = null;
    const stop = live.listen(({ event }) => {
      if (!MOVES_ROWS.has(event) || timer !== null) return;
      timer = setTimeout(() => {
        timer = null;
        void readPage(search, null).then(
          (first) => client.setQueryData<Pages>(rowsKey(search), (known) => (known === undefined ? known : mergeFirstPage(known, first, search.sort ?? "newest"))),
          () => undefined, // The line's state is shown in the frame; the next event tries again.
        );
      }, SETTLE_MS);
    });
    return () => {
      stop();
      if (timer !== null) clearTimeout(timer);
    };
    // eslint-disable-next-line react-hooks/exhaustive-deps -- `key` stands for `search`, which is a new object each time
  }, [client, key]);

  const rows = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data]);
  return { query, rows };
}

/** After an operator's own action the row changes at once, before any event arrives. */
export function putRow(client: QueryClient, row: Row): void {
  client.setQueriesData<Pages>({ queryKey: ["rows"] }, (known) => (known === undefined ? known : replaceRow(known, row)));
}

/** The rows as they stand in the newest list, for going to the next one. */
export function knownRows(client: QueryClient, search: InboxSearch): Row[] {
  return client.getQueryData<Pages>(rowsKey(search))?.pages.flatMap((page) => page.items) ?? [];
}
