/** First run: who runs the box, who the company is, what it knows, and a first question. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import clsx from "clsx";
import { Check, FlaskConical, Globe, LoaderCircle, Mail, MessageCircle } from "lucide-react";
import { useState } from "react";
import { api, explain, fieldErrors } from "~/api/client";
import type { Company, Me, TryResult } from "~/api/contract";
import { queries } from "~/api/queries";
import { Upload } from "~/knowledge/upload";
import { CompanyFields } from "~/settings/company";
import { TryOut } from "~/settings/policy";
import { Doorway } from "~/sign-in/sign-in";
import { TextArea, TextField } from "~/ui/field";
import { useTitle } from "~/ui/page";
import { ErrorState, SkeletonRows } from "~/ui/states";

const STEPS = ["Administrator", "Company", "Documents", "Channels", "Test"] as const;
const EMPTY: Company = { name: "", product: "", support_email: "", disclosure: "This answer was written by {company}’s assistant, an AI.", sign_off: "Kind regards\n{company} Support" };

function Steps({ current }: { current: number }) {
  return (
    <ol aria-label="Steps" className="mb-6 flex flex-wrap gap-x-4 gap-y-1 text-sm">
      {STEPS.map((name, index) => (
        <li key={name} aria-current={index === current ? "step" : undefined} className={clsx("flex items-center gap-1.5", index === current ? "font-semibold" : "text-muted")}>
          <span className={clsx("grid size-5 place-items-center rounded-full text-2xs font-semibold", index < current ? "bg-pine text-on-pine" : index === current ? "bg-text text-page" : "border border-control")}>
            {index < current ? <Check size={11} aria-hidden /> : index + 1}
          </span>
          {name}
          {index < current && <span className="sr-only"> done</span>}
        </li>
      ))}
    </ol>
  );
}

function TestStep({ onDone }: { onDone: () => void }) {
  const [text, setText] = useState("");
  const attempt = useMutation({ mutationFn: () => api<TryResult>("/policy/try", { method: "POST", body: { text } }) });
  const { data: system } = useQuery(queries.system());
  return (
    <>
      <p className="mb-3 text-sm text-muted">Ask what a customer would. Nothing is stored or sent. {system !== undefined && <>Model: {system.chat_model}.</>}</p>
      <form className="space-y-3" onSubmit={(event) => { event.preventDefault(); attempt.mutate(); }}>
        <TextArea label="A first question" rows={3} required maxLength={5000} value={text} onChange={(event) => setText(event.target.value)} />
        <button type="submit" className="button button-assistant" disabled={text.trim() === "" || attempt.isPending}>
          {attempt.isPending ? <LoaderCircle size={14} aria-hidden className="animate-spin" /> : <FlaskConical size={14} aria-hidden />} {attempt.isPending ? "The assistant thinks…" : "Ask"}
        </button>
        {attempt.isError && <p role="alert" className="text-sm text-brick">{explain(attempt.error)}</p>}
      </form>
      {attempt.data !== undefined && <div className="card mt-4 overflow-hidden"><TryOut result={attempt.data} /></div>}
      <button type="button" className="button button-primary mt-6 h-10 w-full" onClick={onDone}>Open the console</button>
    </>
  );
}

const CHANNELS = [
  { icon: Globe, name: "Web form", text: "Ready at this box’s address, and as a widget for your own site." },
  { icon: Mail, name: "Email", text: "Set the mailbox in the box’s settings file; the assistant starts with drafts there." },
  { icon: MessageCircle, name: "WhatsApp", text: "Set the provider in the settings file when you have a number." },
];

export function SetupWizard() {
  useTitle("First run");
  const setup = useQuery(queries.setup());
  const client = useQueryClient();
  const navigate = useNavigate();
  const [step, setStep] = useState(0);
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [own, setOwn] = useState<Partial<Company>>({});
  const company: Company = { ...EMPTY, ...setup.data?.company, ...own };
  const create = useMutation({
    mutationFn: () => api<Me>("/setup", { method: "POST", body: { administrator: { name: name.trim(), password }, company } }),
    onSuccess: (me) => {
      client.setQueryData(queries.me().queryKey, me);
      setStep(2);
    },
    onError: (error) => {
      const fields = Object.keys(fieldErrors(error));
      if (fields.some((field) => field.includes("administrator") || field === "password")) setStep(0);
    },
  });
  const errors = fieldErrors(create.error);

  if (setup.isPending) return <SkeletonRows label="Loading" />;
  if (setup.isError) return <ErrorState error={setup.error} onRetry={() => void setup.refetch()} />;
  if (!setup.data.needs_administrator && step < 2) {
    return (
      <Doorway title="This box is set up" lead="Sign in with the account that an administrator gave you.">
        <button type="button" className="button button-primary h-10" onClick={() => void navigate({ to: "/sign-in", search: { to: "" } })}>Sign in</button>
      </Doorway>
    );
  }
  return (
    <Doorway wide title={["Welcome to your Frontdesk", "Who answers here?", "What should it know?", "Where do customers write?", "Ask it something"][step] ?? ""} {...(step === 0 ? { lead: "A few minutes, and the assistant answers its first question. You are its first administrator." } : {})}>
      <Steps current={step} />
      {step === 0 && (
        <form className="space-y-4" onSubmit={(event) => { event.preventDefault(); setStep(1); }}>
          <TextField label="Your name" required maxLength={100} autoComplete="username" value={name} error={errors["administrator.name"]} onChange={(event) => setName(event.target.value)} />
          <TextField label="Password" type="password" required minLength={10} maxLength={200} autoComplete="new-password" hint="At least 10 characters. A few unrelated words are good" value={password} error={errors["administrator.password"]} onChange={(event) => setPassword(event.target.value)} />
          <button type="submit" className="button button-primary h-10">Go on</button>
        </form>
      )}
      {step === 1 && (
        <form className="space-y-4" onSubmit={(event) => { event.preventDefault(); create.mutate(); }}>
          <CompanyFields company={company} errors={errors} onChange={(part) => setOwn({ ...own, ...part })} />
          {create.isError && Object.keys(errors).length === 0 && <p role="alert" className="text-sm text-brick">{explain(create.error)}</p>}
          <div className="flex gap-2">
            <button type="button" className="button button-plain h-10" onClick={() => setStep(0)}>Back</button>
            <button type="submit" className="button button-primary h-10" disabled={create.isPending}>{create.isPending ? "Setting up…" : "Set up the box"}</button>
          </div>
        </form>
      )}
      {step === 2 && (
        <>
          <p className="mb-3 text-sm text-muted">The assistant answers from your documents only. Drop your help articles here; more can come later.</p>
          <Upload />
          <button type="button" className="button button-primary h-10" onClick={() => setStep(3)}>Go on</button>
        </>
      )}
      {step === 3 && (
        <>
          <ul className="card mb-4 divide-y divide-line">
            {CHANNELS.map(({ icon: Icon, name: channel, text }) => (
              <li key={channel} className="flex items-start gap-3 px-4 py-3">
                <Icon size={18} aria-hidden className="mt-0.5 text-pine" />
                <span><span className="block font-medium">{channel}</span><span className="text-sm text-muted">{text}</span></span>
              </li>
            ))}
          </ul>
          <button type="button" className="button button-primary h-10" onClick={() => setStep(4)}>Go on</button>
        </>
      )}
      {step === 4 && <TestStep onDone={() => void navigate({ to: "/inbox", search: {} })} />}
    </Doorway>
  );
}
