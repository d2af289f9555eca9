import { describe, expect, it } from "vitest";
import { bytes, compact, score } from "./numbers";
import { slaView } from "./sla";
import { isoDay, seconds, shortAge, span } from "./time";
import { mood } from "./words";

const NOW = Date.parse("2026-11-24T12:00:00Z");
const inMinutes = (minutes: number): string => new Date(NOW + minutes * 60_000).toISOString();

describe("due times", () => {
  it.each([
    [inMinutes(200), "ok", "ok", "Due in 3 h 20 m"],
    [inMinutes(45), "ok", "due_soon", "Due in 45 m"],
    [inMinutes(300), "due_soon", "due_soon", "Due in 5 h"],
    [inMinutes(-130), "overdue", "overdue", "Overdue by 2 h 10 m"],
    // The page stood open over the due time: what the server said then is old.
    [inMinutes(-1), "ok", "overdue", "Overdue by 1 m"],
  ] as const)("%s with %s is %s", (due, sla, state, text) => {
    expect(slaView(due, sla, NOW)).toMatchObject({ state, text });
  });

  it("says of a resolved one whether it was in time", () => {
    expect(slaView(inMinutes(10), "ok", NOW, inMinutes(0)).state).toBe("met");
    expect(slaView(inMinutes(-90), "overdue", NOW, inMinutes(-30))).toMatchObject({ state: "missed", text: "Resolved 1 h late" });
  });

  it("never shows an overdue one as due, even when only business hours made it late", () => {
    expect(slaView(inMinutes(30), "overdue", NOW)).toMatchObject({ state: "overdue", text: "Overdue by less than a minute" });
  });
});

describe("spans and ages", () => {
  it("uses the two largest units", () => {
    expect(span(59_000)).toBe("less than a minute");
    expect(span(26 * 3_600_000)).toBe("1 d 2 h");
    expect(span(-90 * 60_000)).toBe("1 h 30 m");
  });
  it("shows ages short, then dates", () => {
    expect(shortAge(inMinutes(0), NOW)).toBe("now");
    expect(shortAge(inMinutes(5), NOW)).toBe("now");
    expect(shortAge(inMinutes(-5), NOW)).toBe("5 m");
    expect(shortAge(inMinutes(-60 * 30), NOW)).toBe("1 d");
    expect(shortAge(inMinutes(-60 * 24 * 20), NOW)).toBe("4 Nov");
  });
  it("chooses a unit for seconds", () => {
    expect(seconds(0.25)).toBe("250 ms");
    expect(seconds(4.21)).toBe("4.2 s");
    expect(seconds(3_700)).toBe("1 h 1 m");
  });
  it("writes days for the interface", () => {
    expect(isoDay(new Date(2026, 0, 5, 23).getTime())).toBe("2026-01-05");
  });
});

describe("numbers", () => {
  it("stays short beside a view's name", () => {
    expect([compact(7), compact(999), compact(1_449), compact(99_526)]).toEqual(["7", "999", "1.4 k", "99 k"]);
  });
  it("writes bytes in the unit a person would choose", () => {
    expect([bytes(900), bytes(1_930_000_000), bytes(61_200_000_000)]).toEqual(["900 B", "1.9 GB", "61.2 GB"]);
  });
  it("signs scores, and does not sign nothing", () => {
    expect([score(0.31), score(-0.52), score(0.01)]).toEqual(["+0.3", "−0.5", "0.0"]);
  });
  it("draws the same lines between moods as the filter", () => {
    expect([mood(-0.21).symbol, mood(-0.2).symbol, mood(0.2).symbol, mood(0.21).symbol, mood(null).symbol]).toEqual(["negative", "neutral", "neutral", "positive", "neutral"]);
  });
});
