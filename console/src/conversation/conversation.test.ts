import { describe, expect, it } from "vitest";
import type { DraftState } from "./draft-state";
import { draftReducer, reading } from "./draft-state";
import { fill, insert, macroQuery, matching } from "./macros";
import { snoozeChoices } from "./snooze";

describe("the draft's states", () => {
  const editing: DraftState = { phase: "editing", text: "Almost right" };

  it("goes from reading through editing to sending", () => {
    const sending = draftReducer(draftReducer(draftReducer(reading, { type: "edit", text: "A" }), { type: "typed", text: "B" }), { type: "send" });
    expect(sending).toEqual({ phase: "sending", text: "B" });
    expect(draftReducer(sending, { type: "done" })).toEqual({ phase: "decided" });
  });

  it("keeps what an operator typed when sending fails", () => {
    const sending = draftReducer(editing, { type: "send" });
    expect(draftReducer(sending, { type: "failed", code: "unreachable" })).toEqual(editing);
    expect(draftReducer(sending, { type: "failed", code: "taken_over" })).toEqual(editing);
  });

  it("ends when a newer message voids it, whatever was being done", () => {
    for (const state of [reading, editing, { phase: "discarding", reason: "x" } as const, { phase: "sending", text: null } as const]) {
      expect(draftReducer(state, { type: "voided" })).toEqual({ phase: "void" });
    }
    expect(draftReducer({ phase: "sending", text: null }, { type: "failed", code: "draft_void" })).toEqual({ phase: "void" });
    expect(draftReducer({ phase: "void" }, { type: "send" })).toEqual({ phase: "void" });
  });

  it("cannot be sent twice, nor empty", () => {
    const sending = draftReducer(reading, { type: "send" });
    expect(draftReducer(sending, { type: "send" })).toBe(sending);
    const empty: DraftState = { phase: "editing", text: "  " };
    expect(draftReducer(empty, { type: "send" })).toBe(empty);
  });

  it("stays decided", () => {
    expect(draftReducer({ phase: "decided" }, { type: "voided" })).toEqual({ phase: "decided" });
    expect(draftReducer({ phase: "discarding", reason: "wrong" }, { type: "failed", code: "draft_decided" })).toEqual({ phase: "decided" });
  });
});

describe("macros", () => {
  const macro = (name: string) => ({ id: name, name, body: "", updated_by: "", updated_at: "" });

  it("asks for one only at the start of a line", () => {
    expect(macroQuery("/ref", 4)).toBe("ref");
    expect(macroQuery("Hello\n/ask for", 14)).toBe("ask for");
    expect(macroQuery("either/or", 9)).toBeNull();
    expect(macroQuery("/ref and more", 4)).toBe("ref");
  });

  it("finds by any part of the name", () => {
    expect(matching([macro("Refund is on its way"), macro("Ask for a screenshot")], "FUND").map(({ name }) => name)).toEqual(["Refund is on its way"]);
  });

  it("fills in, and leaves no gap for a customer without a name", () => {
    expect(fill("Hello {name}, {reference} at {company}", { name: "Amara Okafor", reference: "TF-1", company: "TaskFlow" })).toBe("Hello Amara, TF-1 at TaskFlow");
    expect(fill("Hello {name},", { name: null, reference: "", company: "" })).toBe("Hello,");
  });

  it("takes the place of what was typed to find it, and of nothing else", () => {
    expect(insert("Hi\n/ref\nBye", 7, "DONE")).toEqual({ text: "Hi\nDONE\nBye", caret: 7 });
    expect(insert("ab", 1, "X")).toEqual({ text: "aXb", caret: 2 });
  });
});

describe("snoozing", () => {
  it("always lies ahead; on a Monday, Monday is the next one", () => {
    const monday = new Date(2026, 10, 23, 18, 30);
    for (const { until } of snoozeChoices(monday)) expect(until.getTime()).toBeGreaterThan(monday.getTime());
    expect(snoozeChoices(monday).find(({ label }) => label === "Monday morning")?.until).toEqual(new Date(2026, 10, 30, 9));
    expect(snoozeChoices(new Date(2026, 10, 29, 8)).find(({ label }) => label === "Monday morning")?.until).toEqual(new Date(2026, 10, 30, 9));
  });
});
