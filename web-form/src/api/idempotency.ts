/**
 * Keys that make a retry safe: one key per content. The same words sent again
 * carry the same key, so the server files them once; changed words are a new
 * request and get a new key.
 */

export type KeyedContent = { key: string; content: string };

/** 128 random bits. Not `randomUUID`, which browsers withhold from plain-http pages on a LAN. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function keyFor(content: string, previous: KeyedContent | null, make: () => string = newKey): KeyedContent {
  return previous?.content === content ? previous : { key: make(), content };
}
