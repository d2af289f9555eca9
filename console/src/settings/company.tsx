import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { fieldErrors } from "~/api/client";
import type { Company } from "~/api/contract";
import { queries } from "~/api/queries";
import { useMe } from "~/shell/use-me";
import { Switch, TextArea, TextField } from "~/ui/field";
import { Section } from "~/ui/page";
import { QueryView } from "~/ui/query-view";
import { useSave } from "./use-save";

export function CompanyFields({ company, onChange, errors, disabled = false }: { company: Company; onChange: (part: Partial<Company>) => void; errors: Record<string, string>; disabled?: boolean }) {
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <TextField label="Company" required maxLength={100} disabled={disabled} value={company.name} error={errors.name ?? errors["company.name"]} onChange={(event) => onChange({ name: event.target.value })} />
      <TextField label="Product" required maxLength={100} disabled={disabled} value={company.product} error={errors.product ?? errors["company.product"]} onChange={(event) => onChange({ product: event.target.value })} />
      <div className="sm:col-span-2">
        <TextField label="Support address" type="email" required disabled={disabled} value={company.support_email} error={errors.support_email ?? errors["company.support_email"]} onChange={(event) => onChange({ support_email: event.target.value })} />
      </div>
      <TextArea label="Note under automatic answers" hint="That an AI wrote it. {company} is filled in; empty says nothing" rows={3} maxLength={300} disabled={disabled} value={company.disclosure} error={errors.disclosure ?? errors["company.disclosure"]} onChange={(event) => onChange({ disclosure: event.target.value })} />
      <TextArea label="Sign-off of emails" hint="{company} is filled in" rows={3} maxLength={300} disabled={disabled} value={company.sign_off} error={errors.sign_off ?? errors["company.sign_off"]} onChange={(event) => onChange({ sign_off: event.target.value })} />
      <div className="sm:col-span-2">
        <Switch label="Ask customers to rate answers" hint="One click in emails and WhatsApp messages, and on the ticket’s page. Links need server.public_url" checked={company.ask_rating ?? true} disabled={disabled} onChange={(ask_rating) => onChange({ ask_rating })} />
      </div>
    </div>
  );
}

function Form({ saved }: { saved: Company }) {
  const { may } = useMe();
  const [company, setCompany] = useState(saved);
  const save = useSave(["company"], "Saved. It applies to the next reply.");
  return (
    <form className="p-4" onSubmit={(event) => { event.preventDefault(); save.mutate({ path: "/company", method: "PUT", body: company }); }}>
      <CompanyFields company={company} disabled={!may("administrator")} errors={fieldErrors(save.error)} onChange={(part) => setCompany({ ...company, ...part })} />
      <div className="mt-4 rounded-lg border border-line bg-raised p-3 text-sm whitespace-pre-wrap">
        <p className="eyebrow mb-1">How an email ends</p>
        {company.sign_off.replaceAll("{company}", company.name)}
        {company.disclosure !== "" && <p className="mt-2 text-xs text-muted">{company.disclosure.replaceAll("{company}", company.name)}</p>}
      </div>
      {may("administrator") ? <button type="submit" className="button button-primary mt-4" disabled={save.isPending}>Save</button> : <p className="mt-3 text-sm text-muted">Only administrators can change this.</p>}
    </form>
  );
}

export function CompanySection() {
  const query = useQuery(queries.company());
  return (
    <Section title="Company">
      <QueryView query={query} label="Loading">{(company) => <Form saved={company} />}</QueryView>
    </Section>
  );
}
