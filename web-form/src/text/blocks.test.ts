import { describe, expect, it } from "vitest";
import { parseBlocks, parseInline, safeHref } from "./blocks";

const ORIGIN = "http://box.lan:8080";

describe("link targets", () => {
  it.each([
    ["/help/reports#export", { href: "/help/reports#export", external: false }],
    ["http://box.lan:8080/help/a?b=c", { href: "/help/a?b=c", external: false }],
    ["https://example.com/a", { href: "https://example.com/a", external: true }],
    ["HTTPS://EXAMPLE.com", { href: "https://example.com/", external: true }],
  ])("allows %s", (target, link) => {
    expect(safeHref(target, ORIGIN)).toEqual(link);
  });

  it.each([
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    " javascript:alert(1)",
    "java\tscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)",
    "file:///etc/passwd",
    "blob:http://box.lan:8080/x",
    "mailto:a@b.co",
    "//evil.example/x",
    "/\\evil.example/x",
    "\\\\evil.example",
    "https://user:pass@evil.example/",
    "https://",
    "help/reports",
    "",
  ])("refuses %j", (target) => {
    expect(safeHref(target, ORIGIN)).toBeNull();
  });
});

describe("inline text", () => {
  it("links an address and leaves the sentence its full stop", () => {
    expect(parseInline("See https://example.com/a).", ORIGIN)).toEqual([
      { type: "text", text: "See " },
      { type: "link", text: "https://example.com/a", href: "https://example.com/a", external: true },
      { type: "text", text: ")." },
    ]);
  });

  it("keeps the label of a refused link as plain text", () => {
    expect(parseInline("[click](javascript:alert)", ORIGIN)).toEqual([{ type: "text", text: "click" }]);
  });

  it.each([
    ["[https://bank.example](https://evil.example/x)", "https://evil.example/x"],
    ["[bank.example/login](https://evil.example/x)", "https://evil.example/x"],
    ["[bank.example](/help/x)", "/help/x"],
    ["[www.example.com](https://example.com/x)", "www.example.com"],
    ["[our guide](https://example.com/x)", "our guide"],
  ])("%s shows where it leads", (source, label) => {
    expect(parseInline(source, ORIGIN)).toMatchObject([{ type: "link", text: label }]);
  });

  it("reads bold and code, and leaves lone marks alone", () => {
    expect(parseInline("**Reports** then `a*b` or 2 * 3 ** 4", ORIGIN)).toEqual([
      { type: "strong", text: "Reports" },
      { type: "text", text: " then " },
      { type: "code", text: "a*b" },
      { type: "text", text: " or 2 * 3 ** 4" },
    ]);
  });
});

describe("blocks", () => {
  const shape = (source: string): string[] =>
    parseBlocks(source, ORIGIN).map((block) =>
      block.type === "list"
        ? `${block.ordered ? `ol@${block.start}` : "ul"}:${block.items.length}`
        : block.type === "paragraph"
          ? `p:${block.lines.length}`
          : "h",
    );

  it("reads paragraphs, numbered and bulleted lists and headings", () => {
    expect(shape("Hi,\n\nSteps:\n1. One\n2. Two\n\n- a\n* b\n• c\n\n## More\nEnd\nof text")).toEqual([
      "p:1",
      "p:1",
      "ol@1:2",
      "ul:3",
      "h",
      "p:2",
    ]);
  });

  it("keeps one list across blank lines and starts where the text starts", () => {
    expect(shape("3. Three\n\n4. Four")).toEqual(["ol@3:2"]);
  });

  it("lets an item run over lines, and a paragraph follow a list", () => {
    expect(shape("1. One\n   goes on\n2. Two\n\nAfter")).toEqual(["ol@1:2", "p:1"]);
  });

  it("does not take a year or a price for a list", () => {
    expect(shape("2026. was fine? No: 1.5 and -3 are numbers")).toEqual(["p:1"]);
  });

  it("drops control characters and direction overrides that would disguise text", () => {
    const [block] = parseBlocks("a\u0000b\u202Ec\u2066d", ORIGIN);
    expect(block).toEqual({ type: "paragraph", lines: [[{ type: "text", text: "abcd" }]] });
  });

  it.each(["[".repeat(20_000), "**".repeat(10_000), "`".repeat(20_000), "[a](".repeat(5_000), "https://".repeat(3_000), "1. \n".repeat(5_000)])(
    "reads hostile text %# without stalling",
    (source) => {
      const began_ms = performance.now();
      parseBlocks(source, ORIGIN);
      expect(performance.now() - began_ms).toBeLessThan(1_500);
    },
  );
});
