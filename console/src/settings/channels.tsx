import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { CircleAlert, CircleCheck, LoaderCircle } from "lucide-react";
import type { Channel, Connection } from "~/api/contract";
import { queries } from "~/api/queries";
import { plural } from "~/lib/numbers";
import { clock, isoDay, seconds } from "~/lib/time";
import { useNow } from "~/lib/use-now";
import { channelName } from "~/lib/words";
import { total, weighted } from "~/analytics/series";
import { ChannelIcon } from "~/ui/badges";
import { Section } from "~/ui/page";
import { DeadLetters } from "./dead-letters";

const LEVEL = { auto: "answers on its own when it is sure", draft: "drafts; a person approves each", off: "is silent" };

const STATE = { ok: "Works", connecting: "Connecting", failing: "Fails" };

/** How a channel's connections to its provider stand. */
function Connections({ connections }: { connections: Connection[] }) {
  const now = useNow();
  return (
    <ul className="divide-y divide-line border-t border-line text-sm">
      {connections.map((connection) => (
        <li key={`${connection.account}-${connection.direction}`} className="flex flex-wrap items-start gap-x-3 gap-y-1 px-4 py-2.5">
          {connection.state === "ok" ? <CircleCheck size={15} aria-hidden className="mt-0.5 text-pine" /> : connection.state === "connecting" ? <LoaderCircle size={15} aria-hidden className="mt-0.5 text-amber" /> : <CircleAlert size={15} aria-hidden className="mt-0.5 text-brick" />}
          <span className="min-w-0 flex-1 basis-56">
            <span className="font-medium">{connection.account}</span>, {connection.direction}: {STATE[connection.state]} <span className="text-muted">since {clock(connection.since, now)}</span>
            {connection.reason !== null && <span className="block text-pretty text-brick">{connection.reason}</span>}
          </span>
        </li>
      ))}
    </ul>
  );
}

function ChannelCard({ channel }: { channel: Channel }) {
  const now = useNow();
  const from = isoDay(now - 6 * 86_400_000);
  const { data: volume } = useQuery(queries.report("volume", from, isoDay(now), channel));
  const { data: response } = useQuery(queries.report("first_response", from, isoDay(now), channel));
  const { data: autonomy } = useQuery(queries.autonomy());
  const { data: connections } = useQuery(queries.connections());
  const own = connections?.filter((connection) => connection.channel === channel) ?? [];
  const level = autonomy?.entries.find((entry) => entry.channel === channel && entry.intent === null)?.level ?? "auto";
  const median = response === undefined ? null : weighted(response, "median_s", "tickets");
  return (
    <Section title={channelName[channel]} lead={`The assistant ${LEVEL[level]}.`} actions={<span className="text-muted"><ChannelIcon channel={channel} size={18} /></span>}>
      <dl className="grid gap-3 p-4 text-sm sm:grid-cols-3">
        <div><dt className="text-xs text-muted">Tickets in 7 days</dt><dd className="font-medium">{volume === undefined ? "…" : total(volume, "tickets")}</dd></div>
        <div><dt className="text-xs text-muted">Typical first answer</dt><dd className="font-medium">{median === null ? "–" : seconds(median)}</dd></div>
        <div><dt className="text-xs text-muted">Autonomy</dt><dd><Link to="/settings/$section" params={{ section: "autonomy" }} className="text-pine underline underline-offset-2">Change</Link></dd></div>
      </dl>
      {own.length > 0 && <Connections connections={own} />}
      {channel !== "web" && connections !== undefined && own.length === 0 && <p className="border-t border-line px-4 py-2.5 text-sm text-muted">Not set up. On the box: frontdesk channels connect</p>}
    </Section>
  );
}

export function ChannelsSection() {
  const { data: system } = useQuery(queries.system());
  const waiting = system?.queue.outbox_waiting ?? 0;
  const dead = system?.queue.outbox_dead ?? 0;
  return (
    <>
      <p role="status" className="mb-4 flex items-center gap-2 text-sm">
        {dead > 0 ? <CircleAlert size={16} aria-hidden className="text-brick" /> : <CircleCheck size={16} aria-hidden className="text-pine" />}
        {system === undefined ? "Looking at the outbox…" : dead > 0 ? `${plural(dead, "message")} could not be delivered.` : waiting > 0 ? `${plural(waiting, "message")} on the way.` : "Everything is delivered."}
      </p>
      {system !== undefined && system.dead_letters.length > 0 && <DeadLetters letters={system.dead_letters} />}
      {(["web", "email", "whatsapp"] as const).map((channel) => (
        <ChannelCard key={channel} channel={channel} />
      ))}
      <p className="text-sm text-muted">Mailboxes and WhatsApp numbers are set in the box’s settings file; secrets never pass through the browser.</p>
    </>
  );
}
