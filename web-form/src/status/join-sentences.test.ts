import { expect, it } from "vitest";
import { joinSentences } from "./join-sentences";

it.each<[string[], boolean, string]>([
  [["A.", "B."], false, "A. B."],
  [["Steps:", "1. One.", "2. Two."], false, "Steps:\n1. One.\n2. Two."],
  [["Hi,", "\n\nText.\n", "More."], false, "Hi,\n\nText.\nMore."],
  [["C."], true, "… C."],
  [[], false, ""],
])("%j", (sentences, hasGap, text) => {
  expect(joinSentences(sentences, hasGap)).toBe(text);
});
