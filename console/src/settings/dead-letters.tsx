import { Link } from "@tanstack/react-router";
import { RotateCw } from "lucide-react";
import type { System } from "~/api/contract";
import { clock } from "~/lib/time";
import { useNow } from "~/lib/use-now";
import { useMe } from "~/shell/use-me";
import { Section } from "~/ui/page";
import { useSave } from "./use-save";

export function DeadLetters({ letters }: { letters: System["dead_letters"] }) {
  const now = useNow();
  const { may } = useMe();
  const replay = useSave(["system"], "Tried again from now on.");
  return (
    <Section title="What could not be done" lead="Given up after several tries. Put right what is wrong, then try again.">
      <ul className="divide-y divide-line">
        {letters.map((letter) => (
          <li key={letter.id} className="flex flex-wrap items-center gap-3 px-4 py-2.5 text-sm">
            <span className="badge badge-brick">{letter.kind === "delivery" ? "Delivery" : "Work"}</span>
            <span className="min-w-0 flex-1 basis-60">
              <Link to="/inbox/$reference" params={{ reference: letter.reference }} search={{ view: "all" }} preload={false} className="font-mono underline-offset-2 hover:underline">{letter.reference}</Link>
              <span className="block text-xs text-muted">{letter.error} ({letter.attempts} tries, {clock(letter.failed_at, now)})</span>
            </span>
            {may("operator") && (
              <button type="button" className="button button-plain" disabled={replay.isPending} onClick={() => replay.mutate({ path: "/system/dead-letters/replay", method: "POST", body: { kind: letter.kind, id: letter.id } })}>
                <RotateCw size={14} aria-hidden /> Try again
              </button>
            )}
          </li>
        ))}
      </ul>
    </Section>
  );
}
