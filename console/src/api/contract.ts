/**
 * The shapes of the console's HTTP interface, as docs/API.md and GET /api/openapi.json state them.
 * Times are RFC 3339 strings in UTC; ids are UUIDs; a ticket is named by its reference.
 */

export type Problem = {
  type: string;            // "urn:frontdesk:problem:<code>"
  title: string;
  status: number;
  detail: string;          // for people, English
  code: string;            // stable, for programs
  errors?: { field: string; code: string; message: string }[]; // 422 only
}
export type Page<T> = { items: T[]; next_cursor: string | null }

export type Role = "viewer" | "operator" | "administrator";
export type Channel = "web" | "email" | "whatsapp";
export type TicketStatus = "open" | "in_progress" | "escalated" | "resolved" | "closed";
export type Stage = "received" | "reading" | "searching" | "writing" | "checking" | "with_a_person" | "answered" | "failed";
export type Plan = "free" | "pro" | "enterprise";
export type Intent = "how_to" | "password_reset" | "integration_issue" | "sync_problem" | "billing_inquiry" | "bug_report"
  | "feature_request" | "data_concern" | "notification_issue" | "mobile_issue" | "feedback" | "general";
export type EscalationCategory = "billing" | "legal" | "security" | "account" | "technical" | "churn" | "general";
export type Urgency = "critical" | "high" | "normal" | "low";
export type Sla = "ok" | "due_soon" | "overdue";
export type Decision = "sent" | "flagged" | "held" | "escalated" | "acknowledged" | "ignored";

export type Setup = {
  needs_administrator: boolean;
  company: Company | null;   // as set so far, to prefill; null when set up already
}
export type SetupRequest = { administrator: { name: string; password: string }; company: Company }
export type Company = {
  name: string;              // 1..100
  product: string;           // 1..100
  support_email: string;     // an address
  disclosure: string;        // said under automatic replies, "" to say nothing; may hold {company}; ≤ 300
  sign_off: string;          // e-mail's sign-off; may hold {company}, line breaks; ≤ 300
}

export type SignIn = { name: string; password: string; code?: string } // code: 6 digits, or a recovery code
export type Me = {
  id: string | null;         // null for tokens
  name: string;
  role: Role;
  via: "session" | "token";
  totp: boolean;
  recovery_codes_left: number;
  session_expires_at: string | null;
}
export type Session = { id: string; created_at: string; last_seen_at: string; expires_at: string; address: string; client: string; current: boolean }
export type TotpEnrolment = { secret: string; uri: string; qr: string /* data:image/png;base64,… */ }
export type RecoveryCodes = { recovery_codes: string[] /* ten, shown once */ }

export type View = "all" | "mine" | "unassigned" | "needs_approval" | "escalated" | "waiting" | "snoozed" | "closed" | "spam";
export type Counts = Record<View, number>;
export type Colleague = { id: string; name: string; role: Role; disabled: boolean }
export type Row = {
  reference: string;
  conversation_id: string;
  subject: string;
  customer: { id: string; name: string | null };
  channel: Channel;
  status: TicketStatus;
  stage: Stage;
  category: "general" | "technical" | "billing" | "feedback" | "bug_report";
  priority: "low" | "medium" | "high" | "urgent";
  plan: Plan;
  language: string | null;
  sentiment: number | null;          // -1..1, newest customer message
  team: string | null;
  assignee: { id: string; name: string } | null;
  taken_over_by: string | null;      // name; the assistant is silent while set
  escalation: { reference: string; category: EscalationCategory; urgency: Urgency; due_at: string; sla: Sla } | null; // open one
  draft: "held" | "flagged" | null;  // held: waits for approval
  snoozed_until: string | null;
  spam: boolean;
  labels: string[];
  waiting_since: string | null;      // oldest unanswered customer message
  last_message: { at: string; role: "customer" | "assistant" | "operator" | "system"; preview: string /* ≤ 140 chars */ };
  created_at: string;
  updated_at: string;
}
export type SearchHit = { conversation: Row; matched: "message" | "subject" | "customer"; snippet: string /* plain; hits between U+0002 and U+0003 */ }

export type ConversationDetail = {
  row: Row;
  /** Send this back as `seen_message_id` with approve and reply: the newest customer message you saw. */
  newest_message_id: string;
  thread: ThreadItem[];      // oldest first, at most the newest 300
  customer: CustomerPanel;
  assistant: AssistantPanel;
  escalations: Escalation[]; // newest first
  pending: Pending[];        // what waits in the outbox and can still be undone
  viewers: Presence[];
}
export type ThreadItem = ThreadMessage | ThreadNote | ThreadEvent;
export type ThreadMessage = {
  kind: "message";
  id: string;
  reference: string;          // the ticket it belongs to
  role: "customer" | "assistant" | "operator" | "system";
  channel: Channel;
  text: string;
  at: string;
  sentiment: number | null;
  automatic: boolean;         // written by the assistant, approved by nobody
  author: string | null;      // the operator's name
  delivery: "pending" | "sent" | "delivered" | "read" | "failed" | "cancelled" | null; // null for customers" messages
  delivery_error: string | null;
  sources: Source[];
  attachments: { id: string; name: string; media_type: string; bytes: number }[]; // empty for now
}
export type ThreadNote = { kind: "note"; id: string; reference: string; author: string; text: string; at: string }
export type ThreadEvent = { kind: "event"; id: string; reference: string; at: string; actor: string; action: string; text: string } // "taken over", "closed" …
export type Source = { passage_id: number; title: string; section: string; url: string }
export type CustomerPanel = {
  id: string;
  name: string | null;
  plan: Plan | null;
  identifiers: { kind: "email" | "phone" | "whatsapp"; value: string; verified: boolean }[];
  first_contact_at: string;
  last_contact_at: string;
  tickets: { reference: string; subject: string; status: TicketStatus; channel: Channel; created_at: string }[]; // newest 20
  sentiment: { at: string; score: number }[];   // oldest first, newest 50
  trend: "improving" | "stable" | "declining" | "unknown";
  merges: { id: string; merged_customer_id: string; merged_name: string | null; at: string; by: string }[]; // can be undone
}
export type AssistantPanel = {
  draft: Draft | null;        // the newest
  decision: { decision: Decision; reason: string; at: string; message_id: string } | null;
  triage: TriageView | null;  // of the newest customer message that was read
  egress: { at: string; destination: string; model: string; purpose: string; redactions: number; request_text: string }[];
}
export type Draft = {
  id: string;
  state: "sent" | "flagged" | "held" | "unused" | "approved" | "rejected" | "superseded";
  void: boolean;              // a newer customer message came: approve answers 409 `draft_void`
  body: string;               // without greeting and sign-off
  origin: "model" | "passage" | "hosted";
  confidence: number;         // 0..1
  sources: Source[];
  sentences: { text: string; supported: boolean; passage_id: number | null; similarity: number | null; fault: string | null }[];
  created_at: string;
  decided_by: string | null;
  decided_at: string | null;
}
export type TriageView = {
  kind: "request" | "greeting" | "thanks" | "emoji_only" | "empty" | "spam" | "automatic_mail";
  language: string | null;
  language_served: boolean;
  intent: Intent;
  sentiment: { score: number; confidence: number };
  injection: { score: number; flagged: boolean; evidence: string[] };
  escalation: { score: number; category: EscalationCategory; urgency: Urgency; signals: Signal[] };
}
export type Signal = { name: string; category: EscalationCategory; class: "always" | "likely" | "never"; source: "rule" | "exemplar" | "sentiment" | "history" | "circumstance"; weight: number; evidence: string }
export type Pending = { outbox_id: string; message_id: string; until: string }

export type ActionResult = { row: Row; undo: Pending | null }

export type Presence = { operator: string; typing: boolean; reference: string | null }
export type ConsoleEvent =
  | { event: "hello"; data: { version: string } }
  | { event: "reset"; data: Record<string, never> }
  | { event: "conversation"; data: { reference: string; status: TicketStatus; stage: Stage; assigned_to: string | null } } // changed: refetch row
  | { event: "message"; data: { reference: string; message_id: string | null } }        // message or note added, or delivered
  | { event: "draft"; data: { reference: string } }
  | { event: "escalation"; data: { reference: string } }
  | { event: "counts"; data: Record<string, never> }                        // counts may have changed: refetch (at most one a second)
  | { event: "presence"; data: { reference: string; viewers: Presence[] } }
  | { event: "knowledge"; data: KnowledgeJob };

export type Escalation = {
  id: string;
  reference: string;           // ESC-1A2B3C4D
  ticket: string; subject: string; customer: string | null; channel: Channel; plan: Plan;
  origin: "decision" | "approval" | "feedback" | "operator" | "failure";
  category: EscalationCategory; urgency: Urgency;
  reason: string; summary: string; attempts: string[]; sentiment: number; suggested_next_step: string;
  team: string; mailbox: string; promise: string;
  created_at: string; due_at: string; sla: Sla;
  resolved_at: string | null; resolved_by: string | null;
}

export type Document = { id: string; source: string; slug: string; title: string; passages: number; updated_at: string; url: string; editable: boolean /* came from the console */ }
export type KnowledgeJob = { id: string; state: "running" | "done" | "failed"; done: number; total: number; current: string | null; errors: { file: string; message: string }[] }
export type Retrieved = { passage_id: number; title: string; section: string; text: string; url: string; score: number; similarity: number | null; sentence_similarity: number | null; word_coverage: number; certainty: number; names_unknown: boolean }
export type ConflictSide = { passage_id: number; section: string; url: string; sentence: string; value: string }
export type Conflict = { id: number; kind: "amount" | "yes_no" | "expired" | "old_file"; topic: string; side: ConflictSide; other: ConflictSide | null; text: string; found_at: string; accepted_by: string | null; accepted_at: string | null }
export type Gap = { question: string; count: number; references: string[]; newest_at: string }   // grouped by likeness, most first

export type Report = { report: string; from: string; to: string; columns: { name: string; unit: "text" | "count" | "seconds" | "minutes" | "share" | "score" }[]; rows: (string | number | null)[][] }

export type User = { id: string; name: string; role: Role; disabled: boolean; totp: boolean; created_at: string; last_seen_at: string | null }
export type Token = { id: string; name: string; scope: "read" | "act" | "admin"; created_by: string; created_at: string; last_used_at: string | null; revoked_at: string | null }
export type NewMacro = { name: string /* 1..100 */; body: string /* Markdown, 1..10000; {name} {reference} {company} are filled in by the client when inserted */ }
export type Macro = NewMacro & { id: string; updated_by: string; updated_at: string }
export type Policy = { company: Company; bands: { send: number; send_and_flag: number; hold: number }; answer_mode: "model" | "passage"; files: { name: string; text: string; own: boolean }[] }
export type TryRequest = { text: string /* 1..5000 */; subject?: string; plan?: Plan; channel?: Channel }
export type TryResult = {
  triage: TriageView;
  first: { decision: "ignore" | "acknowledge" | "escalate" | "draft"; reason: string | null; category: EscalationCategory | null; urgency: Urgency | null };
  retrieval: Retrieved[];                 // empty unless drafted
  draft: { body: string; origin: string; confidence: number; sources: Source[]; sentences: Draft["sentences"]; note: string | null } | null;
  second: { decision: "send" | "send_and_flag" | "hold" | "person"; autonomy: "off" | "draft" | "auto" } | null;   // null unless drafted
  reply: string | null;                   // as it would be sent
  timings_ms: Record<string, number>;
}
export type Autonomy = { channel: Channel; intent: Intent | null /* the whole channel */; level: "off" | "draft" | "auto" }
export type BusinessHours = { time_zone: string /* IANA */; days: { day: "monday" | "tuesday" | "wednesday" | "thursday" | "friday" | "saturday" | "sunday"; from: string /* "09:00" */; to: string }[]; open_now?: boolean /* answers only */ }
export type AuditEntry = { id: number; at: string; actor: string; action: string; subject: string; details: Record<string, unknown> }
export type System = {
  version: string; ready: boolean; store: string;
  chat_model: string; embedding_model: string;     // "ready: <id>", "loading", "none configured", "failed; see the log"
  queue: { waiting: number; leased: number; dead: number; outbox_waiting: number; outbox_dead: number; oldest_due: string | null; stuck: boolean };
  disk: { free_bytes: number; total_bytes: number; database_bytes: number; low: boolean };
  dead_letters: { kind: "job" | "delivery"; id: string; reference: string; attempts: number; error: string; failed_at: string }[]; // newest 50
}

export type Rating = { reference: string; subject: string; score: number; rated_at: string; operator: string | null }
