/** A hundred thousand believable inbox rows, each made from its number alone, so that none needs to be kept. */
import type { Channel, Colleague, Intent, Plan, Row, TicketStatus, View } from "../src/api/contract.ts";

export const TOTAL = 100_000;
export const START_MS = Date.now();
const MINUTE_MS = 60_000;

export const OPERATORS: Colleague[] = [
  { id: "0b6f8f0e-0001-4c00-8000-000000000001", name: "Ada Moreau", role: "administrator", disabled: false },
  { id: "0b6f8f0e-0002-4c00-8000-000000000002", name: "Tomasz Lis", role: "operator", disabled: false },
  { id: "0b6f8f0e-0003-4c00-8000-000000000003", name: "Priya Raman", role: "operator", disabled: false },
  { id: "0b6f8f0e-0004-4c00-8000-000000000004", name: "Vera Holm", role: "viewer", disabled: false },
];

const GIVEN = ["Amara", "Jonas", "Mei", "Luca", "Sofia", "Kwame", "Ines", "Noah", "Yuki", "Fatima", "Diego", "Elin", "Arjun", "Chloé", "Omar", "Greta", "Mateo", "Zanele", "Piotr", "Leila"];
const FAMILY = ["Okafor", "Lindqvist", "Tan", "Bianchi", "Marković", "Mensah", "Duarte", "Fischer", "Sato", "Haddad", "Romero", "Nyberg", "Mehta", "Laurent", "Aziz", "Vogel", "Silva", "Dlamini", "Nowak", "Karimi"];

type Topic = { subject: string; text: string; intent: Intent; category: Row["category"]; mood: number };

export const TOPICS: Topic[] = [
  { subject: "Where do I export a whole workspace?", text: "We move our yearly archive next week. Where can I export the whole workspace, attachments included?", intent: "how_to", category: "technical", mood: 0.1 },
  { subject: "Calendar no longer syncs since Monday", text: "Since Monday new deadlines do not show up in our shared Google calendar. Old ones are still there.", intent: "sync_problem", category: "technical", mood: -0.3 },
  { subject: "Charged twice in November", text: "There are two charges of 48.00 on our card for November. Please have a look, this is the second time.", intent: "billing_inquiry", category: "billing", mood: -0.6 },
  { subject: "Reset link expires before it arrives", text: "The password reset email takes half an hour to arrive and by then the link says it has expired.", intent: "password_reset", category: "technical", mood: -0.4 },
  { subject: "Board view is wonderful, one wish", text: "The new board view saves us an hour a day. Could columns be collapsed, though?", intent: "feature_request", category: "feedback", mood: 0.8 },
  { subject: "Slack messages arrive in the wrong channel", text: "Every project posts to #general now although each has its own channel configured.", intent: "integration_issue", category: "technical", mood: -0.2 },
  { subject: "Invite link for our external auditor", text: "How do I invite an auditor who may read two projects and nothing else?", intent: "how_to", category: "general", mood: 0.2 },
  { subject: "Where is our data stored?", text: "Our data protection officer asks where backups are kept and for how long.", intent: "data_concern", category: "general", mood: 0 },
  { subject: "App closes when I open a comment", text: "On Android 15 the app closes every time I open a comment with a picture in it.", intent: "mobile_issue", category: "bug_report", mood: -0.5 },
  { subject: "Too many notification emails", text: "I get an email for every single change. I only want to hear about tasks that are mine.", intent: "notification_issue", category: "general", mood: -0.2 },
  { subject: "Upgrade from Pro to Enterprise mid-year", text: "If we upgrade in the middle of the year, is the rest of the Pro fee credited?", intent: "billing_inquiry", category: "billing", mood: 0.1 },
  { subject: "Recurring tasks skip February", text: "Tasks that recur on the 30th are skipped in February without a word.", intent: "bug_report", category: "bug_report", mood: -0.3 },
];

/** A number's own random numbers, the same every time (mulberry32). */
export function chance(seed: number): () => number {
  let state = (seed * 2654435761) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const at = (minutesAgo: number): string => new Date(START_MS - minutesAgo * MINUTE_MS).toISOString();
const pick = <T>(list: readonly T[], draw: number): T => list[Math.floor(draw * list.length)] as T;

export function uuid(kind: number, number: number): string {
  return `0b6f8f0e-${String(kind).padStart(4, "0")}-4c00-8000-${String(number).padStart(12, "0")}`;
}

export function personName(number: number): string {
  const draw = chance(number + 77);
  return `${pick(GIVEN, draw())} ${pick(FAMILY, draw())}`;
}

const LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ";

export function referenceOf(index: number): string {
  let rest = index;
  let code = "";
  for (let position = 0; position < 4; position += 1) {
    code = (LETTERS[rest % LETTERS.length] ?? "2") + code;
    rest = Math.floor(rest / LETTERS.length);
  }
  return `TF-${at(index * 6).slice(0, 10).replaceAll("-", "")}-${code}`;
}

export function indexOf(reference: string): number {
  let index = 0;
  for (const letter of reference.slice(-4)) index = index * LETTERS.length + Math.max(0, LETTERS.indexOf(letter));
  return index;
}

export const topicOf = (index: number): Topic => (TOPICS[index % TOPICS.length] as Topic);

/** Row 0 is the newest. The first dozen show every state that matters. */
export function row(index: number): Row {
  const draw = chance(index);
  const topic = topicOf(index);
  const ageMinutes = index === 0 ? 2 : index * 6 + Math.floor(draw() * 5);
  const channel = pick<Channel>(["web", "email", "email", "whatsapp"], draw());
  const isOld = index > 400 && draw() < 0.94;
  const isBilling = topic.category === "billing";
  const status: TicketStatus = isOld ? "closed" : isBilling && index < 300 ? "escalated" : pick(["open", "open", "in_progress", "resolved"], draw());
  const draft = !isOld && !isBilling && index % 4 === 0 ? "held" : !isOld && index % 11 === 3 ? "flagged" : null;
  const waits = !isOld && (draft === "held" || status === "escalated" || draw() < 0.4);
  const assignee = index % 5 === 2 ? (OPERATORS[1] as Colleague) : index % 7 === 1 ? (OPERATORS[0] as Colleague) : null;
  const sentiment = Math.max(-1, Math.min(1, topic.mood + (draw() - 0.5) * 0.4));
  const dueMinutes = (index % 9) * 35 - 60;
  const escalated = status === "escalated";
  return {
    reference: referenceOf(index),
    conversation_id: uuid(100, index),
    subject: topic.subject,
    customer: { id: uuid(200, index % 9000), name: index % 23 === 5 ? null : personName(index % 9000) },
    channel,
    status,
    stage: waits ? "with_a_person" : "answered",
    category: topic.category,
    priority: pick(["low", "medium", "medium", "high", "urgent"], draw()),
    plan: pick<Plan>(["free", "pro", "pro", "enterprise"], draw()),
    language: pick(["en", "en", "en", "de", "fr", "es"], draw()),
    sentiment: index % 13 === 6 ? null : sentiment,
    team: escalated ? "Billing" : null,
    assignee: assignee === null ? null : { id: assignee.id, name: assignee.name },
    taken_over_by: !isOld && index % 7 === 1 ? "Ada Moreau" : null,
    escalation: escalated
      ? {
          reference: `ESC-${(0x1a2b3c00 + index).toString(16).toUpperCase()}`,
          category: isBilling ? "billing" : "technical",
          urgency: pick(["critical", "high", "normal"], draw()),
          due_at: new Date(START_MS + dueMinutes * MINUTE_MS).toISOString(),
          sla: dueMinutes < 0 ? "overdue" : dueMinutes < 60 ? "due_soon" : "ok",
        }
      : null,
    draft,
    snoozed_until: !isOld && index % 37 === 30 ? new Date(START_MS + 3 * 3600_000).toISOString() : null,
    spam: index % 211 === 140,
    labels: index % 6 === 1 ? ["migration"] : index % 17 === 4 ? ["vip", "auditor"] : [],
    waiting_since: waits ? at(ageMinutes + 4) : null,
    last_message: {
      at: at(ageMinutes),
      role: waits ? "customer" : pick(["assistant", "operator"], draw()),
      preview: topic.text.slice(0, 140),
    },
    created_at: at(ageMinutes + 40),
    updated_at: at(ageMinutes),
  };
}

export function isIn(view: View, row: Row, operatorId: string): boolean {
  if (view === "spam") return row.spam;
  if (row.spam) return false;
  if (view === "all") return true;
  const isClosed = row.status === "closed";
  if (view === "closed") return isClosed;
  if (view === "snoozed") return row.snoozed_until !== null;
  if (isClosed || row.snoozed_until !== null) return false;
  if (view === "mine") return row.assignee?.id === operatorId;
  if (view === "unassigned") return row.assignee === null;
  if (view === "needs_approval") return row.draft === "held";
  if (view === "escalated") return row.escalation !== null;
  return row.waiting_since !== null;
}
