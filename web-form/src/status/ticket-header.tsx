/** What the ticket is: reference, subject, status and the few facts around it. */
import type { ReactNode } from "react";
import type { SupportConfig, Ticket, TicketStatus } from "../api/contract";
import { copy } from "../copy";
import { CopyButton } from "../ui/copy-button";
import { CheckCircleIcon, ClockIcon, InboxIcon, LockIcon, PersonIcon, PrintIcon, SparkIcon } from "../ui/icons";
import { Moment } from "../ui/moment";

/** What the badge says: an open ticket that has its answer is, to the customer, answered. */
type Shown = TicketStatus | "answered";

const STATUS_LOOK: Record<Shown, { Icon: typeof ClockIcon; className: string }> = {
  open: { Icon: InboxIcon, className: "border-line bg-sunken text-text" },
  in_progress: { Icon: ClockIcon, className: "border-accent-line bg-accent-tint text-accent" },
  escalated: { Icon: PersonIcon, className: "border-caution-line bg-caution-tint text-caution" },
  answered: { Icon: SparkIcon, className: "border-accent-line bg-accent-tint text-accent" },
  resolved: { Icon: CheckCircleIcon, className: "border-accent-line bg-accent-tint text-accent" },
  closed: { Icon: LockIcon, className: "border-line bg-sunken text-muted" },
};

function StatusBadge({ ticket: { status, progress } }: { ticket: Ticket }) {
  const isUnderWay = status === "open" || status === "in_progress";
  const shown: Shown = isUnderWay && progress?.stage === "answered" ? "answered" : status;
  const { Icon, className } = STATUS_LOOK[shown];
  return (
    <span className={`inline-flex items-center gap-1.5 rounded-full border px-2.5 py-0.5 text-sm font-medium ${className}`}>
      <Icon className="size-4" />
      {shown === "answered" ? copy.status.answered : copy.status.labels[shown]}
    </span>
  );
}

export function TicketHeader({ ticket }: { ticket: Ticket }) {
  return (
    <div>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <p className="text-sm font-medium text-muted">
          <span className="sr-only">{copy.status.ticket} </span>
          {ticket.ticket_id}
        </p>
        <StatusBadge ticket={ticket} />
      </div>
      <h1 className="mt-3 text-2xl font-semibold tracking-tight wrap-anywhere sm:text-3xl" dir="auto">
        {ticket.subject}
      </h1>
      <p className="mt-2 text-sm text-muted">
        {copy.status.opened} <Moment time={ticket.created_at} />
      </p>
    </div>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="flex items-baseline justify-between gap-4">
      <dt className="text-muted">{name}</dt>
      <dd className="min-w-0 text-end font-medium wrap-anywhere">{children}</dd>
    </div>
  );
}

export function TicketDetails({ ticket, config }: { ticket: Ticket; config: SupportConfig }) {
  const labelOf = (choices: { value: string; label: string }[], value: string): string =>
    choices.find((choice) => choice.value === value)?.label ?? value;
  return (
    <div className="space-y-5 lg:px-1">
      <dl className="space-y-2 text-sm">
        {ticket.category !== "" && (
          <Fact name={copy.status.topic}>{labelOf(config.categories, ticket.category)}</Fact>
        )}
        {ticket.priority !== "" && (
          <Fact name={copy.form.priority}>{labelOf(config.priorities, ticket.priority)}</Fact>
        )}
        {ticket.assigned_to !== null && <Fact name={copy.status.handledBy}>{ticket.assigned_to}</Fact>}
      </dl>
      <div className="flex flex-wrap gap-2">
        <CopyButton text={ticket.ticket_id} label={copy.received.copyReference} />
        <button
          type="button"
          className="button button-quiet button-small"
          onClick={() => {
            window.print();
          }}
        >
          <PrintIcon className="size-4" />
          {copy.status.print}
        </button>
      </div>
    </div>
  );
}
