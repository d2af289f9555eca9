import { useMutation, useQuery } from "@tanstack/react-query";
import { FlaskConical, LoaderCircle } from "lucide-react";
import { useState } from "react";
import { api, explain } from "~/api/client";
import type { Channel, Plan, TryResult } from "~/api/contract";
import { queries } from "~/api/queries";
import { Confidence } from "~/assistant/confidence";
import { SentenceList } from "~/assistant/sentences";
import { TriageFacts } from "~/assistant/signals";
import { SourceList } from "~/assistant/sources";
import { percent } from "~/lib/numbers";
import { seconds } from "~/lib/time";
import { capitalised, categoryName, channelName, planName, urgencyName } from "~/lib/words";
import { SelectField, TextArea } from "~/ui/field";
import { Section } from "~/ui/page";
import { QueryView } from "~/ui/query-view";

const FIRST = { ignore: "It would be ignored.", acknowledge: "It would be acknowledged, not answered.", escalate: "It would go to a person at once.", draft: "The assistant would draft an answer." };
const SECOND = { send: "The answer would be sent.", send_and_flag: "The answer would be sent, and flagged for a look.", hold: "The answer would wait for approval.", person: "A person would take it." };

export function TryOut({ result }: { result: TryResult }) {
  const [pointed, setPointed] = useState<number | null>(null);
  return (
    <div className="grid gap-5 border-t border-line p-4 lg:grid-cols-[3fr_2fr]" role="status">
      <div className="min-w-0 space-y-4">
        <div>
          <p className="text-base font-semibold">{result.second === null ? FIRST[result.first.decision] : SECOND[result.second.decision]}</p>
          {result.first.reason !== null && <p className="text-sm text-muted">{result.first.reason}</p>}
          {result.first.decision === "escalate" && <p className="text-sm text-muted">{result.first.category === null ? "" : categoryName[result.first.category]}{result.first.urgency === null ? "" : `, ${urgencyName[result.first.urgency].toLowerCase()}`}</p>}
        </div>
        {result.draft !== null && (
          <div>
            <Confidence value={result.draft.confidence} />
            <div className="mt-1"><SentenceList sentences={result.draft.sentences} sources={result.draft.sources} pointed={pointed} onPoint={setPointed} /></div>
            {result.draft.note !== null && <p className="mt-1 text-sm text-muted">{result.draft.note}</p>}
          </div>
        )}
        {result.reply !== null && (
          <div>
            <p className="eyebrow mb-1">As it would be sent</p>
            <p className="rounded-xl border border-iris-line bg-iris-tint px-3.5 py-2.5 whitespace-pre-wrap" dir="auto">{result.reply}</p>
          </div>
        )}
        <p className="flex flex-wrap gap-x-4 text-xs text-muted">
          {Object.entries(result.timings_ms).map(([name, ms]) => (
            <span key={name}>{capitalised(name)} {seconds(ms / 1000)}</span>
          ))}
        </p>
      </div>
      <div className="min-w-0 space-y-4">
        <TriageFacts triage={result.triage} />
        {result.draft !== null && <SourceList draft={result.draft} pointed={pointed} onPoint={setPointed} />}
      </div>
    </div>
  );
}

export function PolicySection() {
  const policy = useQuery(queries.policy());
  const [text, setText] = useState("");
  const [channel, setChannel] = useState<Channel>("web");
  const [plan, setPlan] = useState<Plan>("pro");
  const attempt = useMutation({ mutationFn: () => api<TryResult>("/policy/try", { method: "POST", body: { text, channel, plan } }) });
  return (
    <>
      <Section title="Try a message">
        <form className="space-y-3 p-4" onSubmit={(event) => { event.preventDefault(); attempt.mutate(); }}>
          <TextArea label="A customer writes" rows={4} required maxLength={5000} placeholder="I was charged twice. Where do I get my money back?" value={text} onChange={(event) => setText(event.target.value)} />
          <div className="flex flex-wrap items-end gap-3">
            <SelectField label="Channel" className="w-36!" value={channel} onChange={(event) => setChannel(event.target.value as Channel)}>
              {Object.entries(channelName).map(([value, name]) => (<option key={value} value={value}>{name}</option>))}
            </SelectField>
            <SelectField label="Plan" className="w-36!" value={plan} onChange={(event) => setPlan(event.target.value as Plan)}>
              {Object.entries(planName).map(([value, name]) => (<option key={value} value={value}>{name}</option>))}
            </SelectField>
            <button type="submit" className="button button-assistant" disabled={text.trim() === "" || attempt.isPending}>
              {attempt.isPending ? <LoaderCircle size={14} aria-hidden className="animate-spin" /> : <FlaskConical size={14} aria-hidden />} {attempt.isPending ? "The assistant thinks…" : "Try"}
            </button>
          </div>
          {attempt.isError && <p role="alert" className="text-sm text-brick">{explain(attempt.error)}</p>}
        </form>
        {attempt.data !== undefined && <TryOut result={attempt.data} />}
      </Section>
      <Section title="The bands" lead="What happens at which confidence, and the policy files in force.">
        <QueryView query={policy} label="Loading the policy">
          {({ bands, files, answer_mode: mode }) => (
            <div className="p-4 text-sm">
              <ul className="space-y-1">
                <li><strong className="font-semibold">From {percent(bands.send)}</strong> the answer is sent</li>
                <li><strong className="font-semibold">From {percent(bands.send_and_flag)}</strong> it is sent and flagged for a look</li>
                <li><strong className="font-semibold">From {percent(bands.hold)}</strong> it waits for approval; below, a person takes it</li>
              </ul>
              <p className="mt-2 text-muted">{mode === "model" ? "The model words the answers." : "Answers are in the documents’ own words."}</p>
              {files.map((file) => (
                <details key={file.name} className="mt-2">
                  <summary className="font-mono text-sm">{file.name} {file.own ? "(your own)" : "(as shipped)"}</summary>
                  <pre className="mt-1 max-h-72 overflow-auto rounded-lg bg-sunken p-3 font-mono text-xs whitespace-pre-wrap">{file.text}</pre>
                </details>
              ))}
            </div>
          )}
        </QueryView>
      </Section>
    </>
  );
}
