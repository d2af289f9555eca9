/** A scripted server for tests: answers each request in turn and remembers what was asked. */
import { vi } from "vitest";

type Answer = { status?: number; body?: unknown; headers?: Record<string, string> } | "network error";

export type SentRequest = { path: string; body: unknown; key: string | null };

export function scriptServer(answers: Record<string, Answer[]>): SentRequest[] {
  const sent: SentRequest[] = [];
  vi.stubGlobal("fetch", (path: string, init: RequestInit = {}): Promise<Response> => {
    const headers = new Headers(init.headers);
    const body: unknown = typeof init.body === "string" ? JSON.parse(init.body) : null;
    sent.push({ path, body, key: headers.get("idempotency-key") });
    const [route = path] = path.split("?");
    const queue = answers[route];
    if (queue === undefined || queue.length === 0) throw new Error(`No answer for ${path}`);
    // The last answer stands for all that follow.
    const answer = queue.length > 1 ? queue.shift() : queue[0];
    if (answer === undefined || answer === "network error") return Promise.reject(new TypeError("Failed to fetch"));
    const { status = 200, body: content = {}, headers: answered = {} } = answer;
    return Promise.resolve(new Response(JSON.stringify(content), { status, headers: answered }));
  });
  return sent;
}
