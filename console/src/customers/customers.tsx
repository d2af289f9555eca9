import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { BadgeCheck, GitMerge, Search, UserX } from "lucide-react";
import { useEffect, useState } from "react";
import { api, explain } from "~/api/client";
import type { CustomerHit } from "~/api/contract";
import { queries } from "~/api/queries";
import { plural } from "~/lib/numbers";
import { useMe } from "~/shell/use-me";
import { announce } from "~/ui/announce";
import { Avatar } from "~/ui/badges";
import { Dialog } from "~/ui/dialog";
import { Page } from "~/ui/page";
import { QueryView } from "~/ui/query-view";
import { EmptyState } from "~/ui/states";

const nameOf = (customer: CustomerHit): string => customer.name ?? customer.identifiers[0]?.value ?? "Unknown";

function MergeDialog({ chosen, onClose, onDone }: { chosen: [CustomerHit, CustomerHit]; onClose: () => void; onDone: () => void }) {
  const [kept, setKept] = useState(0);
  const client = useQueryClient();
  const merge = useMutation({
    mutationFn: () => api(`/customers/${chosen[kept]?.id ?? ""}/merge`, { method: "POST", body: { other_id: chosen[1 - kept]?.id } }),
    onSuccess: async () => {
      announce("Merged. It can be undone in the customer panel of any of their conversations.");
      onDone();
      await client.invalidateQueries({ queryKey: ["customers"] });
    },
  });
  return (
    <Dialog open onOpenChange={onClose} title="Merge two customers" description="Only merge when you are sure that both are the same person. It can be undone.">
      <fieldset>
        <legend className="mb-2 text-sm font-medium">Which one stays?</legend>
        {chosen.map((customer, index) => (
          // eslint-disable-next-line jsx-a11y/label-has-associated-control -- its text is the name and the addresses inside
          <label key={customer.id} className="mb-2 flex items-center gap-3 rounded-lg border border-line p-3 has-checked:border-pine has-checked:bg-pine-tint">
            <input type="radio" name="kept" checked={kept === index} onChange={() => setKept(index)} className="accent-pine" />
            <span>
              <span className="block font-medium">{nameOf(customer)}</span>
              <span className="block text-xs text-muted">{customer.identifiers.map(({ value }) => value).join(", ")} · {plural(customer.tickets, "ticket")}</span>
            </span>
          </label>
        ))}
      </fieldset>
      {merge.isError && <p role="alert" className="text-sm text-brick">{explain(merge.error)}</p>}
      <div className="mt-2 flex justify-end gap-2">
        <button type="button" className="button button-plain" onClick={onClose}>Leave them apart</button>
        <button type="button" className="button button-primary" disabled={merge.isPending} onClick={() => merge.mutate()}>Merge</button>
      </div>
    </Dialog>
  );
}

export function CustomersScreen() {
  const { q = "" } = useSearch({ from: "/shell/customers" });
  const navigate = useNavigate();
  const { may } = useMe();
  const [text, setText] = useState(q);
  const [chosen, setChosen] = useState<CustomerHit[]>([]);
  const [isMerging, setMerging] = useState(false);
  const query = useQuery({ ...queries.customers(q), placeholderData: keepPreviousData });
  useEffect(() => {
    const timer = setTimeout(() => {
      if (text !== q) void navigate({ to: "/customers", search: text === "" ? {} : { q: text }, replace: true });
    }, 220);
    return () => clearTimeout(timer);
  }, [navigate, q, text]);
  const toggle = (customer: CustomerHit): void => setChosen((before) => (before.some(({ id }) => id === customer.id) ? before.filter(({ id }) => id !== customer.id) : [...before.slice(-1), customer]));
  const [first, second] = chosen;

  return (
    <Page
      title="Customers"
      lead="Two addresses become one customer only on proof, or by your merge."
      actions={
        may("operator") && (
          <button type="button" className="button button-primary" disabled={second === undefined} onClick={() => setMerging(true)}>
            <GitMerge size={14} aria-hidden /> {second === undefined ? "Choose two to merge" : "Merge these two"}
          </button>
        )
      }
    >
      <label className="relative mb-4 block">
        <span className="sr-only">Find a customer</span>
        <Search size={16} aria-hidden className="absolute start-3 top-3 text-muted" />
        <input type="search" className="input h-10 ps-9!" value={text} placeholder="Name, email address or number" onChange={(event) => setText(event.target.value)} />
      </label>
      <QueryView
        query={query}
        label="Loading customers"
        empty={<EmptyState icon={UserX} title={q === "" ? "No customers yet" : "Nobody fits"} action={q !== "" && <button type="button" className="button button-plain" onClick={() => setText("")}>Clear the search</button>}>{q === "" ? "They appear with their first message." : "Try a part of the name or address."}</EmptyState>}
      >
        {(customers) => (
          <ul className="card divide-y divide-line overflow-hidden">
            {customers.map((customer) => (
              <li key={customer.id} className="flex items-center gap-3 px-4 py-2.5">
                {may("operator") && <input type="checkbox" className="size-4 accent-pine" aria-label={`Choose ${nameOf(customer)}`} checked={chosen.some(({ id }) => id === customer.id)} onChange={() => toggle(customer)} />}
                <Avatar name={nameOf(customer)} />
                <div className="min-w-0 flex-1">
                  <p className="truncate font-medium">{nameOf(customer)}</p>
                  <p className="flex flex-wrap gap-x-3 text-xs text-muted">
                    {customer.identifiers.map((identifier) => (
                      <span key={identifier.value} className="inline-flex items-center gap-1">
                        {identifier.value}
                        {identifier.verified && <BadgeCheck size={12} role="img" aria-label="proven" className="text-pine" />}
                      </span>
                    ))}
                  </p>
                </div>
                <Link to="/search" search={{ q: customer.identifiers[0]?.value ?? nameOf(customer) }} className="text-sm text-pine underline-offset-2 hover:underline">
                  {plural(customer.tickets, "ticket")}
                </Link>
              </li>
            ))}
          </ul>
        )}
      </QueryView>
      {isMerging && first !== undefined && second !== undefined && <MergeDialog chosen={[first, second]} onClose={() => setMerging(false)} onDone={() => { setMerging(false); setChosen([]); }} />}
    </Page>
  );
}
