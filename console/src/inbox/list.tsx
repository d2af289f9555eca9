/** The list itself: only what is in sight stands in the page, however long it is; its place survives a reload. */
import { Link, useNavigate } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import clsx from "clsx";
import { AlarmClock, CheckCheck, Inbox, SearchX } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import type { Row } from "~/api/contract";
import { recall, remember } from "~/lib/storage";
import { fullMoment, shortAge } from "~/lib/time";
import { useNow } from "~/lib/use-now";
import { viewName } from "~/lib/words";
import { Avatar, ChannelIcon, DraftBadge, MoodIcon, SlaBadge, TakenOverBadge } from "~/ui/badges";
import { EmptyState, ErrorState, SkeletonRows } from "~/ui/states";
import type { InboxSearch } from "./filters";
import { activeFilters, viewOf, withoutFilters } from "./filters";
import { useRows } from "./use-rows";

const ROW_PX = 88;
/** After a reload at most so many pages are read to come back to the place. */
const PAGES_TO_RESTORE = 20;

export function RowCard({ row, isSelected }: { row: Row; isSelected: boolean }) {
  const now = useNow();
  const name = row.customer.name ?? "Unknown customer";
  return (
    <div className={clsx("relative h-full border-b border-line px-3 py-2 hover:bg-hover", isSelected && "bg-pine-tint hover:bg-pine-tint")}>
      {isSelected && <span aria-hidden="true" className="absolute inset-y-0 start-0 w-[3px] bg-pine" />}
      <div className="flex items-center gap-2">
        <span className="min-w-0 flex-1 truncate text-sm font-semibold">{name}</span>
        <span className="flex flex-none items-center gap-1.5 text-muted">
          <MoodIcon score={row.sentiment} size={13} />
          <ChannelIcon channel={row.channel} size={13} />
          <time dateTime={row.last_message.at} title={fullMoment(row.last_message.at)} className="min-w-7 text-end text-xs">
            {shortAge(row.last_message.at, now)}
          </time>
        </span>
      </div>
      <p className={clsx("truncate text-sm", row.waiting_since !== null && "font-medium")}>{row.subject}</p>
      <div className="mt-1 flex h-5 items-center gap-1">
        <div className="flex min-w-0 flex-1 items-center gap-1 overflow-hidden">
        {row.escalation !== null && <SlaBadge escalation={row.escalation} />}
        <DraftBadge draft={row.draft} />
        {row.snoozed_until !== null && <span className="badge"><AlarmClock size={11} aria-hidden /> Snoozed</span>}
        <TakenOverBadge by={row.taken_over_by} />
        {row.escalation === null && row.draft === null && row.taken_over_by === null && (
          <span className="truncate text-xs text-muted">
            {row.last_message.role !== "customer" && `${row.last_message.role === "assistant" ? "Assistant" : "Operator"}: `}
            {row.last_message.preview}
          </span>
        )}
        </div>
        {row.assignee !== null && (
          <span title={`Assigned to ${row.assignee.name}`} className="flex-none">
            <Avatar name={row.assignee.name} size="sm" />
            <span className="sr-only">Assigned to {row.assignee.name}</span>
          </span>
        )}
      </div>
    </div>
  );
}

function Nothing({ search }: { search: InboxSearch }) {
  const navigate = useNavigate();
  if (activeFilters(search).length > 0) {
    return (
      <EmptyState icon={SearchX} title="Nothing fits these filters" action={<button type="button" className="button button-plain" onClick={() => void navigate({ to: "/inbox", search: withoutFilters(search) })}>Clear the filters</button>}>
        There may be more in this view without them.
      </EmptyState>
    );
  }
  const isCaughtUp = viewOf(search) === "waiting" || viewOf(search) === "needs_approval";
  return (
    <EmptyState
      icon={isCaughtUp ? CheckCheck : Inbox}
      title={isCaughtUp ? "All caught up" : `Nothing in “${viewName[viewOf(search)]}”`}
      action={<Link to="/inbox" search={{ view: "all" }} className="button button-plain">See all conversations</Link>}
    >
      {isCaughtUp ? "Nobody waits for an answer. New messages appear here by themselves." : "Conversations appear here as soon as there are some."}
    </EmptyState>
  );
}

export function ConversationList({ search, selected }: { search: InboxSearch; selected: string | undefined }) {
  const { query, rows } = useRows(search);
  const { hasNextPage, isFetchingNextPage, fetchNextPage, isFetchNextPageError } = query;
  const scroller = useRef<HTMLDivElement>(null);
  const placeName = `place.${JSON.stringify(search)}`;
  const [place] = useState(() => recall<{ offset: number; pages: number }>(placeName, { offset: 0, pages: 1 }, "session"));
  const pages = query.data?.pages.length ?? 0;
  const isRestored = useRef(place.offset === 0);

  // eslint-disable-next-line react-hooks/incompatible-library -- the compiler leaves this component alone, as it should
  const virtual = useVirtualizer({
    count: rows.length + (hasNextPage ? 1 : 0),
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 8,
    getItemKey: (index) => rows[index]?.reference ?? "more",
  });
  const items = virtual.getVirtualItems();
  const lastShown = items.at(-1)?.index ?? 0;

  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage && !isFetchNextPageError && rows.length > 0 && lastShown >= rows.length - 30) void fetchNextPage();
  }, [fetchNextPage, hasNextPage, isFetchingNextPage, isFetchNextPageError, lastShown, rows.length]);

  useEffect(() => {
    if (isRestored.current || pages === 0) return undefined;
    if (pages < Math.min(place.pages, PAGES_TO_RESTORE) && hasNextPage) {
      if (!isFetchingNextPage) void fetchNextPage();
      return undefined;
    }
    // The list's height follows its rows a moment later: go there as soon as there is a there.
    let frame = 0;
    let tries = 0;
    const goThere = (): void => {
      const element = scroller.current;
      if (element === null) return;
      element.scrollTop = place.offset;
      tries += 1;
      if (Math.abs(element.scrollTop - place.offset) < 2 || tries > 30) isRestored.current = true;
      else frame = requestAnimationFrame(goThere);
    };
    goThere();
    return () => cancelAnimationFrame(frame);
  }, [fetchNextPage, hasNextPage, isFetchingNextPage, pages, place, virtual]);

  useEffect(() => {
    const index = rows.findIndex((row) => row.reference === selected);
    if (isRestored.current && index >= 0) virtual.scrollToIndex(index, { align: "auto" });
    // eslint-disable-next-line react-hooks/exhaustive-deps -- only when another one is chosen, not when rows come in
  }, [selected]);

  if (query.isPending) return <SkeletonRows label="Loading conversations" />;
  if (query.isError && rows.length === 0) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (rows.length === 0) return <Nothing search={search} />;

  return (
    <div
      ref={scroller}
      className="min-h-0 flex-1 overflow-y-auto"
      onScroll={(event) => {
        if (isRestored.current) remember(placeName, { offset: event.currentTarget.scrollTop, pages }, "session");
      }}
    >
      <ul className="relative" style={{ height: virtual.getTotalSize() }}>
        {items.map((item) => {
          const row = rows[item.index];
          return (
            <li key={item.key} className="absolute inset-x-0 top-0" style={{ height: ROW_PX, transform: `translateY(${item.start}px)` }} aria-setsize={hasNextPage ? -1 : rows.length} aria-posinset={item.index + 1}>
              {row === undefined ? (
                <div className="grid h-full place-items-center text-sm text-muted">
                  {isFetchNextPageError ? (
                    <button type="button" className="button button-plain" onClick={() => void fetchNextPage()}>
                      Loading more failed. Try again
                    </button>
                  ) : (
                    "Loading more…"
                  )}
                </div>
              ) : (
                <Link
                  to="/inbox/$reference"
                  params={{ reference: row.reference }}
                  search={search}
                  preload={false}
                  aria-current={row.reference === selected ? "true" : undefined}
                  className="block h-full focus-visible:-outline-offset-2"
                >
                  <RowCard row={row} isSelected={row.reference === selected} />
                </Link>
              )}
            </li>
          );
        })}
      </ul>
    </div>
  );
}
