/** Screens say what they do on a command; the last mounted that knows one is asked. */
import { useEffect, useRef } from "react";
import { getPreferences } from "~/lib/preferences";
import { commandFor } from "./keys";
import type { Command } from "./keys";

type Handlers = Partial<Record<Command, () => void>>;

const stack: { current: Handlers }[] = [];

export function runCommand(command: Command): boolean {
  for (let index = stack.length - 1; index >= 0; index -= 1) {
    const handler = stack[index]?.current[command];
    if (handler !== undefined) {
      handler();
      return true;
    }
  }
  return false;
}

export const isKnown = (command: Command): boolean => stack.some(({ current }) => current[command] !== undefined);

export function useCommands(handlers: Handlers): void {
  const latest = useRef(handlers);
  useEffect(() => {
    latest.current = handlers;
  });
  useEffect(() => {
    stack.push(latest);
    return () => {
      const index = stack.indexOf(latest);
      if (index >= 0) stack.splice(index, 1);
    };
  }, []);
}

const FIELDS = "input:not([type=checkbox],[type=radio],[type=range]), textarea, select, [contenteditable=true]";
const CONTROLS = "a[href], button, summary, [role=button], [role=tab], [role=menuitem], input, label";
const DIALOGS = "[role=dialog], [role=alertdialog], [role=menu], [role=listbox]";

function onKeyDown(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing) return;
  const target = event.target instanceof Element ? event.target : null;
  const command = commandFor(
    { key: event.key, ctrl: event.ctrlKey, meta: event.metaKey, alt: event.altKey, shift: event.shiftKey },
    {
      inField: target?.closest(FIELDS) != null,
      onControl: target?.closest(CONTROLS) != null,
      inDialog: target?.closest(DIALOGS) != null,
      singleKeys: getPreferences().singleKeys,
    },
  );
  if (command !== null && runCommand(command)) event.preventDefault();
}

/** Once, by the shell. */
export function useKeyboard(): void {
  useEffect(() => {
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, []);
}
