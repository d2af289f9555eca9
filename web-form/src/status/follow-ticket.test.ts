import { waitFor } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { scriptServer } from "../test-server";
import { INITIAL_VIEW, reduce, type TicketView } from "./ticket-view";
import { followTicket, reconnectDelay_ms, type Following } from "./follow-ticket";

const REFERENCE = "TF-20261122-AB12";
const PATH = `/support/ticket/${REFERENCE}`;

const ticket = (stage: string, messages: unknown[] = []) => ({
  ticket_id: REFERENCE,
  status: "open",
  subject: "Export",
  progress: { stage, label: "", at: "2026-11-22T10:00:00Z" },
  messages,
});

class FakeStream extends EventTarget {
  static readonly OPEN = 1;
  static all: FakeStream[] = [];
  readyState = 0;
  constructor(readonly url: string) {
    super();
    FakeStream.all.push(this);
  }
  close(): void {
    this.readyState = 2;
  }
  open(): void {
    this.readyState = 1;
    this.dispatchEvent(new Event("open"));
  }
  say(type: string, data: unknown): void {
    this.dispatchEvent(new MessageEvent(type, { data: JSON.stringify(data) }));
  }
  break(): void {
    this.dispatchEvent(new Event("error"));
  }
}

let view: TicketView;
let following: Following;

const follow = (token = "tok"): void => {
  view = INITIAL_VIEW;
  following = followTicket(REFERENCE, token, (action) => {
    view = reduce(view, action);
  });
};
const streamNumber = async (count: number): Promise<FakeStream> => {
  await waitFor(() => {
    expect(FakeStream.all).toHaveLength(count);
  }, { timeout: 3_000 });
  const stream = FakeStream.all.at(-1);
  if (stream === undefined) throw new Error("no stream");
  return stream;
};

beforeEach(() => {
  FakeStream.all = [];
  vi.stubGlobal("EventSource", FakeStream);
});

afterEach(() => {
  following.stop();
});

describe("following a ticket", () => {
  it("reads it, listens, and shows what comes", async () => {
    scriptServer({ [PATH]: [{ body: ticket("received") }] });
    follow();
    const stream = await streamNumber(1);
    expect(stream.url).toBe(`${PATH}/events?token=tok`);
    stream.open();
    expect(view.connection).toBe("live");
    stream.say("progress", { stage: "writing", label: "", at: "2026-11-22T10:00:05Z" });
    stream.say("sentence", { index: 0, text: "Hi." });
    expect(view.ticket?.progress?.stage).toBe("writing");
    expect(view.draft.sentences.get(0)).toBe("Hi.");
  });

  it("reads again after a lost line, so that nothing missed stays missing", async () => {
    const answered = ticket("answered", [{ id: "m2", role: "assistant", content: "Here.", created_at: "2026-11-22T10:00:09Z" }]);
    const sent = scriptServer({ [PATH]: [{ body: ticket("writing") }, { body: answered }] });
    follow();
    const stream = await streamNumber(1);
    stream.open();
    stream.break();
    expect(view.connection).toBe("reconnecting");
    expect(stream.readyState).toBe(2);
    (await streamNumber(2)).open();
    expect(sent).toHaveLength(2);
    expect(view.connection).toBe("live");
    expect(view.ticket?.messages).toHaveLength(1);
  });

  it("reads again when the end came between reading and listening", async () => {
    const answered = ticket("answered", [{ id: "m2", role: "assistant", content: "Here." }]);
    scriptServer({ [PATH]: [{ body: ticket("checking") }, { body: answered }] });
    follow();
    const stream = await streamNumber(1);
    stream.open();
    stream.say("progress", { stage: "answered", label: "", at: "2026-11-22T10:00:09Z" });
    await waitFor(() => {
      expect(view.ticket?.messages).toHaveLength(1);
    });
  });

  it("keeps trying while the server is down, and shows the ticket once it is back", async () => {
    scriptServer({ [PATH]: [{ status: 503 }, { body: ticket("received") }] });
    follow();
    await waitFor(() => {
      expect(view.failure?.kind).toBe("unavailable");
    });
    await streamNumber(1);
    expect(view.failure).toBeNull();
    expect(view.ticket?.ticket_id).toBe(REFERENCE);
  });

  it("stops asking when the link is wrong", async () => {
    const sent = scriptServer({ [PATH]: [{ status: 404 }] });
    follow();
    await waitFor(() => {
      expect(view.failure?.kind).toBe("not_found");
    });
    window.dispatchEvent(new Event("online"));
    expect(sent).toHaveLength(1);
    expect(FakeStream.all).toHaveLength(0);
  });

  it("asks nothing without a token", () => {
    const sent = scriptServer({});
    follow("");
    window.dispatchEvent(new Event("online"));
    expect(view.failure?.kind).toBe("token_missing");
    expect(sent).toEqual([]);
  });

  it("opens one stream only when the line comes back twice at once", async () => {
    scriptServer({ [PATH]: [{ body: ticket("received") }] });
    follow();
    window.dispatchEvent(new Event("online"));
    await streamNumber(1);
    await Promise.resolve();
    expect(FakeStream.all).toHaveLength(1);
  });
});

it("waits longer each time, but never more than half a minute", () => {
  expect(reconnectDelay_ms(0, 0)).toBe(500);
  expect(reconnectDelay_ms(0, 1)).toBe(1_000);
  expect(reconnectDelay_ms(3, 1)).toBe(8_000);
  expect(reconnectDelay_ms(30, 1)).toBe(30_000);
});
