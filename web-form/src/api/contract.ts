/** The shapes of the web channel's HTTP contract, as the server sends them. */

export type Choice = { value: string; label: string };

export type Limits = {
  name_min: number;
  name_max: number;
  subject_min: number;
  subject_max: number;
  message_min: number;
  message_max: number;
};

export type SupportConfig = {
  company: string;
  product: string;
  support_email: string | null;
  assistant_name: string;
  disclosure: string;
  privacy_note: string | null;
  categories: Choice[];
  priorities: Choice[];
  /** Present only when the operator wants the form to ask for a plan. */
  plans: Choice[];
  limits: Limits;
};

export type Submission = {
  name: string;
  email: string;
  subject: string;
  category: string;
  message: string;
  priority: string;
  plan?: string;
};

export type Receipt = {
  ticket_id: string;
  status_token: string;
  status_url: string;
  message: string;
  estimated_response_time: string;
};

export const TICKET_STATUSES = ["open", "in_progress", "escalated", "resolved", "closed"] as const;
export type TicketStatus = (typeof TICKET_STATUSES)[number];

export const STAGES = [
  "received",
  "reading",
  "searching",
  "writing",
  "checking",
  "with_a_person",
  "answered",
  "failed",
] as const;
export type Stage = (typeof STAGES)[number];

export type Progress = { stage: Stage; label: string; at: string };

export const ROLES = ["customer", "assistant", "operator", "system"] as const;
export type Role = (typeof ROLES)[number];

export type Source = { title: string; section: string | null; url: string | null };

export type Message = {
  id: string;
  role: Role;
  content: string;
  channel: string;
  created_at: string;
  sources: Source[];
};

export type Feedback = "helped" | "not_helped";

export type Ticket = {
  ticket_id: string;
  status: TicketStatus;
  created_at: string;
  subject: string;
  category: string;
  priority: string;
  assigned_to: string | null;
  progress: Progress | null;
  messages: Message[];
  feedback: Feedback | null;
  /** Where the help can be rated from 1 to 5, if customers are asked to. */
  rating_url: string | null;
};

export type StreamEvent =
  | { type: "progress"; progress: Progress }
  | { type: "sentence"; index: number; text: string }
  | { type: "retracted" }
  | { type: "reply"; message: Message }
  | { type: "status"; status: TicketStatus; assigned_to: string | null };

export const FALLBACK_LIMITS: Limits = {
  name_min: 2,
  name_max: 255,
  subject_min: 3,
  subject_max: 500,
  message_min: 10,
  message_max: 5000,
};

/** What the form uses when the configuration cannot be read: the contract's own defaults. */
export const FALLBACK_CONFIG: SupportConfig = {
  company: "",
  product: "",
  support_email: null,
  assistant_name: "The assistant",
  disclosure: "Answers on this page are written by an AI assistant. You can always ask for a person.",
  privacy_note: null,
  categories: [
    { value: "general", label: "General question" },
    { value: "technical", label: "Technical problem" },
    { value: "billing", label: "Billing" },
    { value: "bug_report", label: "Bug report" },
    { value: "feedback", label: "Feedback" },
  ],
  priorities: [
    { value: "low", label: "Low" },
    { value: "medium", label: "Medium" },
    { value: "high", label: "High" },
    { value: "urgent", label: "Urgent" },
  ],
  plans: [],
  limits: FALLBACK_LIMITS,
};
