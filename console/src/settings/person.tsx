/** A person's rights: a copy of all that is kept of them, and its end. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { CircleCheck, Download, Search, Trash2, UserX } from "lucide-react";
import { useDeferredValue, useState } from "react";
import { ApiError, address, api, explain } from "~/api/client";
import type { CustomerHit } from "~/api/contract";
import { queries } from "~/api/queries";
import { plural } from "~/lib/numbers";
import { Dialog } from "~/ui/dialog";
import { TextField } from "~/ui/field";
import { Section } from "~/ui/page";
import { QueryView } from "~/ui/query-view";
import { EmptyState } from "~/ui/states";

type Receipt = { customer_hash: string; erased_at: string; by: string; counts: Record<string, number>; copies: { file: string; people: number; fault?: string | null }[] };

const nameOf = (customer: CustomerHit): string => customer.name ?? customer.identifiers[0]?.value ?? "Unknown";

function complaint(error: unknown): string {
  return error instanceof ApiError && error.status === 404 ? "This box cannot do that yet, or the person is gone already." : explain(error);
}

function ReceiptView({ receipt }: { receipt: Receipt }) {
  const faults = receipt.copies.filter(({ fault }) => fault != null);
  return (
    <div role="status" className="space-y-2 text-sm">
      <p className="flex items-center gap-2 font-medium"><CircleCheck size={16} aria-hidden className="text-pine" /> Everything of this person is gone.</p>
      <dl className="rounded-lg bg-sunken p-3">
        {Object.entries(receipt.counts).map(([kind, rows]) => (
          <div key={kind} className="flex justify-between gap-4"><dt className="text-muted">{kind.replaceAll("_", " ")}</dt><dd className="tabular-nums">{rows}</dd></div>
        ))}
      </dl>
      <p>{plural(receipt.copies.length, "backup")} looked through{faults.length === 0 ? "." : `; ${faults.map(({ file, fault }) => `${file}: ${fault ?? ""}`).join("; ")}`}</p>
      <p className="text-xs break-all text-muted">Receipt {receipt.customer_hash}, {receipt.erased_at}, by {receipt.by}. Keep it: it proves the erasure and says nothing of the person.</p>
    </div>
  );
}

function EraseDialog({ customer, onClose }: { customer: CustomerHit; onClose: () => void }) {
  const [word, setWord] = useState("");
  const client = useQueryClient();
  const erase = useMutation({
    mutationFn: () => api<Receipt>(`/customers/${customer.id}/erase`, { method: "POST", body: { confirm: word } }),
    onSuccess: () => void client.invalidateQueries(),
  });
  return (
    <Dialog open onOpenChange={onClose} title={erase.isSuccess ? "Erased" : `Erase ${nameOf(customer)}?`} description={erase.isSuccess ? "Download or copy the receipt before you close this." : "Messages, drafts, files, marks and what backups hold of them. It cannot be taken back."}>
      {erase.isSuccess ? (
        <ReceiptView receipt={erase.data} />
      ) : (
        <form className="space-y-3" onSubmit={(event) => { event.preventDefault(); erase.mutate(); }}>
          <TextField label="Write erase to confirm" required autoComplete="off" value={word} onChange={(event) => setWord(event.target.value)} />
          {erase.isError && <p role="alert" className="text-sm text-brick">{complaint(erase.error)}</p>}
          <div className="flex justify-end gap-2">
            <button type="button" className="button button-plain" onClick={onClose}>Keep it</button>
            <button type="submit" className="button button-danger" disabled={word.trim() !== "erase" || erase.isPending}>{erase.isPending ? "Erasing…" : "Erase for good"}</button>
          </div>
        </form>
      )}
    </Dialog>
  );
}

export function PersonSection() {
  const [text, setText] = useState("");
  const asked = useDeferredValue(text.trim());
  const query = useQuery({ ...queries.customers(asked), enabled: asked !== "" });
  const [leaving, setLeaving] = useState<CustomerHit | null>(null);
  return (
    <Section title="A customer’s data" lead="A copy for them, or its end">
      <div className="border-b border-line p-4">
        <TextField label="Whose" type="search" placeholder="Name, email address or number" value={text} onChange={(event) => setText(event.target.value)} />
      </div>
      {asked === "" ? (
        <p className="flex items-center gap-2 p-4 text-sm text-muted"><Search size={15} aria-hidden /> Find the person first.</p>
      ) : (
        <QueryView query={query} label="Looking for the person" empty={<EmptyState icon={UserX} title="Nobody fits">Try a part of the name or address.</EmptyState>}>
          {(customers) => (
            <ul className="divide-y divide-line">
              {customers.map((customer) => (
                <li key={customer.id} className="flex flex-wrap items-center gap-2 px-4 py-2.5 text-sm">
                  <span className="min-w-0 flex-1 basis-56">
                    <span className="block font-medium">{nameOf(customer)}</span>
                    <span className="block text-xs break-all text-muted">{customer.identifiers.map(({ value }) => value).join(", ")} · {plural(customer.tickets, "ticket")}</span>
                  </span>
                  <a className="button button-plain" href={address(`/customers/${customer.id}/export`)} download><Download size={14} aria-hidden /> Export<span className="sr-only"> {nameOf(customer)}</span></a>
                  <button type="button" className="button button-quiet" onClick={() => setLeaving(customer)}><Trash2 size={14} aria-hidden /> Erase<span className="sr-only"> {nameOf(customer)}</span></button>
                </li>
              ))}
            </ul>
          )}
        </QueryView>
      )}
      {leaving !== null && <EraseDialog customer={leaving} onClose={() => setLeaving(null)} />}
    </Section>
  );
}
