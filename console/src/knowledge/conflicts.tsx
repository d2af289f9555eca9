import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { CheckCheck, Scale } from "lucide-react";
import { api, explain } from "~/api/client";
import type { Conflict, ConflictSide } from "~/api/contract";
import { queries } from "~/api/queries";
import { useMe } from "~/shell/use-me";
import { announce } from "~/ui/announce";
import { QueryView } from "~/ui/query-view";
import { EmptyState } from "~/ui/states";

const KIND: Record<Conflict["kind"], string> = { amount: "Two amounts", yes_no: "Yes and no", expired: "Date has passed", old_file: "Old document" };

function Side({ side }: { side: ConflictSide }) {
  return (
    <div className="min-w-0 flex-1 basis-56 rounded-lg border border-line bg-raised px-3 py-2">
      <p className="text-sm" dir="auto">{side.sentence}</p>
      <p className="mt-1 flex flex-wrap items-center gap-2 text-xs text-muted">
        <span className="badge badge-amber">{side.value}</span>
        <a href={side.url} target="_blank" rel="noreferrer" className="underline-offset-2 hover:underline">{side.section.split(" > ").join(" › ")}</a>
      </p>
    </div>
  );
}

export function ConflictsTab() {
  const query = useQuery(queries.conflicts(false));
  const client = useQueryClient();
  const { may } = useMe();
  const accept = useMutation({
    mutationFn: (id: number) => api(`/knowledge/conflicts/${id}/accept`, { method: "POST", body: {} }),
    onSuccess: async () => {
      announce("Accepted. It comes back only if one of the passages changes.");
      await client.invalidateQueries({ queryKey: ["conflicts"] });
    },
    onError: (error) => announce(explain(error), { tone: "failed" }),
  });
  return (
    <QueryView query={query} label="Loading conflicts" empty={<EmptyState icon={CheckCheck} title="The documents agree">When two passages give different facts about the same thing, you see both here, and answers that quote either wait for a person.</EmptyState>}>
      {(conflicts) => (
        <ol className="space-y-3">
          {conflicts.map((conflict) => (
            <li key={conflict.id} className="card px-4 py-3">
              <p className="flex flex-wrap items-center gap-2">
                <Scale size={15} aria-hidden className="text-amber" />
                <span className="font-medium">{conflict.topic}</span> <span className="badge">{KIND[conflict.kind]}</span>
              </p>
              <p className="mt-0.5 text-sm text-muted">{conflict.text}</p>
              <div className="mt-2 flex flex-wrap gap-2">
                <Side side={conflict.side} />
                {conflict.other !== null && <Side side={conflict.other} />}
              </div>
              {may("operator") && (
                <div className="mt-2 flex justify-end">
                  <button type="button" className="button button-plain" disabled={accept.isPending} onClick={() => accept.mutate(conflict.id)}>Both are right: accept</button>
                </div>
              )}
            </li>
          ))}
        </ol>
      )}
    </QueryView>
  );
}
