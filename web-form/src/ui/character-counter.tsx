/** How much room a text has left: always visible, spoken only near the limit and after a pause. */
import { useEffect, useState } from "react";
import { copy } from "../copy";

const PAUSE_MS = 1_000;

/** What to say: nothing while there is ample room. Announced in steps, so that typing is not talked over. */
export function spokenCount(used: number, limit: number): string {
  const left = limit - used;
  if (left < 0) return copy.form.tooMany(-left);
  return left <= Math.max(limit / 10, 20) ? copy.form.remaining(left) : "";
}

export function CharacterCounter({ id, used, limit }: { id: string; used: number; limit: number }) {
  const [spoken, setSpoken] = useState("");
  const latest = spokenCount(used, limit);

  useEffect(() => {
    const timer = setTimeout(() => {
      setSpoken(latest);
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [latest]);

  const isOver = used > limit;
  return (
    <>
      <span id={id} dir="ltr" className={`shrink-0 text-sm ${isOver ? "font-medium text-danger" : "text-muted"}`}>
        {copy.form.counter(used, limit)}
      </span>
      <span role="status" className="sr-only">
        {spoken}
      </span>
    </>
  );
}
