import { useQuery } from "@tanstack/react-query";
import { CircleAlert, CircleCheck, LoaderCircle } from "lucide-react";
import { queries } from "~/api/queries";
import { bytes, plural } from "~/lib/numbers";
import { clock } from "~/lib/time";
import { useNow } from "~/lib/use-now";
import { Section } from "~/ui/page";
import { QueryView } from "~/ui/query-view";
import { useMe } from "~/shell/use-me";
import { Backups } from "./backups";
import { DeadLetters } from "./dead-letters";

function State({ text }: { text: string }) {
  const isGood = text.startsWith("ready");
  const isLoading = text === "loading";
  return (
    <span className="flex items-center gap-2">
      {isLoading ? <LoaderCircle size={15} aria-hidden className="flex-none animate-spin text-amber" /> : isGood ? <CircleCheck size={15} aria-hidden className="flex-none text-pine" /> : <CircleAlert size={15} aria-hidden className="flex-none text-amber" />}
      {text}
    </span>
  );
}

export function SystemSection() {
  const query = useQuery(queries.system());
  const now = useNow();
  const { may } = useMe();
  return (
    <QueryView query={query} label="Loading">
      {(system) => (
        <>
          <Section title={system.ready ? "The box is ready" : "The box is not ready"} lead={`Version ${system.version}`}>
            <dl className="divide-y divide-line text-sm">
              {([
                ["Store", <State key="s" text={system.store} />],
                ["Chat model", <State key="c" text={system.chat_model} />],
                ["Embedding model", <State key="e" text={system.embedding_model} />],
                ["Work waiting", `${plural(system.queue.waiting, "message")}, ${system.queue.leased} being worked on${system.queue.oldest_due === null ? "" : `, oldest due ${clock(system.queue.oldest_due, now)}`}${system.queue.stuck ? ". The queue does not move." : ""}`],
                ["Outbox", `${system.queue.outbox_waiting} waiting, ${system.queue.outbox_dead} given up`],
                ["Disk", <span key="d" className="flex flex-wrap items-center gap-x-3">{bytes(system.disk.free_bytes)} of {bytes(system.disk.total_bytes)} free <meter aria-label="Disk used" className="h-2 w-32" min={0} max={system.disk.total_bytes} high={system.disk.total_bytes * 0.9} value={system.disk.total_bytes - system.disk.free_bytes} /> {system.disk.low && <strong className="font-semibold text-brick">Nearly full</strong>}</span>],
                ["Database", bytes(system.disk.database_bytes)],
              ] as const).map(([name, value]) => (
                <div key={name} className="flex flex-wrap gap-x-4 px-4 py-2.5"><dt className="w-40 text-muted">{name}</dt><dd className="min-w-0 flex-1">{value}</dd></div>
              ))}
            </dl>
          </Section>
          {system.dead_letters.length > 0 && <DeadLetters letters={system.dead_letters} />}
          {may("administrator") && <Backups />}
        </>
      )}
    </QueryView>
  );
}
