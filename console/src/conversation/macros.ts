/** Macros: `/` and some letters at the start of a line ask for one; its placeholders are filled when it is inserted. */
import type { Macro } from "~/api/contract";

/** The words after a `/` right before the caret, at the start of a line; null when there are none. */
export function macroQuery(text: string, caret: number): string | null {
  const line = text.slice(text.lastIndexOf("\n", caret - 1) + 1, caret);
  return line.startsWith("/") && line.length <= 40 ? line.slice(1) : null;
}

export function matching(macros: readonly Macro[], query: string): Macro[] {
  const words = query.toLowerCase().trim();
  return macros.filter(({ name }) => name.toLowerCase().includes(words));
}

export function fill(body: string, values: { name: string | null; reference: string; company: string }): string {
  return body
    .replaceAll(/ ?\{name\}/gu, values.name === null ? "" : ` ${values.name.split(" ")[0] ?? ""}`)
    .replaceAll("{reference}", values.reference)
    .replaceAll("{company}", values.company)
    .replace(/^ /u, "");
}

/** Puts `filled` in the place of the `/words` before the caret, or at the caret. Returns the text and the new caret. */
export function insert(text: string, caret: number, filled: string): { text: string; caret: number } {
  const query = macroQuery(text, caret);
  const from = query === null ? caret : caret - query.length - 1;
  return { text: text.slice(0, from) + filled + text.slice(caret), caret: from + filled.length };
}
