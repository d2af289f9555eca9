import type { TriageView } from "~/api/contract";
import { percent, score } from "~/lib/numbers";
import { capitalised, categoryName, intentName, languageName, mood, urgencyName } from "~/lib/words";

/** What triage read in the newest message, and what speaks for a person. */
export function TriageFacts({ triage }: { triage: TriageView }) {
  const facts: [string, string][] = [
    ["Intent", intentName[triage.intent]],
    ["Language", `${languageName(triage.language)}${triage.language_served ? "" : ", not served"}`],
    ["Mood", `${mood(triage.sentiment.score).name} (${score(triage.sentiment.score)})`],
    ["Needs a person", percent(triage.escalation.score)],
    ...(triage.escalation.score >= 0.5 ? ([["Would go to", `${categoryName[triage.escalation.category]}, ${urgencyName[triage.escalation.urgency].toLowerCase()}`]] as [string, string][]) : []),
  ];
  return (
    <div className="space-y-3">
      <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 text-sm">
        {facts.map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="text-muted">{name}</dt>
            <dd className="text-end font-medium">{value}</dd>
          </div>
        ))}
      </dl>
      {triage.injection.flagged && (
        <p className="rounded-lg border border-brick-line bg-brick-tint px-3 py-2 text-sm text-brick-strong">
          <strong>Tries to steer the assistant.</strong> {triage.injection.evidence.join("; ")}
        </p>
      )}
      {triage.escalation.signals.length > 0 && (
        <ul className="space-y-1.5">
          {triage.escalation.signals.map((signal, index) => (
            <li key={index} className="rounded-lg border border-line bg-raised px-3 py-2 text-sm">
              <div className="flex items-baseline justify-between gap-2">
                <span className="font-medium">{capitalised(signal.name)}</span>
                <span className="text-xs text-muted">{signal.class === "always" ? "always a person" : signal.class === "never" ? "speaks against" : `weight ${signal.weight.toFixed(2)}`}</span>
              </div>
              <p className="text-xs text-muted">{signal.evidence}</p>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
