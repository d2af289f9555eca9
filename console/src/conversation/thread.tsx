/** What was said, oldest first. Customers' text is text: nothing in it is ever read as HTML. */
import { useQuery } from "@tanstack/react-query";
import clsx from "clsx";
import { Check, CheckCheck, Clock, FileText, Paperclip, ShieldAlert, Sparkles, StickyNote, TriangleAlert } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { address, api } from "~/api/client";
import type { ConversationDetail, Pending, ThreadItem, ThreadMessage, ThreadNote } from "~/api/contract";
import { bytes } from "~/lib/numbers";
import { clock, fullMoment } from "~/lib/time";
import { useNow } from "~/lib/use-now";
import { useMe } from "~/shell/use-me";
import { Avatar, MoodIcon } from "~/ui/badges";
import { Dialog } from "~/ui/dialog";
import { QueryView } from "~/ui/query-view";

function Delivery({ message }: { message: ThreadMessage }) {
  if (message.delivery === null) return null;
  if (message.delivery === "failed") {
    return (
      <span className="inline-flex items-center gap-1 font-medium text-brick">
        <TriangleAlert size={12} aria-hidden /> Not delivered{message.delivery_error === null ? "" : `: ${message.delivery_error}`}
      </span>
    );
  }
  const [Icon, words] = { pending: [Clock, "Being sent"], sent: [Check, "Sent"], delivered: [CheckCheck, "Delivered"], read: [CheckCheck, "Read"], cancelled: [TriangleAlert, "Taken back"] }[message.delivery] as [typeof Clock, string];
  return (
    <span className="inline-flex items-center gap-1">
      <Icon size={12} aria-hidden /> {words}
    </span>
  );
}

function RawDialog({ reference, id, onClose }: { reference: string; id: string; onClose: () => void }) {
  const query = useQuery({ queryKey: ["raw", reference, id], queryFn: ({ signal }) => api<string>(`/conversations/${reference}/messages/${id}/raw`, { signal }) });
  return (
    <Dialog open onOpenChange={(isOpen) => { if (!isOpen) onClose(); }} title="As it came in" description="The message before anything was taken out." wide>
      <QueryView query={query} label="Loading the message">
        {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a region that scrolls must be reachable */}
        {(text) => <pre tabIndex={0} role="region" aria-label="Raw message" className="max-h-[55vh] overflow-auto rounded-lg bg-sunken p-3 font-mono text-xs whitespace-pre-wrap">{text}</pre>}
      </QueryView>
    </Dialog>
  );
}

function Message({ message, here, pending, onUndo }: { message: ThreadMessage; here: string; pending: Pending | undefined; onUndo: (pending: Pending) => void }) {
  const now = useNow();
  const { may } = useMe();
  const [isRaw, setRaw] = useState(false);
  const [isFormatted, setFormatted] = useState(false);
  const isOurs = message.role !== "customer";
  const who = message.role === "customer" ? "Customer" : message.role === "assistant" ? "Assistant" : message.role === "operator" ? (message.author ?? "Operator") : "Frontdesk";
  return (
    <div className={clsx("flex", isOurs ? "justify-end ps-8" : "pe-8")}>
      <div className="max-w-[42rem] min-w-0">
        <div className={clsx("mb-1 flex flex-wrap items-center gap-x-2 text-xs text-muted", isOurs && "justify-end")}>
          {message.role === "assistant" && (
            <span className="badge badge-iris">
              <Sparkles size={11} aria-hidden /> Assistant{message.automatic ? ", automatic" : ""}
            </span>
          )}
          {message.role !== "assistant" && <span className="font-semibold text-text">{who}</span>}
          <time dateTime={message.at} title={fullMoment(message.at)}>
            {clock(message.at, now)}
          </time>
          <MoodIcon score={message.sentiment} size={13} />
          {message.reference !== here && <span className="font-mono">{message.reference}</span>}
        </div>
        <div
          dir="auto"
          className={clsx(
            "rounded-xl border px-3.5 py-2.5 text-base break-words whitespace-pre-wrap",
            message.role === "customer" && "rounded-ss-sm border-line bg-raised",
            message.role === "assistant" && "rounded-se-sm border-iris-line bg-iris-tint",
            (message.role === "operator" || message.role === "system") && "rounded-se-sm border-pine-line bg-pine-tint",
          )}
        >
          {message.text}
        </div>
        {(message.held !== null || message.automatic_mail !== null || message.verified === false) && (
          <ul className="mt-1.5 flex flex-wrap gap-1.5">
            {message.verified === false && <li className="badge badge-amber"><ShieldAlert size={11} aria-hidden /> Sender not proven</li>}
            {message.held !== null && <li className="badge badge-amber">Only for a person: {message.held}</li>}
            {message.automatic_mail !== null && <li className="badge">Written by a machine: {message.automatic_mail}</li>}
          </ul>
        )}
        {message.attachments.length > 0 && (
          <ul className="mt-1.5 flex flex-wrap gap-1.5">
            {message.attachments.map((file) => (
              <li key={file.id}>
                <a href={address(`/attachments/${file.id}`)} download={file.name} className="badge hover:underline">
                  <Paperclip size={11} aria-hidden /> {file.name} ({bytes(file.bytes)})
                </a>
              </li>
            ))}
          </ul>
        )}
        <div className={clsx("mt-1 flex flex-wrap items-center gap-x-3 gap-y-1 text-xs text-muted", isOurs && "justify-end")}>
          {message.sources.map((source) => (
            <a key={source.passage_id} href={source.url} target="_blank" rel="noreferrer" className="inline-flex items-center gap-1 text-iris underline-offset-2 hover:underline">
              <FileText size={12} aria-hidden /> {source.title}
            </a>
          ))}
          <Delivery message={message} />
          {pending !== undefined && (
            <button type="button" className="font-semibold text-text underline" onClick={() => onUndo(pending)}>
              Undo
            </button>
          )}
          {message.formatted && (
            <button type="button" className="underline-offset-2 hover:underline" onClick={() => setFormatted(true)}>
              Show formatted
            </button>
          )}
          {message.role === "customer" && may("operator") && (
            <button type="button" className="underline-offset-2 hover:underline" onClick={() => setRaw(true)}>
              Show original
            </button>
          )}
        </div>
        {isFormatted && (
          <Dialog open onOpenChange={() => setFormatted(false)} title="As it was formatted" description="Nothing in it runs, and pictures from elsewhere are not fetched." wide>
            <iframe title="The formatted message" sandbox="allow-popups allow-popups-to-escape-sandbox" src={address(`/messages/${message.id}/formatted`)} className="h-[55vh] w-full rounded-lg border border-line bg-white" />
          </Dialog>
        )}
        {isRaw && <RawDialog reference={message.reference} id={message.id} onClose={() => setRaw(false)} />}
      </div>
    </div>
  );
}

function Note({ note }: { note: ThreadNote }) {
  const now = useNow();
  return (
    <div className="mx-auto w-full max-w-[42rem] rounded-xl border border-dashed border-amber-line bg-amber-tint px-3.5 py-2.5">
      <div className="mb-1 flex items-center gap-2 text-xs text-amber">
        <StickyNote size={13} aria-hidden />
        <span className="font-semibold">Internal note, never sent</span>
        <span className="flex-1" />
        <Avatar name={note.author} size="sm" /> {note.author}
        <time dateTime={note.at}>{clock(note.at, now)}</time>
      </div>
      <p dir="auto" className="break-words whitespace-pre-wrap">
        {note.text}
      </p>
    </div>
  );
}

function Item({ item, detail, onUndo }: { item: ThreadItem; detail: ConversationDetail; onUndo: (pending: Pending) => void }) {
  const now = useNow();
  if (item.kind === "message") return <Message message={item} here={detail.row.reference} pending={detail.pending.find((each) => each.message_id === item.id && Date.parse(each.until) > now)} onUndo={onUndo} />;
  if (item.kind === "note") return <Note note={item} />;
  return (
    <p className="text-center text-xs text-muted">
      <span className="font-medium text-text">{item.actor === "assistant" ? "The assistant" : item.actor}</span> {item.text} · <time dateTime={item.at}>{clock(item.at, now)}</time>
    </p>
  );
}

export function Thread({ detail, onUndo }: { detail: ConversationDetail; onUndo: (pending: Pending) => void }) {
  const frame = useRef<HTMLElement>(null);
  const { length } = detail.thread;
  useEffect(() => {
    const element = frame.current;
    if (element === null) return undefined;
    const toEnd = (): void => {
      element.scrollTop = element.scrollHeight;
    };
    toEnd();
    // Draft and composer take and give room: whoever was at the newest message stays there.
    let isAtEnd = true;
    const note = (): void => {
      isAtEnd = element.scrollHeight - element.scrollTop - element.clientHeight < 40;
    };
    const observer = new ResizeObserver(() => {
      if (isAtEnd) toEnd();
    });
    observer.observe(element);
    element.addEventListener("scroll", note, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener("scroll", note);
    };
  }, [length]);
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a region that scrolls must be reachable
    <section ref={frame} aria-label="Messages" tabIndex={0} className="min-h-0 flex-1 overflow-y-auto px-3 py-5 focus-visible:-outline-offset-2 md:px-5">
      <ol className="mx-auto max-w-3xl space-y-5">
        {detail.thread.map((item) => (
          <li key={item.id}>
            <Item item={item} detail={detail} onUndo={onUndo} />
          </li>
        ))}
      </ol>
    </section>
  );
}
