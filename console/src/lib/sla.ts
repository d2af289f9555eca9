/** A due time as an operator reads it: always words and a symbol, never a colour alone. */
import type { Sla } from "~/api/contract";
import { span } from "./time";

export type SlaView = { state: Sla | "met" | "missed"; text: string; urgent: boolean };

const SOON_MS = 60 * 60_000;

/**
 * What to show for a due time. The server's word on `sla` counts (it knows business hours), but time passes while a
 * page stands open, so what has become due meanwhile is shown as overdue.
 */
export function slaView(dueAt: string, sla: Sla, nowMs: number, resolvedAt: string | null = null): SlaView {
  const due = Date.parse(dueAt);
  if (resolvedAt !== null) {
    const lateMs = Date.parse(resolvedAt) - due;
    return lateMs <= 0 ? { state: "met", text: "Resolved in time", urgent: false } : { state: "missed", text: `Resolved ${span(lateMs)} late`, urgent: false };
  }
  const left = due - nowMs;
  if (sla === "overdue" || left < 0) return { state: "overdue", text: `Overdue by ${span(Math.min(left, 0))}`, urgent: true };
  if (sla === "due_soon" || left < SOON_MS) return { state: "due_soon", text: `Due in ${span(left)}`, urgent: true };
  return { state: "ok", text: `Due in ${span(left)}`, urgent: false };
}
