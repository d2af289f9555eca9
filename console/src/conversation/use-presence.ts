/** Tells the others that this conversation is open here, and whether something is being typed. */
import { useEffect, useRef } from "react";
import { api } from "~/api/client";

const REPEAT_MS = 20_000;
const TYPING_MS = 4_000;

function tell(reference: string | null, typing: boolean): void {
  // Presence is a courtesy: failing to tell it troubles nobody.
  api("/presence", { method: "PUT", body: { reference, typing } }).catch(() => undefined);
}

/** Returns what the composer calls on every key. */
export function usePresence(reference: string): () => void {
  const typingUntil = useRef(0);
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);

  useEffect(() => {
    tell(reference, false);
    const repeat = setInterval(() => tell(reference, Date.now() < typingUntil.current), REPEAT_MS);
    return () => {
      clearInterval(repeat);
      if (timer.current !== null) clearTimeout(timer.current);
      typingUntil.current = 0;
      tell(null, false);
    };
  }, [reference]);

  return () => {
    if (Date.now() >= typingUntil.current) tell(reference, true);
    typingUntil.current = Date.now() + TYPING_MS;
    if (timer.current !== null) clearTimeout(timer.current);
    timer.current = setTimeout(() => tell(reference, false), TYPING_MS);
  };
}
