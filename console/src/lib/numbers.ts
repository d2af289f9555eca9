/** Numbers in words. */

export const count = (value: number): string => value.toLocaleString("en-GB");
export const percent = (share: number): string => `${Math.round(share * 100)} %`;

export function bytes(value: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let scaled = value;
  let unit = 0;
  while (scaled >= 1000 && unit < units.length - 1) {
    scaled /= 1000;
    unit += 1;
  }
  return `${unit === 0 || scaled >= 100 ? Math.round(scaled) : scaled.toFixed(1)} ${units[unit] ?? "B"}`;
}

/** "99+" and "12 k": what fits beside a view's name. */
export function compact(value: number): string {
  if (value < 1000) return String(value);
  if (value < 10_000) return `${(Math.floor(value / 100) / 10).toFixed(1)} k`;
  return `${Math.floor(value / 1000)} k`;
}

/** A signed score with one decimal and a true minus. */
export function score(value: number): string {
  const text = Math.abs(value).toFixed(1);
  return value < -0.04 ? `−${text}` : value > 0.04 ? `+${text}` : text;
}

export const plural = (value: number, one: string, many = `${one}s`): string => `${count(value)} ${value === 1 ? one : many}`;
