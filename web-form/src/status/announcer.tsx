/**
 * Tells screen readers what sighted readers see happen: each new sentence, a
 * withdrawal, the finished reply. Apart from the visible text, so that
 * re-rendering that never repeats a word aloud.
 */
import { copy } from "../copy";
import { draftText, type TicketView } from "./ticket-view";

export function Announcer({ view }: { view: TicketView }) {
  const { sentences } = draftText(view.draft);
  return (
    <div className="sr-only print:hidden">
      <div role="log" aria-live="polite" aria-relevant="additions" aria-label={copy.status.beingWritten}>
        {sentences.map(({ index, text }) => (
          <p key={`${index}:${text}`}>{text}</p>
        ))}
      </div>
      <p role="status">
        {view.draft.wasRetracted ? copy.status.retracted : view.repliesArrived > 0 ? copy.status.replyArrived : ""}
      </p>
    </div>
  );
}
