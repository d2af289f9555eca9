/**
 * Reads what the server sent into the contract's shapes. Tolerant: a missing or
 * odd field becomes its default, so that an older or newer server never blanks
 * the page; only what cannot be shown at all (no reference, no text) is refused.
 */
import {
  FALLBACK_CONFIG,
  FALLBACK_LIMITS,
  ROLES,
  STAGES,
  TICKET_STATUSES,
  type Choice,
  type Limits,
  type Message,
  type Progress,
  type Receipt,
  type Source,
  type StreamEvent,
  type SupportConfig,
  type Ticket,
  type TicketStatus,
} from "./contract";

type Fields = Record<string, unknown>;

export function asFields(value: unknown): Fields | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : null;
}

function text(value: unknown, fallback = ""): string {
  if (typeof value === "string") return value;
  return typeof value === "number" ? String(value) : fallback;
}

function textOrNull(value: unknown): string | null {
  return typeof value === "string" && value.trim() !== "" ? value : null;
}

function oneOf<T extends string>(values: readonly T[], value: unknown): T | null {
  return values.find((known) => known === value) ?? null;
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}

function readChoices(value: unknown): Choice[] {
  return list(value).flatMap((entry) => {
    const fields = asFields(entry);
    const key = textOrNull(fields?.value);
    return key === null ? [] : [{ value: key, label: text(fields?.label, key) }];
  });
}

function readLimits(value: unknown): Limits {
  const fields = asFields(value) ?? {};
  const read = (name: keyof Limits): number => {
    const limit = fields[name];
    return typeof limit === "number" && Number.isInteger(limit) && limit > 0 ? limit : FALLBACK_LIMITS[name];
  };
  return {
    name_min: read("name_min"),
    name_max: read("name_max"),
    subject_min: read("subject_min"),
    subject_max: read("subject_max"),
    message_min: read("message_min"),
    message_max: read("message_max"),
  };
}

export function readConfig(value: unknown): SupportConfig {
  const fields = asFields(value);
  if (fields === null) return FALLBACK_CONFIG;
  const categories = readChoices(fields.categories);
  const priorities = readChoices(fields.priorities);
  return {
    company: text(fields.company),
    product: text(fields.product),
    support_email: textOrNull(fields.support_email),
    assistant_name: textOrNull(fields.assistant_name) ?? FALLBACK_CONFIG.assistant_name,
    disclosure: textOrNull(fields.disclosure) ?? FALLBACK_CONFIG.disclosure,
    privacy_note: textOrNull(fields.privacy_note),
    categories: categories.length > 0 ? categories : FALLBACK_CONFIG.categories,
    priorities: priorities.length > 0 ? priorities : FALLBACK_CONFIG.priorities,
    plans: readChoices(fields.plans),
    limits: readLimits(fields.limits),
  };
}

export function readReceipt(value: unknown): Receipt | null {
  const fields = asFields(value);
  const ticketId = textOrNull(fields?.ticket_id);
  if (fields === null || ticketId === null) return null;
  const token = text(fields.status_token);
  return {
    ticket_id: ticketId,
    status_token: token,
    status_url: `/status/${encodeURIComponent(ticketId)}#${token}`,
    message: text(fields.message),
    estimated_response_time: text(fields.estimated_response_time),
  };
}

export function readProgress(value: unknown): Progress | null {
  const fields = asFields(value);
  const stage = oneOf(STAGES, fields?.stage);
  return stage === null ? null : { stage, label: text(fields?.label), at: text(fields?.at) };
}

function readSource(value: unknown): Source[] {
  const fields = asFields(value);
  const title = textOrNull(fields?.title);
  return title === null ? [] : [{ title, section: textOrNull(fields?.section), url: textOrNull(fields?.url) }];
}

export function readMessage(value: unknown): Message | null {
  const fields = asFields(value);
  const role = oneOf(ROLES, fields?.role);
  const content = textOrNull(fields?.content);
  if (fields === null || role === null || content === null) return null;
  return {
    id: text(fields.id),
    role,
    content,
    channel: text(fields.channel),
    created_at: text(fields.created_at),
    sources: list(fields.sources).flatMap(readSource),
  };
}

function readStatus(value: unknown): TicketStatus | null {
  return oneOf(TICKET_STATUSES, value);
}

export function readTicket(value: unknown): Ticket | null {
  const fields = asFields(value);
  const ticketId = textOrNull(fields?.ticket_id);
  if (fields === null || ticketId === null) return null;
  return {
    ticket_id: ticketId,
    status: readStatus(fields.status) ?? "open",
    created_at: text(fields.created_at),
    subject: text(fields.subject),
    category: text(fields.category),
    priority: text(fields.priority),
    assigned_to: textOrNull(fields.assigned_to),
    progress: readProgress(fields.progress),
    messages: list(fields.messages).flatMap((entry) => readMessage(entry) ?? []),
    feedback: oneOf(["helped", "not_helped"], fields.feedback),
    rating_url: typeof fields.rating_url === "string" && fields.rating_url.startsWith("/support/rate/") ? fields.rating_url : null,
  };
}

/** One event of the ticket's stream; null for anything unknown or malformed. */
export function readStreamEvent(type: string, data: string): StreamEvent | null {
  let value: unknown;
  try {
    value = JSON.parse(data === "" ? "{}" : data);
  } catch {
    return null;
  }
  const fields = asFields(value);
  if (fields === null) return null;
  switch (type) {
    case "progress": {
      const progress = readProgress(fields);
      return progress === null ? null : { type, progress };
    }
    case "sentence": {
      const { index, text: sentence } = fields;
      if (typeof index !== "number" || !Number.isInteger(index) || index < 0) return null;
      return typeof sentence === "string" && sentence.trim() !== "" ? { type, index, text: sentence } : null;
    }
    case "retracted":
      return { type };
    case "reply": {
      const message = readMessage(fields);
      return message === null ? null : { type, message };
    }
    case "status": {
      const status = readStatus(fields.status);
      return status === null ? null : { type, status, assigned_to: textOrNull(fields.assigned_to) };
    }
    default:
      return null;
  }
}
