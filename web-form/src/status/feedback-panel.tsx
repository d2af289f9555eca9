/** "Did this answer your question?": one click for yes, a hand-over with an optional note for no. */
import { useRef, useState } from "react";
import { sendFeedback } from "../api/client";
import type { Feedback, Ticket } from "../api/contract";
import type { Failure } from "../api/failure";
import { copy } from "../copy";
import { FailureBanner } from "../ui/banner";
import { Field } from "../ui/field";
import { CheckCircleIcon, PersonIcon, SpinnerIcon, ThumbUpIcon } from "../ui/icons";

const COMMENT_MAX = 2000;

type FeedbackPanelProps = { ticket: Ticket; token: string; onDone: (feedback: Feedback) => void };

export function FeedbackPanel({ ticket, token, onDone }: FeedbackPanelProps) {
  const [isHandingOver, setIsHandingOver] = useState(false);
  const [comment, setComment] = useState("");
  const [sending, setSending] = useState<Feedback | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const commentRef = useRef<HTMLTextAreaElement>(null);
  const resultRef = useRef<HTMLParagraphElement>(null);

  const send = async (feedback: Feedback): Promise<void> => {
    if (sending !== null) return;
    setSending(feedback);
    setFailure(null);
    const note = comment.trim();
    const outcome = await sendFeedback(ticket.ticket_id, token, {
      helped: feedback === "helped",
      ...(note === "" || feedback === "helped" ? {} : { comment: note }),
    });
    setSending(null);
    if (outcome.ok) {
      onDone(feedback);
      requestAnimationFrame(() => resultRef.current?.focus());
    } else setFailure(outcome.failure);
  };

  if (ticket.feedback !== null) {
    const DoneIcon = ticket.feedback === "helped" ? CheckCircleIcon : PersonIcon;
    return (
      <p
        ref={resultRef}
        tabIndex={-1}
        role="status"
        className="flex items-center gap-3 rounded-xl border border-accent-line bg-accent-tint px-5 py-4 font-medium print:hidden"
      >
        <DoneIcon className="text-accent" />
        <span>
          {copy.feedback.done[ticket.feedback]} <RatingLink ticket={ticket} />
        </span>
      </p>
    );
  }
  if (ticket.status === "closed") return null;
  return (
    <section className="space-y-4 print:hidden" aria-labelledby="feedback-heading">
      <div className="flex flex-col gap-x-6 gap-y-3 sm:flex-row sm:flex-wrap sm:items-center">
        <h2 id="feedback-heading" className="font-semibold">
          {copy.feedback.question}
        </h2>
        <div className="flex flex-col gap-2.5 sm:flex-row">
          <button
            type="button"
            className="button button-quiet"
            aria-disabled={sending !== null}
            onClick={() => void send("helped")}
          >
            {sending === "helped" ? <SpinnerIcon /> : <ThumbUpIcon className="size-[1.125rem] text-accent" />}
            {copy.feedback.helped}
          </button>
          <button
            type="button"
            className="button button-quiet"
            aria-expanded={isHandingOver}
            aria-disabled={sending !== null}
            onClick={() => {
              setIsHandingOver(!isHandingOver);
              requestAnimationFrame(() => commentRef.current?.focus());
            }}
          >
            <PersonIcon className="size-[1.125rem] text-accent" />
            {copy.feedback.notHelped}
          </button>
        </div>
      </div>
      {isHandingOver && (
        <form
          className="card space-y-4 p-5"
          onSubmit={(event) => {
            event.preventDefault();
            void send("not_helped");
          }}
        >
          <Field id="feedback-comment" label={copy.feedback.commentLabel} hint={copy.feedback.commentHint} isOptional>
            <textarea
              ref={commentRef}
              id="feedback-comment"
              className="control max-h-80 min-h-24"
              rows={3}
              dir="auto"
              maxLength={COMMENT_MAX}
              value={comment}
              disabled={sending !== null}
              aria-describedby="feedback-comment-hint"
              onChange={(event) => {
                setComment(event.target.value);
              }}
            />
          </Field>
          <div className="flex flex-wrap gap-2.5">
            <button type="submit" className="button button-primary" aria-disabled={sending !== null} aria-busy={sending !== null}>
              {sending === "not_helped" && <SpinnerIcon className="size-[1.125rem]" />}
              {sending === "not_helped" ? copy.feedback.sending : copy.feedback.handOver}
            </button>
            <button
              type="button"
              className="button button-quiet"
              onClick={() => {
                setIsHandingOver(false);
              }}
            >
              {copy.feedback.cancel}
            </button>
          </div>
        </form>
      )}
      {failure !== null && <FailureBanner failure={failure} />}
      <p className="text-sm">
        <RatingLink ticket={ticket} />
      </p>
    </section>
  );
}

/** Leads to a page of its own, where one click rates. */
function RatingLink({ ticket }: { ticket: Ticket }) {
  if (ticket.rating_url === null) return null;
  return (
    <a href={ticket.rating_url} target="_blank" rel="noreferrer" className="font-medium text-accent underline underline-offset-2">
      {copy.feedback.rate}
    </a>
  );
}
