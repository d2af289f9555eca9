import { describe, expect, it } from "vitest";
import type { Report } from "~/api/contract";
import { backOffMs } from "~/api/back-off";
import { refusedFile } from "~/knowledge/files";
import { pieces } from "~/search/snippet";
import { levelOf, withLevel } from "~/settings/autonomy-matrix";
import { cell, lines, total, weighted } from "./series";

const report: Report = {
  report: "volume", from: "", to: "",
  columns: [{ name: "day", unit: "text" }, { name: "channel", unit: "text" }, { name: "tickets", unit: "count" }, { name: "median_s", unit: "seconds" }],
  rows: [["2026-11-01", "web", 3, 10], ["2026-11-01", "email", 1, null], ["2026-11-02", "web", 1, 50]],
};

describe("reports", () => {
  it("makes a line of each channel, and a gap where nothing is known", () => {
    expect(lines(report, "tickets", "channel").map(({ name, points }) => [name, points.length])).toEqual([["web", 2], ["email", 1]]);
    expect(lines(report, "median_s", "channel")[1]?.points).toEqual([{ x: "2026-11-01", value: null }]);
  });
  it("weighs a mean by its tickets, so that a quiet day counts little", () => {
    expect(total(report, "tickets")).toBe(5);
    expect(weighted(report, "median_s", "tickets")).toBe(20);
    expect(weighted({ ...report, rows: [] }, "median_s", "tickets")).toBeNull();
  });
  it("writes each unit", () => {
    expect([cell(90, "seconds"), cell(2, "minutes"), cell(0.256, "share"), cell(null, "count"), cell(1200, "count")]).toEqual(["90 s", "2 m", "26 %", "–", "1,200"]);
  });
});

describe("small rules", () => {
  it("waits longer each time, never over half a minute, never all at once", () => {
    expect([backOffMs(0, 0), backOffMs(0, 1), backOffMs(3, 1), backOffMs(99, 1)]).toEqual([500, 1000, 8000, 30_000]);
  });
  it("refuses files before they are sent", () => {
    expect(refusedFile({ name: "guide.MD", size: 10 })).toBeNull();
    expect(refusedFile({ name: "scan.pdf", size: 10 })).toContain("only Markdown");
    expect(refusedFile({ name: "a.txt", size: 3_000_000 })).toContain("larger");
    expect(refusedFile({ name: "a.txt", size: 0 })).toContain("empty");
  });
  it("takes hits out of a snippet, whatever else stands in it", () => {
    expect(pieces("the \u0002calendar\u0003 <b>no</b>")).toEqual([{ text: "the ", isHit: false }, { text: "calendar", isHit: true }, { text: " <b>no</b>", isHit: false }]);
    expect(pieces("\u0002open end")).toEqual([{ text: "open end", isHit: true }]);
  });
  it("sets one cell of the autonomy matrix and leaves the others", () => {
    const entries = withLevel([{ channel: "web", intent: null, level: "auto" }], "web", "how_to", "off");
    expect(levelOf(entries, "web", "how_to")).toBe("off");
    expect(withLevel(entries, "web", "how_to", null)).toEqual([{ channel: "web", intent: null, level: "auto" }]);
  });
});
