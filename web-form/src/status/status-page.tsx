/** One ticket: where it stands, what was said, and what the customer can do next. */
import { useEffect, useState } from "react";
import type { SupportConfig } from "../api/contract";
import { copy } from "../copy";
import { Banner } from "../ui/banner";
import { OfflineIcon, SpinnerIcon } from "../ui/icons";
import { useTitle } from "../ui/use-title";
import { Conversation } from "./conversation";
import { FeedbackPanel } from "./feedback-panel";
import { ProgressCard } from "./progress-card";
import { ReplyBox } from "./reply-box";
import { TicketDetails, TicketHeader } from "./ticket-header";
import { TicketProblem } from "./ticket-problem";
import { TicketSkeleton } from "./ticket-skeleton";
import { Announcer } from "./announcer";
import { asksForFeedback, type Connection } from "./ticket-view";
import { useTicket } from "./use-ticket";

type StatusPageProps = { reference: string; token: string; config: SupportConfig };

export function StatusPage({ reference, token, config }: StatusPageProps) {
  const { view, dispatch, refresh } = useTicket(reference, token);
  const { ticket, failure, connection, draft } = view;
  const isAnswered = ticket !== null && asksForFeedback(ticket);
  useTitle(isAnswered ? copy.status.titleAnswered : "", reference, copy.supportOf(config.company));

  if (failure !== null) return <TicketProblem failure={failure} reference={reference} onRetry={refresh} />;
  if (ticket === null) return <TicketSkeleton />;
  return (
    <div>
      <Announcer view={view} />
      <TicketHeader ticket={ticket} />
      <div className="mt-8 grid gap-8 lg:grid-cols-[minmax(0,1fr)_18rem] lg:gap-12">
        <aside className="min-w-0 lg:order-last" aria-label={copy.status.progress}>
          <div className="flex flex-col gap-6 lg:sticky lg:top-8">
            {ticket.progress !== null && <ProgressCard progress={ticket.progress} assignedTo={ticket.assigned_to} />}
            <div className="hidden lg:block print:hidden">
              <TicketDetails ticket={ticket} config={config} />
            </div>
          </div>
        </aside>
        <div className="min-w-0 space-y-6">
          <ConnectionNote connection={connection} />
          <Conversation messages={ticket.messages} draft={draft} config={config} />
          {isAnswered && (
            <FeedbackPanel
              // A further answer is a further question.
              key={ticket.messages.at(-1)?.id}
              ticket={ticket}
              token={token}
              onDone={(feedback) => {
                dispatch({ type: "feedback_sent", feedback });
                refresh();
              }}
            />
          )}
          <ReplyBox
            ticket={ticket}
            token={token}
            limit={config.limits.message_max}
            onSent={(message) => {
              dispatch({ type: "message_sent", message });
              refresh();
            }}
          />
          <div className="border-t border-line pt-6 lg:hidden print:hidden">
            <TicketDetails ticket={ticket} config={config} />
          </div>
        </div>
      </div>
    </div>
  );
}

/** A short loss of the stream is usual and heals itself: only one that lasts is worth a word. */
const PATIENCE_MS = 1_500;

function ConnectionNote({ connection }: { connection: Connection }) {
  const [isLong, setIsLong] = useState(false);
  useEffect(() => {
    const timer = setTimeout(
      () => {
        setIsLong(connection === "reconnecting");
      },
      connection === "reconnecting" ? PATIENCE_MS : 0,
    );
    return () => {
      clearTimeout(timer);
    };
  }, [connection]);

  if (!isLong) return null;
  return navigator.onLine ? (
    <div role="status" className="flex items-center gap-2.5 text-sm text-muted print:hidden">
      <SpinnerIcon className="size-4" />
      {copy.status.connection.reconnecting}
    </div>
  ) : (
    <Banner tone="caution" title={copy.status.connection.offline} icon={<OfflineIcon />} />
  );
}
