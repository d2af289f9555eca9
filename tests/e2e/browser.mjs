/** A page that records what goes wrong on it, and the accessibility check. */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { assert } from "./report.mjs";

const WEB_FORM = new URL("../../web-form/package.json", import.meta.url);
const AXE = await readFile(createRequire(WEB_FORM).resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
const STEP_TIMEOUT_MS = 15_000;

/** What the steps provoke on purpose: a wrong token's 404 is logged by the browser. */
const EXPECTED = /Failed to load resource/;

export { launchBrowser } from "../../web-form/scripts/browser.mjs";

export async function openContext(browser, base) {
  const findings = [];
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion: "reduce" });
  context.setDefaultTimeout(STEP_TIMEOUT_MS);
  const page = await context.newPage();
  page.on("console", (entry) => {
    if (entry.type() === "error" && !EXPECTED.test(entry.text())) findings.push(`console: ${entry.text()}`);
  });
  page.on("pageerror", (error) => findings.push(`exception: ${error.message}`));
  page.on("request", (request) => {
    if (!request.url().startsWith(base)) findings.push(`request elsewhere: ${request.url()}`);
  });

  /** Both themes, at desktop and phone width. */
  const checkAccessibility = async (name) => {
    const violations = [];
    for (const colorScheme of ["light", "dark"]) {
      for (const viewport of [{ width: 1280, height: 900 }, { width: 390, height: 844 }]) {
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize(viewport);
        await page.waitForFunction((theme) => document.documentElement.dataset.theme === theme, colorScheme);
        if (process.env.SHOTS !== undefined) {
          await page.screenshot({ path: `${process.env.SHOTS}/${name}-${viewport.width}-${colorScheme}.png`, fullPage: true });
        }
        // Through the debugging protocol, so that the page's content policy stays in force.
        await page.evaluate(AXE);
        const found = await page.evaluate((rules) => window.axe.run(document, { runOnly: rules }), RULES);
        for (const { id, impact, nodes } of found.violations) {
          violations.push(`${name} ${colorScheme} ${viewport.width}: ${impact} ${id} at ${nodes[0].target.join(" ")}`);
        }
      }
    }
    await page.emulateMedia({ colorScheme: "light" });
    await page.setViewportSize({ width: 1280, height: 900 });
    assert(violations.length === 0, violations.join("\n"));
  };

  return { context, page, findings, checkAccessibility };
}
