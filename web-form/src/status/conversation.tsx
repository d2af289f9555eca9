/** Everything said on the ticket, oldest first, and the reply that is being written. */
import type { ReactNode } from "react";
import type { Message, Role, Source, SupportConfig } from "../api/contract";
import { copy } from "../copy";
import { FormattedText, PlainText } from "../text/formatted-text";
import { safeHref } from "../text/blocks";
import { BookIcon, ExternalIcon, PersonIcon, SparkIcon } from "../ui/icons";
import { Moment } from "../ui/moment";
import { draftText, type Draft } from "./ticket-view";
import { joinSentences } from "./join-sentences";

type ConversationProps = { messages: Message[]; draft: Draft; config: SupportConfig };

export function Conversation({ messages, draft, config }: ConversationProps) {
  const { sentences, hasGap } = draftText(draft);
  return (
    <section aria-labelledby="conversation-heading">
      <h2 id="conversation-heading" className="sr-only">
        {copy.status.conversation}
      </h2>
      <ol className="space-y-6">
        {messages.map((message) => (
          <li key={message.id}>
            <MessageView message={message} config={config} />
          </li>
        ))}
        {(sentences.length > 0 || draft.wasRetracted) && (
          <li>
            <DraftView text={joinSentences(sentences.map(({ text }) => text), hasGap)} config={config} />
          </li>
        )}
      </ol>
    </section>
  );
}

function AiBadge() {
  return (
    <span
      className="rounded-md border border-accent-line bg-accent-tint px-1.5 text-xs leading-5 font-semibold text-accent"
      title={copy.status.aiBadgeLong}
    >
      <span aria-hidden="true">{copy.status.aiBadge}</span>
      <span className="sr-only">({copy.status.aiBadgeLong})</span>
    </span>
  );
}

const AVATAR: Record<Exclude<Role, "system">, string> = {
  customer: "bg-sunken text-muted border-line",
  assistant: "bg-accent text-on-accent border-accent",
  operator: "bg-caution-tint text-caution border-caution-line",
};

type FrameProps = { role: Exclude<Role, "system">; name: string; meta?: ReactNode; badge?: ReactNode; children: ReactNode };

function MessageFrame({ role, name, meta, badge, children }: FrameProps) {
  return (
    <article className="card p-5 sm:p-6" data-role={role}>
      <header className="mb-4 flex items-center gap-3">
        <span className={`grid size-9 shrink-0 place-items-center rounded-full border ${AVATAR[role]}`}>
          {role === "assistant" ? <SparkIcon className="size-[1.125rem]" /> : <PersonIcon className="size-[1.125rem]" />}
        </span>
        <div className="flex min-w-0 grow flex-wrap items-baseline gap-x-2 gap-y-0.5">
          <h3 className="font-semibold">{name}</h3>
          {badge}
          <span className="text-sm text-muted sm:ms-auto">{meta}</span>
        </div>
      </header>
      {children}
    </article>
  );
}

function MessageView({ message, config }: { message: Message; config: SupportConfig }) {
  const { role } = message;
  if (role === "system") {
    return (
      <div className="flex items-center gap-4 px-2 text-sm text-muted">
        <span className="h-px grow bg-line" />
        <p className="max-w-[80%] text-center">
          {message.content} <Moment time={message.created_at} className="whitespace-nowrap" />
        </p>
        <span className="h-px grow bg-line" />
      </div>
    );
  }
  const channel = copy.status.channel(message.channel);
  const meta = (
    <>
      <Moment time={message.created_at} />
      {channel !== "" && ` · ${channel}`}
    </>
  );
  if (role === "customer") {
    return (
      <MessageFrame role={role} name={copy.status.roles.customer} meta={meta}>
        <PlainText text={message.content} />
      </MessageFrame>
    );
  }
  return (
    <MessageFrame
      role={role}
      name={role === "assistant" ? config.assistant_name : copy.status.roles.operator}
      badge={role === "assistant" ? <AiBadge /> : undefined}
      meta={meta}
    >
      <FormattedText text={message.content} />
      {message.sources.length > 0 && <Sources sources={message.sources} />}
    </MessageFrame>
  );
}

function SourceLink({ source }: { source: Source }) {
  const link = source.url === null ? null : safeHref(source.url, window.location.origin);
  const words = (
    <>
      {source.title}
      {source.section !== null && (
        <>
          <span className="px-1 font-normal text-muted" aria-hidden="true">
            ›
          </span>
          <span className="sr-only">, </span>
          {source.section}
        </>
      )}
    </>
  );
  if (link === null) return <span className="font-medium">{words}</span>;
  return (
    <a className="link" href={link.href} target="_blank" rel={link.external ? "noopener noreferrer nofollow" : "noopener"}>
      {words}
      {link.external && <ExternalIcon className="ms-0.5 inline size-3.5" />}
      <span className="sr-only"> {copy.opensNewTab}</span>
    </a>
  );
}

function Sources({ sources }: { sources: Source[] }) {
  return (
    <section className="mt-5 rounded-xl bg-sunken p-4" aria-label={copy.status.takenFrom}>
      <h4 className="flex items-center gap-2 text-sm font-semibold">
        <BookIcon className="size-4 text-accent" />
        {copy.status.takenFrom}
      </h4>
      <ul className="mt-2 space-y-1.5 text-sm">
        {sources.map((source, index) => (
          <li key={index} className="ps-6">
            <SourceLink source={source} />
          </li>
        ))}
      </ul>
    </section>
  );
}

/** `text` is empty when the words so far were withdrawn and none have followed yet. */
function DraftView({ text, config }: { text: string; config: SupportConfig }) {
  return (
    <article className="rounded-2xl border border-dashed border-accent bg-accent-tint p-5 sm:p-6" data-draft="">
      <header className="mb-4 flex items-center gap-3">
        <span className="grid size-9 shrink-0 place-items-center rounded-full border border-accent bg-surface text-accent">
          <SparkIcon className="size-[1.125rem]" />
        </span>
        <div className="flex min-w-0 grow flex-wrap items-baseline gap-x-2 gap-y-0.5">
          <h3 className="font-semibold">{config.assistant_name}</h3>
          <AiBadge />
          <span className="inline-flex items-center gap-2 text-sm font-medium text-accent sm:ms-auto">
            <span className="caret" aria-hidden="true" />
            {copy.status.beingWritten}
          </span>
        </div>
      </header>
      {text !== "" && <FormattedText text={text} />}
      <p className={`text-sm text-muted ${text === "" ? "" : "mt-4"}`}>
        {text === "" ? copy.status.retracted : copy.status.beingWrittenNote}
      </p>
    </article>
  );
}
