/** Inbox: the list beside the conversation; one pane at a time on a narrow screen. */
import { Outlet, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { MailOpen } from "lucide-react";
import { useCallback } from "react";
import { useQueryClient } from "@tanstack/react-query";
import { useCommands } from "~/keyboard/use-commands";
import { viewName } from "~/lib/words";
import { useTitle } from "~/ui/page";
import { EmptyState } from "~/ui/states";
import { Kbd } from "~/ui/badges";
import { viewOf } from "./filters";
import { ConversationList } from "./list";
import { neighbour } from "./merge-rows";
import { ListHeader } from "./list-header";
import { knownRows } from "./use-rows";

export function InboxScreen() {
  const search = useSearch({ from: "/shell/inbox" });
  const { reference } = useParams({ strict: false });
  const navigate = useNavigate();
  const client = useQueryClient();
  useTitle(viewName[viewOf(search)]);

  const go = useCallback(
    (step: 1 | -1) => {
      const next = neighbour(knownRows(client, search), reference, step);
      if (next !== null) void navigate({ to: "/inbox/$reference", params: { reference: next }, search });
    },
    [client, navigate, reference, search],
  );
  useCommands({
    next: () => go(1),
    previous: () => go(-1),
    ...(reference === undefined ? {} : { back: () => void navigate({ to: "/inbox", search }) }),
  });

  return (
    <div className="flex h-full min-h-0">
      <section aria-label="Conversations" className={`${reference === undefined ? "flex" : "hidden md:flex"} w-full min-w-0 flex-none flex-col border-e border-line bg-surface md:w-72 lg:w-88`}>
        <ListHeader search={search} />
        <ConversationList key={JSON.stringify(search)} search={search} selected={reference} />
      </section>
      <div className={`${reference === undefined ? "hidden md:block" : "block"} min-w-0 flex-1`}>
        {reference === undefined ? (
          <div className="grid h-full place-items-center">
            <EmptyState icon={MailOpen} title="Choose a conversation">
              Press <Kbd>J</Kbd> to open the first one, or <Kbd>?</Kbd> for all keys.
            </EmptyState>
          </div>
        ) : (
          <Outlet />
        )}
      </div>
    </div>
  );
}
