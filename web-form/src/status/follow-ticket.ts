/** Keeps a ticket current: reads it once, then follows its event stream through every loss of connection. No framework: the widget uses it, too. */
import { eventsUrl, fetchTicket } from "../api/client";
import { failure } from "../api/failure";
import { readStreamEvent } from "../api/read";
import type { Stage } from "../api/contract";
import { isFinalFailure, isSettled, type Action } from "./ticket-view";

const EVENT_TYPES = ["progress", "sentence", "retracted", "reply", "status"] as const;
const SHORTEST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;

/** Doubles up to a limit; the random part keeps many pages from asking at once after a restart. */
export function reconnectDelay_ms(attempt: number, random: number): number {
  return Math.min(SHORTEST_WAIT_MS * 2 ** attempt, LONGEST_WAIT_MS) * (0.5 + random / 2);
}

export type Following = { stop: () => void; refresh: () => void };

/** Follows one ticket until it is told to stop. */
export function followTicket(reference: string, token: string, dispatch: (action: Action) => void): Following {
  let isStopped = false;
  let attempt = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stream: EventSource | undefined;
  let knownStage: Stage | undefined;
  /** Numbers the attempts, so that an overtaken one does not open a second stream. */
  let latestAttempt = 0;

  /** Numbers the readings: one that was overtaken by a later one is old news. */
  let readingsBegun = 0;
  let newestApplied = 0;

  const read = async (): Promise<boolean> => {
    readingsBegun += 1;
    const thisReading = readingsBegun;
    const outcome = await fetchTicket(reference, token);
    if (isStopped) return false;
    if (thisReading < newestApplied) return outcome.ok;
    newestApplied = thisReading;
    if (outcome.ok) {
      knownStage = outcome.value.progress?.stage;
      dispatch({ type: "loaded", ticket: outcome.value });
      return true;
    }
    dispatch({ type: "load_failed", failure: outcome.failure });
    if (isFinalFailure(outcome.failure)) stop();
    return false;
  };

  const retryLater = (): void => {
    if (isStopped) return;
    stream?.close();
    stream = undefined;
    clearTimeout(timer);
    dispatch({ type: "connection", connection: "reconnecting" });
    timer = setTimeout(() => void connect(), reconnectDelay_ms(attempt, Math.random()));
    attempt += 1;
  };

  const connect = async (): Promise<void> => {
    clearTimeout(timer);
    latestAttempt += 1;
    const thisAttempt = latestAttempt;
    const wasRead = await read();
    if (isStopped || thisAttempt !== latestAttempt) return;
    if (!wasRead) {
      retryLater();
      return;
    }
    const opened = new EventSource(eventsUrl(reference, token));
    stream = opened;
    opened.addEventListener("open", () => {
      attempt = 0;
      dispatch({ type: "connection", connection: "live" });
    });
    for (const type of EVENT_TYPES) {
      opened.addEventListener(type, (event: MessageEvent<string>) => {
        const parsed = readStreamEvent(type, event.data);
        if (parsed === null) return;
        dispatch({ type: "event", event: parsed });
        if (parsed.type === "progress" && parsed.progress.stage === knownStage) return;
        // The end may have come between reading and listening, and it changes more than its event says.
        if (parsed.type === "reply" || (parsed.type === "progress" && isSettled(parsed.progress.stage))) void read();
      });
    }
    // The browser's own reconnecting would skip the re-reading, so it is replaced by ours.
    opened.addEventListener("error", () => {
      if (stream === opened) retryLater();
    });
  };

  const onOnline = (): void => {
    if (isStopped || token === "") return;
    if (stream?.readyState === EventSource.OPEN) return;
    attempt = 0;
    stream?.close();
    stream = undefined;
    void connect();
  };

  const stop = (): void => {
    isStopped = true;
    clearTimeout(timer);
    stream?.close();
    window.removeEventListener("online", onOnline);
  };

  window.addEventListener("online", onOnline);
  if (token === "") dispatch({ type: "load_failed", failure: failure("token_missing") });
  else void connect();
  return { stop, refresh: () => void read() };
}
