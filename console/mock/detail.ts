/** A conversation as the detail view shows it: thread, customer, and what the assistant thought. */
import type { ConversationDetail, Draft, Escalation, Row, Signal, Source, ThreadItem, TriageView } from "../src/api/contract.ts";
import { chance, indexOf, START_MS, topicOf, uuid } from "./rows.ts";

const MINUTE_MS = 60_000;
const before = (at: string, minutes: number): string => new Date(Date.parse(at) - minutes * MINUTE_MS).toISOString();

export const SOURCES: Source[] = [
  { passage_id: 311, title: "Exporting and importing data", section: "Exporting and importing data > Export a whole workspace", url: "/help/exporting-data#whole-workspace" },
  { passage_id: 318, title: "Exporting and importing data", section: "Exporting and importing data > What an export holds", url: "/help/exporting-data#contents" },
  { passage_id: 97, title: "Roles and permissions", section: "Roles and permissions > Who may export", url: "/help/roles#export" },
];

const SENTENCES: Draft["sentences"] = [
  { text: "You can export a whole workspace under Settings > Data > Export workspace.", supported: true, passage_id: 311, similarity: 0.91, fault: null },
  { text: "The archive holds every project with its tasks, comments and attachments as one ZIP file.", supported: true, passage_id: 318, similarity: 0.86, fault: null },
  { text: "Only owners and administrators of the workspace see this entry.", supported: true, passage_id: 97, similarity: 0.78, fault: null },
  { text: "Large workspaces usually take about two hours to prepare.", supported: false, passage_id: null, similarity: 0.41, fault: "the number \"two hours\" stands in no passage" },
];

export function draftFor(row: Row): Draft | null {
  if (row.draft === null) return null;
  return {
    id: uuid(300, indexOf(row.reference)),
    state: row.draft,
    void: false,
    body: SENTENCES.map(({ text }) => text).join(" "),
    origin: "model",
    confidence: 0.62 + chance(indexOf(row.reference) + 5)() * 0.25,
    sources: SOURCES,
    sentences: SENTENCES,
    created_at: row.last_message.at,
    decided_by: null,
    decided_at: null,
  };
}

const SIGNALS: Signal[] = [
  { name: "repeated_contact", category: "billing", class: "likely", source: "history", weight: 0.35, evidence: "third message on the same matter within two days" },
  { name: "double_charge", category: "billing", class: "always", source: "rule", weight: 1, evidence: "“charged twice”" },
];

function triage(row: Row): TriageView {
  const escalates = row.escalation !== null;
  return {
    kind: "request",
    language: row.language,
    language_served: true,
    intent: topicOf(indexOf(row.reference)).intent,
    sentiment: { score: row.sentiment ?? 0, confidence: 0.82 },
    injection: { score: 0.02, flagged: false, evidence: [] },
    escalation: { score: escalates ? 0.97 : 0.18, category: row.escalation?.category ?? "general", urgency: row.escalation?.urgency ?? "normal", signals: escalates ? SIGNALS : SIGNALS.slice(0, 1) },
  };
}

export function escalationOf(row: Row): Escalation | null {
  if (row.escalation === null) return null;
  return {
    id: uuid(400, indexOf(row.reference)),
    reference: row.escalation.reference,
    ticket: row.reference,
    subject: row.subject,
    customer: row.customer.name,
    channel: row.channel,
    plan: row.plan,
    origin: "decision",
    category: row.escalation.category,
    urgency: row.escalation.urgency,
    reason: "A charge is disputed: refunds are always decided by a person.",
    summary: "The customer sees two charges of 48.00 for November on the same card and asks for one of them back. A similar case was settled in June.",
    attempts: ["Searched the help centre for “charged twice”", "Found the invoice page; nothing there explains a second charge"],
    sentiment: row.sentiment ?? 0,
    suggested_next_step: "Compare both charges in the payment provider; refund the second one if the invoice numbers match.",
    team: "Billing",
    mailbox: "billing@taskflow.example",
    promise: "An answer within four business hours",
    created_at: row.last_message.at,
    due_at: row.escalation.due_at,
    sla: row.escalation.sla,
    resolved_at: null,
    resolved_by: null,
  };
}

function thread(row: Row): ThreadItem[] {
  const { reference, channel, last_message: last } = row;
  const topic = topicOf(indexOf(reference));
  const base = { reference, channel, delivery_error: null, sources: [], attachments: [], formatted: false, verified: channel === "email" ? true : null, held: null, automatic_mail: null };
  const id = (step: number): string => uuid(500 + step, indexOf(reference));
  const items: ThreadItem[] = [
    { kind: "message", id: id(1), ...base, role: "customer", text: `Hello,\n\n${topic.text}\n\nThank you\n${row.customer.name ?? ""}`, at: before(last.at, 190), sentiment: (row.sentiment ?? 0) + 0.1, automatic: false, author: null, delivery: null, formatted: channel === "email", verified: channel === "email" ? indexOf(reference) % 2 === 0 : null, attachments: channel === "web" ? [] : [{ id: uuid(520, indexOf(reference)), name: "workspace settings.png", media_type: "image/png", bytes: 48_211 }] },
    { kind: "message", id: id(2), ...base, role: "assistant", text: "Hello,\n\nthank you for writing. You find this under Settings > Data. Choose the workspace, then Export; you get an email with a link once the archive is ready.\n\nKind regards\nTaskFlow Support", at: before(last.at, 188), sentiment: null, automatic: true, author: null, delivery: "delivered", sources: SOURCES.slice(0, 1) },
    { kind: "event", id: id(3), reference, at: before(last.at, 60), actor: "Tomasz Lis", action: "labels", text: "labelled it “migration”" },
    { kind: "note", id: id(4), reference, author: "Tomasz Lis", text: "Their contract renews on the 30th. Sales knows about the migration; keep it friendly and quick.", at: before(last.at, 58) },
  ];
  if (row.taken_over_by !== null) items.push({ kind: "event", id: id(5), reference, at: before(last.at, 40), actor: row.taken_over_by, action: "taken_over", text: "took over; the assistant is silent" });
  if (row.escalation !== null) items.push({ kind: "event", id: id(6), reference, at: before(last.at, 1), actor: "assistant", action: "escalated", text: "handed it to Billing: a charge is disputed" });
  items.push({ kind: "message", id: id(7), ...base, role: "customer", text: topic.text, at: before(last.at, 2), sentiment: row.sentiment, automatic: false, author: null, delivery: null });
  if (row.waiting_since === null) {
    items.push({ kind: "message", id: id(8), ...base, role: last.role, text: "Done: the archive is on its way to you. Write again if the link does not arrive within the hour.", at: last.at, sentiment: null, automatic: last.role === "assistant", author: last.role === "operator" ? "Priya Raman" : null, delivery: indexOf(reference) % 9 === 7 ? "failed" : "sent", delivery_error: indexOf(reference) % 9 === 7 ? "550 5.1.1 mailbox unknown" : null });
  }
  return items;
}

export function detail(row: Row, added: ThreadItem[]): ConversationDetail {
  const index = indexOf(row.reference);
  const draw = chance(index + 3);
  const items = [...thread(row), ...added];
  const newest = items.filter((item) => item.kind === "message" && item.role === "customer").at(-1);
  const escalation = escalationOf(row);
  const sentiments = Array.from({ length: 9 }, (_, step) => ({ at: before(row.last_message.at, (9 - step) * 900), score: Math.max(-1, Math.min(1, (row.sentiment ?? 0) + (draw() - 0.5) * 0.9 + (8 - step) * 0.04)) }));
  return {
    row,
    newest_message_id: newest?.id ?? "",
    thread: items,
    customer: {
      id: row.customer.id,
      name: row.customer.name,
      plan: row.plan,
      identifiers: [
        { kind: "email", value: `${(row.customer.name ?? "someone").toLowerCase().replaceAll(/[^a-z]+/gu, ".")}@example.com`, verified: row.channel === "email" },
        ...(row.channel === "whatsapp" ? [{ kind: "whatsapp" as const, value: "+49 151 5550 1442", verified: true }] : []),
      ],
      first_contact_at: before(row.created_at, 60 * 24 * 190),
      last_contact_at: row.last_message.at,
      tickets: [
        { reference: row.reference, subject: row.subject, status: row.status, channel: row.channel, created_at: row.created_at },
        { reference: "TF-20260611-9QK4", subject: "Invoice for May is missing", status: "closed", channel: "email", created_at: before(row.created_at, 60 * 24 * 160) },
        { reference: "TF-20260402-2MZ7", subject: "Adding a second workspace", status: "closed", channel: "web", created_at: before(row.created_at, 60 * 24 * 230) },
      ],
      sentiment: sentiments,
      trend: (row.sentiment ?? 0) < -0.2 ? "declining" : "stable",
      merges: [],
    },
    assistant: {
      draft: draftFor(row),
      decision: {
        decision: row.escalation !== null ? "escalated" : row.draft === "held" ? "held" : row.draft === "flagged" ? "flagged" : "sent",
        reason: row.escalation !== null ? "A disputed charge always goes to a person." : row.draft === "held" ? "One sentence has no passage behind it, so a person decides." : "Every sentence is supported.",
        at: row.last_message.at,
        message_id: newest?.id ?? "",
      },
      triage: triage(row),
      egress: index % 16 === 0 ? [{ at: row.last_message.at, destination: "api.hosted.example", model: "large-1", purpose: "draft", redactions: 3, request_text: "A customer of [COMPANY] asks: We move our yearly archive next week. Where can I export the whole workspace? Sign: [NAME 1], [EMAIL 1]" }] : [],
    },
    escalations: escalation === null ? [] : [escalation],
    pending: [],
    rating_url: "http://localhost:8080/support/rate/mock",
    viewers: index % 12 === 0 ? [{ operator: "Priya Raman", typing: index % 24 === 0, reference: row.reference }] : [],
  };
}

export const startIso = new Date(START_MS).toISOString();
