import { describe, expect, it } from "vitest";
import { linkTo, originOfScript, readOrigin } from "./settings";

describe("where the box is", () => {
  it("is where the script came from", () => {
    const script = document.createElement("script");
    script.src = "https://box.example:8443/widget.js?v=1";
    expect(originOfScript(script)).toBe("https://box.example:8443");
    expect(originOfScript(null)).toBeNull();
  });

  it("may be said by the page, as an http address and nothing else", () => {
    expect(readOrigin("https://box.example/some/path", null)).toBe("https://box.example");
    expect(readOrigin(" ", "https://served.example")).toBe("https://served.example");
    expect(readOrigin("javascript:alert(1)", "https://served.example")).toBeNull();
    expect(readOrigin("box", "https://served.example")).toBeNull();
  });

  it("makes the box's links work on another site, and no others", () => {
    expect(linkTo("/help/export#zip", "https://box.example")).toBe("https://box.example/help/export#zip");
    expect(linkTo("javascript:alert(1)", "https://box.example")).toBeNull();
    expect(linkTo(null, "https://box.example")).toBeNull();
  });
});
