import { Link } from "@tanstack/react-router";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { BadgeCheck, CircleHelp, TrendingDown, TrendingUp } from "lucide-react";
import { api, explain } from "~/api/client";
import type { ConversationDetail, CustomerPanel } from "~/api/contract";
import { score } from "~/lib/numbers";
import { shortDate } from "~/lib/time";
import { useNow } from "~/lib/use-now";
import { planName } from "~/lib/words";
import { useMe } from "~/shell/use-me";
import { announce } from "~/ui/announce";
import { Avatar, ChannelIcon, StatusBadge } from "~/ui/badges";
import { PanelSection } from "./assistant-tab";

const WIDTH = 272;
const HEIGHT = 56;

/** The mood over time as a line; the words under it say the same. */
function SentimentLine({ customer }: { customer: CustomerPanel }) {
  const points = customer.sentiment;
  const last = points.at(-1);
  if (last === undefined) return <p className="text-sm text-muted">No mood read yet.</p>;
  const x = (index: number): number => (points.length === 1 ? WIDTH / 2 : 4 + (index / (points.length - 1)) * (WIDTH - 8));
  const y = (value: number): number => HEIGHT / 2 - value * (HEIGHT / 2 - 4);
  const path = points.map((point, index) => `${index === 0 ? "M" : "L"}${x(index).toFixed(1)} ${y(point.score).toFixed(1)}`).join("");
  const trend = { improving: "getting better", stable: "steady", declining: "getting worse", unknown: "no trend yet" }[customer.trend];
  return (
    <figure>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} className="w-full" role="img" aria-label={`Mood over ${points.length} messages, newest ${score(last.score)}, ${trend}`}>
        <line x1="0" x2={WIDTH} y1={HEIGHT / 2} y2={HEIGHT / 2} stroke="var(--c-line)" strokeDasharray="3 3" />
        <path d={path} fill="none" stroke="var(--c-pine)" strokeWidth="1.75" strokeLinejoin="round" strokeLinecap="round" />
        <circle cx={x(points.length - 1)} cy={y(last.score)} r="3.5" fill="var(--c-pine)" stroke="var(--c-surface)" strokeWidth="1.5" />
      </svg>
      <figcaption className="flex items-center gap-1.5 text-xs text-muted">
        {customer.trend === "declining" && <TrendingDown size={13} aria-hidden />}
        {customer.trend === "improving" && <TrendingUp size={13} aria-hidden />}
        Now {score(last.score)}, {trend}
      </figcaption>
    </figure>
  );
}

export function CustomerTab({ detail }: { detail: ConversationDetail }) {
  const { customer } = detail;
  const now = useNow();
  const { may } = useMe();
  const client = useQueryClient();
  const unmerge = useMutation({
    mutationFn: (id: string) => api(`/merges/${id}`, { method: "DELETE" }),
    onSuccess: async () => {
      announce("The customers are apart again.");
      await client.invalidateQueries({ queryKey: ["conversation", detail.row.reference] });
    },
    onError: (error) => announce(explain(error), { tone: "failed" }),
  });
  return (
    <>
      <PanelSection title="Customer">
        <div className="flex items-center gap-3">
          <Avatar name={customer.name ?? "?"} size="lg" />
          <div className="min-w-0">
            <p className="truncate font-semibold">{customer.name ?? "Unknown"}</p>
            <p className="text-xs text-muted">
              {customer.plan === null ? "" : `${planName[customer.plan]} plan · `}since {shortDate(customer.first_contact_at, now)}
            </p>
          </div>
        </div>
        <ul className="mt-3 space-y-1.5">
          {customer.identifiers.map((identifier) => (
            <li key={identifier.kind + identifier.value} className="text-sm">
              <span className="block truncate" title={identifier.value}>{identifier.value}</span>
              <span className="flex items-center gap-1 text-xs text-muted">
                {identifier.verified ? <BadgeCheck size={12} aria-hidden className="text-pine" /> : <CircleHelp size={12} aria-hidden className="text-amber" />}
                {identifier.verified ? "Proven" : "Typed in, not proven"}
              </span>
            </li>
          ))}
        </ul>
      </PanelSection>
      <PanelSection title="Mood">
        <SentimentLine customer={customer} />
      </PanelSection>
      <PanelSection title="Tickets">
        <ul className="-mx-2">
          {customer.tickets.map((ticket) => (
            <li key={ticket.reference}>
              <Link to="/inbox/$reference" params={{ reference: ticket.reference }} search={{ view: "all" }} preload={false} className="block rounded-lg px-2 py-1.5 hover:bg-hover">
                <span className="block truncate text-sm font-medium">{ticket.subject}</span>
                <span className="flex items-center gap-2 text-xs text-muted">
                  <ChannelIcon channel={ticket.channel} size={12} /> {shortDate(ticket.created_at, now)} <span className="flex-1" /> <StatusBadge status={ticket.status} />
                </span>
              </Link>
            </li>
          ))}
        </ul>
      </PanelSection>
      {customer.merges.length > 0 && (
        <PanelSection title="Merged from">
          <ul className="space-y-2">
            {customer.merges.map((merge) => (
              <li key={merge.id} className="flex items-center gap-2 text-sm">
                <span className="min-w-0 flex-1">
                  {merge.merged_name ?? "Unknown"} <span className="text-xs text-muted">by {merge.by}, {shortDate(merge.at, now)}</span>
                </span>
                {may("operator") && (
                  <button type="button" className="button button-plain" disabled={unmerge.isPending} onClick={() => unmerge.mutate(merge.id)}>
                    Undo
                  </button>
                )}
              </li>
            ))}
          </ul>
        </PanelSection>
      )}
    </>
  );
}
