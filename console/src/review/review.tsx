/** The assistant's drafts that wait for a person, one after the other: draft and sources side by side. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import clsx from "clsx";
import { ArrowUpRight, CheckCheck } from "lucide-react";
import { useState } from "react";
import type { Row } from "~/api/contract";
import { queries } from "~/api/queries";
import { PanelSection } from "~/conversation/assistant-tab";
import { DraftCard } from "~/conversation/draft-card";
import { useAct } from "~/conversation/use-act";
import { SourceList } from "~/assistant/sources";
import { TriageFacts } from "~/assistant/signals";
import { neighbour } from "~/inbox/merge-rows";
import { useRows } from "~/inbox/use-rows";
import { useCommands } from "~/keyboard/use-commands";
import { plural } from "~/lib/numbers";
import { shortAge } from "~/lib/time";
import { useNow } from "~/lib/use-now";
import { ChannelIcon, MoodIcon, PlanBadge } from "~/ui/badges";
import { useTitle } from "~/ui/page";
import { EmptyState, ErrorState, SkeletonRows } from "~/ui/states";

function Item({ reference, onDecided }: { reference: string; onDecided: () => void }) {
  const query = useQuery(queries.conversation(reference));
  const navigate = useNavigate();
  const { act } = useAct(reference);
  const [pointed, setPointed] = useState<number | null>(null);
  const detail = query.data;
  if (detail === undefined) return query.isError ? <ErrorState error={query.error} onRetry={() => void query.refetch()} /> : <SkeletonRows label="Loading the draft" />;
  const { draft, triage, decision } = detail.assistant;
  const asked = detail.thread.findLast((item) => item.kind === "message" && item.role === "customer");
  const open = (): void => void navigate({ to: "/inbox/$reference", params: { reference }, search: { view: "needs_approval" } });
  return (
    <div className="flex h-full min-h-0 flex-col overflow-y-auto lg:flex-row lg:overflow-hidden">
      <div className="min-w-0 flex-1 lg:overflow-y-auto">
        <header className="flex items-start gap-3 border-b border-line bg-surface px-3 py-3 md:px-5">
          <div className="min-w-0 flex-1">
            <h2 className="text-lg" dir="auto">{detail.row.subject}</h2>
            <p className="flex flex-wrap items-center gap-2 text-xs text-muted">
              <ChannelIcon channel={detail.row.channel} /> {detail.row.customer.name ?? "Unknown customer"} <PlanBadge plan={detail.row.plan} /> <MoodIcon score={detail.row.sentiment} />
            </p>
          </div>
          <Link to="/inbox/$reference" params={{ reference }} search={{ view: "needs_approval" }} className="button button-plain">
            Whole conversation <ArrowUpRight size={14} aria-hidden />
          </Link>
        </header>
        <div className="px-3 py-4 md:px-5">
          <div className="mx-auto max-w-3xl">
            <h3 className="eyebrow mb-1.5">The customer asks</h3>
            <p dir="auto" className="rounded-xl rounded-ss-sm border border-line bg-raised px-3.5 py-2.5 break-words whitespace-pre-wrap">{asked?.kind === "message" ? asked.text : ""}</p>
          </div>
        </div>
        {draft !== null && detail.row.draft === "held" ? (
          <div className="border-t border-line">
            <DraftCard key={draft.id} detail={detail} act={act} onWriteOwn={open} pointed={pointed} onPoint={setPointed} onDecided={onDecided} />
          </div>
        ) : (
          <EmptyState icon={CheckCheck} title="This draft is decided">Choose the next one from the list.</EmptyState>
        )}
      </div>
      <aside aria-label="Sources and signals" className="w-full flex-none border-line bg-surface max-lg:border-t lg:w-96 lg:overflow-y-auto lg:border-s">
        {decision !== null && <PanelSection title="Why it waits"><p className="text-sm text-pretty">{decision.reason}</p></PanelSection>}
        {draft !== null && <PanelSection title="Sources"><SourceList key={draft.id} draft={draft} pointed={pointed} onPoint={setPointed} isOpen /></PanelSection>}
        {triage !== null && <PanelSection title="What it read"><TriageFacts triage={triage} /></PanelSection>}
      </aside>
    </div>
  );
}

function Queue({ rows, selected, onSelect }: { rows: Row[]; selected: string; onSelect: (reference: string) => void }) {
  const now = useNow();
  return (
    <ol className="min-h-0 flex-1 overflow-y-auto max-md:flex max-md:overflow-x-auto">
      {rows.slice(0, 100).map((row) => (
        <li key={row.reference} className="max-md:w-60 max-md:flex-none">
          <button
            type="button"
            aria-current={row.reference === selected ? "true" : undefined}
            onClick={() => onSelect(row.reference)}
            className={clsx("relative block w-full border-b border-line px-3 py-2.5 text-start hover:bg-hover focus-visible:-outline-offset-2", row.reference === selected && "bg-iris-tint hover:bg-iris-tint")}
          >
            {row.reference === selected && <span aria-hidden="true" className="absolute inset-y-0 start-0 w-[3px] bg-iris" />}
            <span className="flex items-center gap-2 text-sm">
              <span className="min-w-0 flex-1 truncate font-semibold">{row.customer.name ?? "Unknown customer"}</span>
              <span className="text-xs text-muted">{shortAge(row.waiting_since ?? row.last_message.at, now)}</span>
            </span>
            <span className="block truncate text-sm">{row.subject}</span>
          </button>
        </li>
      ))}
    </ol>
  );
}

export function ReviewScreen() {
  useTitle("Review");
  const client = useQueryClient();
  const { query, rows } = useRows({ view: "needs_approval", sort: "oldest" });
  const [chosen, setChosen] = useState<string | undefined>(undefined);
  const open = rows.filter((row) => row.draft === "held");
  const selected = open.find((row) => row.reference === chosen)?.reference ?? open[0]?.reference;
  const go = (step: 1 | -1): void => {
    const next = neighbour(open, selected, step);
    if (next !== null) setChosen(next);
  };
  useCommands({ next: () => go(1), previous: () => go(-1) });

  if (query.isPending) return <SkeletonRows label="Loading drafts" />;
  if (query.isError && rows.length === 0) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  return (
    <div className="flex h-full min-h-0 flex-col md:flex-row">
      <section aria-label="Drafts to approve" className="flex flex-none flex-col border-line bg-surface max-md:border-b md:w-64 md:border-e">
        <header className="flex-none border-b border-line px-3 py-2.5">
          <h1 className="text-base">Review</h1>
          <p className="text-xs text-muted">{open.length >= 100 ? "The oldest 100 drafts" : plural(open.length, "draft")} waiting for a person</p>
        </header>
        {selected !== undefined && <Queue rows={open} selected={selected} onSelect={setChosen} />}
      </section>
      <div className="min-h-0 min-w-0 flex-1">
        {selected === undefined ? (
          <EmptyState icon={CheckCheck} title="No draft waits" action={<Link to="/inbox" search={{}} className="button button-plain">To the inbox</Link>}>
            When the assistant is not sure enough to send an answer itself, it waits here for you.
          </EmptyState>
        ) : (
          <Item key={selected} reference={selected} onDecided={() => { setChosen(neighbour(open, selected, 1) ?? undefined); void client.invalidateQueries({ queryKey: ["counts"] }); }} />
        )}
      </div>
    </div>
  );
}
