import { Link } from "@tanstack/react-router";
import { AlarmClock, ArrowLeft, Ban, BookPlus, Check, Ellipsis, GitMerge, Hand, PanelRight, RotateCcw, Siren, Tag, Undo2, UserPlus } from "lucide-react";
import { useNavigate } from "@tanstack/react-router";
import type { ConversationDetail } from "~/api/contract";
import type { InboxSearch } from "~/inbox/filters";
import { recall, remember } from "~/lib/storage";
import { clock } from "~/lib/time";
import { useNow } from "~/lib/use-now";
import { useMe } from "~/shell/use-me";
import { Avatar, ChannelIcon, PlanBadge, SlaBadge, StatusBadge, TakenOverBadge } from "~/ui/badges";
import { Menu } from "~/ui/menu";
import type { MenuEntry } from "~/ui/menu";
import type { OpenDialog } from "./action-dialogs";

type Props = {
  detail: ConversationDetail;
  search: InboxSearch;
  run: (action: string, body?: Record<string, unknown>, done?: string) => void;
  onDialog: (dialog: OpenDialog) => void;
  onClose: () => void;
  onPanel: () => void;
  isBusy: boolean;
};

function Viewers({ detail }: { detail: ConversationDetail }) {
  const { me } = useMe();
  const others = detail.viewers.filter(({ operator }) => operator !== me.name);
  return (
    <div role="status" className="flex items-center gap-1.5 text-xs text-muted">
      {others.map(({ operator, typing }) => (
        <span key={operator} className="flex items-center gap-1">
          <Avatar name={operator} size="sm" /> {operator} {typing ? "is writing…" : "is looking"}
        </span>
      ))}
    </div>
  );
}

export function ConversationHeader({ detail, search, run, onDialog, onClose, onPanel, isBusy }: Props) {
  const { row } = detail;
  const { may } = useMe();
  const now = useNow();
  const navigate = useNavigate();
  const isClosed = row.status === "closed";
  const toArticle = (): void => {
    const reply = detail.thread.findLast((item) => item.kind === "message" && item.role !== "customer");
    remember("article", { title: row.subject, markdown: reply?.kind === "message" ? reply.text : recall("unsent.reply", ""), reference: row.reference }, "session");
    void navigate({ to: "/knowledge", search: { tab: "write" } });
  };
  const entries: MenuEntry[] = [
    { label: "Assign…", hint: "A", icon: <UserPlus size={14} aria-hidden />, run: () => onDialog({ kind: "assign" }) },
    { label: row.snoozed_until === null ? "Snooze…" : "Wake now", hint: "S", icon: <AlarmClock size={14} aria-hidden />, run: () => (row.snoozed_until === null ? onDialog({ kind: "snooze" }) : run("snooze", { until: null }, "Awake again.")) },
    { label: "Labels…", hint: "L", icon: <Tag size={14} aria-hidden />, run: () => onDialog({ kind: "labels" }) },
    "line",
    { label: "Escalate…", icon: <Siren size={14} aria-hidden />, run: () => onDialog({ kind: "escalate" }) },
    { label: "Merge customer…", icon: <GitMerge size={14} aria-hidden />, run: () => onDialog({ kind: "merge" }) },
    { label: "Reply into an article…", icon: <BookPlus size={14} aria-hidden />, run: toArticle },
    "line",
    row.spam
      ? { label: "Not spam", icon: <Ban size={14} aria-hidden />, run: () => run("not-spam", {}, "Back in the inbox.") }
      : { label: "Mark as spam", icon: <Ban size={14} aria-hidden />, danger: true, run: () => run("spam", {}, "Marked as spam.") },
  ];
  return (
    <header className="flex-none border-b border-line bg-surface px-3 py-2.5 md:px-5">
      <div className="flex items-start gap-2">
        <Link to="/inbox" search={search} className="icon-button -ms-1 md:hidden" aria-label="Back to the list">
          <ArrowLeft size={18} aria-hidden className="rtl:-scale-x-100" />
        </Link>
        <div className="min-w-0 flex-1">
          <h1 className="truncate text-lg" dir="auto" title={row.subject}>
            {row.subject}
          </h1>
          <p className="flex flex-wrap items-center gap-x-2 text-xs text-muted">
            <ChannelIcon channel={row.channel} size={13} />
            <span className="font-medium text-text">{row.customer.name ?? "Unknown customer"}</span>
            <span className="font-mono whitespace-nowrap">{row.reference}</span>
          </p>
        </div>
        <div className="flex flex-none items-center gap-1">
          {may("operator") && (
            <>
              {row.taken_over_by === null ? (
                <button type="button" className="button button-plain hidden lg:inline-flex" disabled={isBusy} onClick={() => run("take-over", {}, "It is yours. The assistant is silent.")}>
                  <Hand size={14} aria-hidden /> Take over
                </button>
              ) : (
                <button type="button" className="button button-plain hidden lg:inline-flex" disabled={isBusy} onClick={() => run("hand-back", {}, "Handed back: the assistant answers the next message.")}>
                  <Undo2 size={14} aria-hidden /> Hand back
                </button>
              )}
              <button type="button" className="button button-plain" disabled={isBusy} onClick={onClose} title={isClosed ? "Open again (E)" : "Close (E)"}>
                {isClosed ? <RotateCcw size={14} aria-hidden /> : <Check size={14} aria-hidden />} {isClosed ? "Reopen" : "Close"}
              </button>
              <Menu
                label="More actions"
                trigger={
                  <button type="button" className="icon-button" aria-label="More actions">
                    <Ellipsis size={16} aria-hidden />
                  </button>
                }
                entries={[
                  ...(row.taken_over_by === null
                    ? [{ label: "Take over", icon: <Hand size={14} aria-hidden />, run: () => run("take-over", {}, "It is yours. The assistant is silent.") }]
                    : [{ label: "Hand back", icon: <Undo2 size={14} aria-hidden />, run: () => run("hand-back", {}, "Handed back: the assistant answers the next message.") }]),
                  ...entries,
                ]}
              />
            </>
          )}
          <button type="button" className="icon-button xl:hidden" aria-label="Customer and assistant" onClick={onPanel}>
            <PanelRight size={16} aria-hidden />
          </button>
        </div>
      </div>
      <div className="mt-1.5 flex flex-wrap items-center gap-1">
        <StatusBadge status={row.status} />
        {row.escalation !== null && <SlaBadge escalation={row.escalation} />}
        <TakenOverBadge by={row.taken_over_by} />
        <PlanBadge plan={row.plan} />
        {row.assignee !== null && <span className="badge">Assigned to {row.assignee.name}</span>}
        {row.snoozed_until !== null && (
          <span className="badge">
            <AlarmClock size={11} aria-hidden /> Until {clock(row.snoozed_until, now)}
          </span>
        )}
        {row.labels.map((label) => (
          <span key={label} className="badge">
            <Tag size={10} aria-hidden /> {label}
          </span>
        ))}
        <span className="flex-1" />
        <Viewers detail={detail} />
      </div>
    </header>
  );
}
