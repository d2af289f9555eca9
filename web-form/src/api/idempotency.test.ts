import { describe, expect, it } from "vitest";
import { keyFor, newKey } from "./idempotency";

describe("idempotency keys", () => {
  it("are kept for the same words, so that a retry is filed once", () => {
    const first = keyFor("a", null);
    expect(keyFor("a", first)).toBe(first);
  });

  it("change with the words, so that a correction is not taken for a retry", () => {
    const first = keyFor("a", null);
    expect(keyFor("b", first).key).not.toBe(first.key);
  });

  it("fit the header's limit and need no https page", () => {
    expect(newKey()).toMatch(/^[0-9a-f]{32}$/);
    expect(newKey()).not.toBe(newKey());
  });
});
