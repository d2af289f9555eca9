/** What the other screens show: knowledge, reports, settings. */
import type { AuditEntry, Autonomy, Backups, BusinessHours, Company, Conflict, Connection, Document, Gap, LedgerRow, Macro, Policy, Report, Retrieved, System, Token, TryResult, User } from "../src/api/contract.ts";
import { draftFor, SOURCES } from "./detail.ts";
import { chance, OPERATORS, row, START_MS, TOPICS, uuid } from "./rows.ts";

const DAY_MS = 86_400_000;
const ago = (days: number): string => new Date(START_MS - days * DAY_MS).toISOString();

export const COMPANY: Company = {
  name: "TaskFlow",
  product: "TaskFlow",
  support_email: "support@taskflow.example",
  disclosure: "This answer was written by {company}'s assistant, an AI, from our help centre.",
  sign_off: "Kind regards\n{company} Support",
  ask_rating: true,
};

const TITLES = ["Exporting and importing data", "Roles and permissions", "Billing and invoices", "Calendar sync", "Slack and Teams", "Notifications", "Mobile apps", "Passwords and sign-in", "Recurring tasks", "Where your data is kept", "API and webhooks", "Guests and auditors"];

export const documents: Document[] = TITLES.map((title, index) => {
  const slug = title.toLowerCase().replaceAll(/[^a-z]+/gu, "-");
  return { id: uuid(600, index), source: index < 8 ? "folder" : "console", slug, title, passages: 6 + ((index * 7) % 19), updated_at: ago(index * 9 + 1), url: `/help/${slug}`, editable: index >= 8 };
});

export const PASSAGES = [
  { id: 311, section: "Export a whole workspace", text: "Open Settings > Data > Export workspace. Choose what to include and select Export. You receive an email with a link when the archive is ready; the link works for seven days.", url: "/help/exporting-data#whole-workspace" },
  { id: 318, section: "What an export holds", text: "An export is one ZIP file with every project, its tasks, comments and attachments. Deleted items are not part of it.", url: "/help/exporting-data#contents" },
  { id: 97, section: "Who may export", text: "Owners and administrators of a workspace can export it. Members can export projects that they own.", url: "/help/roles#export" },
];

export function retrieved(query: string): Retrieved[] {
  return PASSAGES.map((passage, index) => ({
    passage_id: passage.id, title: SOURCES[index]?.title ?? "", section: SOURCES[index]?.section ?? "", text: passage.text, url: passage.url,
    score: 0.94 - index * 0.11, similarity: 0.81 - index * 0.09, sentence_similarity: 0.86 - index * 0.12, word_coverage: Math.max(0.2, 0.9 - index * 0.2 - query.length / 900), certainty: 0.88 - index * 0.17, names_unknown: false,
  }));
}

export const conflicts: Conflict[] = [
  { id: 4, kind: "amount", topic: "how long an export link works", side: { passage_id: 311, section: "Exporting and importing data > Export a whole workspace", url: "/help/exporting-data", sentence: "The link works for seven days.", value: "7 days" }, other: { passage_id: 402, section: "API and webhooks > Export by API", url: "/help/api", sentence: "Links to exports expire after 72 hours.", value: "72 hours" }, text: "Two passages give different lengths for the same link.", found_at: ago(2), accepted_by: null, accepted_at: null },
  { id: 7, kind: "expired", topic: "the old mobile app", side: { passage_id: 207, section: "Mobile apps > Older devices", url: "/help/mobile", sentence: "Version 3 is supported until 31 August 2026.", value: "31 August 2026" }, other: null, text: "The date in this passage has passed.", found_at: ago(11), accepted_by: null, accepted_at: null },
];

export const gaps: Gap[] = [
  { question: "Can columns on the board be collapsed?", count: 14, references: [row(4).reference, row(16).reference, row(28).reference], newest_at: ago(0.1) },
  { question: "Is the rest of the Pro fee credited when we upgrade?", count: 9, references: [row(10).reference, row(22).reference], newest_at: ago(0.4) },
  { question: "Do recurring tasks on the 30th move to the last day of February?", count: 5, references: [row(11).reference], newest_at: ago(1.4) },
];

function table(report: string, columns: Report["columns"], rows: Report["rows"], from: string, to: string): Report {
  return { report, from, to, columns, rows };
}

export function report(name: string, from: string, to: string): Report {
  const days: string[] = [];
  for (let at = Date.parse(from); at <= Date.parse(to) && days.length < 120; at += DAY_MS) days.push(new Date(at).toISOString().slice(0, 10));
  const draw = chance(name.length);
  const each = (make: (day: string, channel: string, busy: number) => (string | number | null)[]): Report["rows"] =>
    days.flatMap((day) => ["web", "email", "whatsapp"].map((channel, index) => make(day, channel, (new Date(day).getUTCDay() % 6 === 0 ? 0.35 : 1) * (0.7 + draw() * 0.6) * ([1, 1.6, 0.7][index] ?? 1))));
  switch (name) {
    case "volume":
      return table(name, [{ name: "day", unit: "text" }, { name: "channel", unit: "text" }, { name: "tickets", unit: "count" }, { name: "messages", unit: "count" }], each((day, channel, busy) => [day, channel, Math.round(busy * 62), Math.round(busy * 148)]), from, to);
    case "first_response":
      return table(name, [{ name: "day", unit: "text" }, { name: "channel", unit: "text" }, { name: "tickets", unit: "count" }, { name: "median_s", unit: "seconds" }, { name: "p90_s", unit: "seconds" }], each((day, channel, busy) => [day, channel, Math.round(busy * 58), Math.round(busy * 31), Math.round(busy * 900)]), from, to);
    case "resolution":
      return table(name, [{ name: "day", unit: "text" }, { name: "tickets", unit: "count" }, { name: "confirmed", unit: "count" }, { name: "assumed", unit: "count" }, { name: "durable", unit: "count" }, { name: "by_assistant", unit: "count" }], days.map((day) => { const all = 120 + Math.round(draw() * 70); return [day, all, Math.round(all * 0.24), Math.round(all * 0.41), Math.round(all * 0.52), Math.round(all * 0.58)]; }), from, to);
    case "escalations":
      return table(name, [{ name: "category", unit: "text" }, { name: "tickets", unit: "count" }, { name: "resolved", unit: "count" }, { name: "overdue", unit: "count" }, { name: "median_minutes", unit: "minutes" }], [["billing", 214, 201, 6, 96], ["technical", 122, 117, 2, 141], ["account", 68, 66, 0, 52], ["security", 19, 19, 0, 23], ["legal", 11, 9, 1, 410], ["churn", 8, 7, 0, 75]], from, to);
    case "sentiment":
      return table(name, [{ name: "day", unit: "text" }, { name: "channel", unit: "text" }, { name: "messages", unit: "count" }, { name: "average", unit: "score" }, { name: "negative", unit: "share" }], each((day, channel, busy) => [day, channel, Math.round(busy * 110), Math.round((draw() * 0.5 - 0.12) * 100) / 100, Math.round(draw() * 22 + 8) / 100]), from, to);
    case "calibration":
      return table(name, [{ name: "band", unit: "text" }, { name: "drafts", unit: "count" }, { name: "predicted", unit: "share" }, { name: "good", unit: "share" }, { name: "outcome", unit: "count" }], [0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9].map((band, index) => [`${band.toFixed(1)}–${(band + 0.1).toFixed(1)}`, 40 + index * 61, band + 0.05, Math.min(0.98, band + 0.02 + draw() * 0.06), 30 + index * 55]), from, to);
    default:
      return table(name, [{ name: "day", unit: "text" }, { name: "ratings", unit: "count" }, { name: "average", unit: "score" }, { name: "low", unit: "count" }], days.map((day) => [day, Math.round(9 + draw() * 20), Math.round((4 + draw() * 0.8) * 10) / 10, Math.round(draw() * 3)]), from, to);
  }
}

export const users: User[] = OPERATORS.map((operator, index) => ({ ...operator, totp: index < 2, created_at: ago(300 - index * 40), last_seen_at: index === 3 ? null : ago(index * 0.4) }));

export const tokens: Token[] = [
  { id: uuid(700, 1), name: "Nightly report", scope: "read", created_by: "Ada Moreau", created_at: ago(90), last_used_at: ago(0.3), revoked_at: null },
  { id: uuid(700, 2), name: "CRM bridge", scope: "act", created_by: "Ada Moreau", created_at: ago(41), last_used_at: ago(12), revoked_at: null },
];

export const macros: Macro[] = [
  { id: uuid(800, 1), name: "Ask for a screenshot", body: "Hello {name},\n\nthank you for writing. Could you send us a screenshot of what you see? With it we find the cause much faster.", updated_by: "Tomasz Lis", updated_at: ago(12) },
  { id: uuid(800, 2), name: "Refund is on its way", body: "Hello {name},\n\nthe refund for {reference} was started today. It reaches your account within **five working days**.", updated_by: "Ada Moreau", updated_at: ago(33) },
  { id: uuid(800, 3), name: "Known problem, being fixed", body: "Hello {name},\n\nthis is a known problem and our developers are on it. We write to you here as soon as it is fixed.", updated_by: "Priya Raman", updated_at: ago(4) },
];

export const policy: Policy = {
  company: COMPANY,
  bands: { send: 0.86, send_and_flag: 0.74, hold: 0.45 },
  answer_mode: "model",
  files: [
    { name: "escalation.toml", own: false, text: "# What always goes to a person.\n[[signal]]\nname = \"double_charge\"\ncategory = \"billing\"\nclass = \"always\"\nphrases = [\"charged twice\", \"double charge\"]\n" },
    { name: "voice.toml", own: true, text: "greeting = \"Hello{name},\"\nempathy = true\nmax_sentences = 8\n" },
  ],
};

export const autonomy: Autonomy[] = [
  { channel: "web", intent: null, level: "auto" },
  { channel: "email", intent: null, level: "draft" },
  { channel: "whatsapp", intent: null, level: "draft" },
  { channel: "web", intent: "billing_inquiry", level: "off" },
  { channel: "email", intent: "how_to", level: "auto" },
];

export const hours: BusinessHours = {
  time_zone: "Europe/Berlin",
  days: (["monday", "tuesday", "wednesday", "thursday", "friday"] as const).map((day) => ({ day, from: "09:00", to: "17:30" })),
  open_now: true,
};

export const audit: AuditEntry[] = Array.from({ length: 60 }, (_, index) => ({
  id: 4200 - index,
  at: ago(index * 0.07),
  actor: ["Ada Moreau", "Tomasz Lis", "assistant", "Priya Raman"][index % 4] ?? "system",
  action: ["conversation.reply", "conversation.approve", "session.sign_in", "knowledge.upload", "conversation.take_over", "user.role"][index % 6] ?? "system.start",
  subject: index % 6 === 2 ? "session" : row(index).reference,
  details: index % 6 === 5 ? { from: "viewer", to: "operator" } : {},
}));

export const system: System = {
  version: "0.1.0", ready: true, store: "ready",
  chat_model: "ready: qwen2.5-coder-1.5b-instruct-q4_k_m", embedding_model: "ready: all-minilm-l6-v2",
  queue: { waiting: 3, leased: 1, dead: 0, outbox_waiting: 2, outbox_dead: 1, oldest_due: null, stuck: false },
  disk: { free_bytes: 61_200_000_000, total_bytes: 128_000_000_000, database_bytes: 1_930_000_000, low: false },
  dead_letters: [{ kind: "delivery", id: uuid(900, 1), reference: row(6).reference, attempts: 8, error: "550 5.1.1 mailbox unknown", failed_at: ago(0.6) }],
};

export function tried(text: string): TryResult {
  const draft = draftFor({ ...row(0), draft: "held" });
  const disputed = /refund|charged/iu.test(text);
  return {
    triage: { kind: "request", language: "en", language_served: true, intent: disputed ? "billing_inquiry" : "how_to", sentiment: { score: -0.1, confidence: 0.7 }, injection: { score: 0.01, flagged: false, evidence: [] }, escalation: { score: disputed ? 0.98 : 0.12, category: disputed ? "billing" : "general", urgency: disputed ? "high" : "normal", signals: disputed ? [{ name: "double_charge", category: "billing", class: "always", source: "rule", weight: 1, evidence: "“charged twice”" }] : [] } },
    first: disputed ? { decision: "escalate", reason: "A disputed charge always goes to a person.", category: "billing", urgency: "high" } : { decision: "draft", reason: null, category: null, urgency: null },
    retrieval: disputed ? [] : retrieved(text),
    draft: disputed || draft === null ? null : { body: draft.body, origin: "model", confidence: 0.83, sources: draft.sources, sentences: draft.sentences.slice(0, 3), note: null },
    second: disputed ? null : { decision: "send", autonomy: "auto" },
    reply: disputed ? null : `Hello,\n\n${TOPICS.length > 0 ? "You can export a whole workspace under Settings > Data > Export workspace. The archive holds every project with its tasks, comments and attachments as one ZIP file." : ""}\n\nKind regards\nTaskFlow Support`,
    timings_ms: { triage: 41, retrieval: 28, draft: 2140, verify: 96 },
  };
}

export const connections: Connection[] = [
  { channel: "email", account: "support", direction: "receiving", state: "ok", reason: null, since: ago(6) },
  { channel: "email", account: "support", direction: "sending", state: "failing", reason: "The server refuses the password. Put it right in the settings file and restart.", since: ago(0.1) },
];

export const backups: Backups = {
  folder: "/var/lib/frontdesk/backups",
  every_hours: 24,
  keep: 7,
  items: [1, 2, 3].map((days) => ({ name: `frontdesk-202611${24 - days}T170000Z.db`, bytes: 48_300_032 - days * 220_000, made_at: ago(days) })),
};

export const ledger: LedgerRow[] = Array.from({ length: 12 }, (_, index) => ({
  number: 12 - index, at: ago(index / 3), purpose: index % 4 === 3 ? "hosted_model" : "mail", destination: index % 4 === 3 ? "api.hosted.example:443" : "imap.taskflow.example:993", bytes: 700 + index * 411, sha256: uuid(610, index).replaceAll("-", "").repeat(2),
}));
