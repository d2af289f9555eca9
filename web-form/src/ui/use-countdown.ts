/** Whole seconds left until a moment, ticking down to zero. */
import { useEffect, useState } from "react";

export function secondsUntil(moment_ms: number, now_ms: number): number {
  return Math.max(Math.ceil((moment_ms - now_ms) / 1000), 0);
}

export function useCountdown(until_ms: number | null): number {
  const [now_ms, setNow] = useState(() => Date.now());

  useEffect(() => {
    if (until_ms === null) return;
    const tick = (): void => {
      setNow(Date.now());
    };
    const first = setTimeout(tick, 0);
    const timer = setInterval(() => {
      tick();
      if (Date.now() >= until_ms) clearInterval(timer);
    }, 500);
    return () => {
      clearTimeout(first);
      clearInterval(timer);
    };
  }, [until_ms]);

  return until_ms === null ? 0 : secondsUntil(until_ms, now_ms);
}
