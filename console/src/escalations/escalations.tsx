/** What was handed to people, the soonest due first. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { ArrowUpRight, Check, PartyPopper, SearchX } from "lucide-react";
import { useState } from "react";
import { api, explain } from "~/api/client";
import type { Escalation } from "~/api/contract";
import { queries } from "~/api/queries";
import { useCommands } from "~/keyboard/use-commands";
import { slaView } from "~/lib/sla";
import { clock } from "~/lib/time";
import { useNow } from "~/lib/use-now";
import { categoryName } from "~/lib/words";
import { useMe } from "~/shell/use-me";
import { announce } from "~/ui/announce";
import { ChannelIcon, MoodIcon, PlanBadge, SlaBadge, UrgencyBadge } from "~/ui/badges";
import { Dialog } from "~/ui/dialog";
import { SelectField, TextArea } from "~/ui/field";
import { Page } from "~/ui/page";
import { QueryView } from "~/ui/query-view";
import { EmptyState } from "~/ui/states";

function ResolveDialog({ escalation, onClose }: { escalation: Escalation; onClose: () => void }) {
  const client = useQueryClient();
  const [notes, setNotes] = useState("");
  const resolve = useMutation({
    mutationFn: () => api(`/escalations/${escalation.id}/resolve`, { method: "POST", body: notes.trim() === "" ? {} : { notes: notes.trim() } }),
    onSuccess: async () => {
      announce(`${escalation.reference} is resolved.`);
      onClose();
      await Promise.all([client.invalidateQueries({ queryKey: ["escalations"] }), client.invalidateQueries({ queryKey: ["counts"] })]);
    },
  });
  return (
    <Dialog open onOpenChange={onClose} title={`Resolve ${escalation.reference}`} description={escalation.subject}>
      <form className="space-y-3" onSubmit={(event) => { event.preventDefault(); resolve.mutate(); }}>
        <TextArea label="What was done (kept in the audit log)" rows={3} value={notes} onChange={(event) => setNotes(event.target.value)} />
        {resolve.isError && <p role="alert" className="text-sm text-brick">{explain(resolve.error)}</p>}
        <div className="flex justify-end gap-2">
          <button type="button" className="button button-plain" onClick={onClose}>Not yet</button>
          <button type="submit" className="button button-primary" disabled={resolve.isPending}>Resolve</button>
        </div>
      </form>
    </Dialog>
  );
}

function Card({ escalation, isCurrent, onResolve }: { escalation: Escalation; isCurrent: boolean; onResolve: () => void }) {
  const now = useNow();
  const { may } = useMe();
  return (
    <article className={`card px-4 py-3 ${isCurrent ? "outline-2 outline-pine" : ""}`}>
      <div className="flex flex-wrap items-center gap-1.5">
        <SlaBadge escalation={escalation} resolvedAt={escalation.resolved_at} />
        <UrgencyBadge urgency={escalation.urgency} />
        <span className="badge">{categoryName[escalation.category]}</span>
        <span className="flex-1" />
        <span className="text-xs text-muted">
          {escalation.team} · <span className="font-mono">{escalation.reference}</span>
        </span>
      </div>
      <h2 className="mt-2 text-base" dir="auto">
        <Link to="/inbox/$reference" params={{ reference: escalation.ticket }} search={{ view: "escalated" }} preload={false} className="underline-offset-2 hover:underline">
          {escalation.subject}
        </Link>
      </h2>
      <p className="flex flex-wrap items-center gap-2 text-xs text-muted">
        <ChannelIcon channel={escalation.channel} size={13} /> {escalation.customer ?? "Unknown customer"} <PlanBadge plan={escalation.plan} /> <MoodIcon score={escalation.sentiment} size={13} /> since {clock(escalation.created_at, now)}
      </p>
      <p className="mt-2 max-w-3xl text-sm text-pretty">{escalation.summary}</p>
      <p className="mt-1.5 max-w-3xl text-sm text-pretty">
        <span className="font-medium">Next:</span> {escalation.suggested_next_step}
      </p>
      {escalation.attempts.length > 0 && (
        <details className="mt-1.5 text-sm text-muted">
          <summary className="text-xs font-medium">What was tried</summary>
          <ul className="list-disc ps-5">
            {escalation.attempts.map((attempt) => (
              <li key={attempt}>{attempt}</li>
            ))}
          </ul>
        </details>
      )}
      <div className="mt-3 flex flex-wrap items-center gap-2">
        <Link to="/inbox/$reference" params={{ reference: escalation.ticket }} search={{ view: "escalated" }} preload={false} className="button button-primary">
          Open <ArrowUpRight size={14} aria-hidden />
        </Link>
        {escalation.resolved_at === null && may("operator") && (
          <button type="button" className="button button-plain" onClick={onResolve}>
            <Check size={14} aria-hidden /> Resolve
          </button>
        )}
        {escalation.resolved_at !== null && <span className="text-xs text-muted">by {escalation.resolved_by ?? "somebody"}, {clock(escalation.resolved_at, now)}</span>}
        <span className="hidden flex-1 text-end text-xs text-muted sm:block">{escalation.promise === "" ? "" : `Promised: ${escalation.promise}`}</span>
      </div>
    </article>
  );
}

export function EscalationsScreen() {
  const { state, team } = useSearch({ from: "/shell/escalations" });
  const navigate = useNavigate();
  const now = useNow();
  const query = useQuery(queries.escalations(state ?? "open", team ?? ""));
  const { data: teams } = useQuery(queries.teams());
  const [resolving, setResolving] = useState<Escalation | null>(null);
  const [current, setCurrent] = useState(-1);
  const items = query.data?.items ?? [];
  const late = items.filter((each) => slaView(each.due_at, each.sla, now, each.resolved_at).state === "overdue").length;
  const move = (step: number): void => setCurrent(Math.min(items.length - 1, Math.max(0, current + step)));
  useCommands({
    next: () => move(1),
    previous: () => move(-1),
    open: () => {
      const escalation = items[current];
      if (escalation !== undefined) void navigate({ to: "/inbox/$reference", params: { reference: escalation.ticket }, search: { view: "escalated" } });
    },
  });
  const to = (next: { state?: "resolved"; team?: string }): void => void navigate({ to: "/escalations", search: next });
  return (
    <Page
      title="Escalations"
      lead={state === "resolved" ? "What people settled, newest first." : items.length === 0 ? "What needs a person, the soonest due first." : `${items.length} open, ${late === 0 ? "none overdue" : `${late} overdue`}. The soonest due comes first.`}
      actions={
        <>
          <SelectField label="State" hideLabel className="w-32!" value={state ?? "open"} onChange={(event) => to({ ...(team === undefined ? {} : { team }), ...(event.target.value === "resolved" ? { state: "resolved" } : {}) })}>
            <option value="open">Open</option>
            <option value="resolved">Resolved</option>
          </SelectField>
          <SelectField label="Team" hideLabel className="w-36!" value={team ?? ""} onChange={(event) => to({ ...(state === undefined ? {} : { state }), ...(event.target.value === "" ? {} : { team: event.target.value }) })}>
            <option value="">All teams</option>
            {(teams ?? []).map(({ name }) => (
              <option key={name}>{name}</option>
            ))}
          </SelectField>
        </>
      }
    >
      <QueryView
        query={query}
        label="Loading escalations"
        isEmpty={(page) => page.items.length === 0}
        empty={
          team !== undefined ? (
            <EmptyState icon={SearchX} title={`Nothing for ${team}`} action={<button type="button" className="button button-plain" onClick={() => to(state === undefined ? {} : { state })}>All teams</button>}>
              Other teams may have open escalations.
            </EmptyState>
          ) : (
            <EmptyState icon={PartyPopper} title="Nothing waits for a person" action={<Link to="/inbox" search={{}} className="button button-plain">To the inbox</Link>}>
              Refunds, legal and security matters, and whoever asks for a person, appear here with their due time.
            </EmptyState>
          )
        }
      >
        {(page) => (
          <ol className="space-y-3">
            {page.items.map((escalation, index) => (
              <li key={escalation.id}>
                <Card escalation={escalation} isCurrent={index === current} onResolve={() => setResolving(escalation)} />
              </li>
            ))}
          </ol>
        )}
      </QueryView>
      {resolving !== null && <ResolveDialog escalation={resolving} onClose={() => setResolving(null)} />}
    </Page>
  );
}
