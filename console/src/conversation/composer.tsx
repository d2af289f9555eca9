/** Reply and note: what is written survives a reload; `/` brings macros; Ctrl+Enter sends. */
import { useQuery } from "@tanstack/react-query";
import clsx from "clsx";
import { Eye, EyeOff, MessageSquareText, SendHorizontal, StickyNote } from "lucide-react";
import { lazy, Suspense, useImperativeHandle, useRef, useState } from "react";
import type { KeyboardEvent, Ref } from "react";
import { ApiError, hasCode } from "~/api/client";
import type { ActionResult, ConversationDetail } from "~/api/contract";
import { queries } from "~/api/queries";
import { useMe } from "~/shell/use-me";
import { fill, insert, macroQuery, matching } from "./macros";
import { useUnsent } from "./unsent";
import type { Act } from "./use-act";

const MarkdownText = lazy(() => import("~/ui/markdown"));

export type ComposerHandle = { focus: (kind: "reply" | "note") => void; insert: (text: string) => void };

type Props = {
  ref: Ref<ComposerHandle>;
  detail: ConversationDetail;
  act: (act: Act) => Promise<ActionResult>;
  onForce: (body: Record<string, unknown>) => void;
  onTyping: () => void;
  onMacros: () => void;
  isCompact: boolean;
};

const PROBLEM: Record<string, string> = {
  draft_void: "The customer wrote again while you were writing. Read the new message, then send.",
};

export function Composer({ ref, detail, act, onForce, onTyping, onMacros, isCompact }: Props) {
  const { row } = detail;
  const { me } = useMe();
  const [kind, setKind] = useState<"reply" | "note">("reply");
  const [text, setText] = useUnsent(row.reference, kind);
  const [caret, setCaret] = useState(0);
  const [isPreview, setPreview] = useState(false);
  const [isSending, setSending] = useState(false);
  const [isOpened, setOpened] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const [chosen, setChosen] = useState(0);
  const field = useRef<HTMLTextAreaElement>(null);
  const { data: macros } = useQuery(queries.macros());
  const { data: company } = useQuery(queries.company());
  const asked = kind === "reply" ? macroQuery(text, caret) : null;
  const offered = asked === null ? [] : matching(macros ?? [], asked).slice(0, 6);
  const isFolded = isCompact && !isOpened && text === "";

  const focusEnd = (at?: number): void => {
    setTimeout(() => {
      const area = field.current;
      if (area === null) return;
      area.focus();
      const place = at ?? area.value.length;
      area.setSelectionRange(place, place);
      setCaret(place);
    }, 0);
  };
  const put = (body: string): void => {
    const filled = fill(body, { name: row.customer.name, reference: row.reference, company: company?.name ?? "" });
    const next = insert(text, field.current?.selectionStart ?? text.length, filled);
    setText(next.text);
    setPreview(false);
    setOpened(true);
    focusEnd(next.caret);
  };
  useImperativeHandle(ref, () => ({
    focus: (next) => {
      setKind(next);
      setPreview(false);
      setOpened(true);
      focusEnd();
    },
    insert: put,
  }));

  const send = async (close = false): Promise<void> => {
    if (text.trim() === "" || isSending) return;
    setSending(true);
    setProblem(null);
    const body = kind === "note" ? { text } : { text, seen_message_id: detail.newest_message_id, close };
    try {
      await act({ action: kind === "note" ? "notes" : "reply", body, ...(kind === "note" ? { done: "Note added." } : {}) });
      setText("");
      setPreview(false);
      setOpened(false);
    } catch (error) {
      if (hasCode(error, "taken_over")) onForce(body);
      else setProblem(error instanceof ApiError ? (PROBLEM[error.code] ?? error.message) : "Not sent: the box cannot be reached. Your text is kept here.");
    } finally {
      setSending(false);
    }
  };

  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>): void => {
    if (offered.length > 0 && ["ArrowDown", "ArrowUp", "Enter", "Tab"].includes(event.key) && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      if (event.key === "ArrowDown") setChosen((chosen + 1) % offered.length);
      else if (event.key === "ArrowUp") setChosen((chosen - 1 + offered.length) % offered.length);
      else put(offered[Math.min(chosen, offered.length - 1)]?.body ?? "");
      return;
    }
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      void send();
    } else if (event.key === "Escape") {
      event.stopPropagation();
      field.current?.blur();
    }
  };

  const tab = (value: "reply" | "note", label: string, Icon: typeof StickyNote) => (
    <button
      type="button"
      aria-pressed={kind === value}
      onClick={() => { setKind(value); setOpened(true); focusEnd(); }}
      className={clsx("flex items-center gap-1.5 rounded-md px-2 py-1 text-sm font-medium", kind === value ? (value === "note" ? "bg-amber-tint text-amber" : "bg-pine-tint text-pine-strong") : "text-muted hover:text-text")}
    >
      <Icon size={14} aria-hidden /> {label}
    </button>
  );

  return (
    <section aria-label="Write" className={clsx("px-3 py-2 md:px-5", kind === "note" && !isFolded && "bg-amber-tint")}>
      <div className="mx-auto max-w-3xl">
        <div className="flex items-center gap-1">
          {tab("reply", "Reply", MessageSquareText)}
          {tab("note", "Internal note", StickyNote)}
          <span className="flex-1" />
          {!isFolded && kind === "reply" && (
            <>
              <button type="button" className="button button-quiet" onClick={onMacros} title="Macros (M, or / in the text)">
                Macros
              </button>
              <button type="button" className="icon-button" aria-pressed={isPreview} aria-label="Preview" title="Preview" onClick={() => setPreview(!isPreview)}>
                {isPreview ? <EyeOff size={15} aria-hidden /> : <Eye size={15} aria-hidden />}
              </button>
            </>
          )}
        </div>
        {!isFolded && (
          <>
            <div className="relative mt-1.5">
              {isPreview ? (
                <div className="min-h-20 rounded-lg border border-line bg-raised px-3 py-2">
                  <Suspense fallback={<p className="text-muted">Preparing the preview…</p>}>
                    <MarkdownText text={text} />
                  </Suspense>
                </div>
              ) : (
                <textarea
                  ref={field}
                  dir="auto"
                  rows={isCompact || text.length < 80 ? 3 : 6}
                  value={text}
                  aria-label={kind === "note" ? "Internal note" : `Reply to ${row.customer.name ?? "the customer"}`}
                  placeholder={kind === "note" ? "Only operators see this" : "Write a reply. Markdown works, / brings macros"}
                  className="input resize-y"
                  aria-describedby={problem === null ? undefined : "composer-problem"}
                  onChange={(event) => {
                    setText(event.target.value);
                    setCaret(event.target.selectionStart);
                    setChosen(0);
                    onTyping();
                  }}
                  onSelect={(event) => setCaret(event.currentTarget.selectionStart)}
                  onKeyDown={onKeyDown}
                />
              )}
              {offered.length > 0 && !isPreview && (
                <ul className="menu absolute start-2 bottom-full mb-1" aria-label="Macros">
                  {offered.map((macro, index) => (
                    <li key={macro.id}>
                      <button type="button" tabIndex={-1} className="menu-item" data-selected={index === chosen} onMouseDown={(event) => event.preventDefault()} onClick={() => put(macro.body)}>
                        {macro.name}
                      </button>
                    </li>
                  ))}
                </ul>
              )}
              <span className="sr-only" role="status">
                {offered.length > 0 ? `Macro ${chosen + 1} of ${offered.length}: ${offered[chosen]?.name ?? ""}. Enter inserts it.` : ""}
              </span>
            </div>
            {problem !== null && (
              <p id="composer-problem" role="alert" className="mt-1 text-sm font-medium text-brick">
                {problem}
              </p>
            )}
            <div className="mt-1.5 flex flex-wrap items-center gap-2">
              <p className="min-w-0 flex-1 text-xs text-muted">
                {kind === "note" ? "Stays in the house." : row.taken_over_by === me.name ? "You have this conversation." : "Sending takes it over: the assistant stays silent until you hand it back."}
              </p>
              {kind === "reply" && row.status !== "closed" && (
                <button type="button" className="button button-plain hidden sm:inline-flex" disabled={text.trim() === "" || isSending} onClick={() => void send(true)}>
                  Send and close
                </button>
              )}
              <button type="button" className="button button-primary" disabled={text.trim() === "" || isSending} onClick={() => void send()} title="Ctrl+Enter">
                {kind === "note" ? <StickyNote size={14} aria-hidden /> : <SendHorizontal size={14} aria-hidden className="rtl:-scale-x-100" />}
                {isSending ? "Sending…" : kind === "note" ? "Add note" : "Send"}
              </button>
            </div>
          </>
        )}
      </div>
    </section>
  );
}
