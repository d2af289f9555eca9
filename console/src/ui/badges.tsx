/** Small facts: each is a word with a symbol, so that none rests on colour alone. */
import clsx from "clsx";
import {
  AlarmClock, AlarmClockOff, CircleCheck, CircleDashed, CircleDot, Clock, Frown, Globe, Mail, Meh, MessageCircle, Siren, Smile, Sparkles, UserRound,
} from "lucide-react";
import type { Channel, Escalation, Plan, Row, TicketStatus, Urgency } from "~/api/contract";
import { slaView } from "~/lib/sla";
import { useNow } from "~/lib/use-now";
import { channelName, mood, planName, statusName, urgencyName } from "~/lib/words";

const CHANNEL_ICON = { web: Globe, email: Mail, whatsapp: MessageCircle };

export function ChannelIcon({ channel, size = 14 }: { channel: Channel; size?: number }) {
  const Icon = CHANNEL_ICON[channel];
  return (
    <span title={channelName[channel]} className="inline-flex">
      <Icon size={size} aria-hidden />
      <span className="sr-only">{channelName[channel]}</span>
    </span>
  );
}

const STATUS_ICON = { open: CircleDashed, in_progress: CircleDot, escalated: Siren, resolved: CircleCheck, closed: CircleCheck };

export function StatusBadge({ status }: { status: TicketStatus }) {
  const Icon = STATUS_ICON[status];
  return (
    <span className={clsx("badge", status === "escalated" && "badge-brick", (status === "resolved" || status === "closed") && "badge-pine")}>
      <Icon size={11} aria-hidden /> {statusName[status]}
    </span>
  );
}

export function SlaBadge({ escalation, resolvedAt = null }: { escalation: Pick<Escalation, "due_at" | "sla">; resolvedAt?: string | null }) {
  const view = slaView(escalation.due_at, escalation.sla, useNow(), resolvedAt);
  const Icon = view.state === "overdue" || view.state === "missed" ? AlarmClockOff : view.state === "met" ? CircleCheck : view.state === "due_soon" ? AlarmClock : Clock;
  return (
    <span className={clsx("badge", view.state === "overdue" && "badge-brick", view.state === "due_soon" && "badge-amber", view.state === "met" && "badge-pine")}>
      <Icon size={11} aria-hidden /> {view.text}
    </span>
  );
}

export function UrgencyBadge({ urgency }: { urgency: Urgency }) {
  const bars = { critical: 4, high: 3, normal: 2, low: 1 }[urgency];
  return (
    <span className={clsx("badge", urgency === "critical" && "badge-brick", urgency === "high" && "badge-amber")}>
      <svg width="10" height="10" viewBox="0 0 10 10" aria-hidden="true" fill="currentColor">
        {[0, 1, 2, 3].map((bar) => (
          <rect key={bar} x={bar * 2.6} y={7 - bar * 2} width="1.8" height={3 + bar * 2} rx="0.6" opacity={bar < bars ? 1 : 0.28} />
        ))}
      </svg>
      {urgencyName[urgency]}
    </span>
  );
}

const MOOD_ICON = { positive: Smile, neutral: Meh, negative: Frown };

export function MoodIcon({ score, size = 14 }: { score: number | null; size?: number }) {
  if (score === null) return null;
  const { name, symbol } = mood(score);
  const Icon = MOOD_ICON[symbol];
  return (
    <span title={`${name} (${score.toFixed(1)})`} className={clsx("inline-flex", symbol === "negative" && "text-brick")}>
      <Icon size={size} aria-hidden />
      <span className="sr-only">{name} mood</span>
    </span>
  );
}

export function PlanBadge({ plan }: { plan: Plan | null }) {
  if (plan === null || plan === "free") return null;
  return <span className={clsx("badge", plan === "enterprise" && "border-control text-text")}>{planName[plan]}</span>;
}

export function DraftBadge({ draft }: { draft: Row["draft"] }) {
  if (draft === null) return null;
  return (
    <span className="badge badge-iris">
      <Sparkles size={11} aria-hidden /> {draft === "held" ? "Draft to approve" : "Sent, flagged"}
    </span>
  );
}

export function TakenOverBadge({ by }: { by: string | null }) {
  if (by === null) return null;
  return (
    <span className="badge badge-pine" title="The assistant is silent until handed back">
      <UserRound size={11} aria-hidden /> {by} has it
    </span>
  );
}

const AVATAR_TINTS = ["bg-pine-tint text-pine-strong", "bg-iris-tint text-iris-strong", "bg-amber-tint text-amber", "bg-brick-tint text-brick-strong", "bg-sunken text-text"];

export function initials(name: string): string {
  const words = name.trim().split(/\s+/u).filter(Boolean);
  const letter = (word: string | undefined): string => (word === undefined ? "" : String.fromCodePoint(word.codePointAt(0) ?? 63));
  const first = letter(words[0] ?? "?");
  const last = words.length > 1 ? letter(words.at(-1)) : "";
  return (first + last).toUpperCase();
}

export function Avatar({ name, size = "md" }: { name: string; size?: "sm" | "md" | "lg" }) {
  let sum = 0;
  for (const letter of name) sum += letter.codePointAt(0) ?? 0;
  return (
    <span
      aria-hidden="true"
      className={clsx(
        "grid flex-none place-items-center rounded-full font-semibold select-none",
        AVATAR_TINTS[sum % AVATAR_TINTS.length],
        { sm: "size-5 text-[0.5625rem]", md: "size-7 text-2xs", lg: "size-9 text-xs" }[size],
      )}
    >
      {initials(name)}
    </span>
  );
}

export function Kbd({ children }: { children: string }) {
  return <kbd className="inline-block min-w-5 rounded border border-line bg-surface px-1 text-center font-sans text-2xs text-muted">{children}</kbd>;
}
