/** Adds a message to the ticket. The text is kept in the tab until it is filed; a retry cannot file it twice. */
import { useRef, useState, type KeyboardEvent } from "react";
import { sendMessage } from "../api/client";
import type { Message, Ticket } from "../api/contract";
import type { Failure } from "../api/failure";
import { keyFor, type KeyedContent } from "../api/idempotency";
import { forget, readStored, store } from "../api/storage";
import { copy } from "../copy";
import { characterCount } from "../form/validation";
import { FailureBanner } from "../ui/banner";
import { CharacterCounter } from "../ui/character-counter";
import { describedBy, Field, type FieldFrame } from "../ui/field";
import { SendIcon, SpinnerIcon } from "../ui/icons";
import { useCountdown } from "../ui/use-countdown";

const isApple = /Mac|iPhone|iPad/.test(navigator.userAgent);

/** The new message as it will come back from the server; never dated before what it answers. */
function filedMessage(id: string, content: string, ticket: Ticket, now_ms: number): Message {
  const last_ms = Date.parse(ticket.messages.at(-1)?.created_at ?? "");
  const at_ms = Number.isNaN(last_ms) ? now_ms : Math.max(now_ms, last_ms + 1);
  return { id, role: "customer", content, channel: "web", created_at: new Date(at_ms).toISOString(), sources: [] };
}

function hintFor(ticket: Ticket): string {
  if (ticket.status === "resolved") return copy.reply.reopens;
  const isWithPerson = ticket.status === "escalated" || ticket.progress?.stage === "with_a_person";
  return isWithPerson ? copy.reply.toPerson : copy.reply.hint;
}

type ReplyBoxProps = { ticket: Ticket; token: string; limit: number; onSent: (message: Message) => void };

export function ReplyBox({ ticket, token, limit, onSent }: ReplyBoxProps) {
  const draftName = `frontdesk.reply.${ticket.ticket_id}`;
  const [text, setText] = useState(() => {
    const stored = readStored(draftName);
    return typeof stored === "string" ? stored : "";
  });
  const [error, setError] = useState<string>();
  const [failure, setFailure] = useState<Failure | null>(null);
  const [retryAt_ms, setRetryAt] = useState<number | null>(null);
  const [isSending, setIsSending] = useState(false);
  const [wasSent, setWasSent] = useState(false);
  const keyed = useRef<KeyedContent>(null);
  const inputRef = useRef<HTMLTextAreaElement>(null);
  const isWaiting = useCountdown(retryAt_ms) > 0;
  const waitLeft_s = useCountdown(retryAt_ms);

  const change = (value: string): void => {
    setText(value);
    setWasSent(false);
    if (value.trim() !== "") setError(undefined);
    if (value === "") forget(draftName);
    else store(draftName, value);
  };

  const send = async (): Promise<void> => {
    if (isSending || isWaiting) return;
    const content = text.trim();
    if (content === "") {
      setError(copy.reply.empty);
      inputRef.current?.focus();
      return;
    }
    setIsSending(true);
    setFailure(null);
    keyed.current = keyFor(content, keyed.current);
    const outcome = await sendMessage(ticket.ticket_id, token, content, keyed.current.key);
    setIsSending(false);
    if (outcome.ok) {
      keyed.current = null;
      change("");
      setWasSent(true);
      onSent(filedMessage(outcome.value, content, ticket, Date.now()));
    } else {
      setError(outcome.failure.field_errors.message);
      setFailure(outcome.failure);
      const wait_s = outcome.failure.retry_after_s;
      setRetryAt(wait_s === null ? null : Date.now() + wait_s * 1000);
    }
    requestAnimationFrame(() => inputRef.current?.focus({ preventScroll: true }));
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.nativeEvent.isComposing) return;
    event.preventDefault();
    void send();
  };

  if (ticket.status === "closed") {
    return (
      <p className="rounded-xl border border-line bg-sunken px-5 py-4 print:hidden">
        {copy.reply.closed}{" "}
        <a className="link" href="/">
          {copy.reply.closedAction}
        </a>
      </p>
    );
  }
  const frame: FieldFrame = {
    id: "reply-message",
    label: copy.reply.title,
    hint: hintFor(ticket),
    error,
  };
  return (
    <form
      noValidate
      className="card p-5 sm:p-6 print:hidden"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <Field {...frame} aside={<CharacterCounter id="reply-count" used={characterCount(text)} limit={limit} />}>
        <textarea
          ref={inputRef}
          id={frame.id}
          className="control max-h-96 min-h-24"
          rows={3}
          dir="auto"
          maxLength={limit}
          value={text}
          disabled={isSending}
          aria-invalid={error !== undefined}
          aria-describedby={describedBy(frame, "reply-count")}
          aria-keyshortcuts={isApple ? "Meta+Enter" : "Control+Enter"}
          onKeyDown={onKeyDown}
          onChange={(event) => {
            change(event.target.value);
          }}
        />
      </Field>
      {failure !== null && (
        <div className="mt-4">
          <FailureBanner failure={failure} />
        </div>
      )}
      <div className="mt-4 flex flex-wrap items-center gap-x-4 gap-y-3">
        <button
          type="submit"
          className="button button-primary"
          aria-disabled={isSending || isWaiting}
          aria-busy={isSending}
        >
          {isSending ? <SpinnerIcon className="size-[1.125rem]" /> : <SendIcon className="size-[1.125rem]" />}
          {isSending ? copy.reply.sending : isWaiting ? copy.form.wait(waitLeft_s) : copy.reply.send}
        </button>
        <span className="hidden text-sm text-muted sm:inline pointer-coarse:hidden">{copy.reply.shortcut(isApple)}</span>
        <p role="status" className="text-sm font-medium text-accent">
          {wasSent ? copy.reply.sent : ""}
        </p>
      </div>
    </form>
  );
}
