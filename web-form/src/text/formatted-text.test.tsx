import { render, screen } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { FormattedText, PlainText } from "./formatted-text";

const HOSTILE = [
  "<script>alert(1)</script>",
  "<img src=x onerror=alert(1)>",
  '"><svg onload=alert(1)>',
  "<a href='javascript:alert(1)'>x</a>",
  "[x](javascript:alert(1))",
  "[x](JAVASCRIPT:alert(1))",
  "[x](java&#115;cript:alert(1))",
  "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
  "[<img src=x onerror=alert(1)>](https://example.com)",
  '[x](https://example.com/"onmouseover="alert(1))',
  "**<iframe src=//evil.example></iframe>**",
  "`<script>alert(1)</script>`",
  "1. <svg/onload=alert(1)>",
  "# <style>*{display:none}</style>",
  "![x](https://evil.example/pixel.png)",
  "<form action=https://evil.example><input name=token>",
  "<base href=https://evil.example>",
  "{{constructor.constructor('alert(1)')()}}",
  "https://example.com/<script>alert(1)</script>",
];

describe("hostile text", () => {
  it.each(HOSTILE)("%s stays text", (text) => {
    const { container } = render(
      <>
        <FormattedText text={text} />
        <PlainText text={text} />
      </>,
    );
    expect(container.querySelector("script, img, iframe, style, form, input, base, object, embed, link")).toBeNull();
    for (const element of container.querySelectorAll("*")) {
      for (const { name } of element.attributes) expect(name).not.toMatch(/^on|^style$|^srcdoc$/);
    }
    for (const anchor of container.querySelectorAll("a")) {
      expect(anchor.getAttribute("href")).toMatch(/^(https?:\/\/|\/(?![/\\]))/);
    }
    // Only the links' own arrow is drawn.
    for (const svg of container.querySelectorAll("svg")) expect(svg.closest("a")).not.toBeNull();
  });
});

it("opens other sites apart and tells them nothing", () => {
  render(<FormattedText text="[guide](https://example.com/a) and [help](/help/a)" />);
  const outside = screen.getByRole("link", { name: /guide/ });
  expect(outside).toHaveAttribute("rel", expect.stringContaining("noopener"));
  expect(outside).toHaveAttribute("rel", expect.stringContaining("noreferrer"));
  expect(outside).toHaveAccessibleName(/opens another site/);
  expect(screen.getByRole("link", { name: "help" })).toHaveAttribute("href", "/help/a");
});

it("shows a reply's steps as a list", () => {
  render(<FormattedText text={"Do this:\n1. Open **Reports**\n2. Select Export"} />);
  expect(screen.getAllByRole("listitem")).toHaveLength(2);
});
