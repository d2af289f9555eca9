/** One conversation: header, thread, draft and composer, and beside them customer and assistant. */
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { lazy, Suspense, useRef, useState } from "react";
import { hasCode } from "~/api/client";
import type { ConversationDetail } from "~/api/contract";
import type { InboxSearch } from "~/inbox/filters";
import { neighbour } from "~/inbox/merge-rows";
import { knownRows } from "~/inbox/use-rows";
import { useCommands } from "~/keyboard/use-commands";
import { recall, remember } from "~/lib/storage";
import { useMe } from "~/shell/use-me";
import { Drawer } from "~/ui/dialog";
import { useTitle } from "~/ui/page";
import type { OpenDialog } from "./action-dialogs";
import { Composer } from "./composer";
import type { ComposerHandle } from "./composer";
import { DraftCard } from "./draft-card";
import { ConversationHeader } from "./header";
import { SidePanel } from "./side-panel";
import { Thread } from "./thread";
import { useAct } from "./use-act";
import { usePresence } from "./use-presence";

const ActionDialogs = lazy(() => import("./action-dialogs"));

export function ConversationPane({ detail, search }: { detail: ConversationDetail; search: InboxSearch }) {
  const { row } = detail;
  const { reference } = row;
  const { may } = useMe();
  const navigate = useNavigate();
  const client = useQueryClient();
  const { act, isPending, undo } = useAct(reference);
  const typing = usePresence(reference);
  const composer = useRef<ComposerHandle>(null);
  const [dialog, setDialog] = useState<OpenDialog>(null);
  const [isPanelOpen, setPanelOpen] = useState(false);
  const [tab, setTab] = useState(() => recall("preference.panel", "assistant"));
  useTitle(`${row.customer.name ?? reference}: ${row.subject}`);

  const run = (action: string, body: Record<string, unknown> = {}, done?: string): void => {
    act({ action, body, ...(done === undefined ? {} : { done }) }).catch((error: unknown) => {
      if (hasCode(error, "taken_over")) setDialog({ kind: "force", action, body });
    });
  };
  const close = (goOn: boolean): void => {
    const next = goOn ? neighbour(knownRows(client, search), reference, 1) : null;
    run(row.status === "closed" ? "reopen" : "close", {}, row.status === "closed" ? "Opened again." : "Closed.");
    if (next !== null) void navigate({ to: "/inbox/$reference", params: { reference: next }, search });
  };
  useCommands(
    may("operator")
      ? {
          reply: () => composer.current?.focus("reply"),
          note: () => composer.current?.focus("note"),
          macro: () => setDialog({ kind: "macro" }),
          resolve: () => close(false),
          "resolve-next": () => close(true),
          assign: () => setDialog({ kind: "assign" }),
          snooze: () => setDialog({ kind: "snooze" }),
          label: () => setDialog({ kind: "labels" }),
        }
      : {},
  );
  const choosePanel = (next: string): void => {
    setTab(next);
    remember("preference.panel", next);
  };
  const panel = <SidePanel detail={detail} tab={tab} onTab={choosePanel} />;
  const hasDraft = detail.assistant.draft !== null && (row.draft === "held" || detail.assistant.draft.state === "held");

  return (
    <div className="flex h-full min-h-0">
      <article aria-label={row.subject} className="flex min-w-0 flex-1 flex-col">
        <ConversationHeader detail={detail} search={search} run={run} onDialog={setDialog} onClose={() => close(false)} onPanel={() => setPanelOpen(true)} isBusy={isPending} />
        <Thread detail={detail} onUndo={(pending) => void undo(pending)} />
        {may("operator") ? (
          <div className="max-h-[68%] flex-none overflow-y-auto border-t border-line bg-surface">
            {hasDraft && <DraftCard key={detail.assistant.draft?.id} detail={detail} act={act} onWriteOwn={() => composer.current?.focus("reply")} />}
            <Composer ref={composer} detail={detail} act={act} onForce={(body) => setDialog({ kind: "force", action: "reply", body })} onTyping={typing} isCompact={hasDraft} onMacros={() => setDialog({ kind: "macro" })} />
          </div>
        ) : (
          <p className="flex-none border-t border-line bg-sunken px-4 py-3 text-sm text-muted">Your role is viewer: you can read, and not answer.</p>
        )}
      </article>
      <aside aria-label="Customer and assistant" className="hidden w-80 flex-none border-s border-line bg-surface xl:block">
        {panel}
      </aside>
      <Drawer open={isPanelOpen} onOpenChange={setPanelOpen} title="Customer and assistant">
        {panel}
      </Drawer>
      <Suspense fallback={null}>
        {dialog !== null && <ActionDialogs open={dialog} onOpen={setDialog} detail={detail} run={run} onMacro={(text) => composer.current?.insert(text)} />}
      </Suspense>
    </div>
  );
}
