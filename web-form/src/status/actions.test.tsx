import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import type { Ticket } from "../api/contract";
import { scriptServer } from "../test-server";
import { FeedbackPanel } from "./feedback-panel";
import { ReplyBox } from "./reply-box";

const TICKET: Ticket = {
  ticket_id: "TF-20261122-AB12",
  status: "in_progress",
  created_at: "2026-11-22T10:00:00Z",
  subject: "Export",
  category: "technical",
  priority: "medium",
  assigned_to: null,
  progress: null,
  messages: [
    // From a server whose clock is ahead of this browser's.
    { id: "m1", role: "assistant", content: "Here.", channel: "web", created_at: "2099-01-01T00:00:00Z", sources: [] },
  ],
  feedback: null,
  rating_url: "/support/rate/token",
};
const MESSAGES = "/support/ticket/TF-20261122-AB12/messages";
const FEEDBACK = "/support/ticket/TF-20261122-AB12/feedback";

const user = userEvent.setup();

describe("the reply box", () => {
  const show = () => {
    const onSent = vi.fn();
    render(<ReplyBox ticket={TICKET} token="tok" limit={5000} onSent={onSent} />);
    return onSent;
  };
  const box = () => screen.getByRole("textbox");

  it("sends with Ctrl and Enter, and places the message after what it answers", async () => {
    const sent = scriptServer({ [MESSAGES]: [{ body: { message_id: "m2", status: "received" } }] });
    const onSent = show();
    await user.type(box(), "And as PDF?{Control>}{Enter}{/Control}");
    await waitFor(() => {
      expect(onSent).toHaveBeenCalledOnce();
    });
    expect(sent[0]).toMatchObject({ path: `${MESSAGES}?token=tok`, body: { message: "And as PDF?" } });
    const [filed] = onSent.mock.calls[0] as [{ id: string; created_at: string }];
    expect(filed.id).toBe("m2");
    expect(Date.parse(filed.created_at)).toBeGreaterThan(Date.parse("2099-01-01T00:00:00Z"));
    expect(box()).toHaveValue("");
  });

  it("breaks the line with Enter alone", async () => {
    const sent = scriptServer({});
    show();
    await user.type(box(), "one{Enter}two");
    expect(box()).toHaveValue("one\ntwo");
    expect(sent).toEqual([]);
  });

  it("keeps the words and the key of a message that did not arrive", async () => {
    const sent = scriptServer({ [MESSAGES]: ["network error", { body: { message_id: "m2" } }] });
    const onSent = show();
    await user.type(box(), "And as PDF?");
    await user.click(screen.getByRole("button", { name: "Send" }));
    expect(await screen.findByRole("alert")).toBeInTheDocument();
    expect(box()).toHaveValue("And as PDF?");
    await user.click(screen.getByRole("button", { name: "Send" }));
    await waitFor(() => {
      expect(onSent).toHaveBeenCalledOnce();
    });
    expect(sent[1]?.key).toBe(sent[0]?.key);
  });

  it("asks for words before it sends none", async () => {
    const sent = scriptServer({});
    show();
    await user.click(screen.getByRole("button", { name: "Send" }));
    expect(box()).toHaveAttribute("aria-invalid", "true");
    expect(sent).toEqual([]);
  });

  it("offers a new request once the ticket is closed", () => {
    render(<ReplyBox ticket={{ ...TICKET, status: "closed" }} token="tok" limit={5000} onSent={vi.fn()} />);
    expect(screen.queryByRole("textbox")).toBeNull();
    expect(screen.getByRole("link")).toHaveAttribute("href", "/");
  });
});

describe("feedback", () => {
  const show = (ticket = TICKET) => {
    const onDone = vi.fn();
    render(<FeedbackPanel ticket={ticket} token="tok" onDone={onDone} />);
    return onDone;
  };

  it("is one click when it helped", async () => {
    const sent = scriptServer({ [FEEDBACK]: [{ body: { status: "resolved", feedback: "helped" } }] });
    const onDone = show();
    await user.click(screen.getByRole("button", { name: "This helped" }));
    await waitFor(() => {
      expect(onDone).toHaveBeenCalledWith("helped");
    });
    expect(sent[0]?.body).toEqual({ helped: true });
  });

  it("hands over with the customer's note", async () => {
    const sent = scriptServer({ [FEEDBACK]: [{ body: { status: "escalated", feedback: "not_helped" } }] });
    const onDone = show();
    await user.click(screen.getByRole("button", { name: /get me a person/i }));
    await user.type(screen.getByRole("textbox"), "There is no such menu.");
    await user.click(screen.getByRole("button", { name: "Get me a person" }));
    await waitFor(() => {
      expect(onDone).toHaveBeenCalledWith("not_helped");
    });
    expect(sent[0]?.body).toEqual({ helped: false, comment: "There is no such menu." });
  });

  it("says so when it could not be sent, and can be tried again", async () => {
    scriptServer({ [FEEDBACK]: [{ status: 503 }] });
    const onDone = show();
    await user.click(screen.getByRole("button", { name: "This helped" }));
    expect(await screen.findByRole("alert")).toBeInTheDocument();
    expect(screen.getByRole("button", { name: "This helped" })).toBeEnabled();
    expect(onDone).not.toHaveBeenCalled();
  });

  it("is thanked for once given", () => {
    show({ ...TICKET, feedback: "not_helped" });
    expect(screen.getByRole("status")).toHaveTextContent(/a person/i);
    expect(screen.queryByRole("button")).toBeNull();
  });
});
