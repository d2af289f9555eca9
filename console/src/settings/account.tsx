import { useQuery } from "@tanstack/react-query";
import { ShieldAlert, ShieldCheck } from "lucide-react";
import { useState } from "react";
import { fieldErrors, hasCode } from "~/api/client";
import type { RecoveryCodes, TotpEnrolment } from "~/api/contract";
import { queries } from "~/api/queries";
import { setPreferences, usePreferences } from "~/lib/preferences";
import { clock } from "~/lib/time";
import { useNow } from "~/lib/use-now";
import { roleName } from "~/lib/words";
import { useMe } from "~/shell/use-me";
import { SelectField, Switch, TextField } from "~/ui/field";
import { Section } from "~/ui/page";
import { QueryView } from "~/ui/query-view";
import { useSave } from "./use-save";

function Password() {
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const save = useSave(["sessions"], "Password changed. Your other sessions have ended.", () => { setCurrent(""); setNext(""); });
  const errors = fieldErrors(save.error);
  return (
    <Section title="Password" lead="At least 10 characters. Changing it signs you out everywhere else.">
      <form className="grid items-end gap-3 p-4 sm:grid-cols-[1fr_1fr_auto]" onSubmit={(event) => { event.preventDefault(); save.mutate({ path: "/account/password", method: "POST", body: { current, new: next } }); }}>
        <TextField label="Current password" type="password" autoComplete="current-password" required value={current} error={hasCode(save.error, "wrong_password") ? "That is not your password." : undefined} onChange={(event) => setCurrent(event.target.value)} />
        <TextField label="New password" type="password" autoComplete="new-password" required minLength={10} maxLength={200} value={next} error={errors.new} onChange={(event) => setNext(event.target.value)} />
        <button type="submit" className="button button-primary" disabled={save.isPending}>Change</button>
      </form>
    </Section>
  );
}

function Codes({ codes }: { codes: string[] }) {
  return (
    <div className="rounded-lg border border-amber-line bg-amber-tint p-3">
      <p className="text-sm font-medium">Your recovery codes. They are shown only now; each works once.</p>
      <ul className="mt-2 grid grid-cols-2 gap-1 font-mono text-sm sm:grid-cols-5">
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
    </div>
  );
}

function SecondFactor() {
  const { me } = useMe();
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const [enrolment, setEnrolment] = useState<TotpEnrolment | null>(null);
  const [codes, setCodes] = useState<string[]>([]);
  const take = (answer: RecoveryCodes): void => { setCodes(answer.recovery_codes); setEnrolment(null); setPassword(""); };
  const enrol = useSave<TotpEnrolment>(["none"], "", setEnrolment);
  const confirm = useSave<RecoveryCodes>(["me"], "The second factor is on.", take);
  const renew = useSave<RecoveryCodes>(["me"], "New recovery codes; the old ones no longer work.", take);
  const disable = useSave(["me"], "The second factor is off.", () => setPassword(""));
  return (
    <Section title="Second factor" lead="A code from an authenticator app at each sign-in.">
      <div className="space-y-4 p-4">
        <p className="flex items-center gap-2 text-sm">
          {me.totp ? <ShieldCheck size={16} aria-hidden className="text-pine" /> : <ShieldAlert size={16} aria-hidden className="text-amber" />}
          {me.totp ? `On. ${me.recovery_codes_left} recovery codes are left.` : "Off. Whoever knows your password can sign in."}
        </p>
        {codes.length > 0 && <Codes codes={codes} />}
        {enrolment === null ? (
          <form className="flex flex-wrap items-end gap-3" onSubmit={(event) => { event.preventDefault(); enrol.mutate({ path: "/account/totp", method: "POST", body: { password } }); }}>
            <TextField label="Your password, to change this" type="password" autoComplete="current-password" required value={password} onChange={(event) => setPassword(event.target.value)} />
            {me.totp ? (
              <>
                <button type="button" className="button button-plain" disabled={password === ""} onClick={() => renew.mutate({ path: "/account/recovery-codes", method: "POST", body: { password } })}>New recovery codes</button>
                <button type="button" className="button button-danger" disabled={password === ""} onClick={() => disable.mutate({ path: "/account/totp/disable", method: "POST", body: { password } })}>Turn off</button>
              </>
            ) : (
              <button type="submit" className="button button-primary" disabled={enrol.isPending}>Turn on</button>
            )}
          </form>
        ) : (
          <form className="flex flex-wrap items-start gap-5" onSubmit={(event) => { event.preventDefault(); confirm.mutate({ path: "/account/totp/confirm", method: "POST", body: { code: code.trim() } }); }}>
            <img src={enrolment.qr} alt="QR code for your authenticator app" width={168} height={168} className="rounded-lg border border-line bg-[#fff] p-1.5" />
            <div className="min-w-0 flex-1 space-y-3">
              <p className="text-sm">Scan the code with your app, or type in this key: <code className="font-mono break-all">{enrolment.secret}</code></p>
              <TextField label="The six digits it shows" inputMode="numeric" autoComplete="one-time-code" required value={code} error={fieldErrors(confirm.error).code} onChange={(event) => setCode(event.target.value)} />
              <button type="submit" className="button button-primary" disabled={confirm.isPending}>Confirm</button>
            </div>
          </form>
        )}
      </div>
    </Section>
  );
}

export function AccountSection() {
  const { me } = useMe();
  const preferences = usePreferences();
  const sessions = useQuery(queries.sessions());
  const now = useNow();
  const end = useSave(["sessions"], "Signed out there.");
  return (
    <>
      <Section title={me.name} lead={`Role: ${roleName[me.role]}`}>
        <div className="grid gap-4 p-4 sm:grid-cols-2">
          <SelectField label="Theme" value={preferences.theme} onChange={(event) => setPreferences({ theme: event.target.value as typeof preferences.theme })}>
            <option value="system">As the system</option>
            <option value="light">Light</option>
            <option value="dark">Dark</option>
          </SelectField>
          <Switch label="Single-letter keys" hint="J, K, R, E and others, outside of fields" checked={preferences.singleKeys} onChange={(singleKeys) => setPreferences({ singleKeys })} />
        </div>
      </Section>
      <Password />
      <SecondFactor />
      <Section title="Where you are signed in" actions={<button type="button" className="button button-plain" onClick={() => end.mutate({ path: "/sessions", method: "DELETE" })}>Sign out everywhere else</button>}>
        <QueryView query={sessions} label="Loading sessions">
          {(items) => (
            <ul className="divide-y divide-line">
              {items.map((session) => (
                <li key={session.id} className="flex flex-wrap items-center gap-3 px-4 py-2.5 text-sm">
                  <span className="min-w-0 flex-1">
                    <span className="block font-medium">{session.client}</span>
                    <span className="text-xs text-muted">{session.address}, last seen {clock(session.last_seen_at, now)}</span>
                  </span>
                  {session.current ? <span className="badge badge-pine">This one</span> : <button type="button" className="button button-plain" onClick={() => end.mutate({ path: `/sessions/${session.id}`, method: "DELETE" })}>Sign out</button>}
                </li>
              ))}
            </ul>
          )}
        </QueryView>
      </Section>
    </>
  );
}
