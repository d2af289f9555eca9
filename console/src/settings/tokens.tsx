import { useQuery } from "@tanstack/react-query";
import { KeyRound } from "lucide-react";
import { useState } from "react";
import { fieldErrors } from "~/api/client";
import type { Token } from "~/api/contract";
import { queries } from "~/api/queries";
import { shortAge, shortDate } from "~/lib/time";
import { useNow } from "~/lib/use-now";
import { SelectField, TextField } from "~/ui/field";
import { Section } from "~/ui/page";
import { QueryView } from "~/ui/query-view";
import { EmptyState } from "~/ui/states";
import { useSave } from "./use-save";

const SCOPES: Record<Token["scope"], string> = { read: "Read", act: "Read and act", admin: "Everything" };

export function TokensSection() {
  const query = useQuery(queries.tokens());
  const now = useNow();
  const [name, setName] = useState("");
  const [scope, setScope] = useState<Token["scope"]>("read");
  const [secret, setSecret] = useState<string | null>(null);
  const create = useSave<Token & { secret: string }>(["tokens"], "Token made.", (token) => { setSecret(token.secret); setName(""); });
  const revoke = useSave(["tokens"], "Token revoked.");
  return (
    <Section title="Tokens">
      <form className="flex flex-wrap items-end gap-3 border-b border-line p-4" onSubmit={(event) => { event.preventDefault(); create.mutate({ path: "/tokens", method: "POST", body: { name: name.trim(), scope } }); }}>
        <TextField label="What is it for?" required maxLength={100} value={name} error={fieldErrors(create.error).name} onChange={(event) => setName(event.target.value)} />
        <SelectField label="May" className="w-40!" value={scope} onChange={(event) => setScope(event.target.value as Token["scope"])}>
          {Object.entries(SCOPES).map(([value, text]) => (<option key={value} value={value}>{text}</option>))}
        </SelectField>
        <button type="submit" className="button button-primary" disabled={create.isPending}>Make a token</button>
      </form>
      {secret !== null && (
        <div role="status" className="border-b border-amber-line bg-amber-tint px-4 py-3 text-sm">
          <p className="font-medium">Copy it now; it is not shown again.</p>
          <code className="font-mono break-all select-all">{secret}</code>
        </div>
      )}
      <QueryView query={query} label="Loading tokens" empty={<EmptyState icon={KeyRound} title="No tokens">Make one for each program, so that each can be revoked alone.</EmptyState>}>
        {(tokens) => (
          <ul className="divide-y divide-line">
            {tokens.map((token) => (
              <li key={token.id} className="flex flex-wrap items-center gap-3 px-4 py-2.5 text-sm">
                <span className="min-w-0 flex-1"><span className="block font-medium">{token.name}</span><span className="text-xs text-muted">by {token.created_by}, {shortDate(token.created_at, now)}; {token.last_used_at === null ? "never used" : `used ${shortAge(token.last_used_at, now)} ago`}</span></span>
                <span className="badge">{SCOPES[token.scope]}</span>
                {token.revoked_at === null ? <button type="button" className="button button-plain" onClick={() => revoke.mutate({ path: `/tokens/${token.id}`, method: "DELETE" })}>Revoke<span className="sr-only"> {token.name}</span></button> : <span className="badge">Revoked</span>}
              </li>
            ))}
          </ul>
        )}
      </QueryView>
    </Section>
  );
}
