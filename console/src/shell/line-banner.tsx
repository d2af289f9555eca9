/** Says when the live line is down, in words, politely; and what the box cannot do just now. */
import { useQuery } from "@tanstack/react-query";
import { HardDrive, LoaderCircle, WifiOff } from "lucide-react";
import { useEffect, useState } from "react";
import type { ReactNode } from "react";
import { live, useLineState } from "~/api/live";
import { queries } from "~/api/queries";
import { bytes } from "~/lib/numbers";

/** A line that is back within this time is not worth a word. */
const PATIENCE_MS = 1_500;

function Banner({ children }: { children: ReactNode }) {
  return <div className="flex flex-none items-center justify-center gap-2 border-b border-amber-line bg-amber-tint px-4 py-1.5 text-sm text-amber">{children}</div>;
}

export function LineBanner() {
  const state = useLineState();
  const isDown = state === "reconnecting" || state === "offline";
  const [isShown, setShown] = useState(false);
  const { data: system } = useQuery(queries.system());

  useEffect(() => {
    const timer = setTimeout(() => setShown(isDown), isDown ? PATIENCE_MS : 0);
    return () => clearTimeout(timer);
  }, [isDown]);

  return (
    <div role="status">
      {isShown && (
        <Banner>
          {state === "offline" ? <WifiOff size={14} aria-hidden /> : <LoaderCircle size={14} aria-hidden className="animate-spin" />}
          {state === "offline" ? "You are offline. What you write is kept here." : "Reconnecting to the box. What you see may be old."}
          <button type="button" className="font-semibold underline underline-offset-2" onClick={live.hurry}>
            Try now
          </button>
        </Banner>
      )}
      {system?.chat_model === "loading" && <Banner><LoaderCircle size={14} aria-hidden className="animate-spin" /> The assistant&rsquo;s model is loading. Messages are kept and answered once it is ready.</Banner>}
      {system?.disk.low === true && <Banner><HardDrive size={14} aria-hidden /> The box&rsquo;s disk is nearly full: {bytes(system.disk.free_bytes)} free.</Banner>}
    </div>
  );
}
