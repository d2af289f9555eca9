import { describe, expect, it } from "vitest";
import { FALLBACK_CONFIG } from "./contract";
import { readConfig, readReceipt, readStreamEvent, readTicket } from "./read";

describe("the configuration", () => {
  it("falls back to the contract where the server says nothing useful", () => {
    expect(readConfig(null)).toEqual(FALLBACK_CONFIG);
    const config = readConfig({ company: "TaskFlow", categories: [], limits: { message_max: -1, name_min: "2" } });
    expect(config.company).toBe("TaskFlow");
    expect(config.categories).toEqual(FALLBACK_CONFIG.categories);
    expect(config.limits).toEqual(FALLBACK_CONFIG.limits);
  });

  it("asks for a plan only if the server offers plans", () => {
    expect(readConfig({}).plans).toEqual([]);
    expect(readConfig({ plans: [{ value: "pro" }] }).plans).toEqual([{ value: "pro", label: "pro" }]);
  });
});

describe("a receipt", () => {
  it("builds its own link: a foreign status_url leads nowhere", () => {
    const receipt = readReceipt({
      ticket_id: "TF-20261122-AB12",
      status_token: "tok",
      status_url: "https://evil.example/",
    });
    expect(receipt?.status_url).toBe("/status/TF-20261122-AB12#tok");
  });

  it("without a reference is none", () => {
    expect(readReceipt({ status_token: "tok" })).toBeNull();
  });
});

describe("a ticket", () => {
  it("drops what cannot be shown and keeps the rest", () => {
    const ticket = readTicket({
      ticket_id: "TF-20261122-AB12",
      status: "paused",
      progress: { stage: "dreaming" },
      messages: [null, { role: "robot", content: "x" }, { id: 5, role: "customer", content: "Hello" }],
      feedback: "maybe",
    });
    expect(ticket).toMatchObject({ status: "open", progress: null, feedback: null });
    expect(ticket?.messages).toHaveLength(1);
    expect(ticket?.messages[0]).toMatchObject({ id: "5", content: "Hello", sources: [] });
  });
});

describe("a stream event", () => {
  it("reads each kind of the contract", () => {
    expect(readStreamEvent("progress", '{"stage":"writing","label":"Writing","at":"2026-11-22T10:00:00Z"}')).toEqual({
      type: "progress",
      progress: { stage: "writing", label: "Writing", at: "2026-11-22T10:00:00Z" },
    });
    expect(readStreamEvent("sentence", '{"index":0,"text":"Hi."}')).toEqual({ type: "sentence", index: 0, text: "Hi." });
    expect(readStreamEvent("retracted", "")).toEqual({ type: "retracted" });
    expect(readStreamEvent("status", '{"status":"escalated","assigned_to":null}')).toEqual({
      type: "status",
      status: "escalated",
      assigned_to: null,
    });
    expect(readStreamEvent("reply", '{"id":"m2","role":"assistant","content":"Hi."}')).toMatchObject({ type: "reply" });
  });

  it.each([
    ["progress", "not json"],
    ["progress", '{"stage":"unknown"}'],
    ["sentence", '{"index":-1,"text":"x"}'],
    ["sentence", '{"index":"0","text":"x"}'],
    ["sentence", '{"index":0}'],
    ["reply", '{"role":"assistant"}'],
    ["status", "[]"],
    ["other", "{}"],
  ])("ignores a malformed %s (%s)", (type, data) => {
    expect(readStreamEvent(type, data)).toBeNull();
  });
});
