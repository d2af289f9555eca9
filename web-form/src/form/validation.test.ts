import { describe, expect, it } from "vitest";
import { FALLBACK_CONFIG } from "../api/contract";
import {
  characterCount,
  EMPTY_VALUES,
  fieldError,
  firstInvalid,
  looksLikeEmail,
  mapServerErrors,
  toSubmission,
  validate,
  type FieldName,
  type Values,
} from "./validation";

const VALID: Values = {
  name: "Amara",
  email: "amara@example.com",
  category: "technical",
  priority: "medium",
  plan: "",
  subject: "Export",
  message: "Where is the export of reports?",
};

const config = { ...FALLBACK_CONFIG, plans: [{ value: "pro", label: "Pro" }] };

describe("lengths", () => {
  it.each<[FieldName, string, boolean]>([
    ["name", "A", false],
    ["name", " A ", false],
    ["name", "Al", true],
    ["name", "x".repeat(255), true],
    ["name", "x".repeat(256), false],
    ["subject", "ab", false],
    ["subject", "abc", true],
    ["subject", "s".repeat(500), true],
    ["subject", "s".repeat(501), false],
    ["message", "123456789", false],
    ["message", "  12345678  ", false],
    ["message", "1234567890", true],
    ["message", "m".repeat(5000), true],
    ["message", "m".repeat(5001), false],
  ])("%s of %j is accepted: %s", (field, value, isAccepted) => {
    expect(fieldError(field, { ...VALID, [field]: value }, config) === undefined).toBe(isAccepted);
  });

  it("follow the server's configuration, not constants of ours", () => {
    const strict = { ...config, limits: { ...config.limits, message_max: 20 } };
    expect(fieldError("message", { ...VALID, message: "m".repeat(21) }, strict)).toContain("20");
  });

  it("count characters as the server does: an emoji is one", () => {
    expect(characterCount("👍👍")).toBe(2);
    expect(characterCount("a\ud83d")).toBe(2);
    expect(fieldError("name", { ...VALID, name: "👍" }, config)).toBeDefined();
  });
});

describe("email", () => {
  it.each(["a@b.co", "first.last+tag@sub.example.org", "o'neil@example.com", "käthe@münchen.example", "a@xn--mnchen-3ya.de"])(
    "accepts %s",
    (address) => {
      expect(looksLikeEmail(address)).toBe(true);
    },
  );

  it.each([
    "",
    "plain",
    "a@b",
    "@b.co",
    "a@.co",
    "a@b..co",
    "a b@c.de",
    "a@b@c.de",
    ".a@b.co",
    "a.@b.co",
    "a..b@c.de",
    "a@-b.co",
    "a@b.123",
    "Amara <a@b.co>",
    `${"a".repeat(65)}@b.co`,
    `a@${"b".repeat(250)}.co`,
  ])("refuses %j", (address) => {
    expect(looksLikeEmail(address)).toBe(false);
  });
});

describe("choices", () => {
  it("refuses a topic that is not chosen or not offered", () => {
    expect(fieldError("category", { ...VALID, category: "" }, config)).toBeDefined();
    expect(fieldError("category", { ...VALID, category: "gossip" }, config)).toBeDefined();
  });

  it("leaves the plan optional, but not free", () => {
    expect(fieldError("plan", VALID, config)).toBeUndefined();
    expect(fieldError("plan", { ...VALID, plan: "platinum" }, config)).toBeDefined();
    expect(fieldError("plan", { ...VALID, plan: "pro" }, config)).toBeUndefined();
  });
});

describe("the whole form", () => {
  it("finds nothing wrong with a good one", () => {
    expect(validate(VALID, config)).toEqual({});
  });

  it("finds every required field of an empty one, the first on the page first", () => {
    const errors = validate(EMPTY_VALUES, config);
    expect(Object.keys(errors).sort()).toEqual(["category", "email", "message", "name", "subject"]);
    expect(firstInvalid(errors)).toBe("name");
    expect(firstInvalid({ message: "m", email: "e" })).toBe("email");
  });

  it("sends trimmed values and leaves out a plan not given", () => {
    const submission = toSubmission({ ...VALID, name: "  Amara ", email: " amara@example.com " });
    expect(submission).toMatchObject({ name: "Amara", email: "amara@example.com" });
    expect("plan" in submission).toBe(false);
    expect(toSubmission({ ...VALID, plan: "pro" }).plan).toBe("pro");
  });

  it("gives the server's complaints to their fields and keeps the others in sight", () => {
    expect(mapServerErrors({ email: "No mail there.", attachment: "Too many." })).toEqual({
      fields: { email: "No mail there." },
      others: ["Too many."],
    });
    expect(mapServerErrors({ __proto__: "x", constructor: "y" }).fields).toEqual({});
  });
});
