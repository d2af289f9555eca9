/**
 * A stand-in for the server, for development, screenshots and browser tests; it keeps what is sent in memory.
 * Sign in as "Ada Moreau" (administrator), "Tomasz Lis" (operator, asks for a code: 123456) or "Vera Holm" (viewer),
 * each with the password "correct horse"; "Fresh Box" in the cookie plays a box that was never set up.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Autonomy, BusinessHours, Company, ConsoleEvent, KnowledgeJob, Me, NewMacro, Role, Row, ThreadItem, View } from "../src/api/contract.ts";
import * as desk from "./desk-data.ts";
import { detail, escalationOf } from "./detail.ts";
import { indexOf, isIn, OPERATORS, personName, row, TOTAL, uuid } from "./rows.ts";

const BODY_LIMIT = 8 * 1024 * 1024;

class Refusal extends Error {
  constructor(readonly status: number, readonly code: string, detail: string, readonly errors?: { field: string; code: string; message: string }[]) {
    super(detail);
  }
}

type Call = { method: string; path: string; query: URLSearchParams; body: Record<string, unknown>; me: Me | null; response: ServerResponse };
type Route = { method: string; pattern: RegExp; least: Role | null; answer: (call: Call, parts: string[]) => unknown };

const RANK: Record<Role, number> = { viewer: 0, operator: 1, administrator: 2 };

async function readBody(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size > BODY_LIMIT) throw new Refusal(413, "too_large", "That is too large.");
    chunks.push(chunk as Buffer);
  }
  if (!(request.headers["content-type"] ?? "").includes("json")) return {};
  return JSON.parse(Buffer.concat(chunks).toString("utf8")) as Record<string, unknown>;
}

function meNamed(name: string): Me | null {
  const operator = OPERATORS.find((each) => each.name === name);
  if (operator === undefined) return null;
  return { id: operator.id, name: operator.name, role: operator.role, via: "session", totp: operator.name === "Tomasz Lis", recovery_codes_left: 8, session_expires_at: null };
}

function cookieName(request: IncomingMessage): string {
  return decodeURIComponent(/mock_session=([^;]*)/u.exec(request.headers.cookie ?? "")?.[1] ?? "");
}

type Middleware = (request: IncomingMessage, response: ServerResponse, next: () => void) => void;

export function createMock(): Middleware {
  const changes = new Map<string, Partial<Row>>();
  const added = new Map<string, ThreadItem[]>();
  const streams = new Set<ServerResponse>();
  const kept = { company: { ...desk.COMPANY }, autonomy: desk.autonomy, hours: desk.hours, macros: [...desk.macros], users: [...desk.users], tokens: [...desk.tokens], documents: [...desk.documents] };
  let job: KnowledgeJob = { id: uuid(950, 1), state: "done", done: 0, total: 0, current: null, errors: [] };
  let eventId = 0;

  const tell = (event: ConsoleEvent): void => {
    eventId += 1;
    for (const stream of streams) stream.write(`id: ${eventId}\nevent: ${event.event}\ndata: ${JSON.stringify(event.data)}\n\n`);
  };
  const now = (index: number): Row => {
    const made = row(index);
    return { ...made, ...changes.get(made.reference) };
  };
  const found = (reference: string): Row => {
    const index = indexOf(reference);
    if (index >= TOTAL || row(index).reference !== reference) throw new Refusal(404, "not_found", "There is no such conversation.");
    return now(index);
  };
  const change = (reference: string, patch: Partial<Row>): Row => {
    changes.set(reference, { ...changes.get(reference), ...patch });
    const next = found(reference);
    tell({ event: "conversation", data: { reference, status: next.status, stage: next.stage, assigned_to: next.assignee?.name ?? null } });
    tell({ event: "counts", data: {} });
    return next;
  };
  const add = (reference: string, item: ThreadItem): void => {
    added.set(reference, [...(added.get(reference) ?? []), item]);
    tell({ event: "message", data: { reference, message_id: item.id } });
  };
  const counts = new Map<string, Record<View, number>>();
  const countAll = (operatorId: string): Record<View, number> => {
    const known = counts.get(operatorId);
    if (known !== undefined) return known;
    const sums: Record<View, number> = { all: 0, mine: 0, unassigned: 0, needs_approval: 0, escalated: 0, waiting: 0, snoozed: 0, closed: 0, spam: 0 };
    for (let index = 0; index < TOTAL; index += 1) {
      const each = now(index);
      for (const view of Object.keys(sums) as View[]) if (isIn(view, each, operatorId)) sums[view] += 1;
    }
    counts.set(operatorId, sums);
    return sums;
  };

  const listRows = ({ query, me }: Call): unknown => {
    const limit = Number(query.get("limit") ?? 50);
    const view = (query.get("view") ?? "all") as View;
    const wanted = (name: string, value: string | null | undefined): boolean => query.get(name) === null || query.get(name) === value;
    const isOldest = query.get("sort") === "oldest";
    const items: Row[] = [];
    let step = Number(query.get("cursor") ?? 0);
    for (; step < TOTAL && items.length < limit; step += 1) {
      const each = now(isOldest ? TOTAL - 1 - step : step);
      const moodName = each.sentiment === null ? null : each.sentiment < -0.2 ? "negative" : each.sentiment > 0.2 ? "positive" : "neutral";
      if (isIn(view, each, me?.id ?? "") && wanted("channel", each.channel) && wanted("plan", each.plan) && wanted("sentiment", moodName) && wanted("team", each.team) && wanted("assignee", each.assignee?.id) && wanted("language", each.language) && (query.get("label") === null || each.labels.includes(query.get("label") ?? ""))) items.push(each);
    }
    return { items, next_cursor: step < TOTAL ? String(step) : null };
  };

  const act = ({ body, me }: Call, [reference = "", action = ""]: string[]): unknown => {
    const before = found(reference);
    const by = me?.name ?? "operator";
    const id = uuid(960, eventId + 1);
    const at = new Date().toISOString();
    const event = (text: string): void => add(reference, { kind: "event", id, reference, at, actor: by, action, text });
    const send = (text: string): unknown => {
      add(reference, { kind: "message", id, reference, role: "operator", channel: before.channel, text, at, sentiment: null, automatic: false, author: by, delivery: "pending", delivery_error: null, sources: [], attachments: [], formatted: false, verified: null, held: null, automatic_mail: null });
      const next = change(reference, { draft: null, waiting_since: null, taken_over_by: by, last_message: { at, role: "operator", preview: text.slice(0, 140) }, ...(body.close === true ? { status: "closed" as const } : {}) });
      return { row: next, undo: { outbox_id: id, message_id: id, until: new Date(Date.now() + 10_000).toISOString() } };
    };
    const done = (patch: Partial<Row>, text: string): unknown => {
      event(text);
      return { row: change(reference, patch), undo: null };
    };
    switch (action) {
      case "reply": return send(String(body.text));
      case "approve": {
        if (before.reference === row(8).reference) throw new Refusal(409, "draft_void", "The customer wrote again: this draft no longer fits.");
        return send(typeof body.body === "string" ? body.body : (detail(before, []).assistant.draft?.body ?? ""));
      }
      case "discard": return done({ draft: null }, `discarded the draft: ${String(body.reason)}`);
      case "take-over":
        if (before.taken_over_by !== null && before.taken_over_by !== by && body.force !== true) throw new Refusal(409, "taken_over", `${before.taken_over_by} has this conversation.`);
        return done({ taken_over_by: by, assignee: { id: me?.id ?? "", name: by } }, "took over; the assistant is silent");
      case "hand-back": return done({ taken_over_by: null, escalation: null }, "handed it back to the assistant");
      case "escalate": return done({ status: "escalated" }, `escalated it: ${String(body.reason)}`);
      case "assign": {
        const operator = OPERATORS.find((each) => each.id === body.operator_id);
        return done({ assignee: operator === undefined ? null : { id: operator.id, name: operator.name } }, operator === undefined ? "unassigned it" : `assigned it to ${operator.name}`);
      }
      case "labels": return done({ labels: body.labels as string[] }, "changed the labels");
      case "snooze": return done({ snoozed_until: body.until as string | null }, body.until === null ? "woke it" : "snoozed it");
      case "close": return done({ status: "closed", draft: null, escalation: null }, "closed it");
      case "reopen": return done({ status: "open" }, "opened it again");
      case "spam": return done({ spam: true }, "marked it as spam");
      case "not-spam": return done({ spam: false }, "marked it as no spam");
      case "notes":
        add(reference, { kind: "note", id, reference, author: by, text: String(body.text), at });
        return { row: before, undo: null };
      case "undo":
        added.set(reference, (added.get(reference) ?? []).filter((item) => item.id !== body.outbox_id));
        changes.delete(reference);
        tell({ event: "message", data: { reference, message_id: null } });
        return { row: change(reference, {}), undo: null };
      default: throw new Refusal(404, "not_found", "There is no such action.");
    }
  };

  const index = (items: Record<string, unknown>[], id: string | undefined): number => {
    const at = items.findIndex((item) => item.id === id);
    if (at < 0) throw new Refusal(404, "not_found", "There is no such thing.");
    return at;
  };
  const startJob = (total: number): KnowledgeJob => {
    job = { id: uuid(950, eventId + 2), state: "running", done: 0, total, current: "Exporting data.md", errors: [] };
    const step = (): void => {
      job = { ...job, done: job.done + 1, state: job.done + 1 >= total ? "done" : "running" };
      tell({ event: "knowledge", data: job });
      if (job.state === "running") setTimeout(step, 250);
    };
    setTimeout(step, 250);
    return job;
  };

  const routes: Route[] = [
    { method: "GET", pattern: /^\/setup$/u, least: null, answer: () => ({ needs_administrator: false, company: null }) },
    { method: "POST", pattern: /^\/setup$/u, least: null, answer: ({ response }) => { response.setHeader("set-cookie", "mock_session=Ada%20Moreau; Path=/"); return meNamed("Ada Moreau"); } },
    { method: "POST", pattern: /^\/session$/u, least: null, answer: ({ body, response }) => {
      const me = meNamed(String(body.name));
      if (me === null || body.password !== "correct horse") throw new Refusal(401, "wrong_credentials", "Name or password are not right.");
      if (me.totp && body.code === undefined) throw new Refusal(401, "code_needed", "Enter the code from your authenticator app.");
      if (me.totp && body.code !== "123456") throw new Refusal(401, "wrong_code", "That code is not right.");
      response.setHeader("set-cookie", `mock_session=${encodeURIComponent(me.name)}; Path=/`);
      return me;
    } },
    { method: "GET", pattern: /^\/session$/u, least: "viewer", answer: ({ me }) => me },
    { method: "DELETE", pattern: /^\/session$/u, least: "viewer", answer: ({ response }) => { response.setHeader("set-cookie", "mock_session=; Path=/; Max-Age=0"); return null; } },
    { method: "GET", pattern: /^\/sessions$/u, least: "viewer", answer: () => ({ items: [{ id: uuid(970, 1), created_at: new Date().toISOString(), last_seen_at: new Date().toISOString(), expires_at: new Date(Date.now() + 8.64e7).toISOString(), address: "192.168.1.24", client: "Firefox on Linux", current: true }, { id: uuid(970, 2), created_at: new Date(Date.now() - 2e8).toISOString(), last_seen_at: new Date(Date.now() - 9e7).toISOString(), expires_at: new Date(Date.now() + 4e7).toISOString(), address: "192.168.1.80", client: "Safari on iPhone", current: false }] }) },
    { method: "DELETE", pattern: /^\/sessions(?:\/.+)?$/u, least: "viewer", answer: () => null },
    { method: "POST", pattern: /^\/account\/totp$/u, least: "viewer", answer: () => ({ secret: "JBSWY3DPEHPK3PXP", uri: "otpauth://totp/Frontdesk", qr: "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==" }) },
    { method: "POST", pattern: /^\/account\/(?:totp\/confirm|recovery-codes)$/u, least: "viewer", answer: () => ({ recovery_codes: Array.from({ length: 10 }, (_, each) => `k${each}fw-9q2${each}`) }) },
    { method: "POST", pattern: /^\/account\/.+$/u, least: "viewer", answer: () => null },
    { method: "GET", pattern: /^\/company$/u, least: "viewer", answer: () => kept.company },
    { method: "PUT", pattern: /^\/company$/u, least: "administrator", answer: ({ body }) => (kept.company = body as Company) },
    { method: "GET", pattern: /^\/conversations$/u, least: "viewer", answer: listRows },
    { method: "GET", pattern: /^\/conversations\/counts$/u, least: "viewer", answer: ({ me }) => countAll(me?.id ?? "") },
    { method: "GET", pattern: /^\/conversations\/([^/]+)$/u, least: "viewer", answer: (_call, [reference = ""]) => detail(found(reference), added.get(reference) ?? []) },
    { method: "POST", pattern: /^\/conversations\/([^/]+)\/([^/]+)$/u, least: "operator", answer: act },
    { method: "GET", pattern: /^\/search$/u, least: "viewer", answer: ({ query }) => {
      const words = (query.get("q") ?? "").toLowerCase().split(/\s+/u).filter(Boolean);
      const items = [];
      for (let each = 0; each < 3000 && items.length < 60; each += 1) {
        const hit = now(each);
        const text = `${hit.subject} ${hit.last_message.preview} ${hit.customer.name ?? ""} ${hit.reference}`;
        if (words.every((word) => text.toLowerCase().includes(word))) items.push({ conversation: hit, matched: "message" as const, snippet: hit.last_message.preview.replace(new RegExp(words[0] ?? "", "iu"), (found) => `\u0002${found}\u0003`) });
      }
      return { items };
    } },
    { method: "GET", pattern: /^\/operators$/u, least: "viewer", answer: () => ({ items: OPERATORS }) },
    { method: "GET", pattern: /^\/labels$/u, least: "viewer", answer: () => ({ items: [{ name: "migration", count: 412 }, { name: "vip", count: 77 }, { name: "auditor", count: 19 }] }) },
    { method: "GET", pattern: /^\/teams$/u, least: "viewer", answer: () => ({ items: [{ name: "Billing", mailbox: "billing@taskflow.example", categories: ["billing"] }, { name: "Security", mailbox: "security@taskflow.example", categories: ["security"] }] }) },
    { method: "GET", pattern: /^\/customers$/u, least: "viewer", answer: ({ query }) => {
      const q = (query.get("q") ?? "").toLowerCase();
      const items = [];
      for (let each = 0; each < 9000 && items.length < 20; each += 1) {
        const name = personName(each);
        if (name.toLowerCase().includes(q)) items.push({ id: uuid(200, each), name, identifiers: [{ kind: "email", value: `${name.toLowerCase().replaceAll(/[^a-z]+/gu, ".")}@example.com`, verified: each % 3 === 0 }], tickets: 1 + (each % 6) });
      }
      return { items };
    } },
    { method: "POST", pattern: /^\/customers\/.+\/merge$/u, least: "operator", answer: () => ({ merge_id: uuid(980, 1) }) },
    { method: "DELETE", pattern: /^\/merges\/.+$/u, least: "operator", answer: () => null },
    { method: "PUT", pattern: /^\/presence$/u, least: "viewer", answer: () => null },
    { method: "GET", pattern: /^\/escalations$/u, least: "viewer", answer: ({ query }) => {
      const items = [];
      for (let each = 0; each < 300; each += 1) {
        const found = escalationOf(now(each));
        if (found !== null) items.push(query.get("state") === "resolved" ? { ...found, resolved_at: new Date(Date.parse(found.due_at) - 20 * 60_000).toISOString(), resolved_by: "Tomasz Lis" } : found);
      }
      return { items: items.sort((one, other) => one.due_at.localeCompare(other.due_at)), next_cursor: null };
    } },
    { method: "POST", pattern: /^\/escalations\/([^/]+)\/resolve$/u, least: "operator", answer: (_call, [id = ""]) => {
      const before = now(Number(id.slice(-12)));
      const resolved = escalationOf(before);
      change(before.reference, { escalation: null, status: "in_progress" });
      return { ...resolved, resolved_at: new Date().toISOString(), resolved_by: "Ada Moreau" };
    } },
    { method: "GET", pattern: /^\/knowledge\/documents$/u, least: "viewer", answer: () => ({ items: kept.documents }) },
    { method: "GET", pattern: /^\/knowledge\/documents\/([^/]+)$/u, least: "viewer", answer: (_call, [id]) => ({ ...kept.documents[index(kept.documents, id)], passages: desk.PASSAGES, markdown: desk.PASSAGES.map((each) => `## ${each.section}\n\n${each.text}`).join("\n\n") }) },
    { method: "DELETE", pattern: /^\/knowledge\/documents\/([^/]+)$/u, least: "operator", answer: (_call, [id]) => { kept.documents.splice(index(kept.documents, id), 1); return null; } },
    { method: "POST", pattern: /^\/knowledge\/(?:documents|articles|reindex)$/u, least: "operator", answer: () => startJob(6) },
    { method: "GET", pattern: /^\/knowledge\/jobs\/.+$/u, least: "viewer", answer: () => job },
    { method: "GET", pattern: /^\/knowledge\/search$/u, least: "viewer", answer: ({ query }) => ({ items: desk.retrieved(query.get("q") ?? "") }) },
    { method: "GET", pattern: /^\/knowledge\/conflicts$/u, least: "viewer", answer: ({ query }) => ({ items: query.get("accepted") === "true" ? [] : desk.conflicts }) },
    { method: "POST", pattern: /^\/knowledge\/conflicts\/.+$/u, least: "operator", answer: () => null },
    { method: "GET", pattern: /^\/knowledge\/gaps$/u, least: "viewer", answer: () => ({ items: desk.gaps }) },
    { method: "GET", pattern: /^\/analytics\/([a-z_]+)$/u, least: "viewer", answer: ({ query }, [name = ""]) => desk.report(name, query.get("from") ?? "", query.get("to") ?? "") },
    { method: "GET", pattern: /^\/users$/u, least: "administrator", answer: () => ({ items: kept.users }) },
    { method: "POST", pattern: /^\/users$/u, least: "administrator", answer: ({ body }) => { const user = { id: uuid(990, kept.users.length), name: String(body.name), role: body.role as Role, disabled: false, totp: false, created_at: new Date().toISOString(), last_seen_at: null }; kept.users.push(user); return user; } },
    { method: "PATCH", pattern: /^\/users\/([^/]+)$/u, least: "administrator", answer: ({ body }, [id]) => { const at = index(kept.users, id); return (kept.users[at] = { ...kept.users[at], ...body } as (typeof kept.users)[number]); } },
    { method: "GET", pattern: /^\/tokens$/u, least: "administrator", answer: () => ({ items: kept.tokens }) },
    { method: "POST", pattern: /^\/tokens$/u, least: "administrator", answer: ({ body }) => { const token = { id: uuid(700, kept.tokens.length + 5), name: String(body.name), scope: body.scope as "read", created_by: "Ada Moreau", created_at: new Date().toISOString(), last_used_at: null, revoked_at: null }; kept.tokens.push(token); return { ...token, secret: "fd_5cK2vN8qWm4ZtY7hLr3bXs9e" }; } },
    { method: "DELETE", pattern: /^\/tokens\/([^/]+)$/u, least: "administrator", answer: (_call, [id]) => { kept.tokens.splice(index(kept.tokens, id), 1); return null; } },
    { method: "GET", pattern: /^\/macros$/u, least: "viewer", answer: () => ({ items: kept.macros }) },
    { method: "POST", pattern: /^\/macros$/u, least: "operator", answer: ({ body }) => { const macro = { ...(body as NewMacro), id: uuid(800, kept.macros.length + 9), updated_by: "Ada Moreau", updated_at: new Date().toISOString() }; kept.macros.push(macro); return macro; } },
    { method: "PUT", pattern: /^\/macros\/([^/]+)$/u, least: "operator", answer: ({ body }, [id]) => { const at = index(kept.macros, id); return (kept.macros[at] = { ...kept.macros[at], ...(body as NewMacro) } as (typeof kept.macros)[number]); } },
    { method: "DELETE", pattern: /^\/macros\/([^/]+)$/u, least: "operator", answer: (_call, [id]) => { kept.macros.splice(index(kept.macros, id), 1); return null; } },
    { method: "GET", pattern: /^\/policy$/u, least: "viewer", answer: () => desk.policy },
    { method: "POST", pattern: /^\/policy\/try$/u, least: "viewer", answer: ({ body }) => desk.tried(String(body.text)) },
    { method: "GET", pattern: /^\/autonomy$/u, least: "viewer", answer: () => ({ entries: kept.autonomy }) },
    { method: "PUT", pattern: /^\/autonomy$/u, least: "administrator", answer: ({ body }) => ({ entries: (kept.autonomy = body.entries as Autonomy[]) }) },
    { method: "GET", pattern: /^\/business-hours$/u, least: "viewer", answer: () => kept.hours },
    { method: "PUT", pattern: /^\/business-hours$/u, least: "administrator", answer: ({ body }) => (kept.hours = body as BusinessHours) },
    { method: "GET", pattern: /^\/audit$/u, least: "administrator", answer: ({ query }) => ({ items: desk.audit.filter((entry) => entry.action.startsWith(query.get("action") ?? "") && entry.actor.toLowerCase().includes((query.get("actor") ?? "").toLowerCase())), next_cursor: null }) },
    { method: "GET", pattern: /^\/system$/u, least: "viewer", answer: () => desk.system },
    { method: "POST", pattern: /^\/system\/dead-letters\/replay$/u, least: "operator", answer: () => null },
    { method: "GET", pattern: /^\/channels$/u, least: "viewer", answer: () => ({ items: desk.connections }) },
    { method: "GET", pattern: /^\/backups$/u, least: "administrator", answer: () => desk.backups },
    { method: "POST", pattern: /^\/backups$/u, least: "administrator", answer: () => { const copy = { name: "frontdesk-20261124T170000Z.db", bytes: 48_300_032, made_at: new Date().toISOString() }; desk.backups.items.unshift(copy); return copy; } },
    { method: "GET", pattern: /^\/egress$/u, least: "viewer", answer: ({ query }) => ({ items: desk.ledger.filter(({ purpose }) => [null, "", purpose].includes(query.get("purpose"))), next_cursor: null }) },
    { method: "GET", pattern: /^\/egress\/check$/u, least: "administrator", answer: () => ({ whole: true, row: desk.ledger.length }) },
    { method: "POST", pattern: /^\/customers\/.+\/erase$/u, least: "administrator", answer: () => ({ customer_hash: "9f2c".repeat(16), erased_at: new Date().toISOString(), by: "Ada Moreau", counts: { messages: 12, tickets: 3, drafts: 2, files: 1 }, copies: [{ file: "frontdesk-20261123T170000Z.db", people: 1 }] }) },
    { method: "GET", pattern: /^\/ratings$/u, least: "viewer", answer: () => ({ items: [5, 4, 2].map((score, each) => ({ reference: row(each + 20).reference, subject: row(each + 20).subject, score, rated_at: new Date(Date.now() - each * 7.2e6).toISOString(), operator: each === 1 ? "Priya Raman" : null })), next_cursor: null }) },
  ];

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? "/", "http://mock");
    const path = url.pathname.slice("/api".length);
    const method = request.method ?? "GET";
    const me = meNamed(cookieName(request));
    if (path === "/events") {
      if (me === null) return void response.writeHead(401).end();
      response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
      response.write(`id: ${eventId}\nevent: hello\ndata: {"version":"0.1.0"}\n\n`);
      streams.add(response);
      response.on("close", () => streams.delete(response));
      return;
    }
    try {
      if (path === "/setup" && method === "GET" && cookieName(request) === "Fresh Box") {
        send(response, 200, { needs_administrator: true, company: { ...desk.COMPANY, name: "", product: "", support_email: "" } });
        return;
      }
      const matching = routes.find((route) => route.method === method && route.pattern.test(path));
      if (matching === undefined) throw new Refusal(404, "not_found", "There is no such address.");
      if (matching.least !== null && me === null) throw new Refusal(401, "unauthorised", "Sign in first.");
      if (method !== "GET" && request.headers["x-frontdesk-console"] !== "1") throw new Refusal(403, "csrf", "The request does not come from the console.");
      if (matching.least !== null && me !== null && RANK[me.role] < RANK[matching.least]) throw new Refusal(403, "forbidden", "Your role does not allow this.");
      const body = await readBody(request);
      const result = matching.answer({ method, path, query: url.searchParams, body, me, response }, [...(matching.pattern.exec(path) ?? [])].slice(1));
      send(response, result === null ? 204 : 200, result);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      send(response, error.status, { type: `urn:frontdesk:problem:${error.code}`, title: error.message, status: error.status, detail: error.message, code: error.code, errors: error.errors });
    }
  };

  return (request, response, next) => {
    if (!(request.url ?? "").startsWith("/api/")) {
      next();
      return;
    }
    answer(request, response).catch((error: unknown) => send(response, 500, { detail: String(error) }));
  };
}

function send(response: ServerResponse, status: number, body: unknown): void {
  if (status === 204) return void response.writeHead(204).end();
  response.writeHead(status, { "content-type": status < 400 ? "application/json" : "application/problem+json", "cache-control": "no-store" });
  response.end(JSON.stringify(body));
}
