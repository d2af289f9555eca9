import type { Autonomy, Channel, Intent } from "~/api/contract";

export type Level = Autonomy["level"];

export function levelOf(entries: readonly Autonomy[], channel: Channel, intent: Intent | null): Level | null {
  return entries.find((entry) => entry.channel === channel && entry.intent === intent)?.level ?? null;
}

/** Sets one cell; null takes it out, so that it follows the channel again. */
export function withLevel(entries: readonly Autonomy[], channel: Channel, intent: Intent | null, level: Level | null): Autonomy[] {
  const others = entries.filter((entry) => entry.channel !== channel || entry.intent !== intent);
  return level === null ? others : [...others, { channel, intent, level }];
}
