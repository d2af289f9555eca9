/** The live line: one EventSource for the whole console, reconnected with back-off, its state shown in the frame. */
import { useSyncExternalStore } from "react";
import { backOffMs } from "./back-off";
import type { ConsoleEvent } from "./contract";

export type LineState = "connecting" | "live" | "reconnecting" | "offline";

const NAMES = ["hello", "reset", "conversation", "message", "draft", "escalation", "counts", "presence", "knowledge"] as const;

type Listener = (event: ConsoleEvent) => void;

class LiveLine {
  private source: EventSource | null = null;
  private attempt = 0;
  private timer: ReturnType<typeof setTimeout> | null = null;
  private wasLive = false;
  private state: LineState = "connecting";
  private readonly listeners = new Set<Listener>();
  private readonly watchers = new Set<() => void>();

  getState = (): LineState => this.state;

  watch = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  };

  listen = (listener: Listener): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  open(): void {
    if (this.source !== null || typeof EventSource === "undefined") return;
    const source = new EventSource("/api/events");
    this.source = source;
    source.onopen = () => {
      this.attempt = 0;
      // Whatever happened while the line was down may be older than what the server keeps.
      if (this.wasLive && this.state !== "live") this.tell({ event: "reset", data: {} });
      this.wasLive = true;
      this.become("live");
    };
    source.onerror = () => this.again();
    for (const name of NAMES) {
      source.addEventListener(name, (message: MessageEvent<string>) => {
        try {
          const data: unknown = JSON.parse(message.data);
          this.tell({ event: name, data } as ConsoleEvent);
        } catch {
          // An event that cannot be read is one that the next re-reading makes up for.
        }
      });
    }
  }

  close(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.source?.close();
    this.source = null;
    this.become("connecting");
  }

  /** The network is back: do not wait for the timer. */
  hurry = (): void => {
    if (this.state === "live") return;
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.source?.close();
    this.source = null;
    this.open();
  };

  private again(): void {
    this.source?.close();
    this.source = null;
    this.become(navigator.onLine ? "reconnecting" : "offline");
    if (this.timer !== null) return;
    this.timer = setTimeout(() => {
      this.timer = null;
      this.open();
    }, backOffMs(this.attempt, Math.random()));
    this.attempt += 1;
  }

  private tell(event: ConsoleEvent): void {
    for (const listener of this.listeners) listener(event);
  }

  private become(state: LineState): void {
    if (state === this.state) return;
    this.state = state;
    for (const watcher of this.watchers) watcher();
  }
}

export const live = new LiveLine();

if (typeof window !== "undefined") {
  window.addEventListener("online", live.hurry);
}

export function useLineState(): LineState {
  return useSyncExternalStore(live.watch, live.getState);
}
