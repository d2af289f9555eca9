/**
 * The built console in Chromium, with the mock behind it: the main tasks by keyboard alone, then every screen and state at
 * three widths, light and dark, each checked with axe, for its content policy, requests elsewhere and sideways scrolling.
 * Screenshots go to shots/. Exits non-zero on a finding.
 *
 *     npm run build && npm run e2e [-- name-part ...]        --no-tasks skips the tasks, --width=390 looks at one width only
 */
import { mkdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { launchBrowser, openPage, startConsole } from "./browser.mjs";
import { SCENES } from "./scenes.mjs";
import { TASKS } from "./tasks.mjs";

const SHOTS = fileURLToPath(new URL("../../shots/", import.meta.url));
const AXE = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const only = process.argv.find((word) => word.startsWith("--width="))?.slice("--width=".length);
const WIDTHS = [390, 768, 1440].filter((width) => only === undefined || String(width) === only);
const THEMES = ["light", "dark"];

const wanted = process.argv.slice(2).filter((word) => !word.startsWith("--"));
const isWanted = (name) => wanted.length === 0 || wanted.some((part) => name.includes(part));
const withTasks = !process.argv.includes("--no-tasks");

async function look(browser, site, name, scene, width, theme) {
  const { context, page, findings } = await openPage(browser, site, { as: scene.as === undefined ? "Ada Moreau" : scene.as, width, theme });
  try {
    await scene.open(page, site);
    await page.evaluate(async () => void (await document.fonts.ready));
    if (!name.endsWith("loading")) await page.waitForFunction(() => document.querySelector(".skeleton") === null);
    await page.screenshot({ path: `${SHOTS}${name}-${width}-${theme}.png` });
    const isSideways = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
    if (isSideways) findings.push("scrolls sideways");
    // Through the debugging protocol, so that the page's content policy stays in force.
    await page.evaluate(AXE);
    const { violations } = await page.evaluate((rules) => window.axe.run(document, { runOnly: rules }), RULES);
    for (const { id, impact, nodes } of violations) findings.push(`axe ${impact}: ${id} at ${nodes.map((node) => node.target.join(" ")).join(", ").slice(0, 260)}`);
  } catch (error) {
    findings.push(error.message.split("\n").slice(0, 3).join(" "));
    await page.screenshot({ path: `${SHOTS}FAILED-${name}-${width}-${theme}.png` }).catch(() => undefined);
  }
  await context.close();
  return findings;
}

await mkdir(SHOTS, { recursive: true });
const browser = await launchBrowser();
let passed = 0;
let failed = 0;
const report = (name, findings) => {
  if (findings.length === 0) passed += 1;
  else {
    failed += 1;
    console.log(name);
    for (const finding of new Set(findings)) console.log(`  ${finding}`);
  }
};

if (withTasks) {
  for (const [name, task] of Object.entries(TASKS)) {
    if (!isWanted(name)) continue;
    const site = await startConsole();
    const { context, page, findings } = await openPage(browser, site, { as: task.as === undefined ? "Ada Moreau" : task.as });
    try {
      await task.run(page, site, context);
    } catch (error) {
      findings.push(error.message.split("\n").slice(0, 4).join(" "));
      await page.screenshot({ path: `${SHOTS}FAILED-${name}.png` }).catch(() => undefined);
    }
    report(name, findings);
    await context.close();
    await site.close();
  }
}
const site = await startConsole();
for (const [name, scene] of Object.entries(SCENES)) {
  if (!isWanted(name)) continue;
  for (const width of WIDTHS.filter((each) => scene.widths?.includes(each) ?? true)) for (const theme of THEMES) report(`${name} ${width} ${theme}`, await look(browser, site, name, scene, width, theme));
}
await site.close();
await browser.close();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
