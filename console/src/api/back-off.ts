/** How long to wait before the next try to reconnect, in milliseconds: doubling from one second to thirty, spread so that consoles do not all come back at once. */
export function backOffMs(attempt: number, random: number): number {
  const ceiling = Math.min(30_000, 1_000 * 2 ** Math.min(attempt, 10));
  return Math.round(ceiling * (0.5 + random / 2));
}
