/** The one way to the server: JSON over fetch, the session in a cookie, failures told apart by what an operator can do about them. */
import type { Problem } from "./contract";

export class ApiError extends Error {
  readonly problem: Problem;
  /** From `Retry-After`, in seconds. */
  readonly retryAfterSeconds: number | null;

  constructor(problem: Problem, retryAfterSeconds: number | null = null) {
    super(problem.detail);
    this.name = "ApiError";
    this.problem = problem;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  get code(): string {
    return this.problem.code;
  }

  get status(): number {
    return this.problem.status;
  }
}

/** The server could not be reached at all: no network, or the box is down. */
export class UnreachableError extends Error {
  constructor() {
    super("The box cannot be reached.");
    this.name = "UnreachableError";
  }
}

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
type QueryValue = string | number | boolean | null | undefined;

export type RequestOptions = {
  method?: Method;
  body?: unknown;
  query?: Record<string, QueryValue>;
  signal?: AbortSignal | undefined;
};

export function address(path: string, query: Record<string, QueryValue> = {}): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== "") parameters.set(name, String(value));
  }
  const text = parameters.toString();
  return `/api${path}${text === "" ? "" : `?${text}`}`;
}

let signedOut: () => void = () => undefined;

/** Called when the server says that the session is over. */
export function onSignedOut(listener: () => void): void {
  signedOut = listener;
}

export async function api<T>(path: string, { method = "GET", body, query, signal }: RequestOptions = {}): Promise<T> {
  const headers: Record<string, string> = { accept: "application/json" };
  // Proves that the request comes from our page and not from a form elsewhere.
  if (method !== "GET") headers["x-frontdesk-console"] = "1";
  let sent: BodyInit | null = null;
  if (body instanceof FormData) sent = body;
  else if (body !== undefined) {
    headers["content-type"] = "application/json";
    sent = JSON.stringify(body);
  }
  let response: Response;
  try {
    response = await fetch(address(path, query), { method, headers, body: sent, signal: signal ?? null, credentials: "same-origin" });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new UnreachableError();
  }
  if (!response.ok) throw await failure(response);
  if (response.status === 204) return undefined as T;
  const type = response.headers.get("content-type") ?? "";
  return (type.includes("json") ? await response.json() : await response.text()) as T;
}

async function failure(response: Response): Promise<ApiError> {
  const problem = await readProblem(response);
  if (problem.code === "unauthorised") signedOut();
  const retryAfter = Number(response.headers.get("retry-after"));
  return new ApiError(problem, Number.isFinite(retryAfter) && retryAfter > 0 ? retryAfter : null);
}

async function readProblem(response: Response): Promise<Problem> {
  const fallback: Problem = {
    type: "about:blank",
    title: response.statusText,
    status: response.status,
    detail: response.status >= 500 ? "The box could not do this just now." : "The box refused this.",
    code: response.status === 401 ? "unauthorised" : response.status === 403 ? "forbidden" : `http_${response.status}`,
  };
  try {
    const read = (await response.json()) as Partial<Problem>;
    return { ...fallback, ...read };
  } catch {
    return fallback;
  }
}

/** What to tell an operator about any failure. */
export function explain(error: unknown): string {
  if (error instanceof UnreachableError) return "The box cannot be reached. Check the network; nothing was lost.";
  if (error instanceof ApiError) {
    const first = error.problem.errors?.[0];
    return first === undefined ? error.problem.detail : first.message;
  }
  return "Something went wrong on this page.";
}

/** The server's complaints about a form, by field. */
export function fieldErrors(error: unknown): Record<string, string> {
  if (!(error instanceof ApiError)) return {};
  return Object.fromEntries((error.problem.errors ?? []).map(({ field, message }) => [field, message]));
}

export function hasCode(error: unknown, code: string): boolean {
  return error instanceof ApiError && error.code === code;
}
