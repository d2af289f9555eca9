/** The assistant's draft above the composer: approve, edit, discard with a reason; void once the customer writes again. */
import { CircleSlash2, Pencil, SendHorizontal, Sparkles, Trash2 } from "lucide-react";
import { useEffect, useReducer, useRef, useState } from "react";
import { ApiError, explain } from "~/api/client";
import type { ActionResult, ConversationDetail, Draft } from "~/api/contract";
import { Confidence } from "~/assistant/confidence";
import { SentenceList } from "~/assistant/sentences";
import { useCommands } from "~/keyboard/use-commands";
import { plural } from "~/lib/numbers";
import { useMe } from "~/shell/use-me";
import { Dialog } from "~/ui/dialog";
import { draftReducer, reading } from "./draft-state";
import type { Act } from "./use-act";

const REASONS = ["Not correct", "Misses the question", "Wrong tone", "A person should answer this"];

type Props = { detail: ConversationDetail; act: (act: Act) => Promise<ActionResult>; onWriteOwn: () => void; pointed?: number | null; onPoint?: (passageId: number | null) => void; onDecided?: () => void };

function VoidDraft({ onWriteOwn }: { onWriteOwn: () => void }) {
  return (
    <section aria-label="The assistant’s draft" className="border-b border-line bg-sunken px-3 py-3 md:px-5">
      <div role="status" className="mx-auto flex max-w-3xl flex-wrap items-center gap-3 text-sm">
        <CircleSlash2 size={16} aria-hidden className="text-muted" />
        <span className="min-w-0 flex-1">
          <strong className="font-semibold">This draft no longer fits.</strong> The customer wrote again; the assistant reads the new message.
        </span>
        <button type="button" className="button button-plain" onClick={onWriteOwn}>
          Write a reply yourself
        </button>
      </div>
    </section>
  );
}

export function DraftCard({ detail, act, onWriteOwn, pointed = null, onPoint = () => undefined, onDecided }: Props) {
  const draft = detail.assistant.draft as Draft;
  const { may } = useMe();
  const [state, dispatch] = useReducer(draftReducer, reading);
  const [problem, setProblem] = useState<string | null>(null);
  const [force, setForce] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const isEditing = state.phase === "editing";
  const unsupported = draft.sentences.filter(({ supported }) => !supported).length;

  useEffect(() => {
    if (draft.void) dispatch({ type: "voided" });
  }, [draft.void]);
  useEffect(() => {
    if (isEditing) field.current?.focus();
  }, [isEditing]);

  const settle = async (action: "approve" | "discard", body: Record<string, unknown>, done?: string): Promise<void> => {
    setProblem(null);
    try {
      await act({ action, body: { draft_id: draft.id, ...body }, ...(done === undefined ? {} : { done }) });
      dispatch({ type: "done" });
      onDecided?.();
    } catch (error) {
      const code = error instanceof ApiError ? error.code : "unreachable";
      dispatch({ type: "failed", code });
      if (code === "taken_over") setForce(true);
      setProblem(code === "draft_decided" ? "Somebody else decided on this draft just now." : explain(error));
    }
  };
  const approve = (): void => {
    if (state.phase !== "reading" && state.phase !== "editing") return;
    const edited = state.phase === "editing" && state.text !== draft.body ? { body: state.text } : {};
    dispatch({ type: "send" });
    void settle("approve", { seen_message_id: detail.newest_message_id, ...edited, ...(force ? { force: true } : {}) });
  };
  const edit = (): void => dispatch({ type: "edit", text: draft.body });
  useCommands(may("operator") && state.phase !== "void" && state.phase !== "decided" ? { open: edit, confirm: approve, discard: () => dispatch({ type: "discard" }) } : {});

  if (state.phase === "void") return <VoidDraft onWriteOwn={onWriteOwn} />;
  if (state.phase === "decided") return null;
  const isSending = state.phase === "sending";

  return (
    <section aria-label="The assistant’s draft" className="border-b border-iris-line bg-surface px-3 py-3 shadow-[inset_3px_0_0_var(--c-iris)] md:px-5">
      <div className="mx-auto max-w-3xl">
        <header className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <span className="badge badge-iris">
            <Sparkles size={11} aria-hidden /> Draft, not sent
          </span>
          <Confidence value={draft.confidence} />
          {unsupported > 0 && <span className="badge badge-amber">{plural(unsupported, "sentence")} without support</span>}
          <span className="text-xs text-muted">{draft.origin === "passage" ? "in the documents’ own words" : draft.origin === "hosted" ? "written by the hosted model" : ""}</span>
        </header>
        <div className="mt-2">
          {isEditing ? (
            <textarea
              ref={field}
              dir="auto"
              rows={7}
              aria-label="Edit the draft"
              className="input resize-y"
              value={state.text}
              onChange={(event) => dispatch({ type: "typed", text: event.target.value })}
              onKeyDown={(event) => {
                if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); approve(); }
                else if (event.key === "Escape") { event.stopPropagation(); dispatch({ type: "cancel" }); }
              }}
            />
          ) : (
            <SentenceList sentences={draft.sentences} sources={draft.sources} pointed={pointed} onPoint={onPoint} />
          )}
        </div>
        {problem !== null && (
          <p role="alert" className="mt-2 text-sm font-medium text-brick">
            {problem} {force && "Approving again takes it from them."}
          </p>
        )}
        <div className="mt-2.5 flex flex-wrap items-center gap-2">
          <button type="button" className="button button-assistant" disabled={isSending} onClick={approve} title="Ctrl+Enter">
            <SendHorizontal size={14} aria-hidden className="rtl:-scale-x-100" /> {isSending ? "Sending…" : isEditing ? "Send as edited" : "Approve and send"}
          </button>
          {isEditing ? (
            <button type="button" className="button button-plain" onClick={() => dispatch({ type: "cancel" })}>
              Stop editing
            </button>
          ) : (
            <button type="button" className="button button-plain" disabled={isSending} onClick={edit} title="Enter">
              <Pencil size={14} aria-hidden /> Edit
            </button>
          )}
          <button type="button" className="button button-quiet" disabled={isSending} onClick={() => dispatch({ type: "discard" })} title="X">
            <Trash2 size={14} aria-hidden /> Discard
          </button>
          <span className="hidden flex-1 text-end text-xs text-muted sm:block">Greeting and sign-off are added when it is sent.</span>
        </div>
      </div>
      <Dialog open={state.phase === "discarding"} onOpenChange={(isOpen) => { if (!isOpen) dispatch({ type: "cancel" }); }} title="Discard the draft" description="The reason helps to see where the assistant goes wrong. A person answers then.">
        {state.phase === "discarding" && (
          <form onSubmit={(event) => { event.preventDefault(); void settle("discard", { reason: state.reason.trim() }, "Draft discarded. The conversation waits for a person."); }}>
            <div className="mb-2 flex flex-wrap gap-1.5">
              {REASONS.map((reason) => (
                <button key={reason} type="button" aria-pressed={state.reason === reason} className={`badge cursor-pointer py-0.5 ${state.reason === reason ? "badge-iris" : ""}`} onClick={() => dispatch({ type: "reason", reason })}>
                  {reason}
                </button>
              ))}
            </div>
            <textarea aria-label="Reason" required maxLength={500} rows={3} className="input" placeholder="What is wrong with it?" value={state.reason} onChange={(event) => dispatch({ type: "reason", reason: event.target.value })} />
            {problem !== null && <p role="alert" className="mt-1 text-sm text-brick">{problem}</p>}
            <div className="mt-3 flex justify-end gap-2">
              <button type="button" className="button button-plain" onClick={() => dispatch({ type: "cancel" })}>Keep it</button>
              <button type="submit" className="button button-danger" disabled={state.reason.trim() === ""}>Discard</button>
            </div>
          </form>
        )}
      </Dialog>
    </section>
  );
}
