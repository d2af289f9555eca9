/** The ticket inside the widget: how far it is, the answer while it is written, the reply with its sources, and writing back. */
import { sendFeedback, sendMessage } from "../src/api/client";
import type { Message, Receipt } from "../src/api/contract";
import { type KeyedContent, keyFor } from "../src/api/idempotency";
import { copy } from "../src/copy";
import { joinSentences } from "../src/status/join-sentences";
import { asksForFeedback, draftText, INITIAL_VIEW, isSettled, reduce, type TicketView } from "../src/status/ticket-view";
import { followTicket } from "../src/status/follow-ticket";
import { element } from "./dom";
import { formatted } from "./formatted";
import { linkTo } from "./settings";

const NAMES = { customer: "You", assistant: "Assistant (AI)", operator: "Support", system: "Support" };

function bubble(message: Pick<Message, "role" | "content" | "sources">, origin: string): HTMLElement {
  const sources = message.sources.flatMap(({ title, url }) => {
    const href = linkTo(url, origin);
    return href === null ? [] : [element("li", {}, element("a", { href, target: "_blank", rel: "noreferrer noopener" }, title))];
  });
  return element(
    "li",
    {},
    element("p", { class: "who" }, NAMES[message.role]),
    element("div", { class: message.role === "customer" ? "bubble" : "bubble ours", dir: "auto" }, ...formatted(message.content, origin)),
    ...(sources.length > 0 ? [element("ul", { class: "sources", "aria-label": "Sources" }, ...sources)] : []),
  );
}

export type TicketPart = { node: HTMLElement; stop: () => void };

export function buildTicket(receipt: Receipt, origin: string): TicketPart {
  const { ticket_id: reference, status_token: token } = receipt;
  let view: TicketView = INITIAL_VIEW;
  let keyed: KeyedContent | null = null;
  const stageText = element("span", {}, "Received");
  const stage = element("p", { class: "stage" }, element("span", { class: "dot", "aria-hidden": "true" }), stageText);
  const thread = element("ul", { class: "thread", "aria-label": "Messages" });
  const said = element("p", { class: "quiet", role: "status" });
  const problem = element("p", { class: "error", role: "alert", hidden: true });
  const reply = element("textarea", { id: "fd-reply", rows: "3", maxlength: "5000" });
  const feedback = element("div", { class: "row", hidden: true });

  const fail = (text: string): void => {
    problem.textContent = text;
    problem.hidden = false;
  };
  const judge = async (helped: boolean): Promise<void> => {
    const outcome = await sendFeedback(reference, token, { helped });
    if (outcome.ok) following.refresh();
    else fail("That did not get through. Try again in a moment.");
  };
  feedback.append(
    element("span", {}, "Did this help?"),
    element("button", { type: "button", class: "plain", click: () => void judge(true) }, "Yes"),
    element("button", { type: "button", class: "plain", click: () => void judge(false) }, "No, get me a person"),
  );

  const draw = (): void => {
    const { ticket } = view;
    if (ticket === null) return;
    const now = ticket.progress?.stage ?? "received";
    stageText.textContent = copy.status.stages[now];
    stage.classList.toggle("settled", isSettled(now));
    const { sentences, hasGap } = draftText(view.draft);
    const messages = ticket.messages.map((message) => bubble(message, origin));
    if (sentences.length > 0) messages.push(bubble({ role: "assistant", content: `${joinSentences(sentences.map(({ text }) => text), hasGap)} …`, sources: [] }, origin));
    thread.replaceChildren(...messages);
    feedback.hidden = ticket.feedback !== null || !asksForFeedback(ticket);
  };
  const following = followTicket(reference, token, (action) => {
    const before = view.repliesArrived;
    view = reduce(view, action);
    if (view.repliesArrived > before) said.textContent = "A reply has arrived.";
    if (view.failure !== null && view.ticket === null) fail("The ticket cannot be shown here just now. It is safe with us.");
    draw();
  });
  const send = async (): Promise<void> => {
    const text = reply.value.trim();
    if (text === "") return;
    keyed = keyFor(text, keyed);
    problem.hidden = true;
    const outcome = await sendMessage(reference, token, text, keyed.key);
    if (outcome.ok) {
      reply.value = "";
      said.textContent = "Sent.";
      following.refresh();
    } else fail("Not sent. Your text is kept here; try again in a moment.");
  };
  const statusLink = linkTo(receipt.status_url, origin);
  const node = element(
    "div",
    {},
    element("h2", { tabindex: "-1" }, "We have your request"),
    element("p", { class: "muted" }, `Reference ${reference}. `, ...(statusLink === null ? [] : [element("a", { href: statusLink, target: "_blank", rel: "noreferrer noopener" }, "Open its own page")])),
    element("div", { class: "thread" }, stage),
    thread,
    feedback,
    said,
    element("form", { submit: (event: Event) => { event.preventDefault(); void send(); } }, element("div", {}, element("label", { for: "fd-reply" }, "Write back"), reply, problem), element("div", {}, element("button", { type: "submit", class: "plain" }, "Send"))),
  );
  return { node, stop: following.stop };
}
