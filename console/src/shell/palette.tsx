/** Ctrl/Cmd+K: any screen, any command that makes sense now, any conversation by its words. */
import * as Radix from "@radix-ui/react-dialog";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Command } from "cmdk";
import { useDeferredValue, useState } from "react";
import { queries } from "~/api/queries";
import type { Command as Name } from "~/keyboard/keys";
import { isKnown, runCommand } from "~/keyboard/use-commands";
import { setPreferences } from "~/lib/preferences";
import { Kbd } from "~/ui/badges";
import { ChannelIcon } from "~/ui/badges";
import { PLACES } from "./places";
import { signOut } from "./sign-out";

const ACTIONS: { command: Name; label: string; keys: string }[] = [
  { command: "reply", label: "Reply", keys: "R" },
  { command: "note", label: "Write an internal note", keys: "N" },
  { command: "confirm", label: "Approve the assistant’s draft", keys: "Ctrl ↵" },
  { command: "discard", label: "Discard the assistant’s draft", keys: "X" },
  { command: "assign", label: "Assign to somebody", keys: "A" },
  { command: "snooze", label: "Snooze", keys: "S" },
  { command: "label", label: "Label", keys: "L" },
  { command: "macro", label: "Insert a macro", keys: "M" },
  { command: "resolve", label: "Close the conversation", keys: "E" },
  { command: "resolve-next", label: "Close and go to the next", keys: "⇧ E" },
];

export default function Palette({ onClose, onHelp }: { onClose: () => void; onHelp: () => void }) {
  const navigate = useNavigate();
  const [text, setText] = useState("");
  const words = useDeferredValue(text.trim());
  const { data: hits } = useQuery({ ...queries.search(words), enabled: words.length >= 3 });
  const run = (work: () => void) => (): void => {
    onClose();
    // After the dialog has given the focus back.
    setTimeout(work, 0);
  };
  return (
    <Radix.Root open onOpenChange={(isOpen) => { if (!isOpen) onClose(); }}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 bg-[rgb(12_18_15/45%)]" />
        <Radix.Content aria-describedby={undefined} className="float-in fixed inset-x-3 top-[12vh] z-40 mx-auto max-w-xl overflow-hidden rounded-xl border border-line bg-raised shadow-float">
          <Radix.Title className="sr-only">Commands</Radix.Title>
          <Command label="Commands">
            <Command.Input value={text} onValueChange={setText} placeholder="Go to a screen, run a command, find a conversation…" className="w-full border-b border-line bg-raised px-4 py-3.5 text-base outline-none" />
            <Command.List aria-label="Commands" className="max-h-[52vh] overflow-y-auto p-2 [&_[cmdk-group-heading]]:px-2 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-2xs [&_[cmdk-group-heading]]:font-semibold [&_[cmdk-group-heading]]:text-muted">
              <Command.Empty className="px-2 py-6 text-center text-sm text-muted">Nothing fits these words.</Command.Empty>
              {ACTIONS.some(({ command }) => isKnown(command)) && (
                <Command.Group heading="This conversation">
                  {ACTIONS.filter(({ command }) => isKnown(command)).map(({ command, label, keys }) => (
                    <Command.Item key={command} value={label} onSelect={run(() => runCommand(command))} className="menu-item">
                      <span className="flex-1">{label}</span>
                      <Kbd>{keys}</Kbd>
                    </Command.Item>
                  ))}
                </Command.Group>
              )}
              <Command.Group heading="Go to">
                {PLACES.map(({ to, label, icon: Icon }) => (
                  <Command.Item key={to} value={`Go to ${label}`} onSelect={run(() => void navigate({ to }))} className="menu-item">
                    <Icon size={15} aria-hidden />
                    <span className="flex-1">{label}</span>
                  </Command.Item>
                ))}
              </Command.Group>
              <Command.Group heading="Console">
                <Command.Item value="Keyboard help shortcuts" onSelect={run(onHelp)} className="menu-item"><span className="flex-1">Keyboard help</span><Kbd>?</Kbd></Command.Item>
                <Command.Item value="Light theme" onSelect={run(() => setPreferences({ theme: "light" }))} className="menu-item">Light theme</Command.Item>
                <Command.Item value="Dark theme" onSelect={run(() => setPreferences({ theme: "dark" }))} className="menu-item">Dark theme</Command.Item>
                <Command.Item value="Sign out" onSelect={run(() => void signOut())} className="menu-item">Sign out</Command.Item>
              </Command.Group>
              {(hits ?? []).length > 0 && (
                <Command.Group heading="Conversations" forceMount>
                  {hits?.slice(0, 8).map(({ conversation }) => (
                    <Command.Item
                      key={conversation.reference}
                      value={`${conversation.reference} ${words}`}
                      forceMount
                      onSelect={run(() => void navigate({ to: "/inbox/$reference", params: { reference: conversation.reference }, search: {} }))}
                      className="menu-item"
                    >
                      <ChannelIcon channel={conversation.channel} />
                      <span className="min-w-0 flex-1 truncate">{conversation.subject}</span>
                      <span className="text-xs text-muted">{conversation.customer.name ?? conversation.reference}</span>
                    </Command.Item>
                  ))}
                </Command.Group>
              )}
            </Command.List>
          </Command>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
