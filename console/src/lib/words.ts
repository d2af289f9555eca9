/** English words for the contract's values. */
import type { Channel, Decision, EscalationCategory, Intent, Plan, Role, TicketStatus, Urgency, View } from "~/api/contract";

export const viewName: Record<View, string> = {
  all: "All",
  mine: "Mine",
  unassigned: "Unassigned",
  needs_approval: "Needs approval",
  escalated: "Escalated",
  waiting: "Waiting for us",
  snoozed: "Snoozed",
  closed: "Closed",
  spam: "Spam",
};

export const channelName: Record<Channel, string> = { web: "Web form", email: "Email", whatsapp: "WhatsApp" };

export const statusName: Record<TicketStatus, string> = {
  open: "Open",
  in_progress: "In progress",
  escalated: "Escalated",
  resolved: "Resolved",
  closed: "Closed",
};

export const categoryName: Record<EscalationCategory, string> = {
  billing: "Billing",
  legal: "Legal",
  security: "Security",
  account: "Account",
  technical: "Technical",
  churn: "May leave",
  general: "General",
};

export const urgencyName: Record<Urgency, string> = { critical: "Critical", high: "High", normal: "Normal", low: "Low" };

export const planName: Record<Plan, string> = { free: "Free", pro: "Pro", enterprise: "Enterprise" };

export const roleName: Record<Role, string> = { viewer: "Viewer", operator: "Operator", administrator: "Administrator" };

export const decisionName: Record<Decision, string> = {
  sent: "Answered on its own",
  flagged: "Answered, flagged for a look",
  held: "Held for approval",
  escalated: "Handed to a person",
  acknowledged: "Acknowledged",
  ignored: "No answer needed",
};

export const intentName: Record<Intent, string> = {
  how_to: "How to",
  password_reset: "Password reset",
  integration_issue: "Integration",
  sync_problem: "Sync problem",
  billing_inquiry: "Billing inquiry",
  bug_report: "Bug report",
  feature_request: "Feature request",
  data_concern: "Data concern",
  notification_issue: "Notifications",
  mobile_issue: "Mobile",
  feedback: "Feedback",
  general: "General",
};

const languages = typeof Intl.DisplayNames === "function" ? new Intl.DisplayNames("en", { type: "language" }) : null;

export function languageName(code: string | null): string {
  if (code === null) return "Unknown";
  try {
    return languages?.of(code) ?? code;
  } catch {
    return code;
  }
}

/** A sentiment score (-1..1) in words, with the limits that the inbox filter uses. */
export function mood(score: number | null): { name: string; symbol: "positive" | "neutral" | "negative" } {
  if (score === null) return { name: "Mood unknown", symbol: "neutral" };
  if (score > 0.2) return { name: "Positive", symbol: "positive" };
  if (score < -0.2) return { name: "Negative", symbol: "negative" };
  return { name: "Neutral", symbol: "neutral" };
}

export const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1).replaceAll("_", " ");
