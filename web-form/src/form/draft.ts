/** What the tab remembers of the form, so that a reload loses nothing. Pure readers over storage. */
import { readReceipt } from "../api/read";
import { asFields } from "../api/read";
import type { Receipt } from "../api/contract";
import { forget, readStored, store } from "../api/storage";
import type { KeyedContent } from "../api/idempotency";
import { EMPTY_VALUES, FIELD_ORDER, type Values } from "./validation";

const DRAFT = "frontdesk.draft";
const KEY = "frontdesk.draft-key";
const RECEIPT = "frontdesk.receipt";

export type StoredReceipt = { receipt: Receipt; email: string };

export function loadDraft(): Values {
  const stored = asFields(readStored(DRAFT));
  const values = { ...EMPTY_VALUES };
  for (const field of FIELD_ORDER) {
    const value = stored?.[field];
    if (typeof value === "string") values[field] = value;
  }
  return values;
}

export function saveDraft(values: Values): void {
  store(DRAFT, values);
}

export function loadKey(): KeyedContent | null {
  const stored = asFields(readStored(KEY));
  if (typeof stored?.key !== "string" || typeof stored.content !== "string") return null;
  return { key: stored.key, content: stored.content };
}

export function saveKey(key: KeyedContent): void {
  store(KEY, key);
}

export function loadReceipt(): StoredReceipt | null {
  const stored = asFields(readStored(RECEIPT));
  const receipt = readReceipt(stored?.receipt);
  return receipt === null ? null : { receipt, email: typeof stored?.email === "string" ? stored.email : "" };
}

/** The message is filed: keep the receipt for a reload, drop the words. */
export function fileReceipt(stored: StoredReceipt): void {
  store(RECEIPT, stored);
  forget(DRAFT);
  forget(KEY);
}

export function forgetReceipt(): void {
  forget(RECEIPT);
}
