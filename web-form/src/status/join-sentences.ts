/** The sentences of a draft as one text: list items on lines of their own, the rest running on. Pure. */

const STARTS_LINE = /^\s*(?:\d{1,3}[.)]|[-*•]|#{1,6})\s/;

export function joinSentences(sentences: readonly string[], hasGap: boolean): string {
  let text = hasGap ? "…" : "";
  for (const sentence of sentences) {
    // A sentence that brings its own line breaks knows best.
    if (text === "" || /^\n|\n$/.test(sentence) || text.endsWith("\n")) text += sentence;
    else text += (STARTS_LINE.test(sentence) ? "\n" : " ") + sentence;
  }
  return text;
}
