import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";
import { FALLBACK_CONFIG } from "../api/contract";
import { scriptServer } from "../test-server";
import { FormPage } from "./form-page";

const RECEIPT = {
  ticket_id: "TF-20261122-AB12",
  status_token: "tok",
  status_url: "/status/TF-20261122-AB12#tok",
  message: "Thank you.",
  estimated_response_time: "within 4 hours",
  status: "received",
};
const SUBMIT = "/support/submit";

const config = { ...FALLBACK_CONFIG, company: "TaskFlow", assistant_name: "Flo" };
const user = userEvent.setup();
const show = () => render(<FormPage config={config} />);
const field = (name: string | RegExp) => screen.getByLabelText(name);
const sendButton = () => screen.getByRole("button", { name: /send/i });

async function fillIn() {
  await user.type(field("Your name"), "Amara");
  await user.type(field("Email"), "amara@example.com");
  await user.selectOptions(field("Topic"), "technical");
  await user.type(field("Subject"), "Export");
  await user.type(field("Message"), "Where is the export?");
}

beforeEach(() => {
  sessionStorage.clear();
});

describe("mistakes", () => {
  it("are named, linked and focused on submit, and nothing is sent", async () => {
    const sent = scriptServer({});
    show();
    await user.click(sendButton());
    const summary = await screen.findByRole("alert");
    expect(within(summary).getAllByRole("link")).toHaveLength(5);
    await waitFor(() => {
      expect(field("Your name")).toHaveFocus();
    });
    expect(field("Email")).toHaveAttribute("aria-invalid", "true");
    expect(field("Email")).toHaveAccessibleDescription(/enter your email/i);
    await user.click(within(summary).getByRole("link", { name: /message/i }));
    expect(field("Message")).toHaveFocus();
    expect(sent).toEqual([]);
  });

  it("show when a field is left and go as soon as they are fixed", async () => {
    show();
    await user.type(field("Email"), "amara@");
    expect(field("Email")).toHaveAttribute("aria-invalid", "false");
    await user.tab();
    expect(field("Email")).toHaveAttribute("aria-invalid", "true");
    await user.type(field("Email"), "example.com");
    expect(field("Email")).toHaveAttribute("aria-invalid", "false");
  });

  it("are not seen in a field that was only passed through", async () => {
    show();
    await user.click(field("Your name"));
    await user.tab();
    expect(field("Your name")).toHaveAttribute("aria-invalid", "false");
  });
});

describe("sending", () => {
  it("ends with the reference and a link that carries the token", async () => {
    const sent = scriptServer({ [SUBMIT]: [{ body: RECEIPT }] });
    show();
    await fillIn();
    await user.click(sendButton());
    expect(await screen.findByText("TF-20261122-AB12")).toBeInTheDocument();
    expect(screen.getByRole("link", { name: /follow/i })).toHaveAttribute("href", RECEIPT.status_url);
    expect(screen.getByText(/within 4 hours/)).toBeInTheDocument();
    expect(screen.getByRole("heading", { level: 1 })).toHaveFocus();
    expect(sent[0]?.body).toEqual({
      name: "Amara",
      email: "amara@example.com",
      category: "technical",
      priority: "medium",
      subject: "Export",
      message: "Where is the export?",
    });
  });

  it("uses the same key again for the same words, and another for changed ones", async () => {
    const sent = scriptServer({ [SUBMIT]: ["network error", "network error", { body: RECEIPT }] });
    show();
    await fillIn();
    await user.click(sendButton());
    expect(await screen.findByText(/could not be reached/i)).toBeInTheDocument();
    await user.click(sendButton());
    await waitFor(() => {
      expect(sent).toHaveLength(2);
    });
    await screen.findByText(/could not be reached/i);
    await user.type(field("Message"), " Please.");
    await user.click(sendButton());
    await screen.findByText("TF-20261122-AB12");
    expect(sent[0]?.key).toMatch(/^\w{32}$/);
    expect(sent[1]?.key).toBe(sent[0]?.key);
    expect(sent[2]?.key).not.toBe(sent[0]?.key);
  });

  it("keeps the words when the server is busy and waits as long as it asks", async () => {
    scriptServer({ [SUBMIT]: [{ status: 429, headers: { "retry-after": "34" } }] });
    show();
    await fillIn();
    await user.click(sendButton());
    expect(await screen.findByText("Too many requests")).toBeInTheDocument();
    expect(sendButton()).toHaveAttribute("aria-disabled", "true");
    expect(sendButton()).toHaveTextContent(/in 3\d seconds/);
    expect(field("Message")).toHaveValue("Where is the export?");
  });

  it("puts the server's complaint at its field", async () => {
    const errors = [{ field: "email", code: "undeliverable", message: "This address cannot receive mail." }];
    scriptServer({ [SUBMIT]: [{ status: 422, body: { errors } }] });
    show();
    await fillIn();
    await user.click(sendButton());
    await waitFor(() => {
      expect(field("Email")).toHaveFocus();
    });
    expect(field("Email")).toHaveAccessibleDescription("This address cannot receive mail.");
  });

  it("shows a complaint without a field of its own in the server's words", async () => {
    scriptServer({ [SUBMIT]: [{ status: 422, body: { detail: "Not in this language.", errors: [] } }] });
    show();
    await fillIn();
    await user.click(sendButton());
    expect(await screen.findByText("Not in this language.")).toBeInTheDocument();
  });

  it("cannot be done twice while it is under way", async () => {
    const sent = scriptServer({ [SUBMIT]: [{ body: RECEIPT }] });
    show();
    await fillIn();
    await user.dblClick(sendButton());
    await screen.findByText("TF-20261122-AB12");
    expect(sent).toHaveLength(1);
  });
});

describe("a reload", () => {
  it("keeps the draft", async () => {
    const { unmount } = show();
    await fillIn();
    unmount();
    show();
    expect(field("Message")).toHaveValue("Where is the export?");
    expect(field("Topic")).toHaveValue("technical");
  });

  it("keeps the receipt, until something else is asked", async () => {
    scriptServer({ [SUBMIT]: [{ body: RECEIPT }] });
    const { unmount } = show();
    await fillIn();
    await user.click(sendButton());
    await screen.findByText("TF-20261122-AB12");
    unmount();
    show();
    expect(screen.getByText("TF-20261122-AB12")).toBeInTheDocument();
    await user.click(screen.getByRole("button", { name: "Ask something else" }));
    expect(field("Message")).toHaveValue("");
    expect(screen.getByRole("heading", { level: 1 })).toHaveFocus();
  });
});

it("asks for the plan only when the server offers plans", () => {
  show();
  expect(screen.queryByLabelText(/plan/i)).toBeNull();
});
