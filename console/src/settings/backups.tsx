/** Copies of the store: which there are, and one more now. */
import { useQuery } from "@tanstack/react-query";
import { Archive, LoaderCircle } from "lucide-react";
import type { Backup } from "~/api/contract";
import { queries } from "~/api/queries";
import { bytes, plural } from "~/lib/numbers";
import { clock, fullMoment } from "~/lib/time";
import { useNow } from "~/lib/use-now";
import { Section, TableFrame } from "~/ui/page";
import { QueryView } from "~/ui/query-view";
import { EmptyState } from "~/ui/states";
import { useSave } from "./use-save";

export function Backups() {
  const query = useQuery(queries.backups());
  const now = useNow();
  const make = useSave<Backup>(["backups"], "The copy is made, and checked.");
  const action = (
    <button type="button" className="button button-primary" disabled={make.isPending} onClick={() => make.mutate({ path: "/backups", method: "POST", body: {} })}>
      {make.isPending ? <LoaderCircle size={14} aria-hidden className="animate-spin" /> : <Archive size={14} aria-hidden />} {make.isPending ? "Copying…" : "Back up now"}
    </button>
  );
  const lead = query.data === undefined ? "" : `${query.data.every_hours === 0 ? "Only when somebody asks" : `Every ${plural(query.data.every_hours, "hour")}`}; the newest ${query.data.keep} are kept in ${query.data.folder}`;
  return (
    <Section title="Backups" lead={lead} actions={action}>
      <QueryView query={query} label="Loading backups" isEmpty={({ items }) => items.length === 0} empty={<EmptyState icon={Archive} title="No copy yet">Keep some on another disk: a copy on this one goes with it.</EmptyState>}>
        {({ items }) => (
          <TableFrame label="Backups">
            <table className="table">
              <thead><tr><th scope="col">Made</th><th scope="col">File</th><th scope="col" className="number">Size</th></tr></thead>
              <tbody>
                {items.map((copy) => (
                  <tr key={copy.name}>
                    <td className="whitespace-nowrap"><time dateTime={copy.made_at} title={fullMoment(copy.made_at)}>{clock(copy.made_at, now)}</time></td>
                    <td className="font-mono text-xs">{copy.name}</td>
                    <td className="number">{bytes(copy.bytes)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </TableFrame>
        )}
      </QueryView>
    </Section>
  );
}
