/** The moments offered for snoozing, counted from `now`; evenings and mornings are the operator's own. */
export type SnoozeChoice = { label: string; until: Date };

function at(day: Date, days: number, hour: number): Date {
  const next = new Date(day);
  next.setDate(next.getDate() + days);
  next.setHours(hour, 0, 0, 0);
  return next;
}

export function snoozeChoices(now: Date): SnoozeChoice[] {
  const untilMonday = ((8 - now.getDay()) % 7) || 7;
  return [
    { label: "In one hour", until: new Date(now.getTime() + 3_600_000) },
    { label: "In four hours", until: new Date(now.getTime() + 4 * 3_600_000) },
    { label: "Tomorrow morning", until: at(now, 1, 9) },
    { label: "Monday morning", until: at(now, untilMonday, 9) },
    { label: "In a week", until: at(now, 7, 9) },
  ];
}
