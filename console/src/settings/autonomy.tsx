/** How far the assistant may go: a row an intent, a column a channel; what is not set follows the channel. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Autonomy, Channel, Intent } from "~/api/contract";
import { queries } from "~/api/queries";
import { channelName, intentName } from "~/lib/words";
import { useMe } from "~/shell/use-me";
import { Section, TableFrame } from "~/ui/page";
import { QueryView } from "~/ui/query-view";
import { levelOf, withLevel } from "./autonomy-matrix";
import type { Level } from "./autonomy-matrix";
import { useSave } from "./use-save";

const CHANNELS: Channel[] = ["web", "email", "whatsapp"];
const WORDS: Record<Level, string> = { auto: "On its own", draft: "Draft only", off: "Off" };

function Matrix({ saved }: { saved: Autonomy[] }) {
  const { may } = useMe();
  const [entries, setEntries] = useState(saved);
  const save = useSave(["autonomy"], "Saved. It holds from the next message on.");
  const cell = (channel: Channel, intent: Intent | null) => {
    const own = levelOf(entries, channel, intent);
    const inherited = levelOf(entries, channel, null) ?? "auto";
    return (
      <td key={channel} className="py-1!">
        <select
          className={`input min-h-8! py-1! ${own === null && intent !== null ? "text-muted!" : "font-medium!"}`}
          aria-label={`${channelName[channel]}, ${intent === null ? "everything" : intentName[intent]}`}
          disabled={!may("administrator")}
          value={own ?? (intent === null ? "auto" : "")}
          onChange={(event) => setEntries(withLevel(entries, channel, intent, event.target.value === "" ? null : (event.target.value as Level)))}
        >
          {intent !== null && <option value="">As the channel ({WORDS[inherited].toLowerCase()})</option>}
          {(["auto", "draft", "off"] as const).map((level) => (
            <option key={level} value={level}>{WORDS[level]}</option>
          ))}
        </select>
      </td>
    );
  };
  return (
    <>
      <TableFrame label="Autonomy">
        <table className="table min-w-[40rem]">
          <thead>
            <tr>
              <th scope="col">What is asked</th>
              {CHANNELS.map((channel) => (
                <th key={channel} scope="col">{channelName[channel]}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            <tr className="bg-sunken">
              <th scope="row" className="text-text! font-semibold!">Everything else</th>
              {CHANNELS.map((channel) => cell(channel, null))}
            </tr>
            {(Object.keys(intentName) as Intent[]).map((intent) => (
              <tr key={intent}>
                <th scope="row" className="text-text!">{intentName[intent]}</th>
                {CHANNELS.map((channel) => cell(channel, intent))}
              </tr>
            ))}
          </tbody>
        </table>
      </TableFrame>
      <div className="flex items-center justify-between gap-3 border-t border-line p-4">
        <p className="text-xs text-muted">Whatever is chosen here: refunds, legal and security matters, and whoever asks for a person, go to a person.</p>
        {may("administrator") && <button type="button" className="button button-primary" disabled={save.isPending} onClick={() => save.mutate({ path: "/autonomy", method: "PUT", body: { entries } })}>Save</button>}
      </div>
    </>
  );
}

export function AutonomySection() {
  const query = useQuery(queries.autonomy());
  return (
    <Section title="By channel and intent">
      <QueryView query={query} label="Loading">{({ entries }) => <Matrix saved={entries} />}</QueryView>
    </Section>
  );
}
