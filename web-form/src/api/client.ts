/** The requests of both pages. Every outcome is a value: nothing here throws. */
import type { Receipt, Submission, SupportConfig, Ticket } from "./contract";
import { failure, failureFromResponse, type Failure } from "./failure";
import { readConfig, readReceipt, readTicket } from "./read";

export type Outcome<T> = { ok: true; value: T } | { ok: false; failure: Failure };

const TIMEOUT_MS = 20_000;

/** Where the box is: "" for its own pages; the widget, which stands on other sites, sets the box's origin. */
let box = "";

export function setBox(origin: string): void {
  box = origin;
}

async function request<T>(path: string, init: RequestInit, read: (body: unknown) => T | null): Promise<Outcome<T>> {
  let response: Response;
  try {
    response = await fetch(box + path, { ...init, cache: "no-store", signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch (error) {
    if (error instanceof DOMException && error.name === "TimeoutError") return { ok: false, failure: failure("timeout") };
    return { ok: false, failure: failure(navigator.onLine ? "unreachable" : "offline") };
  }
  const body: unknown = await response.json().catch(() => null);
  if (!response.ok) {
    const retryAfter = response.headers.get("retry-after");
    return { ok: false, failure: failureFromResponse(response.status, retryAfter, body, Date.now()) };
  }
  const value = read(body);
  return value === null ? { ok: false, failure: failure("server") } : { ok: true, value };
}

function postJson(body: unknown, idempotencyKey?: string): RequestInit {
  const headers: Record<string, string> = { "content-type": "application/json" };
  if (idempotencyKey !== undefined) headers["idempotency-key"] = idempotencyKey;
  return { method: "POST", headers, body: JSON.stringify(body) };
}

function ticketPath(reference: string, token: string, rest = ""): string {
  return `/support/ticket/${encodeURIComponent(reference)}${rest}?token=${encodeURIComponent(token)}`;
}

export function fetchConfig(): Promise<Outcome<SupportConfig>> {
  return request("/support/config", {}, readConfig);
}

export function submitTicket(submission: Submission, idempotencyKey: string): Promise<Outcome<Receipt>> {
  return request("/support/submit", postJson(submission, idempotencyKey), readReceipt);
}

export function fetchTicket(reference: string, token: string): Promise<Outcome<Ticket>> {
  return request(ticketPath(reference, token), {}, readTicket);
}

export function sendMessage(
  reference: string,
  token: string,
  message: string,
  idempotencyKey: string,
): Promise<Outcome<string>> {
  return request(ticketPath(reference, token, "/messages"), postJson({ message }, idempotencyKey), (body) => {
    const id = (body as { message_id?: unknown } | null)?.message_id;
    return typeof id === "string" || typeof id === "number" ? String(id) : "";
  });
}

export function sendFeedback(
  reference: string,
  token: string,
  feedback: { helped: boolean; comment?: string },
): Promise<Outcome<true>> {
  return request(ticketPath(reference, token, "/feedback"), postJson(feedback), () => true);
}

export function eventsUrl(reference: string, token: string): string {
  return box + ticketPath(reference, token, "/events");
}
