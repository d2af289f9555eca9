/** Everything that left the box, newest first, and whether its record is whole. */
import { useInfiniteQuery, useMutation } from "@tanstack/react-query";
import { CircleAlert, CircleCheck, SearchX, ShieldCheck } from "lucide-react";
import { useState } from "react";
import { api, explain } from "~/api/client";
import type { LedgerCheck, LedgerRow, Page } from "~/api/contract";
import { bytes, count } from "~/lib/numbers";
import { clock, fullMoment } from "~/lib/time";
import { useNow } from "~/lib/use-now";
import { useMe } from "~/shell/use-me";
import { SelectField } from "~/ui/field";
import { Section, TableFrame } from "~/ui/page";
import { EmptyState, ErrorState, SkeletonRows } from "~/ui/states";

const PURPOSES: Record<string, string> = { mail: "Mail", whatsapp: "WhatsApp", sign_in: "Signing in at a provider", hosted_model: "Hosted model", model_download: "Model download", notification: "Notification", broker: "Message broker" };

function Check() {
  const check = useMutation({ mutationFn: () => api<LedgerCheck>("/egress/check") });
  return (
    <div className="flex flex-wrap items-center gap-3">
      <p role="status" className="flex items-center gap-1.5 text-sm">
        {check.data?.whole === true && <><CircleCheck size={15} aria-hidden className="text-pine" /> Whole: {count(check.data.row)} rows, none changed</>}
        {check.data?.whole === false && <><CircleAlert size={15} aria-hidden className="text-brick" /> Row {count(check.data.row)} was changed or the one before it is gone</>}
        {check.isError && explain(check.error)}
      </p>
      <button type="button" className="button button-plain" disabled={check.isPending} onClick={() => check.mutate()}>Check the record</button>
    </div>
  );
}

export function EgressLedger() {
  const now = useNow();
  const { may } = useMe();
  const [purpose, setPurpose] = useState("");
  const query = useInfiniteQuery({
    queryKey: ["egress", purpose],
    queryFn: ({ pageParam, signal }) => api<Page<LedgerRow>>("/egress", { query: { purpose, limit: 50, cursor: pageParam }, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor,
  });
  const rows = query.data?.pages.flatMap(({ items }) => items) ?? [];
  return (
    <Section title="What left the box" lead="Each was written down before it left: size and digest, never its content" {...(may("administrator") ? { actions: <Check /> } : {})}>
      <div className="border-b border-line p-4">
        <SelectField label="For what" className="w-56!" value={purpose} onChange={(event) => setPurpose(event.target.value)}>
          <option value="">Everything</option>
          {Object.entries(PURPOSES).map(([value, text]) => (<option key={value} value={value}>{text}</option>))}
        </SelectField>
      </div>
      {query.isPending ? <SkeletonRows label="Loading the ledger" /> : query.isError ? <ErrorState error={query.error} onRetry={() => void query.refetch()} /> : rows.length === 0 ? (
        purpose === "" ? <EmptyState icon={ShieldCheck} title="Nothing left this box">Answers are made here.</EmptyState> : <EmptyState icon={SearchX} title="Nothing of this kind" action={<button type="button" className="button button-plain" onClick={() => setPurpose("")}>Show everything</button>} />
      ) : (
        <TableFrame label="Egress ledger">
          <table className="table">
            <thead><tr><th scope="col" className="number">Row</th><th scope="col">When</th><th scope="col">For</th><th scope="col">To</th><th scope="col" className="number">Size</th><th scope="col">SHA-256</th></tr></thead>
            <tbody>
              {rows.map((row) => (
                <tr key={row.number}>
                  <td className="number">{row.number}</td>
                  <td className="whitespace-nowrap"><time dateTime={row.at} title={fullMoment(row.at)}>{clock(row.at, now)}</time></td>
                  <td>{PURPOSES[row.purpose] ?? row.purpose}</td>
                  <td className="font-mono text-xs break-all">{row.destination}</td>
                  <td className="number">{bytes(row.bytes)}</td>
                  <td className="font-mono text-xs text-muted" title={row.sha256}>{row.sha256.slice(0, 12)}…</td>
                </tr>
              ))}
            </tbody>
          </table>
        </TableFrame>
      )}
      {query.hasNextPage && <div className="border-t border-line p-3 text-center"><button type="button" className="button button-plain" disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>Older rows</button></div>}
    </Section>
  );
}
