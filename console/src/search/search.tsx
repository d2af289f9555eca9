import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { Search, SearchX } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { queries } from "~/api/queries";
import { useCommands } from "~/keyboard/use-commands";
import { plural } from "~/lib/numbers";
import { clock } from "~/lib/time";
import { useNow } from "~/lib/use-now";
import { ChannelIcon, StatusBadge } from "~/ui/badges";
import { Page } from "~/ui/page";
import { QueryView } from "~/ui/query-view";
import { EmptyState } from "~/ui/states";
import { pieces } from "./snippet";

const SETTLE_MS = 220;

export function SearchScreen() {
  const { q = "" } = useSearch({ from: "/shell/search" });
  const navigate = useNavigate();
  const now = useNow();
  const [text, setText] = useState(q);
  const field = useRef<HTMLInputElement>(null);
  const isAsked = q.trim().length >= 2;
  const query = useQuery({ ...queries.search(q.trim()), enabled: isAsked, placeholderData: keepPreviousData });

  useEffect(() => {
    field.current?.focus();
  }, []);
  useEffect(() => {
    const timer = setTimeout(() => {
      if (text !== q) void navigate({ to: "/search", search: text === "" ? {} : { q: text }, replace: true });
    }, SETTLE_MS);
    return () => clearTimeout(timer);
  }, [navigate, q, text]);
  useCommands({ search: () => field.current?.select() });

  return (
    <Page title="Search" lead="Words in messages and subjects, references, customers’ names and addresses. All words must occur.">
      <label className="relative block">
        <span className="sr-only">Search for</span>
        <Search size={16} aria-hidden className="absolute start-3 top-3 text-muted" />
        <input ref={field} type="search" className="input h-10 ps-9!" value={text} placeholder="invoice november, TF-2026…, amara@…" onChange={(event) => setText(event.target.value)} />
      </label>
      <p role="status" className="mt-2 h-5 text-xs text-muted">
        {isAsked && query.data !== undefined && !query.isFetching ? plural(query.data.length, "hit") : ""}
      </p>
      {!isAsked ? (
        <EmptyState icon={Search} title="What are you looking for?">Type at least two letters. The last word may be unfinished.</EmptyState>
      ) : (
        <QueryView
          query={query}
          label="Searching"
          empty={<EmptyState icon={SearchX} title="Nothing found" action={<button type="button" className="button button-plain" onClick={() => { setText(""); field.current?.focus(); }}>Start again</button>}>Try fewer or other words; each must occur somewhere in the conversation.</EmptyState>}
        >
          {(hits) => (
            <ol className="card divide-y divide-line overflow-hidden">
              {hits.map(({ conversation, snippet }) => (
                <li key={conversation.reference}>
                  <Link to="/inbox/$reference" params={{ reference: conversation.reference }} search={{ view: "all" }} preload={false} className="block px-4 py-3 hover:bg-hover focus-visible:-outline-offset-2">
                    <span className="flex items-center gap-2 text-xs text-muted">
                      <ChannelIcon channel={conversation.channel} size={13} /> {conversation.customer.name ?? "Unknown customer"} · <span className="font-mono">{conversation.reference}</span>
                      <span className="flex-1" />
                      <StatusBadge status={conversation.status} />
                      <span className="hidden sm:inline">{clock(conversation.last_message.at, now)}</span>
                    </span>
                    <span className="block truncate font-medium">{conversation.subject}</span>
                    <span className="line-clamp-2 text-sm text-muted">
                      {pieces(snippet).map((piece, index) => (piece.isHit ? <mark key={index} className="rounded-xs bg-amber-tint px-0.5 font-medium text-amber">{piece.text}</mark> : piece.text))}
                    </span>
                  </Link>
                </li>
              ))}
            </ol>
          )}
        </QueryView>
      )}
    </Page>
  );
}
