/** What the assistant thought: its decision and why, the sources beside the draft, the signals, what left the box. */
import { ShieldCheck, Upload } from "lucide-react";
import { useState } from "react";
import type { ReactNode } from "react";
import type { ConversationDetail } from "~/api/contract";
import { Confidence } from "~/assistant/confidence";
import { TriageFacts } from "~/assistant/signals";
import { SourceList } from "~/assistant/sources";
import { clock } from "~/lib/time";
import { useNow } from "~/lib/use-now";
import { categoryName, decisionName } from "~/lib/words";
import { SlaBadge, UrgencyBadge } from "~/ui/badges";

export function PanelSection({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="border-b border-line px-4 py-3.5 last:border-0">
      <h2 className="eyebrow mb-2">{title}</h2>
      {children}
    </section>
  );
}

function Egress({ detail }: { detail: ConversationDetail }) {
  const { egress } = detail.assistant;
  const now = useNow();
  if (egress.length === 0) {
    return (
      <p className="flex items-center gap-2 text-sm">
        <ShieldCheck size={16} aria-hidden className="text-pine" /> Nothing. It was all done on the box.
      </p>
    );
  }
  return (
    <ul className="space-y-2">
      {egress.map((each, index) => (
        <li key={index} className="text-sm">
          <p className="flex items-start gap-2">
            <Upload size={14} aria-hidden className="mt-0.5 flex-none text-amber" />
            <span>
              To <strong className="font-medium">{each.destination}</strong> ({each.model}, {each.purpose}), {clock(each.at, now)}. {each.redactions} details were taken out.
            </span>
          </p>
          <details className="mt-1 ps-6">
            <summary className="text-xs font-medium text-muted">Exactly what was sent</summary>
            <pre className="mt-1 rounded-lg bg-sunken p-2 font-mono text-xs break-words whitespace-pre-wrap">{each.request_text}</pre>
          </details>
        </li>
      ))}
    </ul>
  );
}

export function AssistantTab({ detail }: { detail: ConversationDetail }) {
  const { draft, decision, triage } = detail.assistant;
  const [pointed, setPointed] = useState<number | null>(null);
  const escalation = detail.escalations.find(({ resolved_at }) => resolved_at === null);
  return (
    <>
      {decision !== null && (
        <PanelSection title="Decision">
          <p className="font-medium">{decisionName[decision.decision]}</p>
          <p className="text-sm text-pretty text-muted">{decision.reason}</p>
        </PanelSection>
      )}
      {escalation !== undefined && (
        <PanelSection title="Hand-over">
          <div className="mb-2 flex flex-wrap gap-1">
            <SlaBadge escalation={escalation} />
            <UrgencyBadge urgency={escalation.urgency} />
            <span className="badge">{categoryName[escalation.category]}</span>
          </div>
          <p className="text-sm text-pretty">{escalation.summary}</p>
          <p className="mt-2 text-sm text-pretty">
            <span className="font-medium">Next:</span> {escalation.suggested_next_step}
          </p>
          {escalation.promise !== "" && <p className="mt-2 text-xs text-muted">Promised to the customer: {escalation.promise}</p>}
        </PanelSection>
      )}
      {draft !== null && (
        <PanelSection title="Sources of the draft">
          <div className="mb-2">
            <Confidence value={draft.confidence} />
          </div>
          <SourceList draft={draft} pointed={pointed} onPoint={setPointed} />
        </PanelSection>
      )}
      {triage !== null && (
        <PanelSection title="What it read">
          <TriageFacts triage={triage} />
        </PanelSection>
      )}
      <PanelSection title="What left the box">
        <Egress detail={detail} />
      </PanelSection>
    </>
  );
}
