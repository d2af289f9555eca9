/** What is written and not sent yet survives a reload, a conversation and a kind (reply or note) each. */
import { useCallback, useState } from "react";
import { recall, remember } from "~/lib/storage";

export function useUnsent(reference: string, kind: "reply" | "note"): [string, (text: string) => void] {
  const name = `unsent.${kind}.${reference}`;
  const [held, setHeld] = useState<{ name: string; text: string }>(() => ({ name, text: recall(name, "") }));
  const text = held.name === name ? held.text : recall(name, "");
  const set = useCallback(
    (next: string) => {
      setHeld({ name, text: next });
      remember(name, next);
    },
    [name],
  );
  return [text, set];
}
