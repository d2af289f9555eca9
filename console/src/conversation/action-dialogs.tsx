/** The dialogs behind the header's actions and their keys. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, explain } from "~/api/client";
import type { ConversationDetail, EscalationCategory, Urgency } from "~/api/contract";
import { queries } from "~/api/queries";
import { clock } from "~/lib/time";
import { categoryName, urgencyName } from "~/lib/words";
import { announce } from "~/ui/announce";
import { Avatar } from "~/ui/badges";
import { Chooser } from "~/ui/chooser";
import { Dialog } from "~/ui/dialog";
import { SelectField, TextArea } from "~/ui/field";
import { snoozeChoices } from "./snooze";

export type OpenDialog =
  | null
  | { kind: "assign" | "snooze" | "labels" | "macro" | "escalate" | "merge" }
  | { kind: "force"; action: string; body: Record<string, unknown> };

type Run = (action: string, body?: Record<string, unknown>, done?: string) => void;
type Props = { open: OpenDialog; onOpen: (dialog: OpenDialog) => void; detail: ConversationDetail; run: Run; onMacro: (text: string) => void };

function Assign({ detail, run, close }: { detail: ConversationDetail; run: Run; close: () => void }) {
  const { data: operators } = useQuery(queries.operators());
  const choose = (id: string): void => {
    close();
    run("assign", { operator_id: id === "nobody" ? null : id }, "Assigned.");
  };
  return (
    <Chooser
      open
      onOpenChange={close}
      title="Assign to"
      placeholder="A colleague’s name…"
      onChoose={choose}
      choices={[
        ...(operators ?? []).filter(({ disabled, role }) => !disabled && role !== "viewer").map(({ id, name }) => ({ value: id, label: name, icon: <Avatar name={name} size="sm" />, selected: detail.row.assignee?.id === id })),
        { value: "nobody", label: "Nobody" },
      ]}
    />
  );
}

function Snooze({ run, close }: { run: Run; close: () => void }) {
  const [now] = useState(() => new Date());
  const choices = snoozeChoices(now);
  return (
    <Chooser
      open
      onOpenChange={close}
      title="Snooze until"
      placeholder="When…"
      choices={choices.map(({ label, until }) => ({ value: label, label, hint: clock(until.toISOString(), now.getTime()) }))}
      onChoose={(label) => {
        close();
        run("snooze", { until: choices.find((choice) => choice.label === label)?.until.toISOString() ?? null }, "Snoozed. A new message of the customer wakes it.");
      }}
    >
      <p className="mt-2 text-xs text-muted">A new message of the customer wakes it at once.</p>
    </Chooser>
  );
}

function Labels({ detail, run, close }: { detail: ConversationDetail; run: Run; close: () => void }) {
  const { data } = useQuery(queries.labels());
  const [text, setText] = useState("");
  const { labels } = detail.row;
  const known = [...new Set([...labels, ...(data ?? []).map(({ name }) => name)])].filter((name) => name.toLowerCase().includes(text.toLowerCase().trim()));
  const fresh = text.trim();
  const choose = (name: string): void => {
    close();
    run("labels", { labels: labels.includes(name) ? labels.filter((each) => each !== name) : [...labels, name] }, labels.includes(name) ? `Label “${name}” removed.` : `Labelled “${name}”.`);
  };
  return (
    <Chooser
      open
      onOpenChange={close}
      title="Labels"
      placeholder="Find or make a label…"
      search={text}
      onSearch={setText}
      onChoose={choose}
      choices={[
        ...known.map((name) => ({ value: name, label: name, selected: labels.includes(name) })),
        ...(fresh !== "" && fresh.length <= 50 && !known.includes(fresh) ? [{ value: fresh, label: `Make the label “${fresh}”` }] : []),
      ]}
    />
  );
}

function Macros({ close, onMacro }: { close: () => void; onMacro: (text: string) => void }) {
  const { data } = useQuery(queries.macros());
  return (
    <Chooser
      open
      onOpenChange={close}
      title="Insert a macro"
      placeholder="Its name…"
      empty="No macro fits. Make one under Settings, Macros."
      choices={(data ?? []).map(({ id, name }) => ({ value: id, label: name }))}
      onChoose={(id) => {
        close();
        setTimeout(() => onMacro(data?.find((macro) => macro.id === id)?.body ?? ""), 0);
      }}
    />
  );
}

function Merge({ detail, close }: { detail: ConversationDetail; close: () => void }) {
  const client = useQueryClient();
  const [text, setText] = useState("");
  const { data } = useQuery({ ...queries.customers(text.trim()), enabled: text.trim().length >= 2 });
  const [isBusy, setBusy] = useState(false);
  const choose = async (id: string): Promise<void> => {
    if (isBusy) return;
    setBusy(true);
    try {
      await api(`/customers/${detail.customer.id}/merge`, { method: "POST", body: { other_id: id } });
      announce("Merged. It can be undone in the customer panel.");
      await client.invalidateQueries({ queryKey: ["conversation", detail.row.reference] });
      close();
    } catch (error) {
      announce(explain(error), { tone: "failed" });
      setBusy(false);
    }
  };
  return (
    <Chooser
      open
      onOpenChange={close}
      title={`Who is the same person as ${detail.customer.name ?? "this customer"}?`}
      placeholder="Name or address…"
      empty={text.trim().length < 2 ? "Type at least two letters." : "Nobody fits."}
      search={text}
      onSearch={setText}
      choices={(data ?? []).filter(({ id }) => id !== detail.customer.id).map((each) => ({ value: each.id, label: each.name ?? each.identifiers[0]?.value ?? "Unknown", hint: each.identifiers[0]?.value, icon: <Avatar name={each.name ?? "?"} size="sm" /> }))}
      onChoose={(id) => void choose(id)}
    >
      <p className="mt-2 text-xs text-muted">Their tickets and addresses become part of this customer. It can be undone.</p>
    </Chooser>
  );
}

function Escalate({ run, close }: { run: Run; close: () => void }) {
  const [category, setCategory] = useState<EscalationCategory>("general");
  const [urgency, setUrgency] = useState<Urgency>("normal");
  const [reason, setReason] = useState("");
  return (
    <Dialog open onOpenChange={close} title="Escalate" description="The team gets it with all that is known; the assistant stays silent.">
      <form
        className="space-y-3"
        onSubmit={(event) => {
          event.preventDefault();
          close();
          run("escalate", { category, urgency, reason: reason.trim() }, "Escalated.");
        }}
      >
        <div className="grid grid-cols-2 gap-3">
          <SelectField label="Matter" value={category} onChange={(event) => setCategory(event.target.value as EscalationCategory)}>
            {Object.entries(categoryName).map(([value, name]) => (
              <option key={value} value={value}>{name}</option>
            ))}
          </SelectField>
          <SelectField label="Urgency" value={urgency} onChange={(event) => setUrgency(event.target.value as Urgency)}>
            {Object.entries(urgencyName).map(([value, name]) => (
              <option key={value} value={value}>{name}</option>
            ))}
          </SelectField>
        </div>
        <TextArea label="Why" required rows={3} value={reason} onChange={(event) => setReason(event.target.value)} />
        <div className="flex justify-end">
          <button type="submit" className="button button-primary" disabled={reason.trim() === ""}>Escalate</button>
        </div>
      </form>
    </Dialog>
  );
}

export default function ActionDialogs({ open, onOpen, detail, run, onMacro }: Props) {
  const close = (): void => onOpen(null);
  switch (open?.kind) {
    case "assign": return <Assign detail={detail} run={run} close={close} />;
    case "snooze": return <Snooze run={run} close={close} />;
    case "labels": return <Labels detail={detail} run={run} close={close} />;
    case "macro": return <Macros close={close} onMacro={onMacro} />;
    case "merge": return <Merge detail={detail} close={close} />;
    case "escalate": return <Escalate run={run} close={close} />;
    case "force":
      return (
        <Dialog open onOpenChange={close} title={`${detail.row.taken_over_by ?? "Somebody else"} has this conversation`} description="You can take it from them. They see that you did.">
          <div className="flex justify-end gap-2">
            <button type="button" className="button button-plain" onClick={close}>Leave it</button>
            <button
              type="button"
              className="button button-primary"
              onClick={() => {
                close();
                run(open.action, { ...open.body, force: true }, "It is yours now.");
              }}
            >
              Take it
            </button>
          </div>
        </Dialog>
      );
    default: return null;
  }
}
