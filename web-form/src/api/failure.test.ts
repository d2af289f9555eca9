import { describe, expect, it } from "vitest";
import { failureFromResponse, isWorthRetrying, readRetryAfter, type FailureKind } from "./failure";

const NOW_MS = Date.parse("2026-11-22T10:00:00Z");

describe("Retry-After", () => {
  it.each<[string | null, number | null]>([
    [null, null],
    ["", null],
    ["soon", null],
    ["-5", null],
    ["0", 0],
    ["34", 34],
    [" 7 ", 7],
    ["99999999", 86_400],
    ["Sun, 22 Nov 2026 10:00:30 GMT", 30],
    ["Sun, 22 Nov 2026 09:00:00 GMT", 0],
  ])("%j waits %s s", (header, seconds) => {
    expect(readRetryAfter(header, NOW_MS)).toBe(seconds);
  });
});

describe("a problem document", () => {
  it.each<[number, FailureKind, boolean]>([
    [400, "bad_reference", false],
    [401, "token_missing", false],
    [404, "not_found", false],
    [413, "too_large", false],
    [422, "invalid", false],
    [429, "rate_limited", true],
    [500, "server", true],
    [502, "unavailable", true],
    [503, "unavailable", true],
    [504, "timeout", true],
    [418, "server", true],
  ])("with status %i is %s", (status, kind, isRetryable) => {
    expect(failureFromResponse(status, null, null, NOW_MS).kind).toBe(kind);
    expect(isWorthRetrying(kind)).toBe(isRetryable);
  });

  it("gives each field its first complaint", () => {
    const { field_errors, detail, request_id } = failureFromResponse(
      422,
      null,
      {
        detail: "Two fields are wrong.",
        request_id: "req_1",
        errors: [
          { field: "email", code: "syntax", message: "Not an address." },
          { field: "email", code: "again", message: "Second." },
          { field: "subject", code: "short", message: "Too short." },
        ],
      },
      NOW_MS,
    );
    expect(field_errors).toEqual({ email: "Not an address.", subject: "Too short." });
    expect(detail).toBe("Two fields are wrong.");
    expect(request_id).toBe("req_1");
  });

  it.each([null, "text", 7, [], {}, { errors: "no" }, { errors: [null, 3, { field: 1, message: "x" }, { field: "a" }] }])(
    "of an odd shape (%j) is still a failure to show",
    (body) => {
      expect(failureFromResponse(422, null, body, NOW_MS).field_errors).toEqual({});
    },
  );
});
