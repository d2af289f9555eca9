/**
 * The status page's state and how it changes: by re-reading the ticket and by
 * the events of its stream. Both arrive late, twice or out of order, so every
 * change can be applied again without harm. Pure; times come with the data.
 */
import type { Feedback, Message, Progress, Stage, StreamEvent, Ticket } from "../api/contract";
import type { Failure } from "../api/failure";

export type Connection = "connecting" | "live" | "reconnecting";

export type Draft = {
  /** Verified sentences by their index; a gap means the start was missed while away. */
  sentences: ReadonlyMap<number, string>;
  wasRetracted: boolean;
};

export type TicketView = {
  ticket: Ticket | null;
  /** Set only when the page cannot show the ticket at all. */
  failure: Failure | null;
  connection: Connection;
  draft: Draft;
  /** Counts replies that arrived while the page was open, so that each is announced once. */
  repliesArrived: number;
  /** The server's feedback belongs to an answer that a newer message has left behind. */
  isFeedbackStale: boolean;
};

export type Action =
  | { type: "loaded"; ticket: Ticket }
  | { type: "load_failed"; failure: Failure }
  | { type: "connection"; connection: Connection }
  | { type: "event"; event: StreamEvent }
  | { type: "message_sent"; message: Message }
  | { type: "feedback_sent"; feedback: Feedback };

const NO_DRAFT: Draft = { sentences: new Map(), wasRetracted: false };

export const INITIAL_VIEW: TicketView = {
  ticket: null,
  failure: null,
  connection: "connecting",
  draft: NO_DRAFT,
  repliesArrived: 0,
  isFeedbackStale: false,
};

/** Failures after which asking again cannot help. */
const FINAL_FAILURES: readonly string[] = ["token_missing", "not_found", "bad_reference"];

function at_ms(time: string): number {
  const parsed = Date.parse(time);
  return Number.isNaN(parsed) ? 0 : parsed;
}

/** Stages at which a reply's sentences may be on show. */
function hasDraft(stage: Stage): boolean {
  return stage === "writing" || stage === "checking";
}

/** Nothing more comes by itself: an answer is there, or a person has it. */
export function isSettled(stage: Stage): boolean {
  return stage === "answered" || stage === "with_a_person" || stage === "failed";
}

function laterProgress(known: Progress | null, read: Progress | null): Progress | null {
  if (known === null || read === null) return read ?? known;
  return at_ms(known.at) > at_ms(read.at) ? known : read;
}

/** Each message once, the newer reading of it, oldest first. */
export function mergeMessages(known: readonly Message[], read: readonly Message[]): Message[] {
  const byId = new Map<string, Message>();
  for (const message of [...known, ...read]) byId.set(message.id, message);
  return [...byId.values()]
    .map((message, position) => ({ message, position }))
    .sort((a, b) => at_ms(a.message.created_at) - at_ms(b.message.created_at) || a.position - b.position)
    .map(({ message }) => message);
}

function loaded(view: TicketView, read: Ticket): TicketView {
  const known = view.ticket;
  if (known === null) return { ...view, ticket: read, failure: null };
  // A reply may have come by event while this reading was under way; the customer's own
  // messages are taken as the server has them.
  const fromOthers = known.messages.filter((message) => message.role !== "customer");
  const messages = mergeMessages(fromOthers, read.messages);
  const isNewReply = read.messages.some(
    (message) =>
      (message.role === "assistant" || message.role === "operator") &&
      !known.messages.some((other) => other.id === message.id),
  );
  return {
    ...view,
    ticket: {
      ...read,
      messages,
      progress: laterProgress(known.progress, read.progress),
      feedback: view.isFeedbackStale ? null : (read.feedback ?? known.feedback),
    },
    failure: null,
    draft: isNewReply ? NO_DRAFT : view.draft,
    repliesArrived: view.repliesArrived + (isNewReply ? 1 : 0),
  };
}

function applyEvent(view: TicketView, event: StreamEvent): TicketView {
  const { ticket } = view;
  switch (event.type) {
    case "progress":
      return {
        ...view,
        ticket: ticket === null ? null : { ...ticket, progress: event.progress },
        // A new beginning, or an end without these words: they no longer stand.
        draft: hasDraft(event.progress.stage) ? view.draft : NO_DRAFT,
      };
    case "sentence": {
      const sentences = new Map(view.draft.sentences);
      // The first sentence with other words means another draft: drop the old one's rest.
      if (event.index === 0 && sentences.has(0) && sentences.get(0) !== event.text) sentences.clear();
      sentences.set(event.index, event.text);
      return { ...view, draft: { sentences, wasRetracted: false } };
    }
    case "retracted":
      return { ...view, draft: { sentences: new Map(), wasRetracted: true } };
    case "reply":
      if (ticket === null) return view;
      return {
        ...view,
        ticket: { ...ticket, messages: mergeMessages(ticket.messages, [event.message]) },
        draft: NO_DRAFT,
        repliesArrived:
          view.repliesArrived + (ticket.messages.some((message) => message.id === event.message.id) ? 0 : 1),
      };
    case "status":
      if (ticket === null) return view;
      return { ...view, ticket: { ...ticket, status: event.status, assigned_to: event.assigned_to } };
  }
}

export function reduce(view: TicketView, action: Action): TicketView {
  switch (action.type) {
    case "loaded":
      return loaded(view, action.ticket);
    case "load_failed":
      // A passing failure must not take away a ticket that is already on show.
      if (view.ticket !== null && !FINAL_FAILURES.includes(action.failure.kind)) return view;
      return { ...view, failure: action.failure };
    case "connection": {
      const isLost = view.connection === "live" && action.connection === "reconnecting";
      // Sentences may be withdrawn while we cannot hear it, so they are not kept.
      return { ...view, connection: action.connection, draft: isLost ? NO_DRAFT : view.draft };
    }
    case "event":
      return applyEvent(view, action.event);
    case "message_sent":
      if (view.ticket === null) return view;
      return {
        ...view,
        isFeedbackStale: view.isFeedbackStale || view.ticket.feedback !== null,
        ticket: {
          ...view.ticket,
          feedback: null,
          messages: mergeMessages(view.ticket.messages, [action.message]),
        },
      };
    case "feedback_sent":
      if (view.ticket === null) return view;
      return { ...view, isFeedbackStale: false, ticket: { ...view.ticket, feedback: action.feedback } };
  }
}

export function isFinalFailure(failure: Failure): boolean {
  return FINAL_FAILURES.includes(failure.kind);
}

/** The sentences in order, and whether some before or between them were missed. */
export function draftText(draft: Draft): { sentences: { index: number; text: string }[]; hasGap: boolean } {
  const sentences = [...draft.sentences].sort(([a], [b]) => a - b).map(([index, text]) => ({ index, text }));
  return { sentences, hasGap: sentences.some(({ index }, position) => index !== position) };
}

const STEPS: readonly Stage[] = ["received", "reading", "searching", "writing", "checking"];

export type Step = { stage: Stage; state: "done" | "current" | "ahead" };

/** The stepper: five steps of work and the end it leads to. */
export function stepsOf(stage: Stage): Step[] {
  if (stage === "answered" || stage === "with_a_person" || stage === "failed") {
    // Which steps an early hand-over skipped is not known, so none is claimed.
    const before: readonly Stage[] = stage === "answered" ? STEPS : ["received", "reading"];
    const end: Step = { stage, state: stage === "answered" ? "done" : "current" };
    return [...before.map((step): Step => ({ stage: step, state: "done" })), end];
  }
  const current = STEPS.indexOf(stage);
  const steps = STEPS.map(
    (step, index): Step => ({ stage: step, state: index < current ? "done" : index === current ? "current" : "ahead" }),
  );
  return [...steps, { stage: "answered", state: "ahead" }];
}

/** Feedback is asked for only on an answer that is the newest word: not on a note that a person takes over. */
export function asksForFeedback(ticket: Ticket): boolean {
  const isAnswered = ticket.progress?.stage === "answered";
  if (!isAnswered && ticket.feedback === null) return false;
  const last = ticket.messages.filter((message) => message.role !== "system").at(-1);
  return last?.role === "assistant";
}
