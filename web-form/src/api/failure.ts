/** What can go wrong with a request, told apart by what the customer can do about it. Pure. */
import { asFields } from "./read";

export type FailureKind =
  | "offline"
  | "unreachable"
  | "timeout"
  | "rate_limited"
  | "too_large"
  | "invalid"
  | "unavailable"
  | "token_missing"
  | "not_found"
  | "bad_reference"
  | "server";

export type Failure = {
  kind: FailureKind;
  /** Seconds the server asked us to wait, if it did. */
  retry_after_s: number | null;
  /** The first message for each field, by the field's name in the request. */
  field_errors: Record<string, string>;
  /** The server's own words; shown only where they help the reader. */
  detail: string | null;
  request_id: string | null;
};

const LONGEST_WAIT_S = 24 * 60 * 60;

export function failure(kind: FailureKind, extra: Partial<Failure> = {}): Failure {
  return { kind, retry_after_s: null, field_errors: {}, detail: null, request_id: null, ...extra };
}

/** `Retry-After` as whole seconds from `now_ms`; null if absent or unreadable (RFC 9110, section 10.2.3). */
export function readRetryAfter(header: string | null, now_ms: number): number | null {
  if (header === null) return null;
  const value = header.trim();
  if (/^\d+$/.test(value)) return Math.min(Number(value), LONGEST_WAIT_S);
  // An HTTP date names its day; Date.parse alone would take "-5" for a year.
  const date_ms = /^[a-z]{3}/i.test(value) ? Date.parse(value) : NaN;
  if (Number.isNaN(date_ms)) return null;
  return Math.min(Math.max(Math.ceil((date_ms - now_ms) / 1000), 0), LONGEST_WAIT_S);
}

function readFieldErrors(value: unknown): Record<string, string> {
  const errors: Record<string, string> = {};
  if (!Array.isArray(value)) return errors;
  for (const entry of value as unknown[]) {
    const fields = asFields(entry);
    const field = fields?.field;
    const message = fields?.message;
    if (typeof field !== "string" || typeof message !== "string" || message === "") continue;
    if (!Object.hasOwn(errors, field)) errors[field] = message;
  }
  return errors;
}

function kindOf(status: number): FailureKind {
  switch (status) {
    case 400:
      return "bad_reference";
    case 401:
    case 403:
      return "token_missing";
    case 404:
      return "not_found";
    case 408:
    case 504:
      return "timeout";
    case 413:
      return "too_large";
    case 422:
      return "invalid";
    case 429:
      return "rate_limited";
    case 502:
    case 503:
      return "unavailable";
    default:
      return "server";
  }
}

/** `body` is the parsed problem document (RFC 9457), or null when the answer was not JSON. */
export function failureFromResponse(
  status: number,
  retryAfter: string | null,
  body: unknown,
  now_ms: number,
): Failure {
  const problem = asFields(body);
  return failure(kindOf(status), {
    retry_after_s: readRetryAfter(retryAfter, now_ms),
    field_errors: readFieldErrors(problem?.errors),
    detail: typeof problem?.detail === "string" && problem.detail !== "" ? problem.detail : null,
    request_id: typeof problem?.request_id === "string" ? problem.request_id : null,
  });
}

/** Whether the same request, unchanged, may succeed later. */
export function isWorthRetrying(kind: FailureKind): boolean {
  return !["too_large", "invalid", "token_missing", "not_found", "bad_reference"].includes(kind);
}
