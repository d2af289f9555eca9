import { useInfiniteQuery } from "@tanstack/react-query";
import { ScrollText, SearchX } from "lucide-react";
import { useDeferredValue, useState } from "react";
import { api } from "~/api/client";
import type { AuditEntry, Page } from "~/api/contract";
import { clock, fullMoment } from "~/lib/time";
import { useNow } from "~/lib/use-now";
import { SelectField, TextField } from "~/ui/field";
import { Section, TableFrame } from "~/ui/page";
import { EmptyState, ErrorState, SkeletonRows } from "~/ui/states";

const ACTIONS = { "": "Everything", "conversation.": "Conversations", "session.": "Signing in", "user.": "Users", "knowledge.": "Knowledge", "settings.": "Settings" };

export function AuditSection() {
  const now = useNow();
  const [actor, setActor] = useState("");
  const [action, setAction] = useState("");
  const asked = useDeferredValue(actor.trim());
  const query = useInfiniteQuery({
    queryKey: ["audit", asked, action],
    queryFn: ({ pageParam, signal }) => api<Page<AuditEntry>>("/audit", { query: { actor: asked, action, limit: 50, cursor: pageParam }, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor,
  });
  const entries = query.data?.pages.flatMap(({ items }) => items) ?? [];
  const isFiltered = actor !== "" || action !== "";
  return (
    <Section title="Entries">
      <div className="flex flex-wrap gap-3 border-b border-line p-4">
        <TextField label="Who" value={actor} onChange={(event) => setActor(event.target.value)} />
        <SelectField label="What" className="w-44!" value={action} onChange={(event) => setAction(event.target.value)}>
          {Object.entries(ACTIONS).map(([value, text]) => (<option key={value} value={value}>{text}</option>))}
        </SelectField>
      </div>
      {query.isPending ? <SkeletonRows label="Loading the log" /> : query.isError ? <ErrorState error={query.error} onRetry={() => void query.refetch()} /> : entries.length === 0 ? (
        isFiltered ? <EmptyState icon={SearchX} title="Nothing fits" action={<button type="button" className="button button-plain" onClick={() => { setActor(""); setAction(""); }}>Show everything</button>} /> : <EmptyState icon={ScrollText} title="Nothing yet" />
      ) : (
        <TableFrame label="Audit log">
          <table className="table">
            <thead><tr><th scope="col">When</th><th scope="col">Who</th><th scope="col">What</th><th scope="col">On</th><th scope="col">Details</th></tr></thead>
            <tbody>
              {entries.map((entry) => (
                <tr key={entry.id}>
                  <td className="whitespace-nowrap"><time dateTime={entry.at} title={fullMoment(entry.at)}>{clock(entry.at, now)}</time></td>
                  <td className="whitespace-nowrap">{entry.actor}</td>
                  <td className="font-mono text-xs">{entry.action}</td>
                  <td className="font-mono text-xs">{entry.subject}</td>
                  <td className="font-mono text-xs break-all text-muted">{Object.keys(entry.details).length === 0 ? "" : JSON.stringify(entry.details)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </TableFrame>
      )}
      {query.hasNextPage && <div className="border-t border-line p-3 text-center"><button type="button" className="button button-plain" disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>Older entries</button></div>}
    </Section>
  );
}
