import { describe, expect, it } from "vitest";
import type { Message, Progress, Stage, StreamEvent, Ticket } from "../api/contract";
import { failure } from "../api/failure";
import {
  asksForFeedback,
  draftText,
  INITIAL_VIEW,
  mergeMessages,
  reduce,
  stepsOf,
  type Action,
  type TicketView,
} from "./ticket-view";

const at = (second: number): string => new Date(Date.UTC(2026, 10, 22, 10, 0, second)).toISOString();

const message = (id: string, role: Message["role"], second: number, content = id): Message => ({
  id,
  role,
  content,
  channel: "web",
  created_at: at(second),
  sources: [],
});

const progress = (stage: Stage, second: number): Progress => ({ stage, label: "", at: at(second) });

const TICKET: Ticket = {
  ticket_id: "TF-20261122-AB12",
  status: "open",
  created_at: at(0),
  subject: "Export",
  category: "technical",
  priority: "medium",
  assigned_to: null,
  progress: progress("received", 0),
  messages: [message("m1", "customer", 0)],
  feedback: null,
  rating_url: null,
};

const after = (...actions: Action[]): TicketView => actions.reduce(reduce, INITIAL_VIEW);
const loaded = (more: Partial<Ticket> = {}): Action => ({ type: "loaded", ticket: { ...TICKET, ...more } });
const event = (value: StreamEvent): Action => ({ type: "event", event: value });
const sentence = (index: number, text: string): Action => event({ type: "sentence", index, text });
const stage = (value: Stage, second: number): Action => event({ type: "progress", progress: progress(value, second) });
const words = (view: TicketView): string[] => draftText(view.draft).sentences.map(({ text }) => text);

describe("the draft", () => {
  it("grows sentence by sentence, whatever the order, and never doubles", () => {
    const view = after(loaded(), stage("writing", 3), sentence(0, "A."), sentence(2, "C."), sentence(1, "B."), sentence(2, "C."));
    expect(words(view)).toEqual(["A.", "B.", "C."]);
    expect(draftText(view.draft).hasGap).toBe(false);
  });

  it("says when its start was missed", () => {
    expect(draftText(after(loaded(), sentence(2, "C.")).draft).hasGap).toBe(true);
  });

  it("is forgotten when withdrawn, and says so until new words come", () => {
    const withdrawn = after(loaded(), sentence(0, "Wrong."), event({ type: "retracted" }));
    expect(words(withdrawn)).toEqual([]);
    expect(withdrawn.draft.wasRetracted).toBe(true);
    const again = reduce(withdrawn, sentence(0, "Right."));
    expect(words(again)).toEqual(["Right."]);
    expect(again.draft.wasRetracted).toBe(false);
  });

  it("starts over when another first sentence comes", () => {
    expect(words(after(loaded(), sentence(0, "Old."), sentence(1, "More."), sentence(0, "New.")))).toEqual(["New."]);
  });

  it.each<Stage>(["received", "reading", "searching", "with_a_person", "failed", "answered"])(
    "does not outlive the step to %s",
    (next) => {
      expect(words(after(loaded(), stage("writing", 1), sentence(0, "A."), stage(next, 2)))).toEqual([]);
    },
  );

  it("stays while it is being checked", () => {
    expect(words(after(loaded(), stage("writing", 1), sentence(0, "A."), stage("checking", 2)))).toEqual(["A."]);
  });

  it("is dropped when the line is lost, for it may be withdrawn unheard", () => {
    const live: Action = { type: "connection", connection: "live" };
    const lost: Action = { type: "connection", connection: "reconnecting" };
    expect(words(after(loaded(), live, sentence(0, "A."), lost))).toEqual([]);
  });

  it("gives way to the reply", () => {
    const view = after(loaded(), sentence(0, "A."), event({ type: "reply", message: message("m2", "assistant", 9) }));
    expect(words(view)).toEqual([]);
    expect(view.ticket?.messages.map(({ id }) => id)).toEqual(["m1", "m2"]);
    expect(view.repliesArrived).toBe(1);
  });
});

describe("the conversation", () => {
  it("shows a reply once, however often it comes", () => {
    const reply = event({ type: "reply", message: message("m2", "assistant", 9) });
    const view = after(loaded(), reply, reply, loaded({ messages: [message("m1", "customer", 0), message("m2", "assistant", 9)] }));
    expect(view.ticket?.messages).toHaveLength(2);
    expect(view.repliesArrived).toBe(1);
  });

  it("keeps a reply that a reading begun earlier does not know yet", () => {
    const view = after(loaded(), event({ type: "reply", message: message("m2", "assistant", 9) }), loaded());
    expect(view.ticket?.messages.map(({ id }) => id)).toEqual(["m1", "m2"]);
  });

  it("announces a reply found by re-reading after a loss", () => {
    const view = after(loaded(), loaded({ messages: [message("m1", "customer", 0), message("m2", "operator", 9)] }));
    expect(view.repliesArrived).toBe(1);
  });

  it("takes the customer's own message as the server has it, under whatever id", () => {
    const view = after(
      loaded(),
      { type: "message_sent", message: message("local", "customer", 5, "And?") },
      loaded({ messages: [message("m1", "customer", 0), message("m2", "customer", 5, "And?")] }),
    );
    expect(view.ticket?.messages.map(({ id }) => id)).toEqual(["m1", "m2"]);
  });

  it("is in order of time, and of arrival where the times agree", () => {
    const merged = mergeMessages([message("b", "customer", 2), message("c", "system", 2)], [message("a", "customer", 1)]);
    expect(merged.map(({ id }) => id)).toEqual(["a", "b", "c"]);
  });
});

describe("progress and status", () => {
  it("never goes back to an older reading", () => {
    const view = after(loaded(), stage("checking", 8), loaded({ progress: progress("searching", 4) }));
    expect(view.ticket?.progress?.stage).toBe("checking");
  });

  it("follows events", () => {
    const view = after(loaded(), event({ type: "status", status: "escalated", assigned_to: "Maria" }));
    expect(view.ticket).toMatchObject({ status: "escalated", assigned_to: "Maria" });
  });

  it("ignores events that come before the ticket", () => {
    const view = after(
      stage("writing", 1),
      event({ type: "status", status: "closed", assigned_to: null }),
      event({ type: "reply", message: message("m2", "assistant", 1) }),
    );
    expect(view.ticket).toBeNull();
  });

  it("draws the steps up to where the work stands", () => {
    expect(stepsOf("searching").map(({ state }) => state)).toEqual(["done", "done", "current", "ahead", "ahead", "ahead"]);
    expect(stepsOf("answered").every(({ state }) => state === "done")).toBe(true);
    expect(stepsOf("with_a_person").at(-1)).toEqual({ stage: "with_a_person", state: "current" });
    expect(stepsOf("failed").map(({ stage: step }) => step)).not.toContain("answered");
  });
});

describe("failures", () => {
  it("keep a ticket on show through a passing one", () => {
    const view = after(loaded(), { type: "load_failed", failure: failure("unavailable") });
    expect(view.ticket).not.toBeNull();
    expect(view.failure).toBeNull();
  });

  it("take it away when the link is no longer good", () => {
    expect(after(loaded(), { type: "load_failed", failure: failure("not_found") }).failure?.kind).toBe("not_found");
  });

  it("end with the next reading", () => {
    expect(after({ type: "load_failed", failure: failure("offline") }, loaded()).failure).toBeNull();
  });
});

describe("feedback", () => {
  it("is asked for only while the assistant had the last word", () => {
    const answer = message("m2", "assistant", 1);
    const answered: Ticket = { ...TICKET, progress: progress("answered", 1) };
    expect(asksForFeedback({ ...answered, messages: [...TICKET.messages, answer] })).toBe(true);
    expect(asksForFeedback({ ...answered, messages: [answer, message("s", "system", 2)] })).toBe(true);
    expect(asksForFeedback({ ...answered, messages: [answer, message("m3", "operator", 2)] })).toBe(false);
    expect(asksForFeedback({ ...answered, messages: [] })).toBe(false);
  });

  it("is not asked for on a note that a person takes over", () => {
    const note = message("m2", "assistant", 1);
    expect(asksForFeedback({ ...TICKET, progress: progress("with_a_person", 1), messages: [note] })).toBe(false);
  });

  it("is kept once given, and asked again after another message", () => {
    const given = after(loaded(), { type: "feedback_sent", feedback: "helped" }, loaded());
    expect(given.ticket?.feedback).toBe("helped");
    const further = reduce(given, { type: "message_sent", message: message("m9", "customer", 9) });
    // The server keeps one verdict for each ticket: the old one is not the next answer's.
    expect(reduce(further, loaded({ feedback: "helped" })).ticket?.feedback).toBeNull();
  });
});
