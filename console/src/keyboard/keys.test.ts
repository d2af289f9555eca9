import { describe, expect, it } from "vitest";
import type { KeyContext, KeyPress } from "./keys";
import { commandFor } from "./keys";

const press = (key: string, more: Partial<KeyPress> = {}): KeyPress => ({ key, ctrl: false, meta: false, alt: false, shift: false, ...more });
const plain: KeyContext = { inField: false, onControl: false, inDialog: false, singleKeys: true };

describe("keys", () => {
  it.each([
    ["j", "next"], ["k", "previous"], ["r", "reply"], ["n", "note"], ["e", "resolve"], ["a", "assign"], ["s", "snooze"], ["l", "label"],
    ["m", "macro"], ["/", "search"], ["x", "discard"], ["?", "help"], ["Enter", "open"], ["Escape", "back"],
  ] as const)("%s means %s", (key, command) => {
    expect(commandFor(press(key), plain)).toBe(command);
  });

  it("tells Shift+E from E, so that closing and going on never happens by accident", () => {
    expect(commandFor(press("E", { shift: true }), plain)).toBe("resolve-next");
    expect(commandFor(press("J", { shift: true }), plain)).toBeNull();
    // Caps lock is no Shift.
    expect(commandFor(press("J"), plain)).toBe("next");
  });

  it("opens the palette from anywhere, with either chord", () => {
    const writing = { ...plain, inField: true, inDialog: true };
    expect(commandFor(press("k", { ctrl: true }), writing)).toBe("palette");
    expect(commandFor(press("K", { meta: true }), writing)).toBe("palette");
  });

  it("lets an operator write: no single key is a command inside a field", () => {
    for (const key of ["j", "e", "x", "/", "?", "Enter"]) expect(commandFor(press(key), { ...plain, inField: true })).toBeNull();
    expect(commandFor(press("Enter", { ctrl: true }), { ...plain, inField: true })).toBeNull();
  });

  it("can be switched off, but for Enter, Escape and chords", () => {
    const off = { ...plain, singleKeys: false };
    for (const key of ["j", "e", "x", "?"]) expect(commandFor(press(key), off)).toBeNull();
    expect(commandFor(press("Enter", { ctrl: true }), off)).toBe("confirm");
    expect(commandFor(press("Escape"), off)).toBe("back");
  });

  it("leaves the browser's own chords and a dialog's keys alone", () => {
    expect(commandFor(press("r", { ctrl: true }), plain)).toBeNull();
    expect(commandFor(press("s", { meta: true }), plain)).toBeNull();
    expect(commandFor(press("Enter"), { ...plain, onControl: true })).toBeNull();
    expect(commandFor(press("x"), { ...plain, inDialog: true })).toBeNull();
  });
});
