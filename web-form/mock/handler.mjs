/**
 * A stand-in for the server, for development, screenshots and tests: the web
 * channel's contract with canned content. It keeps what is sent in memory.
 *
 * How a submission ends is chosen by the email's first part: busy (503), limit
 * (429), large (413), invalid (422), broken (500), slow (never answers); any
 * other is filed. The status page's states are references, see scenarios.mjs.
 */
import { randomBytes } from "node:crypto";
import { CONFIG, LABELS, message, REPLY_TEXT, SENTENCES, SOURCES, ticketFor } from "./scenarios.mjs";

const BODY_LIMIT = 64 * 1024;

function sendJson(response, status, body, headers = {}) {
  response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store", ...headers });
  response.end(JSON.stringify(body));
}

function sendProblem(response, status, code, title, more = {}, headers = {}) {
  const problem = {
    type: `https://frontdesk.invalid/problems/${code}`,
    title,
    status,
    detail: title,
    code,
    request_id: "req_7f3a9c",
    ...more,
  };
  sendJson(response, status, problem, { "content-type": "application/problem+json", ...headers });
}

async function readJson(request) {
  let text = "";
  for await (const chunk of request) {
    text += chunk;
    if (text.length > BODY_LIMIT) return undefined;
  }
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function complaints(body) {
  const errors = [];
  const check = (field, isWrong, text) => {
    if (isWrong) errors.push({ field, code: "invalid", message: text });
  };
  const length = (value) => [...String(value ?? "").trim()].length;
  check("name", length(body.name) < 2, "Enter at least 2 characters for your name.");
  check("email", !/^\S+@\S+\.\S+$/.test(body.email ?? ""), "Enter a valid email address.");
  check("subject", length(body.subject) < 3, "Enter at least 3 characters for the subject.");
  check("message", length(body.message) < 10, "Describe it in at least 10 characters.");
  return errors;
}

/** `stepMs` paces the played answer of a live ticket. */
export function createMock({ stepMs = 900, plans = true } = {}) {
  const tickets = new Map();
  const tokens = new Map();
  const filed = new Map();
  const listeners = new Map();

  const find = (reference) => {
    if (!tickets.has(reference)) {
      const known = ticketFor(reference.slice(-4));
      if (known?.ticket_id === reference) tickets.set(reference, known);
    }
    return tickets.get(reference);
  };
  const listenersOf = (reference) => {
    if (!listeners.has(reference)) listeners.set(reference, new Set());
    return listeners.get(reference);
  };
  const emit = (reference, type, data) => {
    for (const response of listenersOf(reference)) response.write(`event: ${type}\ndata: ${JSON.stringify(data)}\n\n`);
  };
  const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const advance = (ticket, stage) => {
    ticket.progress = { stage, label: LABELS[stage], at: new Date().toISOString() };
    emit(ticket.ticket_id, "progress", ticket.progress);
  };

  /** The assistant at work: every stage, one withdrawn sentence, then the reply. */
  const play = async (ticket) => {
    for (const stage of ["reading", "searching", "writing"]) {
      await wait(stepMs);
      advance(ticket, stage);
    }
    emit(ticket.ticket_id, "sentence", { index: 0, text: "The export is under Billing." });
    await wait(stepMs);
    emit(ticket.ticket_id, "retracted", {});
    for (const [index, text] of SENTENCES.entries()) {
      await wait(stepMs);
      emit(ticket.ticket_id, "sentence", { index, text });
    }
    advance(ticket, "checking");
    await wait(stepMs);
    const reply = message(`m${ticket.messages.length + 1}`, "assistant", REPLY_TEXT, 0, { sources: SOURCES });
    ticket.messages.push(reply);
    emit(ticket.ticket_id, "reply", reply);
    ticket.status = "in_progress";
    ticket.feedback = null;
    emit(ticket.ticket_id, "status", { status: ticket.status, assigned_to: null });
    advance(ticket, "answered");
  };

  const submit = async (request, response) => {
    const body = await readJson(request);
    if (body === undefined) return sendProblem(response, 413, "payload_too_large", "The request is too large.");
    const outcome = String(body.email).split("@")[0];
    if (outcome === "busy") return sendProblem(response, 503, "unavailable", "Storage is busy.", {}, { "retry-after": "20" });
    if (outcome === "limit") return sendProblem(response, 429, "rate_limited", "Too many requests.", {}, { "retry-after": "34" });
    if (outcome === "large") return sendProblem(response, 413, "payload_too_large", "The message is too large.");
    if (outcome === "broken") return sendProblem(response, 500, "internal", "Unexpected.");
    if (outcome === "slow") return undefined;
    const errors = complaints(body);
    if (outcome === "invalid") errors.push({ field: "email", code: "undeliverable", message: "This address cannot receive mail." });
    if (errors.length > 0) return sendProblem(response, 422, "validation", "Some fields need correcting.", { errors });
    const key = request.headers["idempotency-key"];
    if (key !== undefined && filed.has(key)) return sendJson(response, 200, filed.get(key));
    const reference = `TF-20261122-${randomBytes(2).toString("hex").toUpperCase()}`;
    const token = randomBytes(16).toString("base64url");
    const ticket = { ...ticketFor("LIVE"), ticket_id: reference, subject: body.subject, category: body.category, priority: body.priority };
    ticket.created_at = new Date().toISOString();
    ticket.progress = { stage: "received", label: LABELS.received, at: ticket.created_at };
    ticket.messages = [message("m1", "customer", body.message, 0)];
    tickets.set(reference, ticket);
    tokens.set(reference, token);
    void play(ticket);
    const receipt = {
      ticket_id: reference,
      status_token: token,
      status_url: `/status/${reference}#${token}`,
      message: "Thank you. Your request is on file and the answer will appear on its page.",
      estimated_response_time: "within 24 hours",
      status: "received",
    };
    if (key !== undefined) filed.set(key, receipt);
    return sendJson(response, 200, receipt);
  };

  const openStream = (request, response, ticket) => {
    const reference = ticket.ticket_id;
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
    listenersOf(reference).add(response);
    request.on("close", () => listenersOf(reference).delete(response));
    response.write(`event: progress\ndata: ${JSON.stringify(ticket.progress)}\n\n`);
    const suffix = reference.slice(-4);
    if (suffix === "WRIT" || suffix === "CHCK" || suffix === "RETR") {
      for (const [index, text] of SENTENCES.slice(0, 4).entries()) emit(reference, "sentence", { index, text });
    }
    if (suffix === "RETR") emit(reference, "retracted", {});
    if (suffix === "LIVE" && ticket.progress.stage === "received") void play(ticket);
  };

  const onTicket = async (request, response, reference, rest, token) => {
    const suffix = reference.slice(-4);
    if (!/^TF-\d{8}-[A-Z0-9]{4}$/.test(reference)) return sendProblem(response, 400, "bad_reference", "Not a reference.");
    if (token === null || token === "") return sendProblem(response, 401, "token_missing", "The token is missing.");
    if (suffix === "DOWN") return sendProblem(response, 503, "unavailable", "Storage is busy.", {}, { "retry-after": "5" });
    if (suffix === "SLOW") return undefined;
    // The standing tickets open with any token but "wrong".
    const isWrong = tokens.has(reference) ? tokens.get(reference) !== token : token === "wrong";
    const ticket = isWrong ? undefined : find(reference);
    if (ticket === undefined) return sendProblem(response, 404, "not_found", "No such ticket.");
    if (rest === "/events") return suffix === "LOST" ? response.destroy() : openStream(request, response, ticket);
    if (rest === "" && request.method === "GET") return sendJson(response, 200, ticket);
    const body = (await readJson(request)) ?? {};
    if (rest === "/feedback") {
      ticket.feedback = body.helped === true ? "helped" : "not_helped";
      ticket.status = body.helped === true ? "resolved" : "escalated";
      emit(reference, "status", { status: ticket.status, assigned_to: null });
      if (body.helped !== true) advance(ticket, "with_a_person");
      return sendJson(response, 200, { status: ticket.status, feedback: ticket.feedback });
    }
    if (rest === "/messages") {
      if (/^fail/i.test(body.message ?? "")) return sendProblem(response, 503, "unavailable", "Storage is busy.", {}, { "retry-after": "8" });
      const added = message(`m${ticket.messages.length + 1}`, "customer", String(body.message), 0);
      ticket.messages.push(added);
      ticket.feedback = null;
      advance(ticket, "received");
      void play(ticket);
      return sendJson(response, 200, { message_id: added.id, status: "received" });
    }
    return sendProblem(response, 404, "not_found", "No such route.");
  };

  return async (request, response) => {
    const url = new URL(request.url ?? "/", "http://mock");
    if (url.pathname === "/support/config") {
      sendJson(response, 200, plans ? CONFIG : { ...CONFIG, plans: undefined });
      return true;
    }
    if (url.pathname === "/support/submit" && request.method === "POST") {
      await submit(request, response);
      return true;
    }
    const match = /^\/support\/ticket\/([^/]+)(\/events|\/messages|\/feedback)?$/.exec(url.pathname);
    if (match !== null) {
      await onTicket(request, response, decodeURIComponent(match[1]), match[2] ?? "", url.searchParams.get("token"));
      return true;
    }
    return false;
  };
}
