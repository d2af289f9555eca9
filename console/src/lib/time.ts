/** Moments and spans in words. All take "now" as a value, so that they can be tested. */

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** "3 m", "2 h", "5 d": for dense lists. */
export function shortAge(at: string, nowMs: number): string {
  const age = Math.max(0, nowMs - Date.parse(at));
  if (age < MINUTE_MS) return "now";
  if (age < HOUR_MS) return `${Math.floor(age / MINUTE_MS)} m`;
  if (age < DAY_MS) return `${Math.floor(age / HOUR_MS)} h`;
  if (age < 7 * DAY_MS) return `${Math.floor(age / DAY_MS)} d`;
  return shortDate(at, nowMs);
}

/** "24 Nov", with the year when it is another one. */
export function shortDate(at: string, nowMs: number): string {
  const date = new Date(at);
  const isThisYear = date.getFullYear() === new Date(nowMs).getFullYear();
  return date.toLocaleDateString("en-GB", { day: "numeric", month: "short", ...(isThisYear ? {} : { year: "numeric" }) });
}

/** "14:05" today, else with the day. */
export function clock(at: string, nowMs: number): string {
  const date = new Date(at);
  const time = date.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  return date.toDateString() === new Date(nowMs).toDateString() ? time : `${shortDate(at, nowMs)}, ${time}`;
}

/** The whole moment, for tooltips. */
export function fullMoment(at: string): string {
  return new Date(at).toLocaleString("en-GB", { dateStyle: "full", timeStyle: "short" });
}

/** "1 h 20 m", "3 d 4 h", "less than a minute"; of a length in milliseconds, never negative. */
export function span(ms: number): string {
  const length = Math.abs(ms);
  if (length < MINUTE_MS) return "less than a minute";
  const days = Math.floor(length / DAY_MS);
  const hours = Math.floor((length % DAY_MS) / HOUR_MS);
  const minutes = Math.floor((length % HOUR_MS) / MINUTE_MS);
  if (days > 0) return hours > 0 ? `${days} d ${hours} h` : `${days} d`;
  if (hours > 0) return minutes > 0 ? `${hours} h ${minutes} m` : `${hours} h`;
  return `${minutes} m`;
}

/** Seconds in the unit a person would choose. */
export function seconds(value: number): string {
  if (value > 0 && value < 1) return `${Math.round(value * 1000)} ms`;
  // Up to two minutes in seconds, so that the marks of an axis differ.
  if (value < 120) return `${value.toFixed(value < 10 && !Number.isInteger(value) ? 1 : 0)} s`;
  return span(value * 1000);
}

/** "2026-11-24" in the reader's time zone. */
export function isoDay(ms: number): string {
  const date = new Date(ms);
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
