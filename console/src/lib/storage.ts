/** The browser's storage, where it is allowed; every reader copes with nothing being there. */

function area(kind: "local" | "session"): Storage | null {
  try {
    return kind === "local" ? window.localStorage : window.sessionStorage;
  } catch {
    return null;
  }
}

const PREFIX = "frontdesk.console.";

export function recall<T>(name: string, fallback: T, kind: "local" | "session" = "local"): T {
  try {
    const text = area(kind)?.getItem(PREFIX + name);
    return text === null || text === undefined ? fallback : (JSON.parse(text) as T);
  } catch {
    return fallback;
  }
}

export function remember(name: string, value: unknown, kind: "local" | "session" = "local"): void {
  try {
    if (value === null || value === undefined || value === "") area(kind)?.removeItem(PREFIX + name);
    else area(kind)?.setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    // Full or blocked: it holds for this page only.
  }
}

/** At sign-out nothing of a customer's stays in the browser; preferences do. */
export function forgetTexts(): void {
  for (const kind of ["local", "session"] as const) {
    const storage = area(kind);
    if (storage === null) continue;
    for (const key of Object.keys(storage)) {
      if (key.startsWith(PREFIX) && !key.startsWith(`${PREFIX}preference.`)) storage.removeItem(key);
    }
  }
}
