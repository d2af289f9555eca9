/** Rows of a report to lines of a chart: pure, so that what is drawn can be tested. */
import type { Report } from "~/api/contract";
import { seconds } from "~/lib/time";

export type Line = { name: string; points: { x: string; value: number | null }[] };

const column = (report: Report, name: string): number => report.columns.findIndex((each) => each.name === name);

/** A line for each value of `by` (or one), over the days in order. */
export function lines(report: Report, value: string, by: string | null): Line[] {
  const x = 0;
  const at = column(report, value);
  const split = by === null ? -1 : column(report, by);
  const found = new Map<string, Line>();
  for (const row of report.rows) {
    const name = split < 0 ? value : String(row[split] ?? "");
    const line = found.get(name) ?? { name, points: [] };
    const cell = row[at];
    line.points.push({ x: String(row[x] ?? ""), value: typeof cell === "number" ? cell : null });
    found.set(name, line);
  }
  return [...found.values()];
}

const numberOf = (value: string | number | null | undefined): number => (typeof value === "number" ? value : 0);

export function total(report: Report, value: string): number {
  const at = column(report, value);
  return report.rows.reduce((sum, row) => sum + numberOf(row[at]), 0);
}

/** The mean of `value`, each row counting as often as `weight` says; null when nothing counts. */
export function weighted(report: Report, value: string, weight: string): number | null {
  const at = column(report, value);
  const by = column(report, weight);
  let sum = 0;
  let weights = 0;
  for (const row of report.rows) {
    const [one, many] = [row[at], row[by]];
    if (typeof one !== "number" || typeof many !== "number") continue;
    sum += one * many;
    weights += many;
  }
  return weights === 0 ? null : sum / weights;
}

type Unit = Report["columns"][number]["unit"];

export function cell(value: string | number | null, unit: Unit): string {
  if (value === null) return "–";
  if (typeof value === "string") return value;
  switch (unit) {
    case "seconds": return seconds(value);
    case "minutes": return seconds(value * 60);
    case "share": return `${Math.round(value * 100)} %`;
    case "score": return value.toFixed(2);
    default: return value.toLocaleString("en-GB");
  }
}

export function heading(name: string): string {
  const known: Record<string, string> = { median_s: "Median", p90_s: "Slowest tenth", median_minutes: "Median to resolve", by_assistant: "By the assistant" };
  return known[name] ?? name.charAt(0).toUpperCase() + name.slice(1).replaceAll("_", " ");
}
