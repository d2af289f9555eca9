/** Name and password, then the code if the account has one; a recovery code goes into the same field. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import type { ReactNode, SyntheticEvent } from "react";
import { ApiError, api, explain, hasCode } from "~/api/client";
import type { Me, SignIn } from "~/api/contract";
import { queries } from "~/api/queries";
import { span } from "~/lib/time";
import { TextField } from "~/ui/field";
import { useTitle } from "~/ui/page";

export function Doorway({ title, lead, children, wide = false }: { title: string; lead?: string; children: ReactNode; wide?: boolean }) {
  return (
    <div className="h-full overflow-y-auto">
      <main className={`mx-auto flex min-h-full flex-col justify-center px-5 py-10 ${wide ? "max-w-2xl" : "max-w-sm"}`}>
        <div className="mb-6">
          <svg width="40" height="40" viewBox="0 0 26 26" aria-hidden="true">
            <rect width="26" height="26" rx="7" fill="var(--c-pine)" />
            <path d="M6 18.5h14M8 18.5c0-3.6 2.2-6 5-6s5 2.4 5 6M13 12.5V10M10.6 8.4h4.8" fill="none" stroke="var(--c-on-pine)" strokeWidth="1.9" strokeLinecap="round" />
          </svg>
          <h1 className="mt-4 text-xl">{title}</h1>
          {lead !== undefined && <p className="mt-1 text-sm text-pretty text-muted">{lead}</p>}
        </div>
        {children}
      </main>
    </div>
  );
}

function complaint(error: unknown): string {
  if (hasCode(error, "locked") && error instanceof ApiError) return `Too many tries. Wait ${span((error.retryAfterSeconds ?? 60) * 1000)}, then try again.`;
  if (hasCode(error, "wrong_credentials")) return "Name or password are not right.";
  if (hasCode(error, "wrong_code")) return "That code is not right, or it was used before.";
  return explain(error);
}

export function SignInScreen() {
  useTitle("Sign in");
  const navigate = useNavigate();
  const client = useQueryClient();
  const { to } = useSearch({ from: "/sign-in" });
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [code, setCode] = useState<string | null>(null);
  const [isRecovery, setRecovery] = useState(false);
  const signIn = useMutation({
    mutationFn: (body: SignIn) => api<Me>("/session", { method: "POST", body }),
    onSuccess: (me) => {
      client.setQueryData(queries.me().queryKey, me);
      const [path = "", query = ""] = to.split("?");
      void navigate(path.startsWith("/") && !path.startsWith("//") ? { to: path, search: Object.fromEntries(new URLSearchParams(query)) } : { to: "/inbox" });
    },
    onError: (error) => {
      if (hasCode(error, "code_needed")) setCode("");
    },
  });
  const failed = signIn.isError && !hasCode(signIn.error, "code_needed") ? complaint(signIn.error) : null;
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    signIn.mutate({ name: name.trim(), password, ...(code === null ? {} : { code: code.trim() }) });
  };

  return (
    <Doorway title={code === null ? "Sign in" : "One more step"} lead={code === null ? "The operators’ console of this box." : isRecovery ? "Enter one of your recovery codes. Each works once." : "Enter the six digits that your authenticator app shows."}>
      <form onSubmit={submit} className="space-y-4">
        {failed !== null && (
          <p role="alert" className="rounded-lg border border-brick-line bg-brick-tint px-3 py-2 text-sm text-brick-strong">
            {failed}
          </p>
        )}
        {code === null ? (
          <>
            <TextField label="Name" autoComplete="username" required value={name} onChange={(event) => setName(event.target.value)} />
            <TextField label="Password" type="password" autoComplete="current-password" required value={password} onChange={(event) => setPassword(event.target.value)} />
          </>
        ) : (
          <TextField
            key={String(isRecovery)}
            label={isRecovery ? "Recovery code" : "Code"}
            // eslint-disable-next-line jsx-a11y/no-autofocus -- the form has just moved on to this one field
            autoFocus
            autoComplete="one-time-code"
            inputMode={isRecovery ? "text" : "numeric"}
            required
            value={code}
            onChange={(event) => setCode(event.target.value)}
          />
        )}
        <button type="submit" className="button button-primary h-10 w-full" disabled={signIn.isPending}>
          {signIn.isPending ? "Signing in…" : code === null ? "Sign in" : "Confirm"}
        </button>
        {code !== null && (
          <div className="flex justify-between">
            <button type="button" className="button button-quiet" onClick={() => { setCode(null); setRecovery(false); signIn.reset(); }}>
              Back
            </button>
            <button type="button" className="button button-quiet" onClick={() => { setRecovery(!isRecovery); setCode(""); }}>
              {isRecovery ? "Use the app’s code" : "Use a recovery code"}
            </button>
          </div>
        )}
      </form>
      {code === null && <p className="mt-6 text-xs text-muted">Locked out? An administrator can set a new password under Settings, Users.</p>}
    </Doorway>
  );
}
