/** Values remembered for this tab. Blocked or full storage is not an error: the page works without it. */

export function readStored(name: string): unknown {
  try {
    const stored = sessionStorage.getItem(name);
    return stored === null ? null : (JSON.parse(stored) as unknown);
  } catch {
    return null;
  }
}

export function store(name: string, value: unknown): void {
  try {
    sessionStorage.setItem(name, JSON.stringify(value));
  } catch {
    // Nothing to do: the draft then lives only as long as the page.
  }
}

export function forget(name: string): void {
  try {
    sessionStorage.removeItem(name);
  } catch {
    // As above.
  }
}
