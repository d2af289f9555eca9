import { useQuery } from "@tanstack/react-query";
import { Pencil, Plus, TextQuote, Trash2 } from "lucide-react";
import { useState } from "react";
import { fieldErrors } from "~/api/client";
import type { Macro, NewMacro } from "~/api/contract";
import { queries } from "~/api/queries";
import { useMe } from "~/shell/use-me";
import { Dialog } from "~/ui/dialog";
import { TextArea, TextField } from "~/ui/field";
import { Section } from "~/ui/page";
import { QueryView } from "~/ui/query-view";
import { EmptyState } from "~/ui/states";
import { useSave } from "./use-save";

function MacroDialog({ macro, onClose }: { macro: Macro | null; onClose: () => void }) {
  const [draft, setDraft] = useState<NewMacro>({ name: macro?.name ?? "", body: macro?.body ?? "" });
  const save = useSave(["macros"], "Macro saved.", onClose);
  const errors = fieldErrors(save.error);
  return (
    <Dialog open onOpenChange={onClose} title={macro === null ? "New macro" : "Change the macro"} description="{name}, {reference} and {company} are filled in when it is inserted.">
      <form className="space-y-3" onSubmit={(event) => { event.preventDefault(); save.mutate(macro === null ? { path: "/macros", method: "POST", body: draft } : { path: `/macros/${macro.id}`, method: "PUT", body: draft }); }}>
        <TextField label="Name" required maxLength={100} value={draft.name} error={errors.name} onChange={(event) => setDraft({ ...draft, name: event.target.value })} />
        <TextArea label="Text (Markdown)" required rows={8} maxLength={10000} value={draft.body} error={errors.body} onChange={(event) => setDraft({ ...draft, body: event.target.value })} />
        <div className="flex justify-end"><button type="submit" className="button button-primary" disabled={save.isPending}>Save</button></div>
      </form>
    </Dialog>
  );
}

export function MacrosSection() {
  const query = useQuery(queries.macros());
  const { may } = useMe();
  const [edited, setEdited] = useState<Macro | "new" | null>(null);
  const remove = useSave(["macros"], "Macro removed.");
  const add = may("operator") && <button type="button" className="button button-primary" onClick={() => setEdited("new")}><Plus size={14} aria-hidden /> New macro</button>;
  return (
    <Section title="Macros" lead="In a conversation: M, or / at the start of a line." actions={add}>
      <QueryView query={query} label="Loading macros" empty={<EmptyState icon={TextQuote} title="No macros yet" action={add}>Write down once what you answer often.</EmptyState>}>
        {(macros) => (
          <ul className="divide-y divide-line">
            {macros.map((macro) => (
              <li key={macro.id} className="flex items-start gap-3 px-4 py-3">
                <div className="min-w-0 flex-1">
                  <p className="font-medium">{macro.name}</p>
                  <p className="line-clamp-2 text-sm whitespace-pre-line text-muted">{macro.body}</p>
                </div>
                {may("operator") && (
                  <>
                    <button type="button" className="icon-button" aria-label={`Change ${macro.name}`} onClick={() => setEdited(macro)}><Pencil size={14} aria-hidden /></button>
                    <button type="button" className="icon-button" aria-label={`Remove ${macro.name}`} onClick={() => remove.mutate({ path: `/macros/${macro.id}`, method: "DELETE" })}><Trash2 size={14} aria-hidden /></button>
                  </>
                )}
              </li>
            ))}
          </ul>
        )}
      </QueryView>
      {edited !== null && <MacroDialog macro={edited === "new" ? null : edited} onClose={() => setEdited(null)} />}
    </Section>
  );
}
